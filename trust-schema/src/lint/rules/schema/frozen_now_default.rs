//! `frozen-now-default`

use crate::lint::rules::shared::*;

rule! {
    "TL0522" "frozen-now-default" Error;
    "A default that should be the current time is a constant";
    why "PostgreSQL turns `'now'::timestamptz` into a moment when the table is made: every row gets the same one.";
    mend "write `now()`", fixed;
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
                let edit = Edit::Rewrite { object: id.clone(), keys: &["default.sql"], rewrite: Rewrite::Each(rewrite::thaw_now) };
                findings.mendable(&id, format!("the default of column `{}` of `{}` is one moment", column.name, view.table.name), [edit]);
            }
        }
    }
}

fn is_frozen(default: &str) -> bool {
    let text = default.trim().to_lowercase();
    let words = ["'now'", "'today'", "'tomorrow'", "'yesterday'"];
    // A text that is cast later is read anew each time. What PostgreSQL has made a constant of has its fraction of a second.
    let word = words.iter().any(|word| text.starts_with(word)) && !text.contains("::text");
    let moment = text.starts_with('\'') && text.split('.').nth(1).is_some_and(|rest| rest.bytes().take_while(u8::is_ascii_digit).count() >= 3);
    word || (moment && text.contains("::timestamp"))
}
