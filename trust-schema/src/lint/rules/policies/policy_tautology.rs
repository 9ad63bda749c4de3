//! `policy-tautology`

use crate::lint::rules::shared::*;

rule! {
    "TL0204" "policy-tautology" Error, leak;
    "An expression of a policy holds for every row, but does not look so";
    why "`x or true`, `a = a`, `x or not x`: it is true, or for NULL unknown, and never false. What was meant as a condition is none.";
    mend "write the condition that is meant; `true` where none is";
    claims ["a_tautology_shows_everything"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = owner_id"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        for tree in policy.trees().filter(|tree| !matches!(tree.core(), Tree::True)) {
            let truth = context.truth(policy, tree, false);
            if policy.policy.permissive && truth.can_be_true() && !truth.can_be_false() {
                findings.add(policy.id, format!("policy `{}` of `{}` is never false", policy.policy.name, policy.policy.table));
            }
        }
    }
}
