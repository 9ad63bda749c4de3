//! The entity-relationship diagram, as Mermaid reads it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::catalog::{Id, Object, QualifiedName};
use crate::kinds::Kind;
use crate::kinds::column::Column;
use crate::resolve::Resolution;

/// A diagram.
#[derive(Serialize)]
pub struct Diagram {
    entities: Vec<Entity>,
    relationships: Vec<Relationship>,
}

#[derive(Serialize)]
struct Entity {
    identifier: String,
    label: String,
    attributes: Vec<Attribute>,
}

#[derive(Serialize)]
struct Attribute {
    data_type: String,
    name: String,
    /// `PK`, `FK`, `UK`, joined by `, `.
    keys: String,
    is_nullable: bool,
}

#[derive(Serialize)]
struct Relationship {
    one: String,
    cardinality: &'static str,
    many: String,
    label: String,
}

/// Which columns are part of which keys.
#[derive(Default)]
struct Keys<'r> {
    primary: BTreeSet<&'r str>,
    foreign: BTreeSet<&'r str>,
    unique: BTreeSet<&'r str>,
    /// Column sets that are unique.
    sets: Vec<BTreeSet<&'r str>>,
}

/// The diagram of all tables, and of those that others own and that the spec refers to.
pub fn diagram(resolution: &Resolution) -> Diagram {
    let mut keys: BTreeMap<&QualifiedName, Keys<'_>> = BTreeMap::new();
    let mut columns: BTreeMap<&QualifiedName, Vec<&Column>> = BTreeMap::new();
    let mut tables: BTreeSet<&QualifiedName> = BTreeSet::new();
    for object in resolution.catalog.objects() {
        match object {
            Object::Table(table) => {
                tables.insert(&table.name);
            }
            Object::Column(column) => columns.entry(&column.table).or_default().push(column),
            Object::PrimaryKey(key) => {
                let found = keys.entry(&key.table).or_default();
                found.primary.extend(key.columns.iter().map(String::as_str));
                found.sets.push(key.columns.iter().map(String::as_str).collect());
            }
            Object::Unique(key) => {
                let found = keys.entry(&key.table).or_default();
                if let [single] = key.columns.as_slice() {
                    found.unique.insert(single);
                }
                found.sets.push(key.columns.iter().map(String::as_str).collect());
            }
            Object::ForeignKey(key) => {
                keys.entry(&key.table).or_default().foreign.extend(key.columns.iter().map(String::as_str));
                tables.insert(&key.references);
            }
            _ => {}
        }
    }
    columns.values_mut().for_each(|columns| columns.sort_by_key(|column| column.position));
    let identifiers = identifiers(&tables);
    let none = Keys::default();
    let entities = tables.iter().map(|table| {
        let keys = keys.get(table).unwrap_or(&none);
        let attributes = columns.get(table).into_iter().flatten().map(|column| attribute(column, keys)).collect();
        Entity { identifier: identifiers.get(table).cloned().unwrap_or_default(), label: label(&table.to_string()), attributes }
    });
    let entities = entities.collect();
    Diagram { entities, relationships: relationships(resolution, &identifiers, &keys) }
}

fn relationships(
    resolution: &Resolution,
    identifiers: &BTreeMap<&QualifiedName, String>,
    keys: &BTreeMap<&QualifiedName, Keys<'_>>,
) -> Vec<Relationship> {
    let relationship = |object: &Object| {
        let Object::ForeignKey(key) = object else { return None };
        let is_optional = key.columns.iter().any(|column| match resolution.catalog.get(&Id::part(Kind::Column, &key.table, column)) {
            Some(Object::Column(column)) => !column.not_null,
            _ => false,
        });
        let set: BTreeSet<&str> = key.columns.iter().map(String::as_str).collect();
        let is_unique = keys.get(&key.table).is_some_and(|keys| keys.sets.iter().any(|unique| unique.is_subset(&set)));
        let cardinality = match (is_optional, is_unique) {
            (false, false) => "||--o{",
            (false, true) => "||--o|",
            (true, false) => "|o--o{",
            (true, true) => "|o--o|",
        };
        let (one, many) = (identifiers.get(&key.references)?.clone(), identifiers.get(&key.table)?.clone());
        Some(Relationship { one, cardinality, many, label: label(&key.columns.join(", ")) })
    };
    resolution.catalog.objects().filter_map(relationship).collect()
}

fn attribute(column: &Column, keys: &Keys<'_>) -> Attribute {
    let name = column.name.as_str();
    let of = |set: &BTreeSet<&str>, word: &'static str| set.contains(name).then_some(word);
    let words = [of(&keys.primary, "PK"), of(&keys.foreign, "FK"), of(&keys.unique, "UK")];
    Attribute {
        data_type: word(&short_type(&column.data_type)),
        name: word(name),
        keys: words.into_iter().flatten().collect::<Vec<_>>().join(", "),
        is_nullable: !column.not_null,
    }
}

/// The type without schema and modifier, and with PostgreSQL's short names where the long ones have spaces.
fn short_type(data_type: &str) -> String {
    let array = if data_type.ends_with("[]") { "[]" } else { "" };
    let bare = data_type.trim_end_matches("[]");
    let short = match bare {
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" => "timestamp",
        "time with time zone" => "timetz",
        "time without time zone" => "time",
        "double precision" => "float8",
        _ => {
            let bare = if bare.starts_with("character varying") { "varchar" } else { bare };
            bare.split('(').next().unwrap_or(bare).rsplit('.').next().unwrap_or(bare)
        }
    };
    format!("{short}{array}")
}

/// An identifier for each table, told apart where only characters differ that Mermaid does not take.
fn identifiers<'r>(tables: &BTreeSet<&'r QualifiedName>) -> BTreeMap<&'r QualifiedName, String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut identifiers = BTreeMap::new();
    for table in tables {
        let base = word(&format!("{}_{}", table.schema, table.name)).replace(['[', ']', '(', ')'], "_");
        let mut identifier = base.clone();
        let mut number = 2;
        while !taken.insert(identifier.clone()) {
            identifier = format!("{base}_{number}");
            number += 1;
        }
        identifiers.insert(*table, identifier);
    }
    identifiers
}

/// A word as Mermaid's grammar of attributes takes it: a letter, then letters, digits, `_`, `-`, `[]`, `()`.
fn word(text: &str) -> String {
    let mut word: String =
        text.chars().map(|character| if character.is_ascii_alphanumeric() || "_[]".contains(character) { character } else { '_' }).collect();
    if !word.starts_with(|first: char| first.is_ascii_alphabetic()) {
        word.insert_str(0, "c_");
    }
    word
}

/// A text between double quotes, which Mermaid cannot escape.
fn label(text: &str) -> String {
    text.chars().map(|character| if character.is_alphanumeric() || "_.,-() ".contains(character) { character } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_mermaid_takes() {
        assert_eq!(word("tenant_id"), "tenant_id");
        assert_eq!(word("é;\"x"), "c____x");
        assert_eq!(word("1a"), "c_1a");
        assert_eq!(label("public.\"Odd\"\n%%{init}"), "public._Odd_____init_");
        for (long, short) in [
            ("timestamp with time zone", "timestamptz"),
            ("numeric(5,2)", "numeric"),
            ("public.risk_tier", "risk_tier"),
            ("text[]", "text[]"),
            ("character varying(10)", "varchar"),
        ] {
            assert_eq!(short_type(long), short);
        }
    }
}
