//! `policy-helper-not-executable`

use crate::lint::rules::shared::*;

rule! {
    "TL0224" "policy-helper-not-executable" Error;
    "A policy calls a function that its role may not call";
    why "Expressions of policies run as who is asking: every query of the table fails with 42501. USAGE on the schema of the function is not needed.";
    mend "grant EXECUTE on the function to the roles of the policy";
    claims ["policies_run_as_who_is_asking"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = any (array(select private.my_tenants()))"

[function.my_tenants]
schema  = "private"
summary = "The tenants of the caller."
effect  = "read"
returns = { set_of = "uuid" }
body    = "begin return query select n.tenant_id from public.notes n where n.owner_id = (select auth.uid()); end"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = any (array(select private.my_tenants()))"

[function.my_tenants]
schema  = "private"
summary = "The tenants of the caller."
effect  = "read"
execute = ["authenticated"]
returns = { set_of = "uuid" }
body    = "begin return query select n.tenant_id from public.notes n where n.owner_id = (select auth.uid()); end"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        for (call, _) in policy.trees().flat_map(Tree::calls) {
            let called = context.called(call);
            let roles = policy.policy.roles.iter().filter(|role| context.surroundings.api_roles.contains(role) || *role == "public");
            let missing = roles.filter(|role| !called.is_empty() && !called.iter().any(|(id, _)| context.has(role, Privilege::Execute, id)));
            for role in missing {
                let message = format!("policy `{}` of `{}` calls `{}`, which `{role}` may not", policy.policy.name, policy.policy.table, call.name);
                findings.add(policy.id, message);
            }
        }
    }
}
