//! `unique-with-null`

use crate::lint::rules::shared::*;

rule! {
    "TL0515" "unique-with-null" Warn;
    "A unique constraint over several columns does not hold where one of them is NULL";
    why "NULL differs from NULL, so that any number of rows may have the same values beside it.";
    mend "make the column NOT NULL, or `nulls_not_distinct = true`"
    in sql "make the column NOT NULL, or write `unique nulls not distinct`";
    claims ["unique_lets_nulls_repeat"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = "text"
b = { type = "text", nullable = true }

[table.items.unique.items_key]
columns = ["a", "b"]
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = "text"
b = { type = "text", nullable = true }

[table.items.unique.items_key]
columns = ["a", "b"]
nulls_not_distinct = true
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for key in view.unique.iter().filter(|key| key.columns.len() > 1 && !key.nulls_not_distinct) {
            if let Some(column) = key.columns.iter().find(|column| !view.is_not_null(column)) {
                let id = Id::part(Kind::Unique, &view.table.name, &key.name);
                findings.add(&id, format!("unique constraint `{}` of `{}` does not hold where `{column}` is NULL", key.name, view.table.name));
            }
        }
    }
}
