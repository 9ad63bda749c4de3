//! `policy-always-true-write`

use crate::lint::rules::shared::*;

rule! {
    "TL0202" "policy-always-true-write" Error, leak;
    "A policy lets a role write every row";
    why "Its expression holds for every row, so the privilege alone decides who writes what.";
    mend "compare a column of the row with who is calling";
    claims ["an_open_policy_lets_everybody_write"];
    bad Spec r#"[table.notes.access]
authenticated = ["insert"]

[table.notes.policy.example]
command = "insert"
to      = ["authenticated"]
check   = "true"
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
    for policy in context.policies.iter().filter(|policy| policy.policy.permissive && reaches_clients(context, policy)) {
        // Deleting, and updating with a check, are rules of their own.
        let writes = matches!(policy.policy.command, Command::Insert | Command::Update | Command::All);
        if writes && policy.new_rows().is_some_and(|check| context.holds_always(policy, check)) && !using_is_narrower(context, policy) {
            findings.add(policy.id, format!("policy `{}` lets every row of `{}` be written", policy.policy.name, policy.policy.table));
        }
    }
}

fn reaches_clients(context: &Context<'_>, policy: &PolicyView<'_>) -> bool {
    policy.policy.roles.iter().any(|role| context.is_untrusted(role))
}

/// See `check-weaker-than-using`.
fn using_is_narrower(context: &Context<'_>, policy: &PolicyView<'_>) -> bool {
    policy.using.as_ref().is_some_and(|using| !context.holds_always(policy, using)) && policy.check.is_some()
}
