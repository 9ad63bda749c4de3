//! `policy-table-not-readable`

use crate::lint::rules::shared::*;

rule! {
    "TL0225" "policy-table-not-readable" Error;
    "A policy reads a table that its role may not read";
    why "Expressions of policies run as who is asking: every query of the table fails with 42501.";
    mend "grant SELECT on the table, or let a function of effect `read` ask it"
    in sql "grant SELECT on the table, or let a SECURITY DEFINER function ask it";
    claims ["policies_read_as_who_is_asking"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = any (array(select m.tenant_id from public.members m where m.user_id = (select auth.uid())))"

[table.members]
primary_key = ["user_id", "tenant_id"]
columns     = { user_id = "uuid", tenant_id = "uuid" }
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = any (array(select m.tenant_id from public.members m where m.user_id = (select auth.uid())))"

[table.members]
primary_key = ["user_id", "tenant_id"]
columns     = { user_id = "uuid", tenant_id = "uuid" }
access      = { authenticated = ["select"] }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        for query in policy.trees().flat_map(Tree::queries) {
            for (schema, name) in query.relations.iter().filter_map(|(schema, name)| Some((schema.as_deref()?, name))) {
                let Some(view) = context.table(&QualifiedName::new(schema, name.as_str())) else { continue };
                for role in policy.policy.roles.iter().filter(|role| context.surroundings.api_roles.contains(role)) {
                    if !context.has(role, Privilege::Select, view.id) {
                        let message = format!("policy `{}` of `{}` reads `{}`, which `{role}` may not", policy.policy.name, policy.policy.table, view.table.name);
                        findings.add(policy.id, message);
                    }
                }
            }
        }
    }
}
