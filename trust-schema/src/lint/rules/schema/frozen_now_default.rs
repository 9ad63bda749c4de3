//! `frozen-now-default`

use crate::lint::rules::shared::*;

rule! {
    "TL0522" "frozen-now-default" Error;
    "A default that should be the current time is a constant";
    why "PostgreSQL turns `'now'::timestamptz` into a moment when the table is made: every row gets the same one.";
    mend "write `now()`";
    claims ["a_quoted_now_is_frozen"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = { type = "timestamptz", default = { sql = "'now'::timestamptz" } }
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = { type = "timestamptz", default = { sql = "now()" } }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in &view.columns {
            if column.default.as_ref().is_some_and(|default| is_frozen(default.text())) {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.add(&id, format!("the default of column `{}` of `{}` is one moment", column.name, view.table.name));
            }
        }
    }
}

fn is_frozen(default: &str) -> bool {
    let text = default.trim().to_lowercase();
    ["'now'", "'today'", "'tomorrow'", "'yesterday'"].iter().any(|word| text.starts_with(word))
}
