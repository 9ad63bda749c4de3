//! `policy-auth-role`

use crate::lint::rules::shared::*;

rule! {
    "TL0217" "policy-auth-role" Warn;
    "A policy compares `auth.role()`";
    why "The function is deprecated: the role of the database, to which TO belongs, decides; and a word that is no role never matches.";
    mend "name the role after TO";
    claims ["auth_role_is_the_role_claim"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "shared and (select auth.role()) = 'authenticated'"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "shared"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        if policy.trees().any(|tree| tree.calls().iter().any(|(call, _)| call.is("auth", "role"))) {
            findings.add(policy.id, format!("policy `{}` of `{}` compares `auth.role()`", policy.policy.name, policy.policy.table));
        }
    }
}
