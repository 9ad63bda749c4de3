//! `search-path-writable-schema`

use crate::lint::rules::shared::*;

rule! {
    "TL0403" "search-path-writable-schema" Error, leak;
    "The search path of a function names a schema in which clients may create";
    why "They put a function or operator of their own there, with a closer match of arguments than the one that is meant, and it runs with the owner's rights.";
    mend "take the schema from the search path, and name its objects with it";
    claims ["whoever_creates_in_a_schema_is_called_by_others"];
    bad Sql r#"grant create on schema private to authenticated;
create function public.f() returns int language sql security definer set search_path = private, pg_temp as 'select 1';"#;
    good Sql r#"create function public.f() returns int language sql security definer set search_path = private, pg_temp as 'select 1';
revoke all on function public.f() from public;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.functions.iter().filter(|(_, function)| function.security == Security::Definer) {
        let Some(path) = function.settings.get("search_path") else { continue };
        for schema in path.split(',').map(|schema| schema.trim().trim_matches('"')) {
            if !context.untrusted_with(Privilege::Create, &Id::global(Kind::Schema, schema)).is_empty() {
                findings.add(id, format!("`{}` searches schema `{schema}`, in which clients may create", function.signature()));
            }
        }
    }
}
