//! `tenant-isolation-undecided`

use crate::lint::isolation::Verdict;
use crate::lint::rules::shared::*;

rule! {
    "TL0241" "tenant-isolation-undecided" Warn;
    "It is not decided whether a policy keeps tenants apart";
    why "Of a policy the compiler understands comparisons by equality of columns, constants and `auth.uid()`, the functions of `[tenancy] context`, and queries of the tables that refer to tenants and users. What this one asks besides could open rows of others, and nobody has proved that it does not.";
    mend "ask by one of these, or name the function in `[tenancy] context`; or waive the finding with the reason why it keeps tenants apart";
    claims ["one_open_alternative_opens_the_rows"];
    bad Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id = "uuid"
tenant_id  = { type = "uuid", references = "tenants" }

[table.projects.access]
authenticated = ["select"]

[table.projects.policy.own]
command = "select"
to      = ["authenticated"]
using   = "tenant_id in (select private.tenants_of_caller_v1())"

[function.tenants_of_caller_v1]
schema  = "private"
summary = "The tenants of the caller."
effect  = "read"
execute = ["authenticated"]
returns = { set_of = "uuid" }
body    = "begin return query select t.tenant_id from public.tenants t where t.tenant_id = (select auth.uid()); end"
"#;
    good Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id = "uuid"
tenant_id  = { type = "uuid", references = "tenants" }

[table.projects.access]
authenticated = ["select"]

[table.projects.policy.own]
command = "select"
to      = ["authenticated"]
using   = "tenant_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (policy, verdict) in context.isolation() {
        if *verdict == Verdict::Undecided {
            findings.add(policy.id, format!("it is not decided whether policy `{}` of `{}` keeps tenants apart", policy.policy.name, policy.policy.table));
        }
    }
}
