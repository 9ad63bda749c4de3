//! Which columns an object names. What an object needs is kept by whole relations; here it is told more exactly where columns come or go.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::catalog::{Entry, Id, Kind, Object, QualifiedName};
use crate::kinds::index::Key;
use crate::sql::lexer::{self, TokenKind};
use crate::sql::value;

/// Columns that come, go or change, by the identity of their table.
pub type Touched = FxHashMap<Id, Vec<String>>;

/// The identities of touched columns that an object names.
pub fn mentioned(entry: &Entry, touched: &Touched) -> Vec<Id> {
    if touched.is_empty() {
        return Vec::new();
    }
    let parents = entry.object.parents();
    let related = parents.iter().chain(&entry.needs).filter_map(|id| Some((id, touched.get(id)?)));
    let mut related: Vec<(&Id, &Vec<String>)> = related.collect();
    let referenced;
    if let Object::ForeignKey(key) = &entry.object {
        referenced = Id::of(Kind::Table, &key.references);
        if let Some(columns) = touched.get(&referenced) {
            let named = columns.iter().filter(|column| key.referenced_columns.contains(column));
            let mut found: Vec<Id> = named.map(|column| Id::part(Kind::Column, &key.references, column)).collect();
            let own = related.iter().flat_map(|(_, columns)| columns.iter()).filter(|column| key.columns.contains(column));
            found.extend(own.map(|column| Id::part(Kind::Column, &key.table, column)));
            return found;
        }
    }
    if related.is_empty() {
        return Vec::new();
    }
    let names = names(&entry.object);
    related.sort();
    related.dedup();
    let mut found = Vec::new();
    for (table, columns) in related {
        let Some(table) = relation(table) else { continue };
        found.extend(columns.iter().filter(|column| names.contains(column.as_str())).map(|column| Id::part(Kind::Column, &table, column)));
    }
    found
}

/// The name of a table by its identity.
fn relation(id: &Id) -> Option<QualifiedName> {
    let tokens = lexer::lex(id.name()).tokens;
    let names: Vec<String> = tokens.iter().filter_map(|token| value::identifier(token.kind, token.text(id.name()))?.ok()).collect();
    match names.as_slice() {
        [schema, name] => Some(QualifiedName::new(schema.as_str(), name.as_str())),
        _ => None,
    }
}

/// Every name that can be that of a column.
pub fn names(object: &Object) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match object {
        Object::PrimaryKey(key) => found.extend(key.columns.iter().cloned()),
        Object::Unique(key) => found.extend(key.columns.iter().chain(&key.include).cloned()),
        Object::ForeignKey(key) => found.extend(key.columns.iter().cloned()),
        Object::Check(check) => words(check.expression.text(), &mut found),
        Object::Index(index) => {
            for element in &index.elements {
                match &element.key {
                    Key::Column(column) => drop(found.insert(column.clone())),
                    Key::Expression(expression) => words(expression.text(), &mut found),
                }
            }
            found.extend(index.include.iter().cloned());
            index.predicate.iter().for_each(|predicate| words(predicate.text(), &mut found));
        }
        Object::Policy(policy) => policy.using.iter().chain(&policy.check).for_each(|condition| words(condition.text(), &mut found)),
        Object::Trigger(trigger) => {
            found.extend(trigger.update_of.iter().cloned());
            trigger.condition.iter().for_each(|condition| words(condition.text(), &mut found));
        }
        Object::View(view) => words(view.query.text(), &mut found),
        Object::Function(function) => words(&function.body, &mut found),
        Object::Column(column) => column.generated.iter().for_each(|generated| words(generated.text(), &mut found)),
        Object::Grant(grant) => found.extend(grant.columns.keys().cloned()),
        Object::Seed(seed) => found.extend(seed.columns.iter().cloned()),
        _ => {}
    }
    found
}

pub fn words(text: &str, found: &mut BTreeSet<String>) {
    let tokens = lexer::lex(text).tokens;
    let names = tokens.iter().filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedName));
    found.extend(names.filter_map(|token| value::identifier(token.kind, token.text(text))?.ok()));
}
