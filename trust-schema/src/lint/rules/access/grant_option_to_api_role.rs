//! `grant-option-to-api-role`

use crate::lint::rules::shared::*;

rule! {
    "TL0107" "grant-option-to-api-role" Error;
    "A role of clients may pass a privilege on";
    why "With GRANT OPTION the role decides who else gets the privilege: what the spec says about access holds only until it does.";
    mend "revoke the grant option: `REVOKE GRANT OPTION FOR … FROM … CASCADE`";
    claims ["a_grant_option_widens_access"];
    bad Sql "grant select on public.notes to authenticated with grant option;";
    good Sql "grant select on public.notes to authenticated;";
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, grant) in context.grants.iter().filter(|(_, grant)| !grant.grantable.is_empty() && context.is_untrusted(&grant.grantee)) {
        findings.add(id, format!("`{}` may pass its privileges on {} on", grant.grantee, grant.target));
    }
}
