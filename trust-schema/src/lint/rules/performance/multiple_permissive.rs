//! `multiple-permissive`

use crate::lint::rules::shared::*;

rule! {
    "TL0307" "multiple-permissive" Warn;
    "Several permissive policies serve one role and command";
    why "All of them are evaluated for every row, and whoever reads one does not see what the others open.";
    mend "join them by `or` in one policy";
    claims ["permissive_policies_add_up"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"

[table.notes.policy.open]
command = "select"
to = ["authenticated"]
using = "shared"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid()) or shared"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for command in [Command::Select, Command::Insert, Command::Update, Command::Delete] {
            let mut first: std::collections::BTreeMap<&str, &PolicyView<'_>> = std::collections::BTreeMap::new();
            for policy in context.policies_of(view).filter(|policy| policy.policy.permissive && policy.is_for(command)) {
                for role in policy.policy.roles.iter().filter(|role| context.is_untrusted(role)) {
                    let known = *first.entry(role).or_insert(policy);
                    if !std::ptr::eq(known, policy) {
                        let message = format!("policies `{}` and `{}` of `{}` both serve `{role}`", known.policy.name, policy.policy.name, view.table.name);
                        findings.add(policy.id, message);
                    }
                }
            }
        }
    }
}
