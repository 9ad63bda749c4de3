//! `api-unnamed-argument`

use crate::lint::rules::shared::*;

rule! {
    "TL0703" "api-unnamed-argument" Warn;
    "An argument of a function of the API has no name";
    why "PostgREST passes arguments by the keys of a JSON object: one without a name cannot be passed.";
    mend "name the argument";
    claims ["arguments_are_passed_by_name"];
    bad Sql r#"create function public.f_v1(int) returns int language sql set search_path = pg_catalog, pg_temp as 'select $1';"#;
    good Sql r#"create function public.f_v1(p_number int) returns int language sql set search_path = pg_catalog, pg_temp as 'select p_number';"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in context.api_functions() {
        // A single one takes the whole body of the request.
        let raw = function.arguments.len() == 1 && function.arguments.iter().all(|argument| matches!(argument.data_type.as_str(), "json" | "jsonb" | "text" | "xml" | "bytea"));
        if !raw && function.arguments.iter().any(|argument| argument.name.is_empty()) {
            findings.add(id, format!("an argument of `{}` has no name", function.signature()));
        }
    }
}
