//! `no-primary-key`

use crate::lint::rules::shared::*;

rule! {
    "TL0501" "no-primary-key" Warn;
    "A table has no primary key";
    why "Two equal rows cannot be told apart, so neither changed nor deleted one by one, and logical replication refuses UPDATE and DELETE.";
    mend "declare `primary_key`"
    in sql "declare a primary key";
    claims ["equal_rows_cannot_be_told_apart"];
    bad Spec r#"[table.log]
columns = { message = "text" }
"#;
    good Spec r#"[table.log]
primary_key = ["entry_id"]
columns = { entry_id = "uuid", message = "text" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in context.tables.iter().filter(|view| view.primary_key.is_none()) {
        findings.add(view.id, format!("`{}` has no primary key", view.table.name));
    }
}
