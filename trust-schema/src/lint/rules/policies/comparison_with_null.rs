//! `comparison-with-null`

use crate::lint::rules::shared::*;

rule! {
    "TL0238" "comparison-with-null" Warn;
    "An expression compares with NULL";
    why "`= null` and `<> null` are never true: PostgreSQL answers unknown, and the policy lets nothing through.";
    mend "write `is null` or `is not null`";
    claims ["a_comparison_with_null_is_never_true"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid()) and body <> null"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid()) and body is not null"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        if policy.trees().any(|tree| tree.any(|part| matches!(part, Tree::Binary { operator, left, right } if matches!(operator.as_str(), "=" | "<>" | "<" | ">" | "<=" | ">=") && (matches!(left.core(), Tree::Null) || matches!(right.core(), Tree::Null))))) {
            findings.add(policy.id, format!("policy `{}` of `{}` compares with NULL", policy.policy.name, policy.policy.table));
        }
    }
}
