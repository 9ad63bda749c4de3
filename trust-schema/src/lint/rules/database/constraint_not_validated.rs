//! `constraint-not-validated`

use crate::lint::rules::shared::*;

rule! {
    "TL0911" "constraint-not-validated" Warn;
    "A constraint was never validated";
    why "It holds for new rows alone: queries and readers may not rely on it, and PostgreSQL does not. `NOT VALID` is the first of two steps.";
    mend "`ALTER TABLE … VALIDATE CONSTRAINT` in a later migration: others go on reading and writing meanwhile";
    claims ["a_constraint_that_is_not_valid_says_nothing_of_old_rows"];
    bad Sql r#"alter table public.notes add constraint body_short check (length(body) < 10) not valid;"#;
    good Sql r#"alter table public.notes add constraint body_short check (length(body) < 10) not valid;
alter table public.notes validate constraint body_short;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for constraint in &database.not_validated {
        let kind = if constraint.word == "foreign_key" { Kind::ForeignKey } else { Kind::Check };
        let id = Id::part(kind, &constraint.table, &constraint.part);
        findings.add(&id, format!("constraint `{}` of `{}` holds for new rows alone", constraint.part, constraint.table));
    }
}
