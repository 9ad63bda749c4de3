//! `functions.rs`.

use super::context::{Context, LANGUAGE};
use super::names::{field, type_name};
use super::relations::{Shape, head, push_column};
use super::writer::{code, codes, document, literal, module as file};
use crate::catalog::QualifiedName;
use crate::diagnostic::Diagnostic;
use crate::emit::model::names::{Taken, qualified};
use crate::emit::model::{Argument, DataType, Function, ResultColumn, Returns, Type};

/// What the prefix of arguments, if all have it, is for: to tell them from columns in a body.
const ARGUMENT_PREFIX: &str = "p_";

/// The functions that a client may call.
pub fn module(context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let functions: Vec<&Function> = context.model.functions.iter().filter(|function| !function.executed_by.is_empty()).collect();
    let names: Vec<&QualifiedName> = functions.iter().map(|function| &function.name).collect();
    let mut items = Vec::with_capacity(functions.len());
    let mut taken = Taken::default();
    let mut rows = false;
    for (function, name) in functions.iter().zip(qualified(&names, type_name)) {
        taken.take(LANGUAGE, &name, function.id.to_string(), function.span, diagnostics);
        let answer = answer(function, &name, context);
        items.push(call(function, &name, &answer, context, diagnostics));
        if let Returns::Rows { columns, .. } = &function.returns {
            taken.take(LANGUAGE, &answer.output, format!("the row of {}", function.id), function.span, diagnostics);
            items.push(row(function, &answer.output, columns, context, diagnostics));
            rows = true;
        }
    }
    let imports: &[&str] = match (items.is_empty(), rows) {
        (true, _) => &[],
        (false, false) => &["Rpc"],
        (false, true) => &["Row", "Rpc"],
    };
    file("The functions: the arguments of each as a struct with `call`, and the rows of those that return a table.", imports, items)
}

/// How the derive reads what a function returns.
struct Answer {
    returns: &'static str,
    /// A Rust type; empty for nothing.
    output: String,
    as_text: bool,
}

fn answer(function: &Function, name: &str, context: &Context<'_>) -> Answer {
    match &function.returns {
        Returns::Nothing => Answer { returns: "void", output: String::new(), as_text: false },
        Returns::Rows { one, .. } => Answer { returns: if *one { "row" } else { "rows" }, output: format!("{name}Row"), as_text: false },
        // A row of a table is read by its columns. One that may be NULL as a whole would look like a row of NULLs.
        Returns::Value { data_type, nullable: false } if relation(data_type, context).is_some() => rows("row", data_type, context),
        Returns::Set { data_type, nullable: false } if relation(data_type, context).is_some() => rows("rows", data_type, context),
        Returns::Value { data_type, nullable } => values("scalar", data_type, *nullable, context),
        Returns::Set { data_type, nullable } => values("set", data_type, *nullable, context),
    }
}

fn values(returns: &'static str, data_type: &DataType, nullable: bool, context: &Context<'_>) -> Answer {
    let rust = context.rust_type(&data_type.form);
    Answer { returns, output: rust.nullable(nullable), as_text: rust.as_text }
}

fn rows(returns: &'static str, data_type: &DataType, context: &Context<'_>) -> Answer {
    Answer { returns, output: relation(data_type, context).unwrap_or_default(), as_text: false }
}

fn relation(data_type: &DataType, context: &Context<'_>) -> Option<String> {
    match &data_type.form {
        Type::Table(name) => context.tables.get(name).map(|name| format!("crate::tables::{name}")),
        Type::View(name) => context.views.get(name).map(|name| format!("crate::views::{name}")),
        _ => None,
    }
}

fn call(function: &Function, name: &str, answer: &Answer, context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let mut text = String::new();
    let about = if function.summary.trim().is_empty() { code(&function.name.to_string()) } else { function.summary.clone() };
    document(&mut text, "", &about);
    document(&mut text, "", "");
    document(&mut text, "", &format!("Executed by {}.", codes(&function.executed_by)));
    if !function.errors.is_empty() {
        document(&mut text, "", "");
        document(&mut text, "", &format!("# Errors\n{}, or any other error of the database or the connection.", codes(&function.errors)));
    }
    text.push_str("#[derive(Clone, Debug, PartialEq, Rpc)]\n");
    text.push_str(&format!(
        "#[rpc(schema = {}, name = {}, returns = \"{}\"",
        literal(&function.name.schema),
        literal(&function.name.name),
        answer.returns
    ));
    if !answer.output.is_empty() {
        text.push_str(&format!(", output = {}", literal(&answer.output)));
    }
    text.push_str(if answer.as_text { ", text)]\n" } else { ")]\n" });
    if function.arguments.is_empty() {
        return text + &format!("pub struct {name} {{}}\n");
    }
    text.push_str(&format!("pub struct {name} {{\n"));
    let prefixed =
        function.arguments.iter().all(|argument| argument.name.len() > ARGUMENT_PREFIX.len() && argument.name.starts_with(ARGUMENT_PREFIX));
    let mut taken = Taken::default();
    for given in &function.arguments {
        let field = push_argument(&mut text, given, prefixed, context);
        taken.take(LANGUAGE, &field, format!("argument `{}` of {}", given.name, function.id), function.span, diagnostics);
    }
    text + "}\n"
}

/// Adds a field; gives back its name.
fn push_argument(text: &mut String, argument: &Argument, prefixed: bool, context: &Context<'_>) -> String {
    let short = if prefixed { argument.name.strip_prefix(ARGUMENT_PREFIX) } else { None };
    let (field, differs) = field(short.unwrap_or(&argument.name));
    let rust = context.rust_type(&argument.data_type.form);
    match &argument.default {
        Some(default) => document(text, "    ", &format!("{}, by default {}", code(&argument.name), code(default))),
        None => document(text, "    ", &code(&argument.name)),
    }
    text.push_str("    #[rpc(");
    if differs || short.is_some() {
        text.push_str(&format!("argument = {}, ", literal(&argument.name)));
    }
    text.push_str(&format!("type = {}", literal(&argument.data_type.sql)));
    text.push_str(if argument.default.is_some() { ", default" } else { "" });
    text.push_str(if rust.as_text { ", text)]\n" } else { ")]\n" });
    // `None` leaves an argument to its default.
    text.push_str(&format!("    pub {field}: {},\n", rust.nullable(argument.default.is_some())));
    field
}

fn row(function: &Function, name: &str, columns: &[ResultColumn], context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let mut text = String::new();
    document(&mut text, "", &format!("A row of what {} returns.", code(&function.name.to_string())));
    text.push_str(&head("function", &function.name));
    text.push_str(&format!("pub struct {name} {{\n"));
    let mut taken = Taken::default();
    for column in columns {
        let about = code(&column.name);
        let shape = Shape { about: &about, name: &column.name, data_type: &column.data_type, nullable: column.nullable, default: false };
        let field = push_column(&mut text, &shape, context);
        taken.take(LANGUAGE, &field, format!("result column `{}` of {}", column.name, function.id), function.span, diagnostics);
    }
    text + "}\n"
}
