//! Actions: statements with what they need, provide and remove.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::holding::{Holding, domains};
use super::mention::mentioned;
use super::moved::Moving;
use super::online::{self, Phased};
use super::rebuild::{Change, Changes, Keys, entry, is_type, key_of, keys};
use super::refusal::Refused;
use super::seeds::{Seeded, rows_of};
use super::{Intent, Manner, Side, Verb, attributes, backfill};
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::kinds::ObjectKind;
use crate::kinds::alteration::{Alteration, Work};
use crate::kinds::column::Column;
use crate::kinds::function::Volatility;
use crate::plpgsql;
use crate::sql::identifier::fold;
use crate::sql::lexer::{self, TokenKind};

/// An action.
#[derive(Debug, Clone)]
pub struct Action {
    pub id: Id,
    pub verb: Verb,
    pub statements: Vec<Alteration>,
    /// In what kind of transaction it runs.
    pub phased: Phased,
    /// Objects of the new state that must be there before.
    pub needs: Vec<Id>,
    /// Objects of the old state that must still be there.
    pub still: Vec<Id>,
    /// What is of the new state once it is done.
    pub provides: Vec<Id>,
    /// What is of the old state no more.
    pub removes: Vec<Id>,
    /// The action, by its number, whose transaction must have ended before.
    pub behind: Option<usize>,
    /// Whether everything else waits for it.
    pub comes_first: bool,
    /// What it makes for a while, and the action, by its number, that ends it.
    pub meanwhile: Vec<(Object, usize)>,
    /// Of a column: its table and its place there, in which PostgreSQL adds one behind the other.
    pub place: Option<(QualifiedName, u32)>,
}

impl Action {
    pub fn new(id: &Id, verb: Verb, statements: Vec<Alteration>) -> Action {
        Action {
            id: id.clone(),
            verb,
            statements,
            phased: Phased::Transaction,
            needs: Vec::new(),
            still: Vec::new(),
            provides: Vec::new(),
            removes: Vec::new(),
            behind: None,
            comes_first: false,
            meanwhile: Vec::new(),
            place: None,
        }
    }
}

impl Action {
    /// What goes on with the same object in a transaction behind this action, whose number is given.
    pub fn later(&self, number: usize, statements: Vec<Alteration>) -> Action {
        Action { behind: Some(number), ..Action::new(&self.id, Verb::Alter, statements) }
    }
}

pub(super) struct Making<'m, 'c> {
    pub changes: &'m Changes<'c>,
    pub intent: &'m Intent,
    pub before: Side<'c>,
    pub after: Side<'c>,
    pub old_keys: Keys<'c>,
    pub new_keys: Keys<'c>,
    /// Tables that this migration makes: nobody uses them, and they hold no rows.
    fresh: FxHashSet<&'c Id>,
    pub actions: Vec<Action>,
    pub refused: Vec<Refused>,
    /// Asked for where rows of seeds change.
    pub old_seeds: OnceCell<Seeded<'c>>,
    pub new_seeds: OnceCell<Seeded<'c>>,
}

/// The actions of all changes, and the columns whose values they would not carry along.
pub fn actions(changes: &Changes<'_>, before: Side<'_>, after: Side<'_>, intent: &Intent, manner: Manner) -> (Vec<Action>, Vec<Refused>) {
    let changes_types = changes.by_id.iter().any(|(id, change)| is_type(id.kind()) && matches!(change, Change::Alter(_) | Change::Replace));
    let holding = if changes_types { Holding::new(after.catalog) } else { Holding::default() };
    let moving = Moving::new(changes, &holding, before.catalog, after.catalog, &intent.values);
    let mut making = Making {
        changes,
        intent,
        before,
        after,
        old_keys: keys(before.catalog),
        new_keys: keys(after.catalog),
        fresh: fresh_tables(changes),
        actions: Vec::with_capacity(changes.by_id.len()),
        refused: Vec::new(),
        old_seeds: OnceCell::new(),
        new_seeds: OnceCell::new(),
    };
    for (id, change) in &changes.by_id {
        match change {
            Change::Create => making.create(id),
            Change::Drop => making.drop(id),
            Change::Alter(statements) => making.alter(id, statements.clone()),
            Change::Rebuild => {
                making.drop(id);
                making.create(id);
            }
            Change::Replace => making.replace(id, &moving),
            Change::Detach => making.detach(id),
        }
    }
    making.attributes_without_values(&holding);
    let Making { fresh, mut actions, refused, .. } = making;
    attributes::hold(&mut actions, before.catalog, after.catalog, intent);
    if manner == Manner::Online {
        online::spread(&mut actions, after, &fresh);
    }
    backfill::spread(&mut actions, intent, after.context, manner);
    unusable_values(&mut actions);
    for action in &mut actions {
        if let Some(Object::Column(column)) = after.catalog.get(&action.id) {
            action.place = Some((column.table.clone(), column.position));
        }
    }
    (actions, refused)
}

fn fresh_tables<'c>(changes: &Changes<'c>) -> FxHashSet<&'c Id> {
    let made = changes.by_id.iter().filter(|(id, change)| id.kind() == Kind::Table && matches!(change, Change::Create | Change::Rebuild));
    made.map(|(id, _)| *id).collect()
}

impl Making<'_, '_> {
    pub fn is(&self, id: &Id, test: impl Fn(&Change) -> bool) -> bool {
        self.changes.by_id.get(id).is_some_and(test)
    }

    pub fn needs(&self, id: &Id, side: Side<'_>, keys: &Keys<'_>) -> Vec<Id> {
        let Some(entry) = entry(side.catalog, id) else { return Vec::new() };
        let mut needs = entry.object.parents();
        needs.extend(entry.needs.iter().cloned());
        needs.extend(key_of(&entry.object, keys));
        needs.extend(mentioned(entry, &self.changes.touched));
        if let Object::ForeignKey(key) = &entry.object {
            // With a type that is made anew its columns change.
            let types = key.pairs().flatten().flat_map(|column| side.catalog.needs(&column).cloned().collect::<Vec<_>>());
            needs.extend(types.filter(|need| is_type(need.kind()) && self.is(need, |change| matches!(change, Change::Replace))));
        }
        if let Object::Column(column) = &entry.object
            && let Some(sequence) = &column.identity_sequence
        {
            needs.push(Id::of(Kind::Sequence, sequence));
        }
        needs
    }

    /// Whether a part comes with its table's CREATE.
    fn is_inline(&self, id: &Id, object: &Object) -> bool {
        let parents = object.parents();
        let table = parents
            .first()
            .filter(|table| table.kind() == Kind::Table && self.is(table, |change| matches!(change, Change::Create | Change::Rebuild)));
        table.is_some_and(|table| self.after.context.inline.get(table).is_some_and(|inline| inline.contains(id)))
    }

    pub fn create(&mut self, id: &Id) {
        let Some(object) = self.after.catalog.get(id) else { return };
        if self.is_inline(id, object) {
            return;
        }
        let mut statements = Alteration::replace(object.create(self.after.context));
        if let (Object::Column(column), Some(first)) = (object, statements.first_mut())
            && self.fills_rows(column)
        {
            first.work = Work::Rewrite;
        }
        if let Some(first) = statements.first_mut().filter(|_| self.reads_rows(object)) {
            first.work = Work::Scan;
        }
        let mut action = Action::new(id, Verb::Create, statements);
        action.needs = self.needs(id, self.after, &self.new_keys);
        action.needs.extend(self.seeds_before(object));
        action.provides.push(id.clone());
        if let (Object::Column(column), Some(value)) = (object, self.intent.backfills.get(id)) {
            let (needs, still) = backfill::named(value, column, self.before.catalog, self.after.catalog);
            action.needs.extend(needs);
            action.still.extend(still);
        }
        if let Some(inline) = self.after.context.inline.get(id).filter(|_| id.kind() == Kind::Table) {
            let inner: Vec<Id> = inline.iter().flat_map(|part| self.needs(part, self.after, &self.new_keys)).filter(|need| need != id).collect();
            action.needs.extend(inner.into_iter().filter(|need| !inline.contains(need)));
            action.provides.extend(inline.iter().cloned());
        }
        self.actions.push(action);
    }

    /// Whether a new column has a value of its own in every row, so that all are written anew (PostgreSQL: ALTER TABLE, notes).
    fn fills_rows(&self, column: &Column) -> bool {
        let id = column.id();
        let needed = self.after.catalog.needs(&id).filter_map(|need| self.after.catalog.get(need)).any(|object| match object {
            Object::Function(function) => function.volatility == Volatility::Volatile && column.default.is_some(),
            _ => false,
        });
        let is_volatile = |text: &str| {
            let asks = |token: &lexer::Token| token.kind == TokenKind::Word && plpgsql::is_volatile(&fold(token.text(text)));
            lexer::lex(text).tokens.iter().any(asks)
        };
        column.generated.is_some()
            || column.identity.is_some()
            || needed
            || is_checked(column, &id, self.after.catalog)
            || column.default.as_ref().is_some_and(|default| is_volatile(default.text()))
    }

    /// Whether what is made is built from, or checked against, rows that there are.
    fn reads_rows(&self, object: &Object) -> bool {
        let reads = matches!(object, Object::Index(_) | Object::PrimaryKey(_) | Object::Unique(_) | Object::Check(_) | Object::ForeignKey(_));
        let table = object.part_of_table().map(|(table, _)| Id::of(Kind::Table, table));
        reads && table.is_some_and(|table| !self.fresh.contains(&table))
    }

    /// Whether an object is dropped with the one that it belongs to.
    fn goes_with_another(&self, id: &Id, object: &Object) -> bool {
        let is_gone = |owner: &Id| self.is(owner, |change| matches!(change, Change::Drop | Change::Rebuild | Change::Replace));
        let owners = object.parents();
        match object {
            // Tables that refer to each other could not be dropped one after the other.
            Object::ForeignKey(key) => key.references == key.table && owners.iter().any(is_gone),
            Object::Grant(_) | Object::Comment(_) => owners.iter().any(is_gone),
            _ => id.kind() != Kind::Table && owners.iter().any(|owner| owner.kind() == Kind::Table && is_gone(owner)),
        }
    }

    fn drop(&mut self, id: &Id) {
        let Some(object) = self.before.catalog.get(id) else { return };
        if self.goes_with_another(id, object) {
            return;
        }
        let loses = matches!(object, Object::Table(_) | Object::Seed(_)) || matches!(object, Object::Column(column) if column.generated.is_none());
        let statements = object.drop(self.before.context);
        let statements = statements.into_iter().map(if loses { Alteration::loss } else { Alteration::catalog });
        let mut action = Action::new(id, Verb::Drop, statements.collect());
        action.still = self.needs(id, self.before, &self.old_keys);
        action.removes.push(id.clone());
        if let Object::Seed(seed) = object {
            action.removes.push(rows_of(id));
            action.still.extend(self.old_seeds().referred(&seed.table).into_iter().map(rows_of));
        }
        self.actions.push(action);
    }

    fn alter(&mut self, id: &Id, statements: Vec<Alteration>) {
        let is_late = |statement: &Alteration| id.kind() == Kind::Composite && statement.work == Work::Loss;
        let (late, statements): (Vec<_>, Vec<_>) = statements.into_iter().partition(is_late);
        let statements = self.rows_that_go(id, statements);
        let mut action = Action::new(id, Verb::Alter, statements);
        if !late.is_empty() {
            action.meanwhile.extend(self.drop_attributes(id, late));
        }
        action.needs = self.needs(id, self.after, &self.new_keys);
        action.needs.extend(self.after.catalog.get(id).map(|object| self.seeds_before(object)).unwrap_or_default());
        action.still = self.needs(id, self.before, &self.old_keys);
        action.provides.push(id.clone());
        // A change of type is in the way of what names the column.
        if let Some(Object::Column(column)) = self.after.catalog.get(id) {
            let touched = self.changes.touched.get(&Id::of(Kind::Table, &column.table));
            if touched.is_some_and(|columns| columns.contains(&column.name)) {
                action.removes.push(id.clone());
            }
        }
        self.actions.push(action);
    }

    fn detach(&mut self, id: &Id) {
        let Some(Object::Column(column)) = self.after.catalog.get(id) else { return };
        let mut off = Action::new(id, Verb::Alter, vec![Alteration::catalog(column.changed("DROP DEFAULT"))]);
        off.still = self.needs(id, self.before, &self.old_keys);
        self.actions.push(off);
        let mut again = Action::new(id, Verb::Alter, column.default_set().map(Alteration::catalog).into_iter().collect());
        again.needs = self.needs(id, self.after, &self.new_keys);
        again.provides.push(id.clone());
        self.actions.push(again);
    }
}

/// Whether every row is checked against a domain, or one beneath it; values within arrays are not (PostgreSQL: `DomainHasConstraints`).
fn is_checked(column: &Column, id: &Id, catalog: &Catalog) -> bool {
    let mut values = domains(catalog, &column.data_type, id).take_while(|(.., is_array)| !is_array);
    values.any(|(_, domain, _)| domain.not_null || !domain.checks.is_empty())
}

/// A value that is added to an enum cannot be used before its transaction has ended (PostgreSQL: ALTER TYPE, notes).
fn unusable_values(actions: &mut [Action]) {
    let mut added: FxHashMap<Id, (usize, Vec<String>)> = FxHashMap::default();
    for (number, action) in actions.iter().enumerate().filter(|(_, action)| action.id.kind() == Kind::Enum && action.verb == Verb::Alter) {
        let values = action.statements.iter().filter_map(|statement| {
            let (_, rest) = statement.sql.split_once(" ADD VALUE ")?;
            Some(rest.split_inclusive('\'').take(2).collect::<String>())
        });
        let values: Vec<String> = values.collect();
        if !values.is_empty() {
            added.insert(action.id.clone(), (number, values));
        }
    }
    if added.is_empty() {
        return;
    }
    for number in 0..actions.len() {
        let Some(action) = actions.get(number) else { continue };
        let behind = action.needs.iter().filter_map(|need| added.get(need)).find(|(adding, values)| {
            *adding != number && action.statements.iter().any(|statement| values.iter().any(|value| statement.sql.contains(value.as_str())))
        });
        if let (Some((adding, _)), Some(action)) = (behind.cloned(), actions.get_mut(number)) {
            action.behind = Some(adding);
        }
    }
}

/// The table that an action is about.
pub fn table_of(action: &Action, catalog: &Catalog) -> Option<Id> {
    match action.id.kind() {
        Kind::Table => Some(action.id.clone()),
        _ => catalog.get(&action.id)?.parents().into_iter().find(|parent| parent.kind() == Kind::Table),
    }
}
