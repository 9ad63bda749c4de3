//! `pending-locks-many`

use crate::lint::rules::shared::*;
use std::collections::BTreeSet;

use crate::evolution::{Lock, lock};

rule! {
    "TL1004" "pending-locks-many" Warn;
    "A pending migration keeps everybody out of many tables at once";
    why "Each lock is held until the transaction ends: requests that come for any of the tables wait for all of it, and whoever holds one of them keeps the rest waiting.";
    mend "spread the changes over several releases";
    claims ["a_lock_is_held_until_the_transaction_ends"];
    bad Pending r#"[table.t0]
primary_key = ["id"]
columns = { id = "uuid" }

[table.t1]
primary_key = ["id"]
columns = { id = "uuid" }

[table.t2]
primary_key = ["id"]
columns = { id = "uuid" }

[table.t3]
primary_key = ["id"]
columns = { id = "uuid" }

[table.t4]
primary_key = ["id"]
columns = { id = "uuid" }

[table.t5]
primary_key = ["id"]
columns = { id = "uuid" }

[table.t6]
primary_key = ["id"]
columns = { id = "uuid" }

[table.t7]
primary_key = ["id"]
columns = { id = "uuid" }

[table.t8]
primary_key = ["id"]
columns = { id = "uuid" }

# Released. Now:
[table.t0]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }

[table.t1]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }

[table.t2]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }

[table.t3]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }

[table.t4]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }

[table.t5]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }

[table.t6]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }

[table.t7]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }

[table.t8]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }

"#;
    good Pending r#"[table.t0]
primary_key = ["id"]
columns = { id = "uuid" }

# Released. Now:
[table.t0]
primary_key = ["id"]
columns = { id = "uuid", note = { type = "text", nullable = true } }
"#;
}

/// As many tables as one request may touch.
const FEW: usize = 8;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(pending) = context.surroundings.pending else { return };
    let before = &pending.released.release.catalog;
    for part in pending.evolution.parts.iter().filter(|part| part.transactional) {
        let locked: BTreeSet<Id> = part
            .steps
            .iter()
            .filter(|step| step.statements.iter().any(|statement| lock(step, &statement.sql) == Some(Lock::AccessExclusive)))
            .filter_map(|step| {
                let object = before.get(&step.id).or_else(|| context.catalog.get(&step.id))?;
                object.parents().into_iter().chain([step.id.clone()]).find(|id| id.kind() == Kind::Table && before.contains(id))
            })
            .collect();
        if let Some(first) = locked.first().filter(|_| locked.len() > FEW) {
            findings.add(first, format!("one transaction keeps everybody out of {} tables", locked.len()));
        }
    }
}
