//! `delete-policy-unscoped`

use crate::lint::rules::shared::*;

rule! {
    "TL0212" "delete-policy-unscoped" Error, leak;
    "A policy lets every row be deleted";
    why "A bare `DELETE` reads no column, so the policies for SELECT do not count: it deletes what the caller does not even see.";
    mend "compare a column of the row with who is calling";
    claims ["a_bare_delete_ignores_select_policies"];
    bad Spec r#"[table.notes.access]
authenticated = ["select", "delete"]

[table.notes.policy.example]
command = "delete"
to      = ["authenticated"]
using   = "true"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select", "delete"]

[table.notes.policy.example]
command = "delete"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        if policy.policy.permissive && policy.policy.command == Command::Delete && policy.using.as_ref().is_some_and(|using| context.holds_always(policy, using)) {
            findings.add(policy.id, format!("policy `{}` lets every row of `{}` be deleted", policy.policy.name, policy.policy.table));
        }
    }
}
