//! `json-type`

use crate::lint::rules::shared::*;

rule! {
    "TL0510" "json-type" Warn;
    "A column is `json`";
    why "It is stored as text: it has no equality, so that neither DISTINCT nor UNIQUE takes it, keeps double keys, and is parsed at every look.";
    mend "use `jsonb`", fixed;
    claims ["json_has_no_equality"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
payload = "json"
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
payload = "jsonb"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in &view.columns {
            if column.data_type == "json" {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.mendable(&id, format!("column `{}` of `{}` is `json`", column.name, view.table.name), [Edit::Set { object: id.clone(), key: "type", value: "jsonb".to_owned() }]);
            }
        }
    }
}
