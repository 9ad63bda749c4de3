//! `serial-used`

use crate::lint::rules::shared::*;

rule! {
    "TL0506" "serial-used" Warn;
    "A column is `serial`";
    why "Its sequence is an object of its own: who may insert needs USAGE on it, and default privileges grant more. An identity column needs no privilege.";
    mend "use an identity column";
    claims ["identity_columns_need_no_privilege"];
    bad Sql r#"create table public.items (item_id bigserial primary key);"#;
    good Sql r#"create table public.items (item_id bigint generated always as identity primary key);"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in &view.columns {
            if column.identity.is_none() && column.default.as_ref().is_some_and(|default| default.text().starts_with("nextval(")) {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.add(&id, format!("column `{}` of `{}` is `serial`", column.name, view.table.name));
            }
        }
    }
}
