//! What a spec says of the way from its release, held against what was released.

mod members;

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::evolution::moved::columns_out_of_reach;
use crate::evolution::{Intent, Rename};
use crate::names::{Intents, ValuesIntent};
use crate::source::Span;
use crate::spec::Text;
use crate::sql::identifier::parse_reference;

/// The way there, and the way back.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    pub there: Intent,
    pub back: Intent,
}

/// Kinds whose names are of one set in a schema.
const RELATIONS: [Kind; 7] = [Kind::Table, Kind::View, Kind::Sequence, Kind::Index, Kind::Enum, Kind::Domain, Kind::Composite];

struct Resolving<'r> {
    released: &'r Catalog,
    catalog: &'r Catalog,
    diagnostics: &'r mut Vec<Diagnostic>,
    ways: Ways,
    /// New names of schemas and relations, and what they were.
    schemas: BTreeMap<String, String>,
    relations: BTreeMap<QualifiedName, QualifiedName>,
}

/// Finds what each is about.
pub fn resolve(intents: &Intents, released: &Catalog, catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) -> Ways {
    let (schemas, relations) = (BTreeMap::new(), BTreeMap::new());
    let mut resolving = Resolving { released, catalog, diagnostics, ways: Ways::default(), schemas, relations };
    let of = |kinds: &'static [Kind]| intents.renamed.iter().filter(move |(id, _)| kinds.contains(&id.kind()));
    of(&[Kind::Schema]).for_each(|(id, from)| resolving.schema(id, from));
    of(&RELATIONS).for_each(|(id, from)| resolving.relation(id, from));
    of(&[Kind::Column]).for_each(|(id, from)| resolving.column(id, from));
    of(&[Kind::Function]).for_each(|(id, from)| resolving.function(id, from));
    intents.values.iter().for_each(|values| resolving.values(values));
    intents.members.iter().for_each(|members| resolving.members(members));
    for (column, value, span) in &intents.backfills {
        resolving.backfill(column, value.clone(), *span);
    }
    for conversion in &intents.conversions {
        resolving.conversion(conversion);
    }
    resolving.ways
}

impl Resolving<'_> {
    fn schema(&mut self, id: &Id, from: &Text) {
        let Some(Object::Schema(schema)) = self.catalog.get(id) else { return };
        let old = Id::global(Kind::Schema, &from.value);
        let (new, from_name) = (schema.name.clone(), from.value.clone());
        if !self.is_possible(&old, id, std::slice::from_ref(id), from) {
            return;
        }
        self.schemas.insert(new.clone(), from_name.clone());
        self.ways.there.renames.push(Rename::Schema { from: from_name.clone(), to: new.clone() });
        self.ways.back.renames.push(Rename::Schema { from: new, to: from_name });
    }

    /// The schema that has this name now, as it was called.
    fn schema_before(&self, schema: &str) -> String {
        self.schemas.get(schema).cloned().unwrap_or_else(|| schema.to_owned())
    }

    fn before(&self, name: &QualifiedName) -> QualifiedName {
        self.relations.get(name).cloned().unwrap_or_else(|| QualifiedName::new(self.schema_before(&name.schema), name.name.clone()))
    }

    fn reference(&mut self, from: &Text, schema: &str) -> Option<QualifiedName> {
        match parse_reference(&from.value) {
            Ok((given, name)) => Some(QualifiedName::new(given.unwrap_or_else(|| self.schema_before(schema)), name)),
            Err(problem) => {
                self.diagnostics.push(Diagnostic::error(&codes::BAD_NAME, problem.message, from.span));
                None
            }
        }
    }

    fn relation(&mut self, id: &Id, from: &Text) {
        let name = match self.catalog.get(id) {
            Some(Object::Table(table)) => &table.name,
            Some(Object::View(view)) => &view.name,
            Some(Object::Sequence(sequence)) => &sequence.name,
            Some(Object::Enum(one)) => &one.name,
            Some(Object::Domain(domain)) => &domain.name,
            Some(Object::Composite(composite)) => &composite.name,
            _ => return,
        };
        let to = name.clone();
        let Some(old) = self.reference(from, &to.schema) else { return };
        let there_before = QualifiedName::new(self.schema_before(&to.schema), to.name.clone());
        let taken: Vec<Id> = RELATIONS.iter().map(|kind| Id::of(*kind, &there_before)).collect();
        if !self.is_possible(&Id::of(id.kind(), &old), id, &taken, from) {
            return;
        }
        let schema = Id::global(Kind::Schema, &to.schema);
        if self.catalog.contains(&schema) && !self.released.contains(&Id::global(Kind::Schema, &there_before.schema)) {
            let message = format!("{id} cannot move into {schema}, which is made in the same release");
            self.diagnostics.push(Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, from.span).help("release the schema first"));
            return;
        }
        self.relations.insert(to.clone(), old.clone());
        self.ways.there.renames.push(Rename::Relation { kind: id.kind(), from: old.clone(), to: to.clone() });
        self.ways.back.renames.push(Rename::Relation { kind: id.kind(), from: to, to: old });
    }

    fn column(&mut self, id: &Id, from: &Text) {
        let Some(Object::Column(column)) = self.catalog.get(id) else { return };
        let (table, to) = (column.table.clone(), column.name.clone());
        let table_before = self.before(&table);
        let taken = [Id::part(Kind::Column, &table_before, &to)];
        if !self.is_possible(&Id::part(Kind::Column, &table_before, &from.value), id, &taken, from) {
            return;
        }
        let still = Id::part(Kind::Column, &table, &from.value);
        if self.catalog.contains(&still) {
            let message = format!("{still} is declared, too, and {id} is what it was");
            self.diagnostics
                .push(Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, from.span).help("rename in one release, use the old name in the next"));
            return;
        }
        let from = from.value.clone();
        self.ways.there.renames.push(Rename::Column { table: table_before, from: from.clone(), to: to.clone() });
        self.ways.back.renames.push(Rename::Column { table, from: to, to: from });
    }

    fn function(&mut self, id: &Id, from: &Text) {
        let Some(Object::Function(function)) = self.catalog.get(id) else { return };
        let to = function.name.clone();
        let arguments = function.arguments.len();
        let Some(old) = self.reference(from, &to.schema) else { return };
        let named = |name: &QualifiedName| -> Vec<Id> {
            let all = self.released.iter().filter(|(_, entry)| matches!(&entry.object, Object::Function(known) if known.name == *name));
            all.map(|(id, _)| id.clone()).collect()
        };
        let (candidates, there_before) = (named(&old), named(&QualifiedName::new(self.schema_before(&to.schema), to.name.clone())));
        let fits = |id: &&Id| matches!(self.released.get(id), Some(Object::Function(known)) if known.arguments.len() == arguments);
        let Some(before) = candidates.iter().find(fits).or(candidates.first()).cloned() else {
            self.unknown(&format!("function {old}"), id, !there_before.is_empty(), from);
            return;
        };
        if candidates.len() > 1 {
            let message = format!("`{}` has several forms, and a name is of all of them", from.value);
            self.diagnostics.push(Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, from.span).help("put the new function beside the old one"));
            return;
        }
        if !self.is_possible(&before, id, &there_before, from) {
            return;
        }
        self.ways.there.renames.push(Rename::Function { id: before, from: old.clone(), to: to.clone() });
        self.ways.back.renames.push(Rename::Function { id: id.clone(), from: to, to: old });
    }

    /// Whether an object can get its name: it is there, it is not there any more, and its new name is free.
    fn is_possible(&mut self, old: &Id, new: &Id, taken: &[Id], from: &Text) -> bool {
        let occupant = taken.iter().find(|id| self.released.contains(id) && *id != old);
        if !self.released.contains(old) {
            let is_there = occupant.is_some_and(|id| id.kind() == new.kind());
            self.unknown(&old.to_string(), new, is_there, from);
            return false;
        }
        if self.catalog.contains(old) {
            let message = format!("{old} is declared, too, and {new} is what it was");
            let diagnostic = Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, from.span);
            self.diagnostics.push(diagnostic.help("rename in one release, use the old name in the next"));
            return false;
        }
        if let Some(occupant) = occupant {
            let message = format!("{old} cannot become {new}: {occupant} is released under that name");
            let diagnostic = Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, from.span);
            self.diagnostics.push(diagnostic.help("remove or rename that one in a release of its own"));
            return false;
        }
        true
    }

    fn unknown(&mut self, old: &str, new: &Id, is_there: bool, from: &Text) {
        if is_there {
            let message = format!("{new} has its name in what is released: `renamed_from` says nothing any more");
            self.diagnostics.push(Diagnostic::warning(&codes::INTENT_RELEASED, message, from.span).help("remove it"));
            return;
        }
        let message = format!("{new} was not released as `{}`: there is no {old}", from.value);
        let names = self.released.iter().filter(|(id, _)| id.kind() == new.kind()).map(|(id, _)| id.name().to_owned()).collect::<Vec<_>>();
        let known = names.iter().filter_map(|name| name.split('(').next()?.rsplit('.').next());
        self.diagnostics.push(Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, from.span).suggest(&from.value, known, None));
    }

    fn values(&mut self, values: &ValuesIntent) {
        let Some(Object::Enum(new)) = self.catalog.get(&values.id) else { return };
        let new = new.clone();
        let before_name = self.before(&new.name);
        let Some(Object::Enum(old)) = self.released.get(&Id::of(Kind::Enum, &before_name)) else { return };
        let old = old.values.clone();
        let has = |list: &[String], text: &Text| list.contains(&text.value);
        for (from, to) in self.members_renamed(&values.id, "value", &values.renamed, &old, &new.values) {
            self.ways.there.renames.push(Rename::Value { name: before_name.clone(), from: from.clone(), to: to.clone() });
            self.ways.back.renames.push(Rename::Value { name: new.name.clone(), from: to, to: from });
        }
        for (gone, becomes) in &values.removed {
            if has(&new.values, gone) || !has(&new.values, becomes) {
                let (span, value, what) =
                    if has(&new.values, gone) { (gone.span, &gone.value, "its value") } else { (becomes.span, &becomes.value, "no value") };
                let message = format!("{} has {what} `{value}`", values.id);
                self.diagnostics.push(Diagnostic::error(&codes::VALUE_WITHOUT_SUCCESSOR, message, span));
            } else if !has(&old, gone) {
                self.stale(gone.span, format!("{} was released without a value `{}`", values.id, gone.value));
            } else {
                let list = self.ways.there.values.entry(values.id.clone()).or_default();
                list.push((gone.value.clone(), becomes.value.clone()));
            }
        }
        self.out_of_reach(values);
    }

    /// Columns with rows whose values cannot be given successors.
    fn out_of_reach(&mut self, values: &ValuesIntent) {
        let Some((gone, _)) = values.removed.first().filter(|_| self.ways.there.values.contains_key(&values.id)) else { return };
        for column in columns_out_of_reach(self.catalog, &values.id) {
            if self.released_column(column).is_none() {
                continue;
            }
            let message =
                format!("{column} holds arrays with values of {} deep in them, and PostgreSQL cannot replace these within one statement", values.id);
            let help =
                format!("add a column for them in one release, fill it by `backfill`, remove {column} in the next, and `{}` after that", gone.value);
            self.diagnostics.push(Diagnostic::error(&codes::VALUE_WITHOUT_SUCCESSOR, message, gone.span).help(help));
        }
    }

    fn stale(&mut self, span: Span, message: String) {
        self.diagnostics.push(Diagnostic::warning(&codes::INTENT_RELEASED, message, span).help("remove this: it says nothing any more"));
    }

    /// A column of the spec in what is released, renamed or not.
    fn released_column(&self, id: &Id) -> Option<(Id, String)> {
        let Some(Object::Column(column)) = self.catalog.get(id) else { return None };
        let table = self.before(&column.table);
        let renamed = self.ways.there.renames.iter().find_map(|rename| match rename {
            Rename::Column { table: of, from, to } if *of == table && *to == column.name => Some(from.clone()),
            _ => None,
        });
        let old = Id::part(Kind::Column, &table, renamed.as_ref().unwrap_or(&column.name));
        match self.released.get(&old) {
            Some(Object::Column(known)) => Some((old, known.data_type.clone())),
            _ => None,
        }
    }

    fn backfill(&mut self, column: &Id, value: crate::catalog::Expression, span: Span) {
        if self.released_column(column).is_some() {
            self.stale(span, format!("{column} is released: its rows have their values"));
            return;
        }
        self.ways.there.backfills.insert(column.clone(), value);
    }

    fn conversion(&mut self, conversion: &crate::names::ConversionIntent) {
        let id = &conversion.column;
        let Some(Object::Column(column)) = self.catalog.get(id) else { return };
        match self.released_column(id) {
            Some((old, data_type)) if data_type != column.data_type => {
                self.ways.there.conversions.extend(conversion.there.clone().map(|there| (id.clone(), there)));
                // By its name before, and, behind the part that renames, by its new one.
                for column in [old, id.clone()] {
                    self.ways.back.conversions.extend(conversion.back.clone().map(|back| (column, back)));
                }
            }
            _ => self.stale(conversion.span, format!("{id} has its type in what is released: nothing is converted")),
        }
    }
}
