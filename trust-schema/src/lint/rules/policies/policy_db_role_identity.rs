//! `policy-db-role-identity`

use crate::lint::rules::shared::*;

rule! {
    "TL0218" "policy-db-role-identity" Warn;
    "A policy compares a row with the role of the database";
    why "All people come under the same role through an API, so it is the same for everybody.";
    mend "compare with `auth.uid()`";
    claims ["the_role_is_the_same_for_all_people"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "body = current_user"
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
        if policy.trees().flat_map(Tree::equalities).any(|(side, other)| side.as_column().is_some() && matches!(other.core(), Tree::Call(call) if call.is_database_role())) {
            findings.add(policy.id, format!("policy `{}` compares a row of `{}` with the role of the database", policy.policy.name, policy.policy.table));
        }
    }
}
