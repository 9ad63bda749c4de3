//! `pending-blocks`

use crate::lint::rules::shared::*;
use crate::evolution::Hazard;

rule! {
    "TL1002" "pending-blocks" Warn;
    "A pending migration reads a whole table while others wait";
    why "Who writes, or everybody, waits until every row has been read. What PostgreSQL can do beside them, the compiler does; this is the rest.";
    mend "make the change in a quiet hour, or in two releases";
    claims ["validation_of_a_domain_reads_every_row_under_a_lock"];
    bad Pending r#"[domain.amount]
type = "integer"

[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
size = "amount"

# Released. Now:
[domain.amount]
type  = "integer"
check = "value > 0"

[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
size = "amount"
"#;
    good Pending r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
size = "integer"

# Released. Now:
[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
size = { type = "integer", check = "size > 0" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for hazard in context.surroundings.pending.iter().flat_map(|pending| &pending.hazards) {
        if let Hazard::Scan { object, lock } = hazard {
            findings.add(object, format!("for {object} every row is read under {}", lock.words()));
        }
    }
}
