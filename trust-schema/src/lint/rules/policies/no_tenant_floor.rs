//! `no-tenant-floor`

use crate::lint::rules::shared::*;

rule! {
    "TL0239" "no-tenant-floor" Allow;
    "A table of tenants has no restrictive policy on the tenant";
    why "Permissive policies add up: each new one can open rows of other tenants. A restrictive policy that compares the tenant column holds whatever is added.";
    mend "add a policy with `restrictive = true` that compares the tenant column with who is calling";
    claims ["restrictive_policies_hold_whatever_is_added"];
    bad Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }

[table.projects.access]
authenticated = ["select"]

[table.projects.policy.own]
command = "select"
to = ["authenticated"]
using = "tenant_id = (select auth.uid())"
"#;
    good Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }

[table.projects.access]
authenticated = ["select"]

[table.projects.policy.own]
command = "all"
to = ["authenticated"]
restrictive = true
using = "tenant_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        let Some(tenant) = context.tenant_column(view) else { continue };
        let reached = context.policies_of(view).any(|policy| policy.policy.roles.iter().any(|role| context.is_untrusted(role)));
        let floor = |policy: &PolicyView<'_>| {
            !policy.policy.permissive && policy.policy.command == Command::All && policy.using.iter().flat_map(Tree::equalities).any(|(side, _)| side.as_column() == Some(tenant))
        };
        if reached && !context.policies_of(view).any(floor) {
            findings.add(view.id, format!("`{}` has no restrictive policy on `{tenant}`", view.table.name));
        }
    }
}
