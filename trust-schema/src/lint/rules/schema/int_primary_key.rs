//! `int-primary-key`

use crate::lint::rules::shared::*;

rule! {
    "TL0505" "int-primary-key" Warn;
    "A key that counts up is smaller than `bigint`";
    why "After 2,147,483,647 rows, deleted ones included, every insert fails; to widen the column rewrites the table under a lock.";
    mend "use `bigint` or `uuid`";
    claims ["an_integer_key_ends"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = { type = "integer", identity = "always" }
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = { type = "bigint", identity = "always" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        let Some([key]) = view.primary_key.map(|key| key.columns.as_slice()) else { continue };
        let Some(column) = view.column(key) else { continue };
        let counts = column.identity.is_some() || column.default.as_ref().is_some_and(|default| default.text().contains("nextval"));
        if counts && matches!(column.data_type.as_str(), "integer" | "smallint") {
            let id = Id::part(Kind::Column, &view.table.name, key);
            findings.add(&id, format!("key `{key}` of `{}` counts up in `{}`", view.table.name, column.data_type));
        }
    }
}
