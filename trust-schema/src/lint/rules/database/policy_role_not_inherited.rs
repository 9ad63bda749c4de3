//! `policy-role-not-inherited`

use crate::lint::rules::shared::*;

rule! {
    "TL0908" "policy-role-not-inherited" Warn;
    "A policy is for a role whose privileges its members do not inherit";
    why "A policy counts for members that have the role's privileges without SET ROLE: for the others it does nothing. A restrictive one then restricts nobody.";
    mend "name the role of the clients after TO";
    claims ["policies_count_for_members_that_inherit"];
    bad Sql r#"create role editors;
create role writers noinherit;
grant editors to writers;
grant select on public.notes to writers;
create policy example on public.notes for select to editors using (shared);"#;
    good Sql r#"create role editors;
create role writers inherit;
grant editors to writers;
grant select on public.notes to writers;
create policy example on public.notes for select to editors using (shared);"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for policy in &context.policies {
        for role in &policy.policy.roles {
            let members = database.memberships.iter().filter(|membership| membership.role == *role && !membership.inherits);
            // Who deploys is a member of what it makes.
            let reached = |member: &&str| context.grants.iter().any(|(_, grant)| grant.grantee == **member && grant.target.name() == policy.policy.table.to_string());
            let members: Vec<&str> = members.map(|membership| membership.member.as_str()).filter(reached).collect();
            if !members.is_empty() {
                let message = format!("policy `{}` of `{}` is for `{role}`, and does not count for {}", policy.policy.name, policy.policy.table, listed(members));
                findings.add(policy.id, message);
            }
        }
    }
}
