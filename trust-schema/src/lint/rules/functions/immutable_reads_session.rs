//! `immutable-reads-session`

use crate::lint::rules::shared::*;

rule! {
    "TL0408" "immutable-reads-session" Error;
    "An IMMUTABLE function asks who is calling, or what time it is";
    why "PostgreSQL computes it once for a plan or an index, and keeps the answer for the next caller.";
    mend "make the function STABLE";
    claims ["an_immutable_function_keeps_the_first_caller"];
    bad Sql r#"create function private.f() returns uuid language sql security definer immutable set search_path = pg_catalog, pg_temp as 'select auth.uid()';
revoke all on function private.f() from public;"#;
    good Sql r#"create function private.f() returns uuid language sql security definer stable set search_path = pg_catalog, pg_temp as 'select auth.uid()';
revoke all on function private.f() from public;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    const CLOCKS: &[&str] = &["now", "current_timestamp", "current_date", "clock_timestamp", "statement_timestamp", "localtimestamp"];
    for (id, function) in context.functions.iter().filter(|(_, function)| function.volatility == Volatility::Immutable) {
        let words = words::words(&function.body);
        if words::names_the_caller(&words) || words.iter().any(|word| CLOCKS.contains(&word.trim_start_matches('.'))) {
            findings.add(id, format!("`{}` is IMMUTABLE and depends on the session", function.signature()));
        }
    }
}
