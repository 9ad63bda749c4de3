//! `record-result`

use crate::lint::rules::shared::*;

rule! {
    "TL0407" "record-result" Warn;
    "A function returns `record`";
    why "Only the caller can say which columns there are: `SELECT … FROM f() AS (a int)`. An API cannot, and types of the result cannot be generated.";
    mend "return `table (…)`";
    claims ["a_record_needs_a_column_list"];
    bad Sql r#"create function public.f() returns record language sql security definer set search_path = pg_catalog, pg_temp as 'select 1, 2';
revoke all on function public.f() from public;"#;
    good Sql r#"create function public.f() returns table (a int, b int) language sql security definer set search_path = pg_catalog, pg_temp as 'select 1, 2';
revoke all on function public.f() from public;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, function) in &context.functions {
        if matches!(&function.returns, Returns::Type(ty) | Returns::SetOf(ty) if ty == "record") {
            findings.add(id, format!("`{}` returns `record`", function.signature()));
        }
    }
}
