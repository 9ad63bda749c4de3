//! `policy-immutable-session-function`

use crate::lint::rules::shared::*;

rule! {
    "TL0226" "policy-immutable-session-function" Error, leak;
    "A policy calls an IMMUTABLE function that asks who is calling";
    why "PostgreSQL computes it when it plans. A prepared statement keeps the plan, and with it the first caller: the next one sees their rows.";
    mend "make the function STABLE";
    claims ["an_immutable_function_keeps_the_first_caller"];
    bad Sql r#"create function private.mine() returns uuid language sql immutable set search_path = pg_catalog, pg_temp as 'select auth.uid()';
grant execute on function private.mine() to authenticated;
create policy example on public.notes for select to authenticated using (owner_id = private.mine());"#;
    good Sql r#"create function private.mine() returns uuid language sql stable set search_path = pg_catalog, pg_temp as 'select auth.uid()';
grant execute on function private.mine() to authenticated;
create policy example on public.notes for select to authenticated using (owner_id = private.mine());"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        for (call, _) in policy.trees().flat_map(Tree::calls) {
            for (_, function) in context.called(call).into_iter().filter(|(_, function)| function.volatility == Volatility::Immutable) {
                if words::names_the_caller(&words::words(&function.body)) {
                    let message = format!("policy `{}` of `{}` calls `{}`, which is IMMUTABLE and asks who is calling", policy.policy.name, policy.policy.table, function.signature());
                    findings.add(policy.id, message);
                }
            }
        }
    }
}
