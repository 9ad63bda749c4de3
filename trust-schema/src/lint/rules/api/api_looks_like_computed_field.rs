//! `api-looks-like-computed-field`

use crate::lint::rules::shared::*;

rule! {
    "TL0705" "api-looks-like-computed-field" Warn;
    "A function of the API takes one row of a table";
    why "PostgREST takes it for a computed column of the table, and `row.f` calls it in SQL: the name becomes part of the table.";
    mend "take the key of the row instead";
    claims ["a_function_of_a_row_is_a_column"];
    bad Sql r#"create function public.size_v1(n public.notes) returns int language sql stable set search_path = pg_catalog, pg_temp as 'select length(n.body)';"#;
    good Sql r#"create function public.size_v1(p_note_id uuid) returns int language sql stable set search_path = pg_catalog, pg_temp as 'select length(n.body) from public.notes n where n.note_id = p_note_id';"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let tables: std::collections::BTreeSet<String> = context.tables.iter().map(|view| view.table.name.to_string()).collect();
    for (id, function) in context.api_functions() {
        let [argument] = function.arguments.as_slice() else { continue };
        if tables.contains(&argument.data_type) {
            findings.add(id, format!("`{}` looks like a column of `{}`", function.signature(), argument.data_type));
        }
    }
}
