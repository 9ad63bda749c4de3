//! `nullable-discriminator`

use crate::lint::rules::shared::*;

rule! {
    "TL0230" "nullable-discriminator" Warn;
    "The column that says whose a row is may be NULL";
    why "A row without an owner is seen by nobody, and nobody misses it: the comparison with NULL is unknown.";
    mend "make the column NOT NULL; a row of nobody belongs into a table of its own";
    claims ["rows_of_nobody_are_seen_by_nobody"];
    bad Spec r#"[table.drafts]
primary_key = ["draft_id"]
columns = { draft_id = "uuid", owner_id = { type = "uuid", nullable = true, unique = true } }
access = { authenticated = ["select"] }

[table.drafts.policy.own]
command = "select"
to = ["authenticated"]
using = "owner_id = (select auth.uid())"
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.example]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in context.tables.iter().filter(|view| !context.is_closed(&view.table.name.schema)) {
        let columns: std::collections::BTreeSet<&str> =
            context.policies_of(view).filter(|policy| policy.policy.permissive).flat_map(|policy| caller_columns(policy)).collect();
        for column in columns.into_iter().filter(|name| view.column(name).is_some_and(|column| !column.not_null)) {
            let id = Id::part(Kind::Column, &view.table.name, column);
            findings.add(&id, format!("column `{column}` says whose a row of `{}` is, and may be NULL", view.table.name));
        }
    }
}
