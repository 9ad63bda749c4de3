//! `insert-policy-without-check`

use crate::lint::rules::shared::*;

rule! {
    "TL0209" "insert-policy-without-check" Warn;
    "A policy for INSERT has no WITH CHECK";
    why "It accepts no row. (Some tools tell the opposite; PostgreSQL refuses every insert with 42501.)";
    mend "write `WITH CHECK (…)`";
    claims ["an_insert_policy_without_check_accepts_nothing"];
    bad Sql r#"create policy example on public.notes for insert to authenticated;"#;
    good Sql r#"create policy example on public.notes for insert to authenticated with check (owner_id = (select auth.uid()));"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        if policy.policy.command == Command::Insert && policy.policy.check.is_none() {
            findings.add(policy.id, format!("policy `{}` of `{}` accepts no row", policy.policy.name, policy.policy.table));
        }
    }
}
