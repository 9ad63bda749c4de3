//! `restrictive-only`

use crate::lint::rules::shared::*;

rule! {
    "TL0213" "restrictive-only" Warn;
    "A table has restrictive policies only";
    why "Restrictive policies narrow what permissive ones allow; where there is none, nothing is allowed.";
    mend "add a permissive policy, or remove the restrictive one";
    claims ["restrictive_policies_alone_allow_nothing"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
restrictive = true
using   = "owner_id = (select auth.uid())"
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
    for view in &context.tables {
        let mut policies = context.policies_of(view).peekable();
        if policies.peek().is_some() && policies.all(|policy| !policy.policy.permissive) {
            findings.add(view.id, format!("`{}` has restrictive policies only, so nothing is allowed", view.table.name));
        }
    }
}
