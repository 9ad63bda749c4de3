//! `unindexed-foreign-key`

use crate::lint::rules::shared::*;

rule! {
    "TL0502" "unindexed-foreign-key" Warn;
    "No index begins with the columns of a foreign key";
    why "Every DELETE and every change of the key on the other side reads the whole table, and locks what it finds meanwhile.";
    mend "add an index that begins with the columns", fixed;
    claims ["deleting_a_parent_reads_the_child_table"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
note_id = { type = "uuid", references = "notes" }
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
note_id = { type = "uuid", references = "notes" }

[table.items.index.items_note_idx]
columns = ["note_id"]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for key in &view.foreign_keys {
            let covered = |order: Vec<&str>| {
                let first: Vec<&str> = order.into_iter().take(key.columns.len()).collect();
                first.len() == key.columns.len() && key.columns.iter().all(|column| first.contains(&column.as_str()))
            };
            if !view.orders().any(covered) {
                let id = Id::part(Kind::ForeignKey, &view.table.name, &key.name);
                let message = format!("no index of `{}` begins with the columns of foreign key `{}`", view.table.name, key.name);
                findings.mendable(&id, message, [Edit::AddIndex { table: view.id.clone(), columns: key.columns.clone() }]);
            }
        }
    }
}
