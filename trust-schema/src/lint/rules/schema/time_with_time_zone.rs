//! `time-with-time-zone`

use crate::lint::rules::shared::*;

rule! {
    "TL0508" "time-with-time-zone" Warn;
    "A column is `time with time zone`";
    why "A time of day with an offset, but without a date, belongs to no moment: offsets change over the year.";
    mend "use `timestamptz`, or `time` and the name of a zone";
    claims ["a_time_of_day_keeps_its_offset"];
    bad Spec r#"[table.items]
primary_key = ["item_id"]

[table.items.columns]
item_id = "uuid"
made_at = "timetz"
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
            if column.data_type.starts_with("time") && !column.data_type.starts_with("timestamp") && column.data_type.ends_with("with time zone") && !column.data_type.ends_with("without time zone") || column.data_type == "timetz" {
                let id = Id::part(Kind::Column, &view.table.name, &column.name);
                findings.add(&id, format!("column `{}` of `{}` is a time of day with time zone", column.name, view.table.name));
            }
        }
    }
}
