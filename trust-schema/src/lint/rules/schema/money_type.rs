//! `money-type`

use crate::lint::rules::shared::*;

rule! {
    "TL0511" "money-type" Warn;
    "A column is `money`";
    why "How it reads and prints depends on a setting of the session, the currency with it.";
    mend "use `numeric`, with the currency in a column of its own";
    claims ["money_depends_on_a_setting"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
price = "money"
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
price = "numeric(12,2)"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in &view.columns {
            if column.data_type == "money" {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.add(&id, format!("column `{}` of `{}` is `money`", column.name, view.table.name));
            }
        }
    }
}
