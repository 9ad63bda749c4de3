//! `reserved-word`

use crate::lint::rules::shared::*;

rule! {
    "TL0519" "reserved-word" Warn;
    "A table or column is named by a key word";
    why "It has to be quoted wherever SQL names it, and each forgotten quote is a syntax error, or means something else: `user` without quotes is the current role.";
    mend "choose another name";
    claims ["an_unquoted_key_word_means_something_else"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
user = "text"
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
user_name = "text"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    use crate::sql::keyword::{Category, find};
    let reserved = |name: &str| find(name).is_some_and(|word| matches!(word.category, Category::Reserved | Category::TypeOrFunctionName));
    for view in &context.tables {
        if reserved(&view.table.name.name) {
            findings.add(view.id, format!("table `{}` is named by a key word", view.table.name));
        }
        for column in view.columns.iter().filter(|column| reserved(&column.name)) {
            let id = Id::part(Kind::Column, &view.table.name, &column.name);
            findings.add(&id, format!("column `{}` of `{}` is named by a key word", column.name, view.table.name));
        }
    }
}
