//! `per-row-helper`

use crate::lint::rules::shared::*;

rule! {
    "TL0303" "per-row-helper" Warn;
    "A policy calls a function with columns of the row";
    why "The function runs for every row, and no index helps. Measured on 300,000 rows: 1.5 to 3.3 s against 0.14 to 0.22 ms for `= any (array(select …))` with an index.";
    mend "return the keys from a function once: `tenant_id = any (array(select my_tenants()))`";
    claims ["a_correlated_call_runs_for_each_row"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "private.is_mine(owner_id)"

[function.is_mine]
schema  = "private"
summary = "Whether a note is the caller's."
effect  = "read"
execute = ["authenticated"]
args    = [{ name = "p_owner_id", type = "uuid" }]
returns = "boolean"
body    = "begin return p_owner_id = (select auth.uid()); end"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"

[function.is_mine]
schema  = "private"
summary = "Whether a note is the caller's."
effect  = "read"
execute = ["authenticated"]
args    = [{ name = "p_owner_id", type = "uuid" }]
returns = "boolean"
body    = "begin return p_owner_id = (select auth.uid()); end"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let per_row = |tree: &Tree| {
            let calls = tree.calls();
            // One that computes from its arguments alone has to see the row.
            let helps = |call| context.called(call).iter().any(|(_, function)| function.volatility != Volatility::Immutable);
            calls.iter().any(|(call, inside)| *inside == 0 && helps(call) && call.arguments.iter().any(Tree::reads_row))
        };
        if policy.using.as_ref().is_some_and(per_row) {
            findings.add(policy.id, format!("policy `{}` of `{}` calls a function for each row", policy.policy.name, policy.policy.table));
        }
    }
}
