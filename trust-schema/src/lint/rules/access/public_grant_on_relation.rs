//! `public-grant-on-relation`

use crate::lint::rules::shared::*;

rule! {
    "TL0112" "public-grant-on-relation" Error;
    "PUBLIC has a privilege on a table, view or sequence";
    why "PUBLIC is every role, also those of other applications on the same server and those that will only be made tomorrow; a REVOKE from a single role does not take away what it has through PUBLIC.";
    mend "revoke it from PUBLIC and grant it to the roles that are meant";
    claims ["what_public_has_no_role_loses"];
    bad Sql "grant select on public.notes to public;";
    good Sql "grant select on public.notes to authenticated;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, grant) in context.grants.iter().filter(|(_, grant)| grant.grantee == "public") {
        if matches!(grant.target.kind(), Kind::Table | Kind::View | Kind::Sequence) {
            findings.add(id, format!("PUBLIC has a privilege on {}", grant.target));
        }
    }
}
