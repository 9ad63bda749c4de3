//! `tenant-isolation-refuted`

use crate::lint::isolation::Verdict;
use crate::lint::rules::shared::*;

rule! {
    "TL0240" "tenant-isolation-refuted" Error, leak;
    "A policy shows a row of another tenant";
    why "Every row and session that could make a difference was tried, with NULL and with everything that the policy compares, and the restrictive policies beside it: this one row is somebody else's, and passes.";
    mend "compare the tenant's column with the tenants of the caller in every alternative, or list the table in `[tenancy] shared`";
    claims ["one_open_alternative_opens_the_rows"];
    bad Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id = "uuid"
tenant_id  = { type = "uuid", references = "tenants" }
listed     = "boolean"

[table.projects.access]
authenticated = ["select"]

[table.projects.policy.own]
command = "select"
to      = ["authenticated"]
using   = "listed or tenant_id in (select m.tenant_id from public.members m where m.user_id = (select auth.uid()))"

[table.members]
primary_key = ["tenant_id", "user_id"]
columns     = { tenant_id = { type = "uuid", references = "tenants" }, user_id = { type = "uuid", references = "auth.users" } }
access      = { authenticated = ["select"] }

[table.members.policy.own]
command = "select"
to      = ["authenticated"]
using   = "user_id = (select auth.uid())"
"#;
    good Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id = "uuid"
tenant_id  = { type = "uuid", references = "tenants" }
listed     = "boolean"

[table.projects.access]
authenticated = ["select"]

[table.projects.policy.own]
command = "select"
to      = ["authenticated"]
using   = "listed and tenant_id in (select m.tenant_id from public.members m where m.user_id = (select auth.uid()))"

[table.members]
primary_key = ["tenant_id", "user_id"]
columns     = { tenant_id = { type = "uuid", references = "tenants" }, user_id = { type = "uuid", references = "auth.users" } }
access      = { authenticated = ["select"] }

[table.members.policy.own]
command = "select"
to      = ["authenticated"]
using   = "user_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (policy, verdict) in context.isolation() {
        if let Verdict::Refuted(witness) = verdict {
            findings.add(policy.id, format!("policy `{}` of `{}` opens {witness}", policy.policy.name, policy.policy.table));
        }
    }
}
