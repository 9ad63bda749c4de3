//! `policy-volatile-function`

use crate::lint::rules::shared::*;

rule! {
    "TL0227" "policy-volatile-function" Warn;
    "A policy calls a VOLATILE function";
    why "Bare, it runs once for each row, and no index serves the comparison, since its answer may differ from row to row.";
    mend "make the function STABLE";
    claims ["volatile_helpers_run_for_each_row"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = private.mine()"

[function.mine]
schema  = "private"
summary = "The caller."
effect  = "internal"
volatility = "volatile"
returns = { type = "uuid", nullable = true }
body    = "begin return auth.uid(); end"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select private.mine())"

[function.mine]
schema  = "private"
summary = "The caller."
effect  = "read"
execute = ["authenticated"]
volatility = "stable"
returns = { type = "uuid", nullable = true }
body    = "begin return auth.uid(); end"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        for (call, _) in policy.trees().flat_map(Tree::calls) {
            let called = context.called(call);
            let own = called.iter().any(|(_, function)| function.volatility == Volatility::Volatile);
            let of_postgresql = matches!(call.schema.as_deref(), None | Some("pg_catalog"))
                && matches!(call.name.as_str(), "random" | "clock_timestamp" | "timeofday" | "gen_random_uuid" | "nextval" | "setval" | "set_config");
            if own || of_postgresql {
                findings.add(policy.id, format!("policy `{}` of `{}` calls `{}`, which is VOLATILE", policy.policy.name, policy.policy.table, call.name));
            }
        }
    }
}
