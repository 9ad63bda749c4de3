//! `check-compares-with-null`

use crate::lint::rules::shared::*;

rule! {
    "TL0517" "check-compares-with-null" Warn;
    "A check constraint compares with NULL";
    why "`= null` is unknown, and a check refuses only what is false: the comparison refuses nothing.";
    mend "write `is null` or `is not null`";
    claims ["a_check_that_is_unknown_passes"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = { type = "integer", nullable = true, check = "a <> null or a > 3" }
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = { type = "integer", nullable = true, check = "a is not null" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let with_null = |part: &Tree| match part {
        Tree::Binary { operator, left, right } if matches!(operator.as_str(), "=" | "<>" | "<" | ">" | "<=" | ">=") => {
            matches!(left.core(), Tree::Null) || matches!(right.core(), Tree::Null)
        }
        _ => false,
    };
    for view in &context.tables {
        for check in &view.checks {
            if crate::lint::expression::tree(check.expression.text(), &view.table.name.name).is_some_and(|tree| tree.any(with_null)) {
                let id = Id::part(Kind::Check, &view.table.name, &check.name);
                findings.add(&id, format!("check `{}` of `{}` compares with NULL", check.name, view.table.name));
            }
        }
    }
}
