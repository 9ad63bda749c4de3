//! `restrictive-constant-true`

use crate::lint::rules::shared::*;

rule! {
    "TL0214" "restrictive-constant-true" Warn;
    "A restrictive policy restricts nothing";
    why "Its expression holds for every row: it reads like a floor under all other policies, and is none.";
    mend "write the condition that is meant";
    claims ["a_restrictive_policy_that_is_true_restricts_nothing"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"

[table.notes.policy.floor]
command = "all"
to = ["authenticated"]
restrictive = true
using = "true"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"

[table.notes.policy.floor]
command = "all"
to = ["authenticated"]
restrictive = true
using = "shared"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        if !policy.policy.permissive && policy.trees().next().is_some() && policy.trees().all(|tree| context.holds_always(policy, tree)) {
            findings.add(policy.id, format!("restrictive policy `{}` of `{}` restricts nothing", policy.policy.name, policy.policy.table));
        }
    }
}
