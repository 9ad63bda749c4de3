//! `policies-without-rls`

use crate::lint::rules::shared::*;

rule! {
    "TL0102" "policies-without-rls" Error, leak;
    "A table has policies, but no row-level security";
    why "Its policies look like protection and are none: PostgreSQL ignores them until row-level security is enabled.";
    mend "enable row-level security on the table";
    claims ["policies_do_nothing_without_row_level_security"];
    bad Sql "create policy own on public.notes for select to authenticated using (owner_id = auth.uid());\nalter table public.notes disable row level security;";
    good Sql "create policy own on public.notes for select to authenticated using (owner_id = auth.uid());";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in context.tables.iter().filter(|view| !view.table.row_level_security && !view.policies.is_empty()) {
        findings.add(view.id, format!("`{}` has policies, but row-level security is not enabled", view.table.name));
    }
}
