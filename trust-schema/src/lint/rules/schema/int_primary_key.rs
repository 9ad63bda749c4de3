//! `int-primary-key`

use crate::lint::rules::shared::*;

rule! {
    "TL0505" "int-primary-key" Warn;
    "A key that counts up is smaller than `bigint`";
    why "After 2,147,483,647 rows, deleted ones included, every insert fails; to widen the column rewrites the table under a lock.";
    mend "use `bigint` or `uuid`", fixed;
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
            let message = format!("key `{key}` of `{}` counts up in `{}`", view.table.name, column.data_type);
            // What refers to it has to be as wide.
            let referring = context.tables.iter().flat_map(|other| {
                let keys = other.foreign_keys.iter().filter(|reference| reference.references == view.table.name && reference.referenced_columns == [key.as_str()]);
                keys.flat_map(|reference| reference.columns.iter()).map(|column| Id::part(Kind::Column, &other.table.name, column))
            });
            let wide = |object: Id| Edit::Set { object, key: "type", value: "bigint".to_owned() };
            findings.mendable(&id, message, std::iter::once(id.clone()).chain(referring).map(wide));
        }
    }
}
