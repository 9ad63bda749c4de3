//! `case-twins`

use crate::lint::rules::shared::*;

rule! {
    "TL0803" "case-twins" Error;
    "Two names differ in their case only";
    why "PostgreSQL tells them apart where they are quoted, and folds them to one where they are not: a statement without quotes means the other one.";
    mend "rename one of them";
    claims ["names_without_quotes_are_folded"];
    bad Sql r#"create table public.items (item_id uuid primary key);
create table public."Items" (item_id uuid primary key);"#;
    good Sql r#"create table public.items (item_id uuid primary key);"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut known: std::collections::BTreeMap<(&str, String), &QualifiedName> = std::collections::BTreeMap::new();
    for view in &context.tables {
        let name = &view.table.name;
        let first = *known.entry((&name.schema, name.name.to_lowercase())).or_insert(name);
        if first != name {
            findings.add(view.id, format!("`{}` and `{}` differ in their case only", first, name));
        }
    }
}
