//! `pending-reads-time-zone`

use crate::lint::rules::shared::*;

rule! {
    "TL1005" "pending-reads-time-zone" Warn;
    "What a pending migration makes of a time depends on who runs it";
    why "From `timestamp` to `timestamptz` and back PostgreSQL reads each value in the time zone of the session: another setting gives other moments.";
    mend "say it with `using`: `size at time zone 'UTC'`";
    claims ["a_timestamp_is_converted_in_the_time_zone_of_the_session"];
    bad Pending r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = "timestamp"

# Released. Now:
[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = "timestamptz"
"#;
    good Pending r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = "timestamp"

# Released. Now:
[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = { type = "timestamptz", using = "made_at at time zone 'UTC'" }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(pending) = context.surroundings.pending else { return };
    let before = pending.evolution.renamed.as_ref().unwrap_or(&pending.released.release.catalog);
    for step in pending.evolution.steps() {
        let (Some(Object::Column(old)), Some(Object::Column(new))) = (before.get(&step.id), context.catalog.get(&step.id)) else { continue };
        let is_moment = |data_type: &str| data_type.starts_with("timestamp") && data_type.ends_with("with time zone");
        let is_time = |data_type: &str| data_type.starts_with("timestamp");
        let converts = is_time(&old.data_type) && is_time(&new.data_type) && is_moment(&old.data_type) != is_moment(&new.data_type);
        // `AT TIME ZONE` takes part in it where somebody has thought of it.
        let says_how = |sql: &str| sql.to_ascii_lowercase().contains("time zone '");
        if converts && step.statements.iter().any(|statement| statement.sql.contains(" TYPE ") && !says_how(&statement.sql)) {
            findings.add(&step.id, format!("{} is read in the time zone of whoever runs the migration", step.id));
        }
    }
}
