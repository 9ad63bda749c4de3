//! `using-wider-than-check`

use crate::lint::rules::shared::*;

rule! {
    "TL0211" "using-wider-than-check" Error, leak;
    "A policy for UPDATE takes every row, and checks only the new one";
    why "A bare `UPDATE` without WHERE needs no SELECT policy: the caller makes rows of others their own.";
    mend "repeat the condition of `check` in `using`";
    claims ["an_open_using_takes_rows_over"];
    bad Spec r#"[table.notes.access]
authenticated = ["select", "update"]

[table.notes.policy.example]
command = "update"
to      = ["authenticated"]
using   = "true"
check   = "owner_id = (select auth.uid())"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select", "update"]

[table.notes.policy.example]
command = "update"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
check   = "owner_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let (Some(using), Some(check)) = (&policy.using, &policy.check) else { continue };
        let updates = policy.policy.permissive && matches!(policy.policy.command, Command::Update | Command::All);
        if updates && context.holds_always(policy, using) && !context.holds_always(policy, check) {
            findings.add(policy.id, format!("policy `{}` of `{}` lets rows of others be taken over", policy.policy.name, policy.policy.table));
        }
    }
}
