//! `check-always-true`

use crate::lint::rules::shared::*;

rule! {
    "TL0516" "check-always-true" Warn;
    "A check constraint refuses nothing";
    why "Its expression is true, or for NULL unknown, for every row, and a check refuses only what is false.";
    mend "write the condition that is meant";
    claims ["a_check_that_is_unknown_passes"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = { type = "integer", nullable = true, check = "a = a" }
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = { type = "integer", nullable = true, check = "a > 0" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    use crate::lint::expression::{Assumption, tree, truth};
    for view in &context.tables {
        for check in &view.checks {
            let Some(tree) = tree(check.expression.text(), &view.table.name.name) else { continue };
            let not_null = |column: &str| view.is_not_null(column);
            if !truth(&tree, Assumption { not_null: &not_null, anonymous: false }).can_be_false() {
                let id = Id::part(Kind::Check, &view.table.name, &check.name);
                findings.add(&id, format!("check `{}` of `{}` refuses nothing", check.name, view.table.name));
            }
        }
    }
}
