//! `overload-in-api`

use crate::lint::rules::shared::*;

rule! {
    "TL0406" "overload-in-api" Error;
    "Two functions of the API have one name";
    why "A call by names of arguments can be ambiguous (42725; PostgREST answers PGRST203), and an older overload stays callable with older checks.";
    mend "give the newer one a name of its own: `_v2`";
    claims ["overloads_with_defaults_are_ambiguous"];
    bad Sql r#"create function public.f_v1(a int) returns int language sql set search_path = pg_catalog, pg_temp as 'select a';
create function public.f_v1(a int, b int default 2) returns int language sql set search_path = pg_catalog, pg_temp as 'select a';"#;
    good Sql r#"create function public.f_v1(a int) returns int language sql set search_path = pg_catalog, pg_temp as 'select a';
create function public.f_v2(a int, b int default 2) returns int language sql set search_path = pg_catalog, pg_temp as 'select a';"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.functions.iter().filter(|(_, function)| context.is_exposed(&function.name.schema)) {
        let callable = |id: &Id| context.surroundings.api_roles.iter().any(|role| context.has(role, Privilege::Execute, id));
        let first = context.functions_named(&function.name).find(|(other, _)| callable(other));
        if let Some((_, other)) = first.filter(|(first, _)| first != id && callable(id)) {
            findings.add(id, format!("`{}` and `{}` have one name", other.signature(), function.signature()));
        }
    }
}
