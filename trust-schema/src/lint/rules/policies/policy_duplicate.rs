//! `policy-duplicate`

use crate::lint::rules::shared::*;

rule! {
    "TL0237" "policy-duplicate" Warn;
    "Two policies of a table say the same";
    why "Both are evaluated for every row, and whoever mends one of them believes the hole closed.";
    mend "remove one of them", fixed;
    claims ["permissive_policies_add_up"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"

[table.notes.policy.again]
command = "select"
to = ["authenticated"]
using = "owner_id = (select auth.uid())"
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
        let policies: Vec<&PolicyView<'_>> = context.policies_of(view).collect();
        for (place, policy) in policies.iter().enumerate() {
            let same = |other: &&&PolicyView<'_>| {
                let (a, b) = (policy.policy, other.policy);
                (a.command, a.permissive, &a.roles, &a.using, &a.check) == (b.command, b.permissive, &b.roles, &b.using, &b.check)
            };
            if let Some(first) = policies.iter().take(place).find(same) {
                let message = format!("policy `{}` of `{}` says the same as `{}`", policy.policy.name, view.table.name, first.policy.name);
                findings.mendable(policy.id, message, [Edit::Remove { object: policy.id.clone() }]);
            }
        }
    }
}
