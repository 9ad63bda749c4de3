//! `policy-email-identity`

use crate::lint::rules::shared::*;

rule! {
    "TL0216" "policy-email-identity" Warn;
    "A policy knows people by their e-mail address";
    why "Addresses change, and are given to others; where sign-up does not confirm them, whoever likes signs up as anybody.";
    mend "compare with `auth.uid()`";
    claims ["an_email_claim_is_only_a_text"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "body = (select auth.email())"
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
        if policy.trees().flat_map(Tree::equalities).any(|(_, side)| is_email(side.core())) {
            findings.add(policy.id, format!("policy `{}` of `{}` knows people by their e-mail address", policy.policy.name, policy.policy.table));
        }
    }
}

fn is_email(side: &Tree) -> bool {
    match side {
        Tree::Call(call) => call.is("auth", "email"),
        Tree::Binary { operator, left, right } if operator == "->>" => {
            let of_token = matches!(left.core(), Tree::Call(call) if call.is("auth", "jwt"));
            of_token && matches!(right.core(), Tree::Literal(key) if key == "email")
        }
        _ => false,
    }
}
