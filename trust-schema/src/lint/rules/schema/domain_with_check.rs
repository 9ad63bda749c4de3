//! `domain-with-check`

use crate::lint::rules::shared::*;

rule! {
    "TL0524" "domain-with-check" Allow;
    "A column is of a domain with a check";
    why "ADD COLUMN of such a domain rewrites the table under a lock, even without a default.";
    mend "use the base type and a check of the table, which can be added `NOT VALID`";
    claims ["adding_a_column_of_a_checked_domain_rewrites"];
    bad Spec r#"[domain.positive]
type  = "integer"
check = "value > 0"

[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = "positive"
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
a = { type = "integer", check = "a > 0" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let checked: std::collections::BTreeSet<String> = context
        .catalog
        .objects()
        .filter_map(|object| match object {
            Object::Domain(domain) if !domain.checks.is_empty() => Some(domain.name.to_string()),
            _ => None,
        })
        .collect();
    for view in &context.tables {
        for column in view.columns.iter().filter(|column| checked.contains(&column.data_type)) {
            let id = Id::part(Kind::Column, &view.table.name, &column.name);
            findings.add(&id, format!("column `{}` of `{}` is of domain `{}`, which has a check", column.name, view.table.name, column.data_type));
        }
    }
}
