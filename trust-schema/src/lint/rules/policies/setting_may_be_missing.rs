//! `setting-may-be-missing`

use crate::lint::rules::shared::*;

rule! {
    "TL0229" "setting-may-be-missing" Warn;
    "A policy reads a setting that need not be there";
    why "With one argument `current_setting` fails where nobody has set it (42704), and with it every query of the table.";
    mend "`current_setting('…', true)`", fixed;
    claims ["a_setting_that_is_not_there_is_an_error"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "body = (select current_setting('app.group'))"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "body = (select current_setting('app.group', true))"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let bare = |tree: &Tree| match tree {
            Tree::Call(call) if call.is("pg_catalog", "current_setting") => {
                // PostgreSQL's own settings have no dot, and are always there.
                call.arguments.len() == 1 && matches!(call.arguments.first().map(Tree::core), Some(Tree::Literal(name)) if name.contains('.'))
            }
            _ => false,
        };
        if policy.trees().any(|tree| tree.any(bare)) {
            let edit = Edit::Rewrite { object: policy.id.clone(), keys: &["using", "check"], rewrite: Rewrite::Each(rewrite::allow_missing_settings) };
            findings.mendable(policy.id, format!("policy `{}` of `{}` reads a setting that need not be there", policy.policy.name, policy.policy.table), [edit]);
        }
    }
}
