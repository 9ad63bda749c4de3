//! `initplan-unwrapped`

use crate::lint::rules::shared::*;

rule! {
    "TL0301" "initplan-unwrapped" Warn;
    "A policy asks for each row who is calling";
    why "PostgreSQL calls a bare `auth.uid()` for every row that it looks at; inside `(select …)` once for each statement. Measured on 300,000 rows without an index: 402 to 670 ms against 21 to 34 ms.";
    mend "write `(select auth.uid())`", fixed;
    claims ["a_wrapped_call_runs_once"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = auth.uid()"
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
        let bare = |tree: &Tree| tree.calls().iter().any(|(call, inside)| *inside == 0 && call.is_session());
        // New rows are few, old ones many.
        if policy.using.as_ref().is_some_and(bare) {
            let edit = Edit::Rewrite { object: policy.id.clone(), keys: &["using"], rewrite: Rewrite::Each(rewrite::wrap_session_calls) };
            findings.mendable(policy.id, format!("policy `{}` of `{}` asks for each row who is calling", policy.policy.name, policy.policy.table), [edit]);
        }
    }
}
