//! What a spec says of the way from its release, held against what was released.

mod members;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::evolution::{Intent, Rename};
use crate::kinds::renaming::RELATIONS;
use crate::names::{Intents, ValuesIntent};
use crate::release::{Release, Said};
use crate::source::Span;
use crate::spec::Text;
use crate::sql::identifier::parse_reference;

/// The way there, and the way back.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    pub there: Intent,
    pub back: Intent,
}

struct Resolving<'r> {
    released: &'r Catalog,
    catalog: &'r Catalog,
    diagnostics: &'r mut Vec<Diagnostic>,
    ways: Ways,
    /// What was said already when that was released.
    said: &'r BTreeSet<Said>,
    /// New names of schemas and relations, and what they were.
    schemas: BTreeMap<String, String>,
    relations: BTreeMap<QualifiedName, QualifiedName>,
}

/// Finds what each is about.
pub fn resolve(intents: &Intents, release: &Release, catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) -> Ways {
    let (schemas, relations) = (BTreeMap::new(), BTreeMap::new());
    let mut resolving =
        Resolving { released: &release.catalog, catalog, diagnostics, ways: Ways::default(), said: &release.said, schemas, relations };
    let of = |kinds: &'static [Kind]| intents.renamed.iter().filter(move |(id, _)| kinds.contains(&id.kind()));
    resolving.schemas(of(&[Kind::Schema]));
    resolving.relations(of(&RELATIONS));
    resolving.columns(of(&[Kind::Column]));
    resolving.functions(of(&[Kind::Function]));
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
        let renamed = self.members_renamed(&values.id, &before_name, "value", &values.renamed, [&old, &new.values]);
        let has_old_name = |value: &String| old.contains(value) || renamed.iter().any(|(_, to)| to == value);
        let is_new: Vec<bool> = values.removed.iter().map(|(_, becomes)| !has_old_name(&becomes.value)).collect();
        for (from, to) in renamed {
            self.ways.there.renames.push(Rename::Value { name: before_name.clone(), from: from.clone(), to: to.clone() });
            self.ways.back.renames.push(Rename::Value { name: new.name.clone(), from: to, to: from });
        }
        for ((gone, becomes), is_new) in values.removed.iter().zip(is_new) {
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
                // A rollback knows no value that is new: it becomes the first one of those that it stands for.
                for id in [Id::of(Kind::Enum, &before_name), values.id.clone()].into_iter().filter(|_| is_new) {
                    let back = self.ways.back.values.entry(id).or_default();
                    if back.iter().all(|(known, _)| *known != becomes.value) {
                        back.push((becomes.value.clone(), gone.value.clone()));
                    }
                }
            }
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
