//! `policy-for-bypassing-role`

use crate::lint::rules::shared::*;

rule! {
    "TL0236" "policy-for-bypassing-role" Warn;
    "A policy is for roles that no policy restricts";
    why "A role with BYPASSRLS reads and writes every row without asking policies: the policy does nothing, and reads as if it did.";
    mend "remove it", fixed;
    claims ["policies_do_not_count_for_bypassing_roles"];
    bad Spec r#"[table.notes.access]
service_role = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["service_role"]
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
        if !policy.policy.roles.is_empty() && policy.policy.roles.iter().all(|role| context.is_bypassing(role)) {
            findings.mendable(policy.id, format!("policy `{}` of `{}` is for roles that no policy restricts", policy.policy.name, policy.policy.table), [Edit::Remove { object: policy.id.clone() }]);
        }
    }
}
