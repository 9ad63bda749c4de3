//! Tables with their parts: row-level security, policies, keys, checks, triggers.

use trust_schema::catalog::{Catalog, Id, Object};
use trust_schema::kinds::column::Column;
use trust_schema::kinds::constraint::foreign_key::Action;
use trust_schema::kinds::policy::Command;

use super::{Weaker, expression};
use crate::mutation::conditions;

pub fn weaker(catalog: &Catalog, id: &Id, object: &Object, mutants: &mut Vec<Weaker>) {
    match object {
        Object::Table(table) => {
            let mut disabled = table.clone();
            disabled.row_level_security = false;
            mutants.push(Weaker::changed("row-level security disabled", id, Object::Table(disabled)));
            let mut unforced = table.clone();
            unforced.force_row_level_security = false;
            mutants.push(Weaker::changed("row-level security not forced", id, Object::Table(unforced)));
        }
        Object::Policy(policy) => {
            let mut open = policy.clone();
            open.using = open.using.and(expression("true"));
            open.check = open.check.and(expression("true"));
            mutants.push(Weaker::changed("policy always true", id, Object::Policy(open)));
            let mut wide = policy.clone();
            wide.roles = vec!["public".to_owned()];
            mutants.push(Weaker::changed("policy for PUBLIC", id, Object::Policy(wide)));
            if !policy.permissive {
                let mut permissive = policy.clone();
                permissive.permissive = true;
                mutants.push(Weaker::changed("restrictive made permissive", id, Object::Policy(permissive)));
                mutants.push(Weaker::dropped("dropped restrictive policy", id));
            }
            if policy.command != Command::All {
                let mut all = policy.clone();
                all.command = Command::All;
                mutants.push(Weaker::changed("policy for all commands", id, Object::Policy(all)));
            }
            if policy.check.is_some() && policy.using.is_some() {
                let mut open = policy.clone();
                open.check = None;
                mutants.push(Weaker::changed("dropped with check", id, Object::Policy(open)));
            }
            for is_using in [true, false] {
                let Some(text) = (if is_using { &policy.using } else { &policy.check }).as_ref() else { continue };
                for edit in conditions::edits(text.text()) {
                    let mut other = policy.clone();
                    *(if is_using { &mut other.using } else { &mut other.check }) = expression(&edit.apply(text.text()));
                    mutants.push(Weaker::changed(edit.operator, id, Object::Policy(other)));
                }
            }
        }
        Object::ForeignKey(key) => {
            mutants.push(Weaker::dropped("dropped foreign key", id));
            for action in [Action::NoAction, Action::Cascade, Action::SetNull] {
                let mut other = key.clone();
                other.on_delete = action;
                mutants.push(Weaker::changed("changed action of a key", id, Object::ForeignKey(other)));
            }
        }
        Object::Column(column) if column.not_null && !is_in_primary_key(catalog, column) => {
            let mut nullable = column.clone();
            nullable.not_null = false;
            mutants.push(Weaker::changed("dropped not null", id, Object::Column(nullable)));
        }
        Object::Index(index) if index.unique => mutants.push(Weaker::dropped("dropped uniqueness", id)),
        Object::Unique(_) => mutants.push(Weaker::dropped("dropped uniqueness", id)),
        Object::Check(check) => {
            mutants.push(Weaker::dropped("dropped check", id));
            for edit in conditions::edits(check.expression.text()) {
                let mut other = check.clone();
                let Some(changed) = expression(&edit.apply(check.expression.text())) else { continue };
                other.expression = changed;
                mutants.push(Weaker::changed(edit.operator, id, Object::Check(other)));
            }
        }
        Object::Trigger(_) => mutants.push(Weaker::dropped("dropped trigger", id)),
        _ => {}
    }
}

/// What is in a primary key is not null in any case.
fn is_in_primary_key(catalog: &Catalog, column: &Column) -> bool {
    catalog.objects().any(|object| matches!(object, Object::PrimaryKey(key) if key.table == column.table && key.columns.contains(&column.name)))
}
