//! Tables as TOML: defaults left out, keys and checks of one column with the column.

use std::collections::BTreeMap;

use super::access;
use super::file::File;
use super::literals;
use super::state::State;
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::kinds::column::{Column, Identity};
use crate::kinds::constraint::foreign_key::{Action, ForeignKey};
use crate::kinds::index::{Index, Key, Method, Nulls};
use crate::kinds::policy::Policy;
use crate::kinds::table::Table;
use crate::kinds::trigger::{ForEach, Trigger};
use crate::names::generated_name;
use crate::spec::toml::{key, string, strings, text};

/// The objects of the Catalog that are parts of each table, in their order.
pub type Parts<'c> = BTreeMap<&'c QualifiedName, Vec<(usize, &'c Object)>>;

/// Groups the modelled parts by table.
pub fn parts<'c>(state: &State<'c>) -> Parts<'c> {
    let mut parts: Parts<'c> = BTreeMap::new();
    for kind in [Kind::PrimaryKey, Kind::Unique, Kind::Check, Kind::ForeignKey, Kind::Index, Kind::Trigger, Kind::Policy] {
        for (place, object) in state.modelled(kind) {
            let table = match object {
                Object::PrimaryKey(key) => &key.table,
                Object::Unique(key) => &key.table,
                Object::Check(check) => &check.table,
                Object::ForeignKey(key) => &key.table,
                Object::Index(index) => &index.table,
                Object::Trigger(trigger) => &trigger.table,
                Object::Policy(policy) => &policy.table,
                _ => continue,
            };
            parts.entry(table).or_default().push((place, object));
        }
    }
    parts
}

/// The columns of each table, in their order.
pub fn columns(catalog: &Catalog) -> BTreeMap<&QualifiedName, Vec<&Column>> {
    let mut columns: BTreeMap<&QualifiedName, Vec<&Column>> = BTreeMap::new();
    for object in catalog.objects() {
        if let Object::Column(column) = object {
            columns.entry(&column.table).or_default().push(column);
        }
    }
    columns.values_mut().for_each(|list| list.sort_by_key(|column| column.position));
    columns
}

/// A reference: bare where it is in the module's schema.
pub fn reference(name: &QualifiedName, schema: &str) -> String {
    if *name.schema == *schema { crate::sql::identifier::quote(&name.name).into_owned() } else { name.to_string() }
}

/// What is said with a column of its own: keys of its line, and the objects that they are about.
type Extra = (Vec<(&'static str, String)>, Vec<usize>);

/// Everything about the tables of a spec.
pub struct Tables<'s, 'c> {
    pub state: &'s State<'c>,
    pub parts: &'s Parts<'c>,
    pub columns: &'s BTreeMap<&'c QualifiedName, Vec<&'c Column>>,
    pub primary_keys: &'s BTreeMap<&'c QualifiedName, &'c [String]>,
    pub comments: &'s BTreeMap<&'c Id, &'c str>,
    /// Defaults by table and column, as places of the inventory.
    pub defaults: &'s BTreeMap<(usize, String), usize>,
}

impl<'c> Tables<'_, 'c> {
    fn comment(&self, id: &Id) -> Option<(&'static str, String)> {
        self.comments.get(id).map(|comment| ("comment", text(comment)))
    }

    /// A column as it is written, without what its table adds.
    fn column(&self, column: &Column, table: usize, extra: &[(&'static str, String)]) -> String {
        let mut keys: Vec<(&str, String)> = vec![("type", string(&self.state.written_type(&column.data_type)))];
        if !column.not_null {
            keys.push(("nullable", "true".to_owned()));
        }
        let raw_default =
            self.defaults.get(&(table, column.name.clone())).is_some_and(|place| self.state.sorts[*place] != super::state::Sort::Modelled);
        if let Some(default) = column.default.as_ref().filter(|_| !raw_default) {
            keys.push(("default", literals::default(default.text(), &column.data_type, self.state.catalog)));
        }
        if let Some(identity) = column.identity {
            keys.push(("identity", string(if identity == Identity::Always { "always" } else { "by_default" })));
        }
        if let Some(generated) = &column.generated {
            keys.push(("generated", text(generated.text())));
        }
        keys.extend(extra.iter().cloned());
        if let Some(collation) = &column.collation {
            keys.push(("collation", string(collation)));
        }
        // In one line with the others.
        keys.extend(self.comments.get(&Id::part(Kind::Column, &column.table, &column.name)).map(|comment| ("comment", string(comment))));
        match keys.as_slice() {
            [(_, only)] => only.clone(),
            keys => format!("{{ {} }}", keys.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join(", ")),
        }
    }

    /// Writes a table.
    pub fn write(&self, place: usize, table: &'c Table, schema: &str, file: &mut File) {
        let name: &str = &table.name.name;
        let id = Id::of(Kind::Table, &table.name);
        let empty = Vec::new();
        let all = self.parts.get(&table.name).unwrap_or(&empty);
        let columns = self.columns.get(&table.name).map(Vec::as_slice).unwrap_or_default();
        file.about(place, |file| {
            file.head(&["table", name]);
            let mut keys: Vec<(&str, String)> = self.comment(&id).into_iter().collect();
            if *table.name.schema != *schema {
                keys.push(("schema", string(&table.name.schema)));
            }
            if table.unlogged {
                keys.push(("unlogged", "true".to_owned()));
            }
            for (_, object) in all {
                if let Object::PrimaryKey(primary) = object {
                    keys.push(("primary_key", strings(&primary.columns)));
                    if primary.name != generated_name(&[name, "pkey"]) {
                        keys.push(("primary_key_name", string(&primary.name)));
                    }
                }
            }
            if table.force_row_level_security && table.row_level_security {
                keys.push(("force_row_level_security", "true".to_owned()));
            }
            let privileges = access::split(self.state.inventory, &self.state.item(place).key, Kind::Table, true);
            keys.extend(privileges.access().map(|access| ("access", access)));
            file.keys(&keys);
            // What is said with a column of its own.
            let mut extras: BTreeMap<&str, Extra> = BTreeMap::new();
            let mut rest = Vec::new();
            for (part, object) in all {
                match self.with_column(object, schema) {
                    Some((column, said))
                        if !extras.get(column).is_some_and(|(keys, _)| keys.iter().any(|(key, _)| said.iter().any(|(other, _)| key == other))) =>
                    {
                        let extra = extras.entry(column).or_default();
                        extra.0.extend(said);
                        extra.1.push(*part);
                    }
                    _ => rest.push((*part, *object)),
                }
            }
            file.head(&["table", name, "columns"]);
            let width = columns.iter().map(|column| key(&column.name).len()).max().unwrap_or_default();
            for column in columns {
                let (extra, about) = extras.get(column.name.as_str()).cloned().unwrap_or_default();
                let line = format!("{:width$} = {}", key(&column.name), self.column(column, place, &extra));
                let default =
                    self.defaults.get(&(place, column.name.clone())).filter(|default| self.state.sorts[**default] == super::state::Sort::Modelled);
                let start = file.text.len();
                file.line(&line);
                let range = start..file.text.len();
                // The first of them is given up first.
                file.parts.extend(about.into_iter().chain(default.copied()).map(|about| (range.clone(), about)));
            }
            for (part, object) in rest {
                file.about(part, |file| self.part(name, object, schema, file));
            }
        });
    }

    /// Keys and checks of one column under the names that the compiler gives them.
    fn with_column<'o>(&self, object: &'o Object, schema: &str) -> Option<(&'o str, Vec<(&'static str, String)>)> {
        if self.comments.contains_key(&object.id()) {
            return None;
        }
        match object {
            Object::Unique(unique) if unique.include.is_empty() && !unique.nulls_not_distinct => {
                let [column] = unique.columns.as_slice() else { return None };
                (unique.name == generated_name(&[&unique.table.name, column, "key"])).then(|| (column.as_str(), vec![("unique", "true".to_owned())]))
            }
            Object::ForeignKey(foreign) => {
                let [column] = foreign.columns.as_slice() else { return None };
                let to_primary = self.primary_keys.get(&foreign.references).is_some_and(|primary| *primary == foreign.referenced_columns.as_slice());
                if !to_primary || foreign.name != generated_name(&[&foreign.table.name, column, "fkey"]) {
                    return None;
                }
                let mut keys = vec![("references", string(&reference(&foreign.references, schema)))];
                keys.extend(actions(foreign));
                Some((column, keys))
            }
            Object::Check(check) => {
                let (column, values) = literals::one_of(check.expression.text())?;
                let columns = self.columns.get(&check.table)?;
                let column = columns.iter().find(|known| known.name == column && known.data_type == "text")?;
                // The column of the Catalog lives as long as the check does not: it is found again by its name.
                let name = &column.name;
                if check.name != generated_name(&[&check.table.name, name, "check"]) {
                    return None;
                }
                Some((object_column(check.expression.text(), name)?, vec![("one_of", strings(values))]))
            }
            _ => None,
        }
    }

    fn part(&self, table: &str, object: &Object, schema: &str, file: &mut File) {
        let comment = self.comment(&object.id());
        let sql = |expression: &crate::catalog::Expression| text(expression.text());
        let (section, name, mut keys): (&str, &str, Vec<(&str, String)>) = match object {
            Object::Unique(unique) => {
                let mut keys = vec![("columns", strings(&unique.columns))];
                keys.extend((!unique.include.is_empty()).then(|| ("include", strings(&unique.include))));
                keys.extend(unique.nulls_not_distinct.then(|| ("nulls_not_distinct", "true".to_owned())));
                ("unique", &unique.name, keys)
            }
            Object::Check(check) => ("check", &check.name, vec![("check", sql(&check.expression))]),
            Object::ForeignKey(foreign) => {
                let mut keys = vec![("columns", strings(&foreign.columns)), ("references", string(&reference(&foreign.references, schema)))];
                let to_primary = self.primary_keys.get(&foreign.references).is_some_and(|primary| *primary == foreign.referenced_columns.as_slice());
                keys.extend((!to_primary).then(|| ("referenced_columns", strings(&foreign.referenced_columns))));
                keys.extend(actions(foreign));
                ("foreign_key", &foreign.name, keys)
            }
            Object::Index(index) => ("index", &index.name, self.index(index)),
            Object::Trigger(trigger) => ("trigger", &trigger.name, self.trigger(trigger, schema)),
            Object::Policy(policy) => ("policy", &policy.name, self.policy(policy)),
            _ => return,
        };
        keys.extend(comment);
        file.head(&["table", table, section, name]);
        file.keys(&keys);
    }

    fn index(&self, index: &Index) -> Vec<(&'static str, String)> {
        let elements = index.elements.iter().map(|element| {
            let plain = !element.descending && element.nulls.is_none() && element.operator_class.is_none();
            let mut keys = vec![match &element.key {
                Key::Column(column) if plain => return string(column),
                Key::Column(column) => ("column", string(column)),
                // `pg_get_indexdef` puts what is no call in parentheses, and so does the compiler.
                Key::Expression(expression) => ("expression", string(literals::without_parentheses(expression.text()))),
            }];
            keys.extend(element.operator_class.as_ref().map(|class| ("operator_class", string(class))));
            keys.extend(element.descending.then(|| ("descending", "true".to_owned())));
            keys.extend(element.nulls.map(|nulls| ("nulls", string(if nulls == Nulls::First { "first" } else { "last" }))));
            format!("{{ {} }}", keys.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join(", "))
        });
        let mut keys = vec![("columns", format!("[{}]", elements.collect::<Vec<_>>().join(", ")))];
        keys.extend(index.unique.then(|| ("unique", "true".to_owned())));
        keys.extend(index.nulls_not_distinct.then(|| ("nulls_not_distinct", "true".to_owned())));
        keys.extend((index.method != Method::Btree).then(|| ("method", string(index.method.label()))));
        keys.extend((!index.include.is_empty()).then(|| ("include", strings(&index.include))));
        keys.extend(index.predicate.as_ref().map(|predicate| ("where", text(predicate.text()))));
        keys
    }

    fn trigger(&self, trigger: &Trigger, schema: &str) -> Vec<(&'static str, String)> {
        let mut keys = vec![("when", string(trigger.when.label())), ("events", strings(trigger.events.iter().map(|event| event.label())))];
        keys.extend((!trigger.update_of.is_empty()).then(|| ("update_of", strings(&trigger.update_of))));
        keys.extend((trigger.for_each == ForEach::Statement).then(|| ("for_each", string("statement"))));
        keys.extend(trigger.condition.as_ref().map(|condition| ("condition", text(literals::without_parentheses(condition.text())))));
        keys.push(("function", string(&reference(&trigger.function, schema))));
        keys.extend((!trigger.arguments.is_empty()).then(|| ("arguments", strings(&trigger.arguments))));
        keys
    }

    fn policy(&self, policy: &Policy) -> Vec<(&'static str, String)> {
        let mut keys = vec![("command", string(policy.command.label())), ("to", access::role_list(&policy.roles))];
        keys.extend((!policy.permissive).then(|| ("restrictive", "true".to_owned())));
        keys.extend(policy.using.as_ref().map(|using| ("using", text(using.text()))));
        keys.extend(policy.check.as_ref().map(|check| ("check", text(check.text()))));
        keys
    }
}

/// The name of the column as the text of its check has it, which lives as long as the check.
fn object_column<'t>(check: &'t str, name: &str) -> Option<&'t str> {
    let start = check.find(name)?;
    check.get(start..start + name.len())
}

fn actions(foreign: &ForeignKey) -> Vec<(&'static str, String)> {
    let events = [("on_delete", foreign.on_delete), ("on_update", foreign.on_update)];
    events.into_iter().filter(|(_, action)| *action != Action::NoAction).map(|(event, action)| (event, string(action.label()))).collect()
}
