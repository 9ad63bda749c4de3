//! `search-path-temporary-first`

use crate::lint::rules::shared::*;

rule! {
    "TL0402" "search-path-temporary-first" Error, leak;
    "The search path of a function does not end with `pg_temp`";
    why "Temporary objects are found first where `pg_temp` is not named, even with an empty path: the caller makes a temporary table of the name that the function means.";
    mend "end the search path with `pg_temp`";
    claims ["an_empty_search_path_finds_temporary_tables_first"];
    bad Sql r#"create function public.f() returns int language sql security definer set search_path = '' as 'select 1';
revoke all on function public.f() from public;"#;
    good Sql r#"create function public.f() returns int language sql security definer set search_path = pg_catalog, pg_temp as 'select 1';
revoke all on function public.f() from public;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.functions.iter().filter(|(_, function)| function.security == Security::Definer) {
        let Some(path) = function.settings.get("search_path") else { continue };
        let last = path.rsplit(',').next().map(|schema| schema.trim().trim_matches('"'));
        if last != Some("pg_temp") {
            findings.add(id, format!("the search path of `{}` does not end with `pg_temp`", function.signature()));
        }
    }
}
