//! `nullable-boolean`

use crate::lint::rules::shared::*;

rule! {
    "TL0523" "nullable-boolean" Allow;
    "A boolean may be NULL";
    why "It then has three values, and `not x` is true for one of them only: conditions lose rows.";
    mend "make it NOT NULL with a default";
    claims ["not_of_unknown_is_unknown"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
open = { type = "boolean", nullable = true }
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
open = { type = "boolean", default = false }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in &view.columns {
            if column.data_type == "boolean" && !column.not_null {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.add(&id, format!("boolean `{}` of `{}` may be NULL", column.name, view.table.name));
            }
        }
    }
}
