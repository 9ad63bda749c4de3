//! `anon-inversion`

use crate::lint::rules::shared::*;

rule! {
    "TL0207" "anon-inversion" Error, leak;
    "A policy holds for every row where nobody is signed in";
    why "`auth.uid() is null or …` and its like: without a user the expression is true, so that whoever sends no token sees more than whoever does.";
    mend "leave the case without a user out; a comparison with NULL is unknown and lets nothing through";
    claims ["without_a_user_the_inversion_is_true"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "(select auth.uid()) is null or owner_id = (select auth.uid())"
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
        let inverted = |tree: &Tree| !context.holds_always(policy, tree) && context.truth(policy, tree, true).is_always_true();
        if policy.policy.permissive && policy.trees().any(inverted) {
            findings.add(policy.id, format!("policy `{}` of `{}` holds for every row where nobody is signed in", policy.policy.name, policy.policy.table));
        }
    }
}
