//! `pending-rewrites`

use crate::lint::rules::shared::*;
use crate::evolution::Hazard;

rule! {
    "TL1001" "pending-rewrites" Warn;
    "A pending migration writes a table anew";
    why "Every row is copied while readers and writers wait for an ACCESS EXCLUSIVE lock: with many rows that is an outage.";
    mend "add a column of the new type with a `backfill`, move readers and writers to it, and drop the old one in a later release";
    claims ["an_altered_type_writes_the_table_anew"];
    bad Pending r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
size = "integer"

# Released. Now:
[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
size = "bigint"
"#;
    good Pending r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
size = "varchar(20)"

# Released. Now:
[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
size = "varchar(40)"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for hazard in context.surroundings.pending.iter().flat_map(|pending| &pending.hazards) {
        if let Hazard::Rewrite { object } = hazard {
            findings.add(object, format!("for {object} every row is written anew, while everybody waits"));
        }
    }
}
