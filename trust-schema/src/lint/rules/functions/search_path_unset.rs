//! `search-path-unset`

use crate::lint::rules::shared::*;

rule! {
    "TL0401" "search-path-unset" Error, leak;
    "A function that runs with its owner's rights has no search path";
    why "It finds tables and functions by the search path of whoever calls it: they put their own in front, and it runs with the owner's rights.";
    mend "`SET search_path = pg_catalog, pg_temp`, and name every object with its schema";
    claims ["the_caller_chooses_what_an_unset_search_path_finds"];
    bad Sql r#"create function public.f() returns int language sql security definer  as 'select 1';
revoke all on function public.f() from public;"#;
    good Sql r#"create function public.f() returns int language sql security definer set search_path = pg_catalog, pg_temp as 'select 1';
revoke all on function public.f() from public;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.functions.iter().filter(|(_, function)| function.security == Security::Definer) {
        if !function.settings.contains_key("search_path") {
            findings.add(id, format!("`{}` runs with its owner's rights and its caller's search path", function.signature()));
        }
    }
}
