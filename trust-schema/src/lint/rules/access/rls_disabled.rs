//! `rls-disabled`

use crate::lint::rules::shared::*;

rule! {
    "TL0121" "rls-disabled" Warn;
    "A table in a schema that clients reach has no row-level security, and is kept from them by missing privileges alone";
    why "The next GRANT, or the default privileges of another project, opens all of its rows: nothing else stands before them.";
    mend "enable row-level security on the table; whoever bypasses it needs no policy";
    claims ["rows_are_open_without_row_level_security"];
    bad Sql "create table public.inner_state (state_id uuid primary key);\nrevoke all on public.inner_state from public, anon, authenticated, service_role;";
    good Sql "create table public.inner_state (state_id uuid primary key);\nalter table public.inner_state enable row level security;\nrevoke all on public.inner_state from public, anon, authenticated, service_role;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in context.tables.iter().filter(|view| !view.table.row_level_security && view.policies.is_empty()) {
        let reached = [Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Delete]
            .into_iter()
            .any(|privilege| !context.untrusted_with(privilege, view.id).is_empty());
        // What clients reach already is told by `rls-disabled-on-exposed-table`.
        if !reached && context.is_exposed(&view.table.name.schema) {
            findings.add(view.id, format!("`{}` has no row-level security", view.table.name));
        }
    }
}
