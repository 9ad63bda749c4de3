//! Functions.

mod lower;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::guard::GuardUse;
use super::literal::Literal;
use super::statement::Context;
use super::{Kind, ObjectKind};
use crate::catalog::{Expression, Id, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::source::Span;
use crate::spec::{Decode, Decoder, Entries, Shape, Text, Value, Words};
use crate::sql::identifier::quote;
use crate::sql::quoted;

pub use lower::{Compiled, lower};

/// The `search_path` of every function: nothing but PostgreSQL's own schema, and temporary objects last, since an unnamed `pg_temp` is
/// searched first for relations.
pub const SEARCH_PATH: &str = "pg_catalog, pg_temp";

/// What a function does to data; decides volatility and whether it needs a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Writes: volatile, and asserts its guard first.
    Write,
    /// Reads only: stable, so that PostgreSQL itself refuses a write.
    Read,
    /// An assertion that guards call: volatile, so that it is never optimised away.
    Assert,
    /// A trigger function.
    Trigger,
    /// A helper that no API role may call.
    Internal,
}

/// The language of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Plpgsql,
    Sql,
}

/// With whose privileges a function or view runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    Definer,
    Invoker,
}

/// What PostgreSQL may assume of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Volatility {
    Volatile,
    Stable,
    Immutable,
}

/// An argument.
#[derive(Debug, Clone, Spec)]
pub struct ArgumentSpec {
    /// Its name, by which clients pass it.
    pub name: Text,
    /// Its data type.
    #[spec(key = "type")]
    pub data_type: Text,
    /// The value where a call leaves it out.
    pub default: Option<Literal>,
    /// What it is, for people.
    pub comment: Option<Text>,
}

/// A type, and whether the value may be NULL.
#[derive(Debug, Clone, Spec)]
#[spec(shorthand = "of_type")]
pub struct ReturnsSpec {
    /// A single value of this type.
    #[spec(key = "type")]
    pub data_type: Option<Text>,
    /// Any number of values of this type.
    pub set_of: Option<Text>,
    /// Rows with these columns.
    pub table: Option<Entries<ResultColumnSpec>>,
    /// Whether the value may be NULL; false by default.
    #[spec(default)]
    pub nullable: bool,
    #[spec(span)]
    pub span: Span,
}

/// A column of a result, or its type alone.
#[derive(Debug, Clone, Spec)]
#[spec(shorthand = "of_type")]
pub struct ResultColumnSpec {
    /// Its data type.
    #[spec(key = "type")]
    pub data_type: Text,
    /// Whether the value may be NULL; false by default.
    #[spec(default)]
    pub nullable: bool,
}

impl ResultColumnSpec {
    fn of_type(data_type: Text, _decoder: &mut Decoder<'_>) -> Option<ResultColumnSpec> {
        Some(ResultColumnSpec { data_type, nullable: false })
    }
}

impl ReturnsSpec {
    fn of_type(data_type: Text, _decoder: &mut Decoder<'_>) -> Option<ReturnsSpec> {
        let span = data_type.span;
        Some(ReturnsSpec { data_type: Some(data_type), set_of: None, table: None, nullable: false, span })
    }
}

/// The body of a function: inline, or in a file of the spec.
#[derive(Debug, Clone)]
pub enum BodySpec {
    Inline(Text),
    File(Text),
}

#[derive(Debug, Clone, Spec)]
struct BodyFile {
    /// Path of the file, relative to the spec's folder.
    file: Text,
}

impl Decode for BodySpec {
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Sql, BodyFile::shape()])
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        match decoder.if_string(value) {
            Some(text) => text.map(BodySpec::Inline),
            None => BodyFile::decode(value, decoder).map(|body| BodySpec::File(body.file)),
        }
    }
}

/// A function.
#[derive(Debug, Clone, Spec)]
pub struct FunctionSpec {
    /// What it does, for people: its comment in the database, and what documents and types of languages say of it.
    pub summary: Option<Text>,
    /// The schema; the module's by default.
    pub schema: Option<Text>,
    /// What it was called when it was released, `name` or `schema.name`: what calls it by reference goes on with it; clients, who call by name, do not.
    pub renamed_from: Option<Text>,
    /// `write`, `read`, `assert`, `trigger` or `internal`.
    pub effect: Effect,
    /// The roles that may call it; nobody by default.
    #[spec(default)]
    pub execute: Words,
    /// The guards that are asserted before anything else, in this order.
    #[spec(default)]
    pub guard: Vec<GuardUse>,
    /// Arguments, in order.
    #[spec(default)]
    pub args: Vec<ArgumentSpec>,
    /// The result: a type, `{ set_of = "…" }` or `{ table = { … } }`; `void` by default.
    pub returns: Option<ReturnsSpec>,
    /// `plpgsql`, the default, or `sql`.
    #[spec(default)]
    pub language: Language,
    /// `definer`, the default, or `invoker`.
    pub security: Option<Security>,
    /// Decided by the effect unless said here.
    pub volatility: Option<Volatility>,
    /// Whether a NULL argument makes the result NULL without a call.
    #[spec(default)]
    pub strict: bool,
    /// A PL/pgSQL block, or SQL statements: inline, or `{ file = "…" }`.
    pub body: BodySpec,
    /// The body is kept byte by byte. Otherwise the compiler takes white space away from both of its ends and writes a line break there; `import`
    /// keeps what a database has otherwise. It has no guards: they stand in front of a body that is put together.
    #[spec(default)]
    pub verbatim: bool,
    /// Findings about the body that somebody has looked at and accepts.
    #[spec(default)]
    pub waive: Vec<WaiverSpec>,
}

/// A finding that is accepted.
#[derive(Debug, Clone, Spec)]
pub struct WaiverSpec {
    /// The finding's code, `TS0701` or `write-not-dominated`.
    pub code: Text,
    /// The argument that it is about, of `caller-identity-unchecked`: the others are looked at on.
    pub argument: Option<Text>,
    /// Why it is no danger here.
    pub reason: Text,
}

/// An argument of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    pub name: String,
    pub data_type: String,
    #[serde(default)]
    pub default: Option<Expression>,
}

/// The result of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    Type(String),
    SetOf(String),
    /// Column names and types, in order.
    Table(Vec<(String, String)>),
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    #[serde(flatten)]
    pub name: QualifiedName,
    pub arguments: Vec<Argument>,
    pub returns: Returns,
    pub language: String,
    pub volatility: Volatility,
    pub security: Security,
    pub strict: bool,
    /// Settings that hold while it runs, as `pg_proc.proconfig` holds them.
    pub settings: BTreeMap<String, String>,
    pub body: String,
}

impl Function {
    /// `schema.name(types)`, as DROP, GRANT and COMMENT name it.
    pub fn signature(&self) -> String {
        format!("{}({})", self.name, self.argument_types().join(", "))
    }

    pub fn argument_types(&self) -> Vec<&str> {
        self.arguments.iter().map(|argument| argument.data_type.as_str()).collect()
    }

    /// The names that its body knows from its declaration: arguments, then the columns of its result.
    pub fn parameter_names(&self) -> Vec<&str> {
        let columns = if let Returns::Table(columns) = &self.returns { columns.as_slice() } else { &[] };
        let arguments = self.arguments.iter().map(|argument| argument.name.as_str());
        arguments.chain(columns.iter().map(|(name, _)| name.as_str())).collect()
    }
}

impl ObjectKind for Function {
    const KIND: Kind = Kind::Function;
    const INTROSPECTION: &'static str = include_str!("../introspection/function.sql");

    fn id(&self) -> Id {
        Id::function(&self.name, &self.argument_types())
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::global(Kind::Schema, &self.name.schema)]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        let arguments = self.arguments.iter().map(argument).collect::<Vec<_>>();
        let arguments = if arguments.is_empty() { String::new() } else { format!("\n  {}\n", arguments.join(",\n  ")) };
        let mut sql = format!("CREATE FUNCTION {}({arguments})\nRETURNS {}\n", self.name, returns(&self.returns));
        let volatility = self.volatility.label().to_uppercase();
        sql.push_str(&format!("LANGUAGE {}\n{volatility}", quote(&self.language)));
        if self.strict {
            sql.push_str(" STRICT");
        }
        sql.push_str(&format!(" SECURITY {}", self.security.label().to_uppercase()));
        for (name, value) in &self.settings {
            // A list of schemas is written as it stands; any other value is one string.
            let value = if name == "search_path" { value.clone() } else { quoted::quoted(value) };
            sql.push_str(&format!("\nSET {name} = {value}"));
        }
        sql.push_str(&format!("\nAS {};", quoted::dollar_quoted(&self.body, "function")));
        vec![sql, format!("REVOKE ALL ON FUNCTION {} FROM {};", self.signature(), context.revoke_from)]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP FUNCTION {};", self.signature())]
    }
    fn expressions(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        self.arguments.iter_mut().filter_map(|argument| argument.default.as_mut()).for_each(visit);
    }
    /// Everything but what callers see can be replaced: not the result, and neither the names of arguments nor that they may be left out.
    fn alter(&self, before: &Self, context: &Context<'_>) -> Option<Vec<Alteration>> {
        let keeps =
            self.arguments.iter().zip(&before.arguments).all(|(new, old)| new.name == old.name && (old.default.is_none() || new.default.is_some()));
        if self.returns != before.returns || !keeps {
            return None;
        }
        // The ACL stays as it is.
        let create = self.create(context).into_iter().next()?;
        Some(vec![Alteration::catalog(create.replacen("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))])
    }
    fn rename(&mut self, names: &Renaming, related: &[QualifiedName]) {
        names.function(&mut self.name);
        for argument in &mut self.arguments {
            names.data_type(&mut argument.data_type);
        }
        match &mut self.returns {
            Returns::Type(data_type) | Returns::SetOf(data_type) => names.data_type(data_type),
            Returns::Table(columns) => columns.iter_mut().for_each(|(_, data_type)| names.data_type(data_type)),
        }
        self.expressions(&mut |expression| names.expression(expression, related));
    }
}

fn argument(argument: &Argument) -> String {
    let default = argument.default.as_ref().map(|default| format!(" DEFAULT {}", default.text())).unwrap_or_default();
    format!("{} {}{default}", quote(&argument.name), argument.data_type)
}

fn returns(returns: &Returns) -> String {
    match returns {
        Returns::Type(ty) => ty.clone(),
        Returns::SetOf(ty) => format!("SETOF {ty}"),
        Returns::Table(columns) => {
            let columns = columns.iter().map(|(name, ty)| format!("{} {ty}", quote(name))).collect::<Vec<_>>();
            format!("TABLE ({})", columns.join(", "))
        }
    }
}
