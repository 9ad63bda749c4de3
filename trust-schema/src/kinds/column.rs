//! Columns.

mod alter;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::constraint::foreign_key::Action;
use super::literal::Literal;
use super::statement::Context;
use super::{Kind, ObjectKind};
use crate::catalog::{Catalog, Expression, Id, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::domain::beneath;
use crate::kinds::renaming::Renaming;
use crate::source::Span;
use crate::spec::{Decoder, SqlText, Text};
use crate::sql::casts;
use crate::sql::identifier::quote;
use crate::sql::lossy_cast;
use crate::sql::type_name::TypeName;

/// Who gives an identity column its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// PostgreSQL, always.
    Always,
    /// PostgreSQL, unless an INSERT does.
    ByDefault,
}

/// A column, or its type alone.
#[derive(Debug, Clone, Spec)]
#[spec(shorthand = "of_type")]
pub struct ColumnSpec {
    /// The data type.
    #[spec(key = "type")]
    pub data_type: Text,
    /// What it was called when it was released: it is renamed, and keeps what is in it. Of no consequence once that is released.
    pub renamed_from: Option<Text>,
    /// SQL over the row as it was that makes the new value, where the type has changed since the release: a cast by default.
    pub using: Option<SqlText>,
    /// SQL over the row that makes the old value again, for the rollback: a cast by default.
    pub using_back: Option<SqlText>,
    /// SQL over the row: the value of a new column in the rows that there are. In a table in use they are written some pages at a time.
    pub backfill: Option<SqlText>,
    /// Whether NULL is allowed; false by default.
    #[spec(default)]
    pub nullable: bool,
    /// The value of rows that name none: a literal, or `{ sql = "…" }`.
    pub default: Option<Literal>,
    /// Makes it an identity column: `always` or `by_default`.
    pub identity: Option<Identity>,
    /// SQL from which PostgreSQL computes and stores the value.
    pub generated: Option<SqlText>,
    /// SQL over the columns of a row that is true, or unknown, for every row.
    pub check: Option<SqlText>,
    /// The literals that are allowed, as a check.
    pub one_of: Option<Vec<Literal>>,
    /// Makes the column unique by itself.
    #[spec(default)]
    pub unique: bool,
    /// A table whose primary key the column holds.
    pub references: Option<Text>,
    /// What happens when the row there is deleted.
    #[spec(default)]
    pub on_delete: Action,
    /// What happens when the key there changes.
    #[spec(default)]
    pub on_update: Action,
    /// The collation, for example `C`.
    pub collation: Option<Text>,
    /// What it holds, for people.
    pub comment: Option<Text>,
    #[spec(span)]
    pub span: Span,
}

impl ColumnSpec {
    fn of_type(data_type: Text, _decoder: &mut Decoder<'_>) -> Option<ColumnSpec> {
        let span = data_type.span;
        Some(ColumnSpec {
            data_type,
            renamed_from: None,
            using: None,
            using_back: None,
            backfill: None,
            nullable: false,
            default: None,
            identity: None,
            generated: None,
            check: None,
            one_of: None,
            unique: false,
            references: None,
            on_delete: Action::default(),
            on_update: Action::default(),
            collation: None,
            comment: None,
            span,
        })
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub table: QualifiedName,
    pub name: String,
    /// Place among the table's columns, from 1.
    pub position: u32,
    pub data_type: String,
    pub not_null: bool,
    #[serde(default)]
    pub default: Option<Expression>,
    #[serde(default)]
    pub identity: Option<Identity>,
    /// The sequence behind an identity column.
    #[serde(default)]
    pub identity_sequence: Option<QualifiedName>,
    #[serde(default)]
    pub generated: Option<Expression>,
    #[serde(default)]
    pub collation: Option<String>,
}

impl Column {
    /// The line in CREATE TABLE or ALTER TABLE … ADD COLUMN.
    pub fn definition(&self) -> String {
        let mut sql = format!("{} {}", quote(&self.name), self.data_type);
        if let Some(collation) = &self.collation {
            sql.push_str(&format!(" COLLATE {}", quote(collation)));
        }
        if self.not_null {
            sql.push_str(" NOT NULL");
        }
        if let Some(default) = &self.default {
            sql.push_str(&format!(" DEFAULT {}", parenthesised(default)));
        }
        if let Some(identity) = self.identity {
            let mode = match identity {
                Identity::Always => "ALWAYS",
                Identity::ByDefault => "BY DEFAULT",
            };
            sql.push_str(&format!(" GENERATED {mode} AS IDENTITY"));
            if let Some(sequence) = &self.identity_sequence {
                sql.push_str(&format!(" (SEQUENCE NAME {sequence})"));
            }
        }
        if let Some(generated) = &self.generated {
            sql.push_str(&format!(" GENERATED ALWAYS AS ({}) STORED", generated.text()));
        }
        sql
    }
}

/// DEFAULT takes no free-standing `AT TIME ZONE` and the like: anything but a plain literal stands in parentheses.
fn parenthesised(expression: &Expression) -> String {
    let text = expression.text();
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
    if plain { text.to_owned() } else { format!("({text})") }
}

impl Column {
    /// A change of it, as a statement.
    pub fn changed(&self, change: &str) -> String {
        format!("ALTER TABLE {} ALTER COLUMN {} {change};", self.table, quote(&self.name))
    }

    /// The statement that gives it its type, with a value of that.
    pub fn retyped(&self, value: &str) -> String {
        let collation = self.collation.as_ref().map(|collation| format!(" COLLATE {}", quote(collation))).unwrap_or_default();
        self.changed(&format!("TYPE {}{collation} USING {value}", self.data_type))
    }

    /// Its value in its type, where it was of another one.
    pub fn converted(&self, before: &Column, catalog: &Catalog) -> String {
        let name = quote(&self.name);
        let (base, is_array) = beneath(&self.data_type, catalog);
        // A cast would cut off what is too long; where it is assigned, that is an error. Every type can be assigned to these as a text, and bits to bits.
        match base {
            base if base.starts_with("character") && is_array => format!("{name}::text[]"),
            base if base.starts_with("character") && base != self.data_type => format!("{name}::text"),
            base if base.starts_with("character") => name.into_owned(),
            base if base.starts_with("bit") && before.data_type.starts_with("bit") => name.into_owned(),
            _ => format!("{name}::{}", self.data_type),
        }
    }

    /// The change of type where a plain cast says too little. Where values lose something, both types are named, so that whoever reads it later knows what
    /// was lost; and a text becomes bits by assignment, which fails where a cast would cut them off.
    pub fn conversion(&self, before: &Column, before_catalog: &Catalog, catalog: &Catalog) -> Option<Alteration> {
        // Its expression gives the values back.
        if before.generated.is_some() {
            return None;
        }
        let name = quote(&self.name);
        let [(from, _), (to, is_array)] = [beneath(&before.data_type, before_catalog), beneath(&self.data_type, catalog)];
        let [from, to] = [from, to].map(|ty| if is_array && !ty.ends_with("[]") { format!("{ty}[]") } else { ty.to_owned() });
        if to.starts_with("bit") && casts::is_text(&TypeName::parse(&from).ok()?.element()) {
            return Some(Alteration::rewrite(self.retyped(&format!("{name}::bit varying{}", if is_array { "[]" } else { "" }))));
        }
        let what = lossy_cast::between(&from, &to)?;
        let domain = if to == self.data_type { String::new() } else { format!("::{}", self.data_type) };
        Some(Alteration::reduce(self.retyped(&format!("{name}::{from}::{to}{domain}")), what))
    }

    /// The statement that gives it its default; none where it has none.
    pub fn default_set(&self) -> Option<String> {
        self.default.as_ref().map(|default| self.changed(&format!("SET DEFAULT {}", parenthesised(default))))
    }
}

impl ObjectKind for Column {
    const KIND: Kind = Kind::Column;
    const INTROSPECTION: &'static str = include_str!("introspection/column.sql");

    fn id(&self) -> Id {
        Id::part(Kind::Column, &self.table, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::of(Kind::Table, &self.table)]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        let mut statements = vec![format!("ALTER TABLE {} ADD COLUMN {};", self.table, self.definition())];
        statements.extend(self.protection(context));
        statements
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("ALTER TABLE {} DROP COLUMN {};", self.table, quote(&self.name))]
    }
    fn expressions(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        self.default.iter_mut().chain(&mut self.generated).for_each(visit);
    }
    fn alter(&self, before: &Self, context: &Context<'_>) -> Option<Vec<Alteration>> {
        alter::alter(self, before, context)
    }
    fn rename(&mut self, names: &Renaming, related: &[QualifiedName]) {
        self.expressions(&mut |expression| names.expression(expression, related));
        names.data_type(&mut self.data_type);
        names.column(&self.table, &mut self.name);
        let schema = self.table.schema.clone();
        names.relation(&mut self.table);
        if let Some(sequence) = &mut self.identity_sequence {
            names.relation(sequence);
            // It goes with its table.
            if self.table.schema != schema {
                sequence.schema = self.table.schema.clone();
            }
        }
    }
}

impl Column {
    /// An identity column's sequence carries default privileges of its own.
    pub fn protection(&self, context: &Context<'_>) -> Option<String> {
        let sequence = self.identity_sequence.as_ref()?;
        Some(format!("REVOKE ALL ON SEQUENCE {sequence} FROM {};", context.revoke_from))
    }
}
