//! `policy-column-unindexed`

use crate::lint::rules::shared::*;

rule! {
    "TL0305" "policy-column-unindexed" Warn;
    "No index begins with the column by which a policy selects";
    why "Every query of the table reads all of its rows to find those of the caller.";
    mend "add an index that begins with the column";
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
        // Each branch of OR needs an index of its own; of the parts of AND one is enough.
        let selected = using.equalities().into_iter().filter(|(_, other)| !other.reads_row() && (other.reads_session() || !other.queries().is_empty()));
        let columns: Vec<&str> = selected.filter_map(|(side, _)| side.as_column()).collect();
        let indexed = |column: &&str| view.orders().any(|order| order.iter().take(columns.len()).any(|first| first == column));
        if !columns.is_empty() && !columns.iter().any(indexed) {
            let message = format!("no index of `{}` begins with {}, by which policy `{}` selects", view.table.name, listed(columns.iter().copied()), policy.policy.name);
            findings.add(policy.id, message);
        }
    }
}
