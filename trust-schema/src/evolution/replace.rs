//! Types that are made anew: PostgreSQL cannot change them in place, and columns have them.

use super::Verb;
use super::action::{Action, Making};
use super::holding::is_of;
use super::moved::Moving;
use super::rebuild::{Change, loses_attribute};
use super::refusal::{Refused, Why};
use crate::catalog::{Id, Object, QualifiedName};
use crate::kinds::ObjectKind;
use crate::kinds::alteration::Alteration;
use crate::kinds::column::Column;
use crate::sql::identifier::{quote, with_suffix};

/// The name of a type, and what PostgreSQL calls it.
fn name_of(object: &Object) -> Option<(&QualifiedName, &'static str)> {
    match object {
        Object::Enum(one) => Some((&one.name, "TYPE")),
        Object::Domain(domain) => Some((&domain.name, "DOMAIN")),
        Object::Composite(composite) => Some((&composite.name, "TYPE")),
        _ => None,
    }
}

/// Of the old type's name beside the new one.
const SUFFIX: &str = "__before";

/// The name of the old type beside the new one.
fn aside(name: &QualifiedName) -> QualifiedName {
    QualifiedName::new(name.schema.clone(), with_suffix(&name.name, SUFFIX))
}

impl Making<'_, '_> {
    /// The old type goes once nothing has it any more: neither columns nor types that were made of it. Then goes what it was made of.
    fn drop_aside(&mut self, id: &Id, aside_name: &QualifiedName, statements: Vec<Alteration>) {
        let name = Id::of(id.kind(), aside_name);
        let mut action = Action::new(id, Verb::Alter, statements);
        action.needs.push(id.clone());
        action.provides.push(name.clone());
        action.removes.push(name);
        for need in self.before.catalog.needs(id) {
            if !self.is(need, |change| matches!(change, Change::Replace)) {
                action.still.push(need.clone());
            } else if let Some((name, _)) = self.before.catalog.get(need).and_then(name_of) {
                action.still.push(Id::of(need.kind(), &aside(name)));
            }
        }
        self.actions.push(action);
    }

    /// The old type steps aside, the new one is made, every column is moved over.
    pub fn replace(&mut self, id: &Id, moving: &Moving<'_>) {
        let Some(object) = self.after.catalog.get(id) else { return };
        let Some((name, rename)) = name_of(object) else { return };
        let aside_name = aside(name);
        let loses_attribute = self.before.catalog.get(id).is_some_and(|before| loses_attribute(before, object));
        let loses = loses_attribute || self.intent.values.contains_key(id);
        let mut statements = vec![Alteration::catalog(format!("ALTER {rename} {name} RENAME TO {};", quote(&aside_name.name)))];
        statements.extend(Alteration::replace(object.create(self.after.context)));
        for (column_id, entry) in self.after.catalog.iter().filter(|(_, entry)| entry.needs.contains(id)) {
            let (Object::Column(column), Some(Object::Column(old))) = (&entry.object, self.before.catalog.get(column_id)) else { continue };
            if !self.is(column_id, |change| matches!(change, Change::Rebuild)) {
                self.move_column(id, old, column, moving, &mut statements);
            }
        }
        let dropped = format!("DROP {rename} {aside_name};");
        let dropped = vec![if loses { Alteration::loss(dropped) } else { Alteration::catalog(dropped) }];
        let mut action = Action::new(id, Verb::Alter, statements);
        action.needs = self.needs(id, self.after, &self.new_keys);
        action.still = self.needs(id, self.before, &self.old_keys);
        action.provides.push(id.clone());
        action.removes.push(id.clone());
        // Grants on the type and its comment went with the old one.
        let is_satellite = |object: &Object| matches!(object, Object::Grant(_) | Object::Comment(_)) && object.parents().contains(id);
        let satellites = self.after.catalog.iter().filter(|(_, entry)| is_satellite(&entry.object)).map(|(id, _)| id.clone());
        let satellites: Vec<Id> =
            satellites.filter(|satellite| !self.is(satellite, |change| matches!(change, Change::Create | Change::Rebuild))).collect();
        self.actions.push(action);
        self.drop_aside(id, &aside_name, dropped);
        satellites.iter().for_each(|satellite| self.create(satellite));
    }

    /// A column that has the type, or whose default names it.
    fn move_column(&mut self, id: &Id, old: &Column, column: &Column, moving: &Moving<'_>, statements: &mut Vec<Alteration>) {
        let column_id = column.id();
        let (had, has) = (is_of(&old.data_type, id), is_of(&column.data_type, id));
        let named_it = old.default.is_some() && (had || self.before.catalog.needs(&column_id).any(|need| need == id));
        if named_it {
            statements.push(Alteration::catalog(column.changed("DROP DEFAULT")));
        }
        if had && has {
            // Its own change would come behind this one, and find the type that has stepped aside.
            let retyped = || (id.clone(), Why::Retyped { from: old.data_type.clone(), to: column.data_type.clone() });
            let value = if old.data_type == column.data_type { moving.column(column) } else { Err(retyped()) };
            match value {
                Ok(value) => {
                    let sql = column.retyped(&value);
                    statements.push(match moving.reduces(column) {
                        Some(what) => Alteration::reduce(sql, what),
                        None => Alteration::rewrite(sql),
                    });
                }
                Err((made, why)) => self.refused.push(Refused { column: column_id.clone(), made, why }),
            }
        }
        // A change of its own sets it once more, or takes it away.
        let sets = |change: &Change| {
            matches!(change, Change::Detach) || matches!(change, Change::Alter(own) if own.iter().any(|statement| statement.sql.contains(" DEFAULT")))
        };
        if named_it && !self.is(&column_id, sets) {
            statements.extend(column.default_set().map(Alteration::catalog));
        }
    }
}
