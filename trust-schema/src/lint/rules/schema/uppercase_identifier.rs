//! `uppercase-identifier`

use crate::lint::rules::shared::*;

rule! {
    "TL0520" "uppercase-identifier" Warn;
    "A name has capital letters";
    why "PostgreSQL folds names without quotes to small letters: the object is found only where every statement quotes it.";
    mend "use small letters and `_`";
    claims ["names_without_quotes_are_folded"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
madeAt = "timestamptz"
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = "timestamptz"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let capital = |name: &str| name.chars().any(|character| character.is_ascii_uppercase());
    for view in &context.tables {
        if capital(&view.table.name.name) {
            findings.add(view.id, format!("table `{}` has capital letters", view.table.name));
        }
        for column in view.columns.iter().filter(|column| capital(&column.name)) {
            let id = Id::part(Kind::Column, &view.table.name, &column.name);
            findings.add(&id, format!("column `{}` of `{}` has capital letters", column.name, view.table.name));
        }
    }
    for (id, function) in context.functions.iter().filter(|(_, function)| capital(&function.name.name)) {
        findings.add(id, format!("function `{}` has capital letters", function.signature()));
    }
}
