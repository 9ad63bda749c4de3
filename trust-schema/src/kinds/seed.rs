//! Rows that the spec owns, told apart by a key.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::literal::Literal;
use super::statement::{Context, name_list};
use super::{Kind, ObjectKind, Section};
use crate::catalog::{Expression, Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::names::{Lowering, Relation, Scope};
use crate::source::Span;
use crate::spec::{Entries, Name, Text, Words};
use crate::sql::identifier::quote;

/// What a migration does with a row that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Sets the columns that the spec names.
    #[default]
    Update,
    /// Leaves it as it is.
    Keep,
}

/// Rows of one table.
#[derive(Debug, Clone, Spec)]
pub struct SeedSpec {
    /// What the rows are, for people.
    pub summary: Option<Text>,
    /// The table; the seed's name by default.
    pub table: Option<Text>,
    /// The columns that tell rows apart: the primary key or a unique constraint.
    pub key: Words,
    /// Rows: column = value.
    pub rows: Vec<Entries<Literal>>,
    /// `update`, the default, or `keep`.
    #[spec(default)]
    pub on_conflict: OnConflict,
    #[spec(span)]
    pub span: Span,
}

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed {
    pub name: String,
    pub table: QualifiedName,
    pub key: Vec<String>,
    pub columns: Vec<String>,
    /// A value for each column; none where the column's default holds.
    pub rows: Vec<Vec<Option<Expression>>>,
    pub on_conflict: OnConflict,
}

impl Seed {
    /// The key of each row, in the order of `key`.
    pub fn keys(&self) -> impl Iterator<Item = Vec<&str>> {
        let places: Vec<usize> = self.key.iter().filter_map(|key| self.columns.iter().position(|column| column == key)).collect();
        self.rows.iter().map(move |row| {
            let value = |place: &usize| row.get(*place).and_then(Option::as_ref).map_or("NULL", Expression::text);
            places.iter().map(value).collect()
        })
    }

    /// The keys as the rows of VALUES.
    fn key_list(&self) -> String {
        self.keys().map(|key| format!("  ({})", key.join(", "))).collect::<Vec<_>>().join(",\n")
    }

    /// The rows before that are listed no longer.
    pub fn gone(&self, before: &Seed) -> Seed {
        let bare_key = |key: Vec<&'_ str>| key.into_iter().map(bare).map(str::to_owned).collect::<Vec<_>>();
        let kept: BTreeSet<Vec<String>> = self.keys().map(bare_key).collect();
        let gone = before.rows.iter().zip(before.keys()).filter(|(_, key)| !kept.contains(&bare_key(key.clone()))).map(|(row, _)| row.clone());
        Seed { rows: gone.collect(), ..before.clone() }
    }

    /// Takes its rows away, but for those whose key, as these expressions over the row make it of another type, is that of a row of `kept`. The lists
    /// have names that no column has, so that the expressions name columns of the table.
    pub fn drop_unless(&self, kept: &Seed, expressions: &[String]) -> String {
        let names = |name: &str| (1..=self.key.len()).map(|number| format!("{name}_{number}__")).collect::<Vec<_>>();
        let (gone, stays) = (names("gone"), names("kept"));
        let table = quote(&self.table.name);
        let equal = |(name, value): (&String, String)| format!("{value} IS NOT DISTINCT FROM {name}");
        let is_gone = gone.iter().zip(self.key.iter().map(|key| format!("{table}.{}", quote(key)))).map(equal).collect::<Vec<_>>().join(" AND ");
        let is_kept = stays.iter().zip(expressions.iter().cloned()).map(equal).collect::<Vec<_>>().join(" AND ");
        format!(
            "DELETE FROM {} USING (VALUES\n{}\n) AS gone__ ({})\nWHERE {is_gone} AND NOT EXISTS (SELECT FROM (VALUES\n{}\n) AS kept__ ({}) WHERE {is_kept});",
            self.table,
            self.key_list(),
            gone.join(", "),
            kept.key_list(),
            stays.join(", ")
        )
    }
}

/// A text without its quotes and its type, what a number would be; anything else as it is.
fn bare(constant: &str) -> &str {
    let quoted = constant.strip_prefix('\'').and_then(|text| text.rsplit_once('\''));
    match quoted {
        Some((value, ty)) if ty.is_empty() || ty.starts_with("::") && !ty.contains(['(', ')', ' ']) => value,
        _ => constant,
    }
}

impl ObjectKind for Seed {
    const KIND: Kind = Kind::Seed;
    // Rows are data: read by `live` with the spec's own columns.
    const INTROSPECTION: &'static str = "";

    fn id(&self) -> Id {
        Id::global(Kind::Seed, &self.name)
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        let rows = self.rows.iter().map(|row| {
            let values = row.iter().map(|value| value.as_ref().map_or("DEFAULT", Expression::text)).collect::<Vec<_>>().join(", ");
            format!("  ({values})")
        });
        let rows = rows.collect::<Vec<_>>().join(",\n");
        let owned: Vec<&String> = self.columns.iter().filter(|column| !self.key.contains(column)).collect();
        let action = if self.on_conflict == OnConflict::Keep || owned.is_empty() {
            "DO NOTHING".to_owned()
        } else {
            let sets = owned.iter().map(|column| format!("{0} = EXCLUDED.{0}", quote(column))).collect::<Vec<_>>().join(", ");
            format!("DO UPDATE SET {sets}")
        };
        vec![format!("INSERT INTO {} ({}) VALUES\n{rows}\nON CONFLICT ({}) {action};", self.table, name_list(&self.columns), name_list(&self.key))]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        let keys = self.key_list();
        let equal = self.key.iter().map(|key| format!("t.{0} IS NOT DISTINCT FROM seed.{0}", quote(key))).collect::<Vec<_>>().join(" AND ");
        vec![format!("DELETE FROM {} AS t USING (VALUES\n{keys}\n) AS seed ({})\nWHERE {equal};", self.table, name_list(&self.key))]
    }
    /// Rows that are listed no longer go, the others get the values that are listed.
    fn alter(&self, before: &Self, context: &Context<'_>) -> Option<Vec<Alteration>> {
        if self.table != before.table || self.key != before.key {
            return None;
        }
        let gone = self.gone(before);
        let mut changes: Vec<Alteration> = Vec::new();
        if !gone.rows.is_empty() {
            changes.extend(gone.drop(context).into_iter().map(Alteration::loss));
        }
        if !self.rows.is_empty() {
            changes.extend(Alteration::replace(self.create(context)));
        }
        Some(changes)
    }
    fn rename(&mut self, names: &Renaming, related: &[QualifiedName]) {
        names.columns(&self.table, &mut self.key);
        names.columns(&self.table, &mut self.columns);
        for value in self.rows.iter_mut().flatten().flatten() {
            names.expression(value, related);
        }
        names.relation(&mut self.table);
    }
}

impl Section for Entries<SeedSpec> {
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            lower(name, spec, lowering);
        }
    }
}

fn lower(name: &Name, spec: &SeedSpec, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::new();
    let Some(relation) = lowering.own_table_reference(spec.table.as_ref().unwrap_or(name), &mut needs) else { return };
    if !relation.has_key(spec.key.iter().map(|column| column.value.as_str())) {
        let message = format!("the key of seed `{}` is no primary key and no unique constraint of `{}`", name.value, relation.name);
        let span = spec.key.first().map_or(name.span, |column| column.span);
        lowering.report(Diagnostic::error(&codes::BAD_SEED, message, span).label(relation.span, "the table is declared here"));
        return;
    }
    let mut columns: Vec<String> = Vec::new();
    for (column, _) in spec.rows.iter().flat_map(Entries::iter) {
        if !columns.contains(&column.value) {
            columns.push(column.value.clone());
        }
    }
    let mut rows = Vec::with_capacity(spec.rows.len());
    for row in &spec.rows {
        check_row(row, spec, relation, lowering);
        let mut values = Vec::with_capacity(columns.len());
        for column in &columns {
            let written = row.iter().find(|(name, _)| name.value == *column);
            values.push(written.and_then(|(name, literal)| lowering.column_value(relation, name, literal, &Scope::Nothing, &mut needs)));
        }
        rows.push(values);
    }
    check_duplicates(name, spec, relation, lowering);
    if spec.rows.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("seed `{}` has no rows", name.value), name.span));
        return;
    }
    let key = spec.key.iter().map(|column| column.value.clone()).collect();
    let seed = Seed { name: name.value.clone(), table: relation.name.clone(), key, columns, rows, on_conflict: spec.on_conflict };
    lowering.add(seed, needs, name.span);
}

/// A row names its key, and every column that has neither a default nor NULL.
fn check_row(row: &Entries<Literal>, spec: &SeedSpec, relation: &Relation, lowering: &mut Lowering<'_>) {
    let span = row.iter().next().map_or(spec.span, |(name, _)| name.span);
    for column in &relation.columns {
        let named = row.iter().any(|(name, _)| name.value == column.name);
        if !named && !column.required() && spec.key.iter().any(|key| key.value == column.name) {
            let message = format!("a row of the seed has no value for column `{}`, by which rows are told apart", column.name);
            lowering.report(Diagnostic::error(&codes::BAD_SEED, message, span).help("write the value, also where it is the default"));
        }
        if !named && column.required() {
            let message = format!("a row of the seed has no value for column `{}`", column.name);
            lowering.report(Diagnostic::error(&codes::BAD_SEED, message, span).label(column.span, "has no default and does not allow NULL"));
        }
    }
}

/// A value as its column tells it from others: PostgreSQL ignores the case of a uuid.
fn comparable(value: &Literal, column: &Text, relation: &Relation) -> String {
    let is_uuid = relation.column(&column.value).is_some_and(|column| column.data_type.value.trim().eq_ignore_ascii_case("uuid"));
    let described = value.describe();
    if is_uuid { described.to_lowercase() } else { described }
}

fn check_duplicates(name: &Name, spec: &SeedSpec, relation: &Relation, lowering: &mut Lowering<'_>) {
    let mut seen: std::collections::HashMap<Vec<String>, Span> = std::collections::HashMap::new();
    for row in &spec.rows {
        let key: Vec<String> = spec
            .key
            .iter()
            .map(|column| {
                row.iter().find(|(name, _)| name.value == column.value).map_or(String::new(), |(_, value)| comparable(value, column, relation))
            })
            .collect();
        let span = row.iter().next().map_or(spec.span, |(name, _)| name.span);
        if let Some(first) = seen.insert(key.clone(), span) {
            let message = format!("seed `{}` has two rows with the key {}", name.value, key.join(", "));
            lowering.report(Diagnostic::error(&codes::BAD_SEED, message, span).label(first, "the first one is here"));
        }
    }
}
