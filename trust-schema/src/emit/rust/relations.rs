//! `tables.rs` and `views.rs`.

use super::context::{Context, LANGUAGE};
use super::names::{constant, field};
use super::writer::{code, document, literal, module as file};
use crate::catalog::QualifiedName;
use crate::diagnostic::Diagnostic;
use crate::emit::model::names::{Taken, qualified};
use crate::emit::model::{DataType, Relation};

pub fn tables(context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let about = "The rows of the tables, and their columns as constants for `MatchesTable`.";
    let rust = |name: &QualifiedName| context.tables.get(name).map(String::as_str);
    module(about, "table", &context.model.tables, rust, context, diagnostics)
}

pub fn views(context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let about = "The rows of the views, and their columns as constants for `MatchesTable`.";
    let rust = |name: &QualifiedName| context.views.get(name).map(String::as_str);
    module(about, "view", &context.model.views, rust, context, diagnostics)
}

fn module<'c>(
    about: &str,
    kind: &str,
    relations: &[Relation],
    rust: impl Fn(&QualifiedName) -> Option<&'c str>,
    context: &Context<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> String {
    let mut items = Vec::with_capacity(relations.len() * 2);
    let names: Vec<&QualifiedName> = relations.iter().map(|relation| &relation.name).collect();
    let mut taken = Taken::default();
    for (relation, constant) in relations.iter().zip(qualified(&names, constant)) {
        let Some(name) = rust(&relation.name) else { continue };
        let sql = relation.name.to_string();
        taken.take(LANGUAGE, &constant, format!("{kind} `{sql}`"), relation.span, diagnostics);
        items.push(format!("/// The columns of {}.\npub const {constant}: crate::support::Table = {name}::TABLE;\n", code(&sql)));
    }
    for relation in relations {
        if let Some(name) = rust(&relation.name) {
            items.push(row(kind, relation, name, context, diagnostics));
        }
    }
    let imports: &[&str] = if items.is_empty() { &[] } else { &["Row"] };
    file(about, imports, items)
}

fn row(kind: &str, relation: &Relation, name: &str, context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let mut text = String::with_capacity(128 * (relation.columns.len() + 2));
    let sql = relation.name.to_string();
    document(&mut text, "", &format!("A row of {}.", code(&sql)));
    if let Some(comment) = &relation.comment {
        document(&mut text, "", "");
        document(&mut text, "", comment);
    }
    text.push_str(&head(kind, &relation.name));
    if relation.columns.is_empty() {
        return text + &format!("pub struct {name} {{}}\n");
    }
    text.push_str(&format!("pub struct {name} {{\n"));
    let mut taken = Taken::default();
    for column in &relation.columns {
        let about = match &column.comment {
            Some(comment) => format!("{}: {comment}", code(&column.name)),
            None => code(&column.name),
        };
        let shape =
            Shape { about: &about, name: &column.name, data_type: &column.data_type, nullable: column.nullable, default: column.has_default() };
        let field = push_column(&mut text, &shape, context);
        taken.take(LANGUAGE, &field, format!("column `{}` of `{sql}`", column.name), relation.span, diagnostics);
    }
    text + "}\n"
}

/// The attributes of a struct that is a row of something.
pub fn head(kind: &str, name: &QualifiedName) -> String {
    format!("#[derive(Clone, Debug, PartialEq, Row)]\n#[row(schema = {}, {kind} = {})]\n", literal(&name.schema), literal(&name.name))
}

/// What a field of a row says.
pub struct Shape<'m> {
    pub about: &'m str,
    pub name: &'m str,
    pub data_type: &'m DataType,
    pub nullable: bool,
    pub default: bool,
}

/// Adds a field; gives back its name.
pub fn push_column(text: &mut String, shape: &Shape<'_>, context: &Context<'_>) -> String {
    let (field, renamed) = field(shape.name);
    let rust = context.rust_type(&shape.data_type.form);
    document(text, "    ", shape.about);
    text.push_str("    #[column(");
    if renamed {
        text.push_str(&format!("name = {}, ", literal(shape.name)));
    }
    text.push_str(&format!("type = {}", literal(&shape.data_type.sql)));
    text.push_str(if shape.default { ", default" } else { "" });
    text.push_str(if rust.as_text { ", text)]\n" } else { ")]\n" });
    text.push_str(&format!("    pub {field}: {},\n", rust.nullable(shape.nullable)));
    field
}
