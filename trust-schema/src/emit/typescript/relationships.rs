//! `Relationships`: the foreign keys of tables, and what they are to the views that show their columns.

use std::collections::HashMap;

use super::collation::collate;
use super::layout::{Members, Type};
use super::model::{Model, RelationObject};
use super::text::string;
use crate::catalog::QualifiedName;

/// The combinations of a view's columns for one key that are told: a view that shows the same column many times has more than anybody reads.
const MAXIMUM_COMBINATIONS: usize = 64;

#[derive(Clone)]
struct Relationship {
    foreign_key: String,
    columns: Vec<String>,
    is_one_to_one: bool,
    referenced_relation: String,
    referenced_columns: Vec<String>,
}

/// The relationships of every table and view.
pub struct Relationships {
    by_relation: HashMap<QualifiedName, Vec<Relationship>>,
}

/// The columns of a view that show each column of a table.
type Shown = HashMap<String, Vec<String>>;

impl Relationships {
    pub fn new(model: &Model<'_>) -> Relationships {
        let shown = shown_columns(model);
        let mut by_relation: HashMap<QualifiedName, Vec<Relationship>> = HashMap::new();
        let same_schema = |left: &QualifiedName, right: &QualifiedName| left.schema == right.schema;
        for key in model.foreign_keys.iter().filter(|key| model.schemas.contains_key(&*key.table.schema)) {
            let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
            let is_one_to_one = model.keys.get(&key.table).is_some_and(|keys| keys.contains(&columns));
            let from = sides(&key.table, &key.columns, &shown);
            let to = sides(&key.references, &key.referenced_columns, &shown);
            for (relation, columns) in &from {
                for (referenced, referenced_columns) in to.iter().filter(|(referenced, _)| same_schema(referenced, relation)) {
                    by_relation.entry((*relation).clone()).or_default().push(Relationship {
                        foreign_key: key.name.clone(),
                        columns: columns.clone(),
                        is_one_to_one,
                        referenced_relation: referenced.name.to_string(),
                        referenced_columns: referenced_columns.clone(),
                    });
                }
            }
        }
        for relationships in by_relation.values_mut() {
            relationships.sort_by(|left, right| {
                let json = |columns: &[String]| format!("{columns:?}");
                collate(&left.foreign_key, &right.foreign_key)
                    .then_with(|| collate(&left.referenced_relation, &right.referenced_relation))
                    .then_with(|| collate(&json(&left.referenced_columns), &json(&right.referenced_columns)))
            });
        }
        Relationships { by_relation }
    }

    /// The tuple of a relation.
    pub fn of(&self, relation: &QualifiedName) -> Type {
        let relationships = self.by_relation.get(relation).map(Vec::as_slice).unwrap_or_default();
        Type::Tuple(relationships.iter().map(Relationship::ty).collect())
    }
}

impl Relationship {
    fn ty(&self) -> Type {
        let member = |name: &str, ty: Type| (name.to_owned(), ty);
        Type::Object(Members::broken(vec![
            member("foreignKeyName", Type::Word(string(&self.foreign_key))),
            member("columns", strings(&self.columns)),
            member("isOneToOne", Type::word(if self.is_one_to_one { "true" } else { "false" })),
            member("referencedRelation", Type::Word(string(&self.referenced_relation))),
            member("referencedColumns", strings(&self.referenced_columns)),
        ]))
    }
}

fn strings(texts: &[String]) -> Type {
    Type::Tuple(texts.iter().map(|text| Type::Word(string(text))).collect())
}

/// For each table, the views that show its columns.
fn shown_columns<'m>(model: &'m Model<'_>) -> HashMap<QualifiedName, Vec<(&'m QualifiedName, Shown)>> {
    let mut by_table: HashMap<QualifiedName, Vec<(&QualifiedName, Shown)>> = HashMap::new();
    for name in model.schemas.values().flat_map(|schema| &schema.relations) {
        let Some(RelationObject::View(view)) = model.relations.get(*name) else { continue };
        let mut tables: HashMap<&QualifiedName, Shown> = HashMap::new();
        for ((column, _), shape) in view.view.columns.iter().zip(&view.shape.columns) {
            if let Some((table, origin)) = &shape.origin {
                tables.entry(table).or_default().entry(origin.clone()).or_default().push(column.clone());
            }
        }
        for (table, shown) in tables {
            by_table.entry(table.clone()).or_default().push((name, shown));
        }
    }
    by_table
}

/// The relations that stand for one end of a key: the table, and each view that shows all of the key's columns, in each combination.
fn sides<'m>(
    table: &'m QualifiedName,
    columns: &[String],
    shown: &HashMap<QualifiedName, Vec<(&'m QualifiedName, Shown)>>,
) -> Vec<(&'m QualifiedName, Vec<String>)> {
    let mut sides = vec![(table, columns.to_vec())];
    for (view, shown) in shown.get(table).into_iter().flatten() {
        let mut combinations = vec![Vec::new()];
        for column in columns {
            let Some(shown) = shown.get(column) else {
                combinations.clear();
                break;
            };
            combinations = combinations.iter().flat_map(|combination| shown.iter().map(move |column| extended(combination, column))).collect();
            combinations.truncate(MAXIMUM_COMBINATIONS);
        }
        sides.extend(combinations.into_iter().map(|combination| (*view, combination)));
    }
    sides
}

fn extended(combination: &[String], column: &str) -> Vec<String> {
    combination.iter().cloned().chain([column.to_owned()]).collect()
}
