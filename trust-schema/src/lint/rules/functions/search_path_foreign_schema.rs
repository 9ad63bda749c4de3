//! `search-path-foreign-schema`

use crate::lint::rules::shared::*;

rule! {
    "TL0411" "search-path-foreign-schema" Warn;
    "The search path of a function with its owner's rights names a schema of others";
    why "Who may create there is somebody else's decision: in `public`, everybody was allowed to before PostgreSQL 15, and in databases that were upgraded since. Whoever may puts a closer match of a name there, and it runs with the owner's rights.";
    mend "`SET search_path = pg_catalog, pg_temp`, and name every object with its schema";
    claims ["whoever_creates_in_a_schema_is_called_by_others"];
    bad Sql r#"create function public.f() returns int language sql security definer set search_path = extensions, pg_temp as 'select 1';
revoke all on function public.f() from public;"#;
    good Sql r#"create function public.f() returns int language sql security definer set search_path = pg_catalog, pg_temp as 'select 1';
revoke all on function public.f() from public;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.functions.iter().filter(|(_, function)| function.security == Security::Definer) {
        let Some(path) = function.settings.get("search_path") else { continue };
        for schema in path.split(',').map(|schema| schema.trim().trim_matches(['"', '\''])) {
            // Of a schema in the Catalog it is known who may create in it: `search-path-writable-schema` tells.
            let own = context.catalog.contains(&Id::global(Kind::Schema, schema));
            if !own && !["", "pg_catalog", "pg_temp", "information_schema"].contains(&schema) {
                findings.add(id, format!("`{}` searches schema `{schema}`, of which others decide who may create in it", function.signature()));
            }
        }
    }
}
