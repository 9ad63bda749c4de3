//! `rls-disabled-on-exposed-table`

use crate::lint::rules::shared::*;

rule! {
    "TL0101" "rls-disabled-on-exposed-table" Error, leak;
    "A table that clients reach has no row-level security";
    why "Every role with a privilege on the table then reads and writes all of its rows: policies do not count without `ENABLE ROW LEVEL SECURITY`.";
    mend "enable row-level security on the table";
    claims ["rows_are_open_without_row_level_security"];
    bad Sql "create table public.open (open_id uuid primary key);\ngrant select on public.open to authenticated;";
    good Sql "grant select on public.notes to authenticated;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in context.tables.iter().filter(|view| !view.table.row_level_security && context.is_exposed(&view.table.name.schema)) {
        let privileges = [Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Delete];
        let roles: std::collections::BTreeSet<&str> =
            privileges.into_iter().flat_map(|privilege| context.untrusted_with(privilege, view.id)).collect();
        if !roles.is_empty() {
            findings.add(view.id, format!("`{}` has no row-level security, and {} can reach it", view.table.name, listed(roles)));
        }
    }
}
