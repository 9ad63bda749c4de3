//! `float-money`

use crate::lint::rules::shared::*;

rule! {
    "TL0512" "float-money" Warn;
    "An amount of money is a binary fraction";
    why "`real` and `double precision` cannot hold 0.1: sums drift, and equality fails.";
    mend "use `numeric`", fixed;
    claims ["binary_fractions_are_not_decimal"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
price = "double precision"
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
price = "numeric(12,2)"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in &view.columns {
            if matches!(column.data_type.as_str(), "real" | "double precision") && has_part(&column.name, &["price", "amount", "cost", "balance", "fee", "total", "salary", "tax"]) {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.mendable(&id, format!("amount `{}` of `{}` is a binary fraction", column.name, view.table.name), [Edit::Set { object: id.clone(), key: "type", value: "numeric".to_owned() }]);
            }
        }
    }
}
