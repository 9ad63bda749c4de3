//! `invoker-search-path-unset`

use crate::lint::rules::shared::*;

rule! {
    "TL0404" "invoker-search-path-unset" Warn;
    "A function has no search path";
    why "What it finds depends on who calls it: under PostgREST another path holds than in a migration, in a trigger that of whoever writes.";
    mend "`SET search_path = pg_catalog, pg_temp`, and name every object with its schema";
    claims ["the_caller_chooses_what_an_unset_search_path_finds"];
    bad Sql r#"create function public.f() returns int language sql security invoker  as 'select 1';
revoke all on function public.f() from public;"#;
    good Sql r#"create function public.f() returns int language sql security invoker set search_path = pg_catalog, pg_temp as 'select 1';
revoke all on function public.f() from public;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.functions.iter().filter(|(_, function)| function.security == Security::Invoker) {
        // PostgreSQL resolves the names of a standard body when it is made.
        let is_atomic = words::words(&function.body).windows(2).any(|pair| pair == ["begin", "atomic"]);
        if !function.settings.contains_key("search_path") && !is_atomic {
            findings.add(id, format!("`{}` has no search path of its own", function.signature()));
        }
    }
}
