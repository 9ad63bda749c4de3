//! `truncate-granted`

use crate::lint::rules::shared::*;

rule! {
    "TL0105" "truncate-granted" Error, leak;
    "A role of clients may TRUNCATE or MAINTAIN a table";
    why "TRUNCATE ignores row-level security: whoever may do it empties the table for everybody. Supabase's default privileges grant it on new tables in both of its regimes.";
    mend "revoke all from the role, then grant what it needs";
    claims ["truncate_ignores_policies"];
    bad Sql "grant truncate on public.notes to anon;";
    good Sql "grant select on public.notes to anon;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, grant) in context.grants.iter().filter(|(_, grant)| grant.target.kind() == Kind::Table && context.is_untrusted(&grant.grantee)) {
        for privilege in [Privilege::Truncate, Privilege::Maintain].into_iter().filter(|privilege| grant.privileges.contains(privilege)) {
            findings.add(id, format!("`{}` may {} `{}`", grant.grantee, privilege.keyword(), grant.target.name()));
        }
    }
}
