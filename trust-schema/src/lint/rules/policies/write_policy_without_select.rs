//! `write-policy-without-select`

use crate::lint::rules::shared::*;

rule! {
    "TL0235" "write-policy-without-select" Warn;
    "A role may change rows of a table that it cannot see";
    why "An UPDATE or DELETE with WHERE reads, so policies for SELECT count: without one it finds no row, and says nothing.";
    mend "add a policy for `select`";
    claims ["an_update_with_where_needs_a_select_policy"];
    bad Spec r#"[table.notes.access]
authenticated = ["select", "update"]

[table.notes.policy.example]
command = "update"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select", "update"]

[table.notes.policy.example]
command = "update"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"

[table.notes.policy.read]
command = "select"
to = ["authenticated"]
using = "owner_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let Some(view) = context.table_of(policy) else { continue };
        let changes = policy.policy.permissive && matches!(policy.policy.command, Command::Update | Command::Delete);
        for role in policy.policy.roles.iter().filter(|role| changes && context.is_untrusted(role)) {
            let shows = |other: &PolicyView<'_>| {
                other.policy.permissive && other.is_for(Command::Select) && other.policy.roles.iter().any(|known| known == role || known == "public")
            };
            if !context.policies_of(view).any(shows) {
                findings.add(policy.id, format!("policy `{}` lets `{role}` change rows of `{}` that it cannot see", policy.policy.name, view.table.name));
            }
        }
    }
}
