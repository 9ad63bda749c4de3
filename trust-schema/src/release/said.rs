//! What a release was told of names that are in use still, for other things: `{ a = "b", b = "a" }` would exchange them again and again.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::kinds::renaming::RELATIONS;
use crate::names::Intents;
use crate::sql::identifier::parse_reference;

/// Something that was called otherwise before the release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Said {
    /// By its name in the release; a function without its arguments.
    pub id: Id,
    /// A value, an attribute or a column of a view within it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What it was called: of a function or a relation, with its schema.
    pub from: String,
}

impl Said {
    pub fn of_schema(name: &str, from: &str) -> Said {
        Said { id: Id::global(Kind::Schema, name), part: None, from: from.to_owned() }
    }

    /// `from` is in the same schema where it names none.
    pub fn of_named(kind: Kind, name: &QualifiedName, from: &str) -> Said {
        let from = reference(name, from).map_or_else(|| from.to_owned(), |from| from.to_string());
        Said { id: Id::of(kind, name), part: None, from }
    }

    pub fn of_column(table: &QualifiedName, column: &str, from: &str) -> Said {
        Said { id: Id::part(Kind::Column, table, column), part: None, from: from.to_owned() }
    }

    pub fn of_part(kind: Kind, name: &QualifiedName, part: &str, from: &str) -> Said {
        Said { id: Id::of(kind, name), part: Some(part.to_owned()), from: from.to_owned() }
    }
}

fn reference(name: &QualifiedName, from: &str) -> Option<QualifiedName> {
    let (schema, own) = parse_reference(from).ok()?;
    Some(QualifiedName::new(schema.as_deref().unwrap_or(&name.schema), own))
}

/// What is said of names that something has in this Catalog.
pub fn said(intents: &Intents, catalog: &Catalog) -> BTreeSet<Said> {
    let mut found = BTreeSet::new();
    if intents.renamed.is_empty() && intents.values.is_empty() && intents.members.is_empty() {
        return found;
    }
    let functions: FxHashSet<&QualifiedName> =
        catalog.objects().filter_map(|object| if let Object::Function(function) = object { Some(&function.name) } else { None }).collect();
    let is_relation = |name: &QualifiedName| RELATIONS.iter().any(|kind| catalog.contains(&Id::of(*kind, name)));
    for (id, from) in &intents.renamed {
        let from = from.value.as_str();
        let said = match catalog.get(id) {
            Some(Object::Schema(schema)) => catalog.contains(&Id::global(Kind::Schema, from)).then(|| Said::of_schema(&schema.name, from)),
            Some(Object::Column(column)) => {
                let is_there = catalog.contains(&Id::part(Kind::Column, &column.table, from));
                is_there.then(|| Said::of_column(&column.table, &column.name, from))
            }
            Some(Object::Function(function)) => {
                let is_there = reference(&function.name, from).is_some_and(|from| functions.contains(&from));
                is_there.then(|| Said::of_named(Kind::Function, &function.name, from))
            }
            Some(object) => relation(object).and_then(|name| {
                let is_there = reference(name, from).is_some_and(|from| is_relation(&from));
                is_there.then(|| Said::of_named(id.kind(), name, from))
            }),
            None => None,
        };
        found.extend(said);
    }
    let lists = intents.values.iter().map(|values| (&values.id, &values.renamed));
    for (id, renamed) in lists.chain(intents.members.iter().map(|members| (&members.id, &members.renamed))) {
        let Some(object) = catalog.get(id) else { continue };
        let Some(name) = relation(object) else { continue };
        let parts: FxHashSet<&String> = match object {
            Object::Enum(one) => one.values.iter().collect(),
            Object::View(view) => view.columns.iter().map(|(name, _)| name).collect(),
            Object::Composite(composite) => composite.attributes.iter().map(|(name, _)| name).collect(),
            _ => continue,
        };
        let in_use = renamed.iter().filter(|(_, from)| parts.contains(&from.value));
        found.extend(in_use.map(|(to, from)| Said::of_part(id.kind(), name, &to.value, &from.value)));
    }
    found
}

/// The name of a relation or a type.
pub fn relation(object: &Object) -> Option<&QualifiedName> {
    match object {
        Object::Table(table) => Some(&table.name),
        Object::View(view) => Some(&view.name),
        Object::Sequence(sequence) => Some(&sequence.name),
        Object::Enum(one) => Some(&one.name),
        Object::Domain(domain) => Some(&domain.name),
        Object::Composite(composite) => Some(&composite.name),
        _ => None,
    }
}
