//! `check-weaker-than-using`

use crate::lint::rules::shared::*;

rule! {
    "TL0210" "check-weaker-than-using" Error, leak;
    "A policy lets a row be changed into one that it would not show";
    why "WITH CHECK replaces USING for new rows: with `true` there a caller gives a row of their own to anybody, or plants one in another tenant.";
    mend "repeat the condition of `using` in `check`, or leave `check` out", fixed;
    claims ["an_open_check_gives_rows_away"];
    bad Spec r#"[table.notes.access]
authenticated = ["select", "update"]

[table.notes.policy.example]
command = "update"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
check   = "true"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select", "update"]

[table.notes.policy.example]
command = "update"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        let (Some(using), Some(check)) = (&policy.using, &policy.check) else { continue };
        if policy.policy.permissive && context.holds_always(policy, check) && !context.holds_always(policy, using) {
            findings.mendable(policy.id, format!("policy `{}` of `{}` checks less in new rows than in old ones", policy.policy.name, policy.policy.table), [Edit::Unset { object: policy.id.clone(), key: "check" }]);
        }
    }
}
