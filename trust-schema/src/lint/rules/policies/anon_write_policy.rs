//! `anon-write-policy`

use crate::lint::rules::shared::*;

rule! {
    "TL0208" "anon-write-policy" Error;
    "A policy lets callers who are not signed in write";
    why "Everybody on the internet has the key of `anon`. Where anybody may write, say so with a waiver, and limit how much and how often.";
    mend "let a function with a guard write, or write the policy for `authenticated`"
    in sql "let a SECURITY DEFINER function that checks its caller write, or write the policy for `authenticated`";
    claims ["an_open_policy_lets_everybody_write"];
    bad Spec r#"[table.notes.access]
anon = ["insert"]

[table.notes.policy.example]
command = "insert"
to      = ["anon"]
check   = "shared"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["insert"]

[table.notes.policy.example]
command = "insert"
to      = ["authenticated"]
check   = "owner_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let writes = policy.policy.permissive && policy.policy.command != Command::Select;
        let anon = policy.policy.roles.iter().any(|role| role == "anon" || role == "public") && context.is_untrusted("anon");
        // A condition on the user lets nobody through who is none.
        let passes = policy.new_rows().is_some_and(|tree| context.truth(policy, tree, true).can_be_true());
        if writes && anon && passes {
            findings.add(policy.id, format!("policy `{}` lets `anon` write `{}`", policy.policy.name, policy.policy.table));
        }
    }
}
