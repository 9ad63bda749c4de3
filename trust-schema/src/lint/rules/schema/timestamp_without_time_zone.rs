//! `timestamp-without-time-zone`

use crate::lint::rules::shared::*;

rule! {
    "TL0507" "timestamp-without-time-zone" Warn;
    "A time has no time zone";
    why "`timestamp` holds what a clock on a wall shows: which moment that is depends on the setting of whoever reads it.";
    mend "use `timestamptz`", fixed;
    claims ["a_timestamp_changes_with_the_time_zone"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = "timestamp"
"#;
    good Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = "timestamptz"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        for column in &view.columns {
            if column.data_type.starts_with("timestamp") && !column.data_type.ends_with("with time zone") || column.data_type.ends_with("without time zone") && column.data_type.starts_with("timestamp") {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.mendable(&id, format!("column `{}` of `{}` is a time without time zone", column.name, view.table.name), [Edit::Set { object: id.clone(), key: "type", value: with_time_zone(&column.data_type) }]);
            }
        }
    }
}

/// `timestamptz(3)`, of `timestamp(3) without time zone`.
fn with_time_zone(data_type: &str) -> String {
    let precision = data_type.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(digits, _)| format!("({digits})"));
    format!("timestamptz{}", precision.unwrap_or_default())
}
