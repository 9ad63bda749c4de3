//! `policy-always-true-read`

use crate::lint::rules::shared::*;

rule! {
    "TL0203" "policy-always-true-read" Warn;
    "A policy shows every row";
    why "Its expression holds for every row, so every caller of the role reads the whole table. Tables of `[tenancy] shared` are meant to be read so.";
    mend "compare a column of the row with who is calling; where everybody may read it, waive it or list the table in `[tenancy] shared`"
    in sql "compare a column of the row with who is calling; where everybody may read it, waive it";
    claims ["an_open_policy_shows_everything"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "true"
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
        let shared = context.surroundings.tenancy.is_some_and(|tenancy| context.table_of(policy).is_some_and(|table| tenancy.shared.contains(table.id)));
        let clients = policy.policy.roles.iter().any(|role| context.is_untrusted(role));
        let reads = policy.policy.permissive && policy.policy.command == Command::Select;
        if reads && clients && !shared && policy.using.as_ref().is_some_and(|using| context.holds_always(policy, using)) {
            findings.add(policy.id, format!("policy `{}` shows every row of `{}`", policy.policy.name, policy.policy.table));
        }
    }
}
