//! Indexes.

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::statement::{Context, name_list};
use super::{Kind, ObjectKind};
use crate::catalog::{Expression, Id, QualifiedName};
use crate::kinds::renaming::Renaming;
use crate::source::Span;
use crate::spec::{Decoder, SqlText, Text, Words};
use crate::sql::identifier::quote;

/// How an index finds its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    #[default]
    Btree,
    Hash,
    Gin,
    Gist,
    Brin,
    Spgist,
}

/// A column of an index by name, or an expression.
#[derive(Debug, Clone, Spec)]
#[spec(shorthand = "of_column")]
pub struct ElementSpec {
    /// A column of the table.
    pub column: Option<Text>,
    /// An SQL expression over the table's columns.
    pub expression: Option<SqlText>,
    /// Whether the order is descending.
    #[spec(default)]
    pub descending: bool,
    /// Where NULLs stand: `first` or `last`; last in ascending, first in descending order by default.
    pub nulls: Option<Nulls>,
    /// The operator class, for example `text_pattern_ops`.
    pub operator_class: Option<Text>,
    #[spec(span)]
    pub span: Span,
}

impl ElementSpec {
    fn of_column(column: Text, _decoder: &mut Decoder<'_>) -> Option<ElementSpec> {
        let span = column.span;
        Some(ElementSpec { column: Some(column), expression: None, descending: false, nulls: None, operator_class: None, span })
    }
}

/// Where NULLs stand in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Nulls {
    First,
    Last,
}

/// An index; its key is the index's name.
#[derive(Debug, Clone, Spec)]
pub struct IndexSpec {
    /// Columns by name, `{ expression = "…" }`, or `{ column = "…", descending = true }`.
    pub columns: Vec<ElementSpec>,
    /// Whether the values are unique.
    #[spec(default)]
    pub unique: bool,
    /// Whether NULL counts as a value in a unique index (PostgreSQL 15 and later).
    #[spec(default)]
    pub nulls_not_distinct: bool,
    /// `btree` by default.
    #[spec(default)]
    pub method: Method,
    /// Further columns that the index carries.
    #[spec(default)]
    pub include: Words,
    /// SQL that selects the rows that are indexed.
    #[spec(key = "where")]
    pub predicate: Option<SqlText>,
    /// What it is for.
    pub comment: Option<Text>,
}

/// What one position of an index holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    Column(String),
    Expression(Expression),
}

/// One position of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    pub key: Key,
    #[serde(default)]
    pub descending: bool,
    /// Only where it differs from the default of the direction.
    #[serde(default)]
    pub nulls: Option<Nulls>,
    /// Only where it is not the default of the type.
    #[serde(default)]
    pub operator_class: Option<String>,
}

impl Element {
    /// A position as it is without further words.
    pub fn ascending(key: Key) -> Element {
        Element { key, descending: false, nulls: None, operator_class: None }
    }
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    pub table: QualifiedName,
    pub name: String,
    pub method: Method,
    #[serde(default)]
    pub unique: bool,
    #[serde(default)]
    pub nulls_not_distinct: bool,
    pub elements: Vec<Element>,
    #[serde(default)]
    pub include: Vec<String>,
    #[serde(default)]
    pub predicate: Option<Expression>,
}

impl Index {
    /// An index of columns as it is without further words.
    pub fn plain(table: QualifiedName, name: String, columns: impl IntoIterator<Item = String>) -> Index {
        Index {
            table,
            name,
            method: Method::Btree,
            unique: false,
            nulls_not_distinct: false,
            elements: columns.into_iter().map(|column| Element::ascending(Key::Column(column))).collect(),
            include: Vec::new(),
            predicate: None,
        }
    }

    /// Its name in the schema of its table.
    pub fn qualified_name(&self) -> QualifiedName {
        QualifiedName::new(self.table.schema.clone(), self.name.as_str())
    }
}

impl ObjectKind for Index {
    const KIND: Kind = Kind::Index;
    const INTROSPECTION: &'static str = include_str!("introspection/index.sql");

    fn id(&self) -> Id {
        Id::of(Kind::Index, &self.qualified_name())
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::of(Kind::Table, &self.table)]
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        let unique = if self.unique { "UNIQUE " } else { "" };
        let elements = self.elements.iter().map(element).collect::<Vec<_>>().join(", ");
        let mut sql = format!("CREATE {unique}INDEX {} ON {}", quote(&self.name), self.table);
        if self.method != Method::Btree {
            sql.push_str(&format!(" USING {}", self.method.label()));
        }
        sql.push_str(&format!(" ({elements})"));
        if !self.include.is_empty() {
            sql.push_str(&format!(" INCLUDE ({})", name_list(&self.include)));
        }
        if self.nulls_not_distinct {
            sql.push_str(" NULLS NOT DISTINCT");
        }
        if let Some(predicate) = &self.predicate {
            sql.push_str(&format!(" WHERE ({})", predicate.text()));
        }
        vec![format!("{sql};")]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP INDEX {};", self.qualified_name())]
    }
    fn expressions(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        let keys = self.elements.iter_mut().filter_map(|element| match &mut element.key {
            Key::Expression(expression) => Some(expression),
            Key::Column(_) => None,
        });
        keys.chain(&mut self.predicate).for_each(visit);
    }
    fn rename(&mut self, names: &Renaming, related: &[QualifiedName]) {
        self.expressions(&mut |expression| names.expression(expression, related));
        for element in &mut self.elements {
            if let Key::Column(column) = &mut element.key {
                names.column(&self.table, column);
            }
        }
        names.columns(&self.table, &mut self.include);
        names.relation(&mut self.table);
    }
}

fn element(element: &Element) -> String {
    let mut sql = match &element.key {
        Key::Column(name) => quote(name).into_owned(),
        Key::Expression(expression) => format!("({})", expression.text()),
    };
    if let Some(class) = &element.operator_class {
        sql.push_str(&format!(" {}", quote(class)));
    }
    if element.descending {
        sql.push_str(" DESC");
    }
    match element.nulls {
        Some(Nulls::First) => sql.push_str(" NULLS FIRST"),
        Some(Nulls::Last) => sql.push_str(" NULLS LAST"),
        None => {}
    }
    sql
}
