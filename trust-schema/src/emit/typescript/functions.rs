//! `Functions`.

use std::collections::HashMap;

use super::collation::{collate, compare};
use super::layout::{Members, Type, member, nothing, optional};
use super::model::{Model, SchemaObjects};
use super::relations::row;
use super::text::string;
use super::types::{TypeKey, displayed, rank};
use crate::catalog::QualifiedName;
use crate::kinds::function::{Argument, Function, Returns};
use crate::sql::identifier::quote;

/// The group `Functions` of a schema.
pub fn group(model: &Model<'_>, schema: &SchemaObjects<'_>) -> Type {
    let mut names: Vec<(&str, Vec<&Function>)> = Vec::new();
    for function in &schema.functions {
        match names.last_mut().filter(|(name, _)| *name == &*function.name.name) {
            Some((_, overloads)) => overloads.push(function),
            None => names.push((&function.name.name, vec![function])),
        }
    }
    // Upstream collects them in an object of JavaScript, which puts whole numbers first.
    names.sort_by_key(|(name, _)| index(name).unwrap_or(u32::MAX));
    let members: Vec<_> = names
        .into_iter()
        .map(|(name, mut overloads)| {
            overloads.sort_by(|left, right| {
                collate(&arguments_text(left), &arguments_text(right))
                    .then_with(|| collate(&result_text(left), &result_text(right)))
                    .then_with(|| left.argument_types().cmp(&right.argument_types()))
            });
            let signatures = overloads.iter().map(|function| signature(model, function, &overloads)).collect();
            member(name, Type::union(signatures))
        })
        .collect();
    if members.is_empty() { nothing() } else { Type::Object(Members::broken(members)) }
}

/// A name that JavaScript takes for an index of an array.
fn index(name: &str) -> Option<u32> {
    name.parse::<u32>().ok().filter(|number| *number < u32::MAX && number.to_string() == name)
}

/// The functions that PostgREST shows as columns of a relation: those whose only argument is its row. By relation, in order.
pub fn computed_fields(model: &Model<'_>, schema: &SchemaObjects<'_>) -> HashMap<QualifiedName, Vec<(String, Type)>> {
    let mut fields: HashMap<QualifiedName, Vec<(String, Type)>> = HashMap::new();
    for function in &schema.functions {
        let [argument] = function.arguments.as_slice() else { continue };
        let Some(relation) = TypeKey::read(&argument.data_type).qualified().filter(|name| model.relations.contains_key(name)) else { continue };
        fields.entry(relation).or_default().push((function.name.name.to_string(), returned(model, function)));
    }
    fields
}

/// The argument list as `pg_get_function_arguments` prints it.
fn arguments_text(function: &Function) -> String {
    let argument = |argument: &Argument| {
        let default = argument.default.as_ref().map(|default| format!(" DEFAULT {}", default.text())).unwrap_or_default();
        format!("{} {}{default}", quote(&argument.name), displayed(&argument.data_type))
    };
    function.arguments.iter().map(argument).collect::<Vec<_>>().join(", ")
}

/// The result as `pg_get_function_result` prints it.
fn result_text(function: &Function) -> String {
    match &function.returns {
        Returns::Type(ty) => displayed(ty),
        Returns::SetOf(ty) => format!("SETOF {}", displayed(ty)),
        Returns::Table(columns) => {
            let columns = columns.iter().map(|(name, ty)| format!("{} {}", quote(name), displayed(ty))).collect::<Vec<_>>();
            format!("TABLE({})", columns.join(", "))
        }
    }
}

fn signature(model: &Model<'_>, function: &Function, overloads: &[&Function]) -> Type {
    let mut arguments: Vec<&Argument> = function.arguments.iter().collect();
    arguments.sort_by(|left, right| compare(&left.name, &right.name));
    let arguments: Vec<_> = arguments
        .into_iter()
        .map(|argument| {
            let ty = model.value_type(&TypeKey::read(&argument.data_type));
            if argument.default.is_some() { optional(&argument.name, ty) } else { member(&argument.name, ty) }
        })
        .collect();
    // "Callable with no arguments", as upstream explains.
    let arguments = if arguments.is_empty() { Type::word("Record<PropertyKey, never>") } else { Type::Object(Members::inline(arguments)) };
    let returned = match conflict(model, function, overloads) {
        Some(message) => {
            let error = Members::inline(vec![("error".to_owned(), Type::word("true"))]);
            Type::Intersection(error, string(&message))
        }
        None => returned(model, function),
    };
    let is_set = !matches!(function.returns, Returns::Type(_));
    let mut members = vec![("Args".to_owned(), arguments), ("Returns".to_owned(), if is_set { rows(returned) } else { returned })];
    members.extend(set_options(model, function, is_set).map(|options| ("SetofOptions".to_owned(), options)));
    Type::Object(Members::inline(members))
}

/// An array of results. Upstream writes `[]` behind the text, so that of a union (the values of an enum that is not exposed) only the last
/// type becomes an array, and of a conflict the message.
fn rows(ty: Type) -> Type {
    match ty {
        Type::Union(mut types) => {
            if let Some(last) = types.pop() {
                types.push(last.array());
            }
            Type::Union(types)
        }
        Type::Intersection(members, string) => Type::Intersection(members, format!("{string}[]")),
        other => other.array(),
    }
}

/// The type of a result, or of one row of it.
fn returned(model: &Model<'_>, function: &Function) -> Type {
    let ty = match &function.returns {
        Returns::Table(columns) if !columns.is_empty() => {
            let mut columns: Vec<&(String, String)> = columns.iter().collect();
            columns.sort_by(|left, right| compare(&left.0, &right.0));
            let members = columns.into_iter().map(|(name, ty)| member(name, model.value_type(&TypeKey::read(ty)))).collect();
            return Type::Object(Members::broken(members));
        }
        Returns::Table(_) => return Type::word("unknown"),
        Returns::Type(ty) | Returns::SetOf(ty) => ty,
    };
    let key = TypeKey::read(ty);
    match key.qualified().filter(|name| name.schema == function.name.schema).and_then(|name| model.relations.get(&name)) {
        Some(relation) if model.schemas.contains_key(&*function.name.schema) => Type::Object(Members::broken(row(model, relation))),
        _ => model.value_type(&key),
    }
}

/// Tells supabase-js that the result can be selected from like a table: a result of rows of a table, a view or a composite type.
fn set_options(model: &Model<'_>, function: &Function, is_set: bool) -> Option<Type> {
    let result = match &function.returns {
        Returns::Type(ty) | Returns::SetOf(ty) => ty,
        // One column: the type of the result is that of the column.
        Returns::Table(columns) => columns.first().filter(|_| columns.len() == 1).map(|(_, ty)| ty)?,
    };
    let to = row_type(model, result)?;
    let table_columns = match &function.returns {
        Returns::Table(columns) => columns.as_slice(),
        _ => &[],
    };
    let arguments = function.arguments.iter().map(|argument| argument.data_type.as_str());
    let all: Vec<&str> = arguments.chain(table_columns.iter().map(|(_, ty)| ty.as_str())).collect();
    let from = match all.as_slice() {
        [only] => row_type(model, only).map(|_| displayed(only)),
        _ => None,
    };
    let boolean = |value: bool| Type::word(if value { "true" } else { "false" });
    Some(Type::Object(Members::broken(vec![
        ("from".to_owned(), Type::Word(string(from.as_deref().unwrap_or("*")))),
        ("to".to_owned(), Type::Word(string(&to))),
        // A set is expected to hold more than one row unless its function says ROWS 1, which the spec cannot say.
        ("isOneToOne".to_owned(), boolean(!is_set)),
        ("isSetofReturn".to_owned(), boolean(is_set)),
    ])))
}

/// The name of a type that is the row of something.
fn row_type(model: &Model<'_>, text: &str) -> Option<String> {
    let key = TypeKey::read(text);
    let name = key.qualified()?;
    let is_row = model.relations.contains_key(&name) || model.composites.contains(&name) || model.names.relation(&name).is_some();
    is_row.then_some(key.name)
}

/// What PostgREST answers where it cannot choose between overloads: several take one argument of the same name.
fn conflict(model: &Model<'_>, function: &Function, overloads: &[&Function]) -> Option<String> {
    let [argument] = function.arguments.as_slice() else { return None };
    let key = TypeKey::read(&argument.data_type);
    let mut keys = vec![key.clone()];
    keys.extend(overloads.iter().filter_map(|other| match other.arguments.as_slice() {
        [other] if other.name == argument.name => Some(TypeKey::read(&other.data_type)).filter(|other| *other != key),
        _ => None,
    }));
    if keys.len() == 1 {
        return None;
    }
    keys.sort_by_key(|key| rank(key, &model.created));
    let QualifiedName { schema, name } = &function.name;
    let candidates = keys.iter().map(|key| format!("{schema}.{name}({} => {})", argument.name, key.name)).collect::<Vec<_>>().join(", ");
    Some(format!(
        "Could not choose the best candidate function between: {candidates}. Try renaming the parameters or the function itself in the database so function overloading can be resolved"
    ))
}
