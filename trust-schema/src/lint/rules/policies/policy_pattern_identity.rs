//! `policy-pattern-identity`

use crate::lint::rules::shared::*;

rule! {
    "TL0220" "policy-pattern-identity" Warn;
    "A policy matches a pattern against who is calling";
    why "What the caller brings becomes a pattern, or is matched by one: `%` and `_` in it stand for anything.";
    mend "compare by `=`";
    claims ["what_the_caller_brings_becomes_a_pattern"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "body like (select auth.jwt() ->> 'group')"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "body = (select auth.jwt() ->> 'group')"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        if policy.trees().any(|tree| tree.any(|part| matches!(part, Tree::Binary { operator, left, right } if matches!(operator.as_str(), "~~" | "~~*" | "~" | "~*" | "similar to") && (left.reads_session() || right.reads_session())))) {
            findings.add(policy.id, format!("policy `{}` of `{}` matches a pattern against who is calling", policy.policy.name, policy.policy.table));
        }
    }
}
