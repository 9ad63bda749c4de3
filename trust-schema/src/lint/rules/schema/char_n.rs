//! `char-n`

use crate::lint::rules::shared::*;

rule! {
    "TL0509" "char-n" Warn;
    "A column is `char(n)`";
    why "Values are filled up with blanks, which comparisons ignore and clients receive.";
    mend "use `text`, with a check of the length where there is one";
    claims ["char_is_filled_up_with_blanks"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
code = "char(3)"
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
code = "text"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in &view.columns {
            if column.data_type == "character" || column.data_type.starts_with("character(") || column.data_type.starts_with("char(") || column.data_type == "bpchar" {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.add(&id, format!("column `{}` of `{}` is filled up with blanks", column.name, view.table.name));
            }
        }
    }
}
