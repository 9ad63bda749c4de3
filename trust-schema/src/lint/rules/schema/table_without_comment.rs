//! `table-without-comment`

use crate::lint::rules::shared::*;

rule! {
    "TL0525" "table-without-comment" Allow;
    "A table has no comment";
    why "Whoever reads the database reads the comment first; generated documents and types are made of it.";
    mend "write `comment`"
    in sql "write `comment on table …`";
    claims ["comments_are_stored_with_the_object"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]
columns = { item_id = "uuid" }
"#;
    good Spec r#"[table.items]
comment = "Items."
primary_key = ["item_id"]
columns = { item_id = "uuid" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    // The table of all examples is left out of account, or no example could be good.
    for view in context.tables.iter().filter(|view| !context.catalog.contains(&Id::comment(view.id))) {
        findings.add(view.id, format!("`{}` has no comment", view.table.name));
    }
}
