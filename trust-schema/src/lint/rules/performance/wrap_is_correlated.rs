//! `wrap-is-correlated`

use crate::lint::rules::shared::*;

rule! {
    "TL0302" "wrap-is-correlated" Warn;
    "A sub-query that should be computed once depends on the row";
    why "`(select f(column))` runs for each row as `f(column)` does: the parentheses save nothing.";
    mend "turn it around: `column = any (array(select …))` without the column inside";
    claims ["a_correlated_call_runs_for_each_row"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "(select private.is_mine(owner_id))"

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
        // Inside the parentheses a name without a table is the row's: there is no FROM clause that could have it.
        let correlated = |tree: &Tree| match tree {
            Tree::Scalar(query) if query.relations.is_empty() && query.calls.is_empty() => {
                query.output.iter().any(|output| matches!(output.core(), Tree::Call(_)) && output.reads_row())
            }
            _ => false,
        };
        if policy.using.as_ref().is_some_and(|tree| tree.any(correlated)) {
            findings.add(policy.id, format!("policy `{}` of `{}` wraps a call that depends on the row", policy.policy.name, policy.policy.table));
        }
    }
}
