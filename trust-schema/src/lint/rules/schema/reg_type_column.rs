//! `reg-type-column`

use crate::lint::rules::shared::*;

rule! {
    "TL0521" "reg-type-column" Warn;
    "A column holds an object identifier of PostgreSQL";
    why "`regclass` and its like store a number that another server does not have: dump and restore keep it by name, `pg_upgrade` refuses the database.";
    mend "store the name as text";
    claims ["reg_types_store_numbers"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
target = "regprocedure"
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
target = "text"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in &view.columns {
            if matches!(column.data_type.as_str(), "regclass" | "regproc" | "regprocedure" | "regoper" | "regoperator" | "regconfig" | "regdictionary" | "regnamespace" | "regcollation" | "oid") {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.add(&id, format!("column `{}` of `{}` holds an object identifier", column.name, view.table.name));
            }
        }
    }
}
