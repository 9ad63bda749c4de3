//! `policy-column-unindexed`

use crate::lint::rules::shared::*;

rule! {
    "TL0305" "policy-column-unindexed" Warn;
    "No index begins with the column by which a policy selects";
    why "Every query of the table reads all of its rows to find those of the caller.";
    mend "add an index that begins with the column", fixed;
    claims ["an_index_serves_a_policy"];
    bad Spec r#"[table.drafts]
primary_key = ["draft_id"]
columns = { draft_id = "uuid", owner_id = "uuid" }
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
    for policy in context.policies.iter().filter(|policy| policy.policy.permissive && policy.is_for(Command::Select)) {
        let (Some(view), Some(using)) = (context.table_of(policy), &policy.using) else { continue };
        if context.is_closed(&view.table.name.schema) {
            continue;
        }
        // Each branch of OR needs an index of its own; of the parts of AND one is enough. What is compared with a constant may stand before.
        let fixed: Vec<(&str, &Tree)> =
            using.equalities().into_iter().filter(|(_, other)| !other.reads_row()).filter_map(|(side, other)| Some((side.as_column()?, other))).collect();
        let columns: Vec<&str> =
            fixed.iter().filter(|(_, other)| other.reads_session() || !other.queries().is_empty()).map(|(column, _)| *column).collect();
        let is_fixed = |name: &&str| fixed.iter().any(|(column, _)| column == name);
        let indexed = |column: &&str| view.orders().any(|order| order.iter().take_while(|name| is_fixed(name)).any(|name| name == column));
        if !columns.is_empty() && !columns.iter().any(indexed) {
            let message = format!("no index of `{}` begins with {}, by which policy `{}` selects", view.table.name, listed(columns.iter().copied()), policy.policy.name);
            // Of several columns, the author knows which.
            let edit = match columns.as_slice() {
                [column] => Some(Edit::AddIndex { table: view.id.clone(), columns: vec![(*column).to_owned()] }),
                _ => None,
            };
            findings.mendable(policy.id, message, edit);
        }
    }
}
