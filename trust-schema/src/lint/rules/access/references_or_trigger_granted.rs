//! `references-or-trigger-granted`

use crate::lint::rules::shared::*;

rule! {
    "TL0106" "references-or-trigger-granted" Warn;
    "A role of clients may refer to a table, or put triggers on it";
    why "A foreign key is checked without policies, so it tells whether a hidden row exists; a trigger runs the code of whoever made it as whoever writes next.";
    mend "revoke all from the role, then grant what it needs";
    claims ["foreign_keys_see_hidden_rows"];
    bad Sql "grant references on public.notes to authenticated;";
    good Sql "grant select on public.notes to authenticated;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, grant) in context.grants.iter().filter(|(_, grant)| grant.target.kind() == Kind::Table && context.is_untrusted(&grant.grantee)) {
        let on_columns = |privilege: Privilege| grant.columns.values().any(|privileges| privileges.contains(&privilege));
        let granted = |privilege: Privilege| grant.privileges.contains(&privilege) || on_columns(privilege);
        for privilege in [Privilege::References, Privilege::Trigger].into_iter().filter(|privilege| granted(*privilege)) {
            findings.add(id, format!("`{}` has {} on `{}`", grant.grantee, privilege.keyword(), grant.target.name()));
        }
    }
}
