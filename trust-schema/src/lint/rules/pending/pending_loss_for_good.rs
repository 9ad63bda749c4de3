//! `pending-loss-for-good`

use crate::lint::rules::shared::*;
use crate::evolution::Hazard;

rule! {
    "TL1003" "pending-loss-for-good" Warn;
    "What a pending migration destroys or takes off values, its rollback does not bring back";
    why "`loses` says that the loss is known. The rollback makes the object again, without what was in it, and a type that held more, without what values lost.";
    mend "give `restores` a value for a column that goes, or empty it in a release before; beside a column that is to hold less put a new one with a `backfill`";
    claims ["a_dropped_column_takes_its_values_with_it"];
    bad Pending r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
size = { type = "integer", nullable = true }

# Released. Now:
[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
[release]
loses = ["column public.items.size"]
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
[release]
loses = ["column public.items.size"]
restores = [{ column = "column public.items.size", value = "0" }]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(pending) = context.surroundings.pending else { return };
    for hazard in &pending.hazards {
        match hazard {
            Hazard::Loss { object } if !pending.restored.contains(object) => {
                findings.add(object, format!("{object} is destroyed, and no rollback brings back what is in it"));
            }
            Hazard::Reduced { object, what } => findings.add(object, format!("values of {object} lose {what}, and no rollback brings that back")),
            _ => {}
        }
    }
}
