//! `policy-constant-false`

use crate::lint::rules::shared::*;

rule! {
    "TL0205" "policy-constant-false" Warn;
    "A permissive policy lets nothing through";
    why "Its expression is never true: it adds nothing to what other policies allow, and reads as if it did.";
    mend "remove it; what no policy allows is refused anyway", fixed;
    claims ["a_policy_that_is_never_true_allows_nothing"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"

[table.notes.policy.never]
command = "select"
to      = ["authenticated"]
using   = "shared and false"
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
        let never = policy.trees().any(|tree| !context.truth(policy, tree, false).can_be_true());
        if policy.policy.permissive && never {
            findings.mendable(policy.id, format!("policy `{}` of `{}` lets nothing through", policy.policy.name, policy.policy.table), [Edit::Remove { object: policy.id.clone() }]);
        }
    }
}
