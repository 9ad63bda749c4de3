//! `policy-to-public`

use crate::lint::rules::shared::*;

rule! {
    "TL0201" "policy-to-public" Error;
    "A policy is for PUBLIC";
    why "Without TO a policy is for every role, present and future: one that is meant for signed-in people also answers callers who are not.";
    mend "name the roles: `TO authenticated`";
    claims ["a_policy_without_to_is_for_everybody"];
    bad Sql r#"grant select on public.notes to authenticated;
create policy example on public.notes using (owner_id = (select auth.uid()));"#;
    good Sql r#"grant select on public.notes to authenticated;
create policy example on public.notes to authenticated using (owner_id = (select auth.uid()));"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        if policy.policy.permissive && policy.policy.roles.iter().any(|role| role == "public") {
            findings.add(policy.id, format!("policy `{}` of `{}` is for every role", policy.policy.name, policy.policy.table));
        }
    }
}
