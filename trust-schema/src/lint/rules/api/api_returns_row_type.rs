//! `api-returns-row-type`

use crate::lint::rules::shared::*;

rule! {
    "TL0706" "api-returns-row-type" Allow;
    "A function of the API returns rows of a table";
    why "A column that the table gets later becomes part of the answer at once: clients see what nobody meant for them.";
    mend "return `{ table = { … } }` with the columns that are meant"
    in sql "return `table (…)` with the columns that are meant";
    claims ["a_row_type_grows_with_its_table"];
    bad Sql r#"create function public.mine_v1() returns setof public.notes language sql stable set search_path = pg_catalog, pg_temp as 'select * from public.notes';"#;
    good Sql r#"create function public.mine_v1() returns table (note_id uuid) language sql stable set search_path = pg_catalog, pg_temp as 'select n.note_id from public.notes n';"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let tables: std::collections::BTreeSet<String> = context.tables.iter().map(|view| view.table.name.to_string()).collect();
    for (id, function) in context.api_functions() {
        if matches!(&function.returns, Returns::Type(ty) | Returns::SetOf(ty) if tables.contains(ty)) {
            findings.add(id, format!("`{}` returns rows of a table", function.signature()));
        }
    }
}
