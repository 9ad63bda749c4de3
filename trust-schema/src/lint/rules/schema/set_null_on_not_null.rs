//! `set-null-on-not-null`

use crate::lint::rules::shared::*;

rule! {
    "TL0514" "set-null-on-not-null" Error;
    "Deleting a row sets a column to NULL that does not allow it";
    why "ON DELETE SET NULL then makes every such DELETE fail with 23502: it is RESTRICT with a worse message.";
    mend "make the column nullable, or choose `restrict` or `cascade`";
    claims ["set_null_on_not_null_fails"];
    bad Sql r#"create table public.items (item_id uuid primary key, note_id uuid not null references public.notes on delete set null);"#;
    good Sql r#"create table public.items (item_id uuid primary key, note_id uuid references public.notes on delete set null);"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    use crate::kinds::constraint::foreign_key::Action;
    for view in &context.tables {
        for key in view.foreign_keys.iter().filter(|key| key.on_delete == Action::SetNull || key.on_update == Action::SetNull) {
            let on_delete = if key.delete_columns.is_empty() { &key.columns } else { &key.delete_columns };
            let sets = if key.on_update == Action::SetNull { &key.columns } else { on_delete };
            if let Some(column) = sets.iter().find(|column| view.is_not_null(column)) {
                let id = Id::part(Kind::ForeignKey, &view.table.name, &key.name);
                findings.add(&id, format!("foreign key `{}` of `{}` sets `{column}` to NULL, which it does not allow", key.name, view.table.name));
            }
        }
    }
}
