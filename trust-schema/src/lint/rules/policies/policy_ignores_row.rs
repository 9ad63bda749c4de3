//! `policy-ignores-row`

use crate::lint::rules::shared::*;

rule! {
    "TL0206" "policy-ignores-row" Error, leak;
    "A permissive policy does not look at the row";
    why "It asks only who is calling, so whoever passes reads or writes every row: `auth.uid() is not null` opens a table to everybody who is signed in.";
    mend "compare a column of the row with who is calling";
    claims ["a_policy_that_ignores_the_row_opens_all_rows"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "(select auth.uid()) is not null"
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
        let ignores = |tree: &Tree| !tree.reads_row() && tree.reads_session() && context.truth(policy, tree, false).can_be_true();
        let shown = matches!(policy.policy.command, Command::Insert) || policy.using.as_ref().is_some_and(ignores);
        let written = policy.check.as_ref().is_none_or(ignores);
        let clients = policy.policy.roles.iter().any(|role| context.is_untrusted(role));
        if policy.policy.permissive && clients && shown && written && policy.trees().next().is_some() {
            findings.add(policy.id, format!("policy `{}` of `{}` does not look at the row", policy.policy.name, policy.policy.table));
        }
    }
}
