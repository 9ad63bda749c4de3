//! `contract/rpc-snapshot.json`: what callers may rely on, to be compared between versions.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Files;
use super::sql::Surroundings;
use crate::catalog::{Id, Object};
use crate::contract::{Contract, FunctionContract};
use crate::kinds::function::{Effect, Function, Returns, Security, Volatility};
use crate::kinds::grant::Privilege;
use crate::resolve::Resolution;

/// Grows when a reader of the old form would misread the new one.
const FORMAT_VERSION: u32 = 1;

/// Names of enum types and their labels in order.
type Enums<'r> = BTreeMap<&'r str, &'r [String]>;

#[derive(Serialize)]
struct Snapshot<'r> {
    format_version: u32,
    project: &'r str,
    /// Functions that a client may call, by identity.
    functions: Vec<Rpc<'r>>,
    /// Enum types that they take or return, with their labels in order.
    enums: Enums<'r>,
    /// All other functions, by identity.
    internal: Vec<&'r str>,
}

#[derive(Serialize)]
struct Rpc<'r> {
    schema: &'r str,
    name: &'r str,
    arguments: Vec<Argument<'r>>,
    result: Outcome<'r>,
    effect: Effect,
    volatility: Volatility,
    security: Security,
    roles: Vec<&'r str>,
    guards: &'r [String],
    errors: Vec<Failure<'r>>,
    summary: &'r str,
}

#[derive(Serialize)]
struct Argument<'r> {
    name: &'r str,
    r#type: &'r str,
    optional: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<&'r str>,
}

#[derive(Serialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
enum Outcome<'r> {
    Void,
    Value { r#type: &'r str, nullable: bool },
    Set { r#type: &'r str, nullable: bool },
    Rows { columns: Vec<Column<'r>> },
}

#[derive(Serialize)]
struct Column<'r> {
    name: &'r str,
    r#type: &'r str,
    nullable: bool,
}

#[derive(Serialize)]
struct Failure<'r> {
    name: &'r str,
    status: u16,
    sqlstate: &'r str,
}

/// `contract/rpc-snapshot.json`.
pub fn emit(surroundings: &Surroundings<'_>, files: &mut Files) {
    let snapshot = snapshot(surroundings.resolution);
    // Texts and numbers in structs: nothing that JSON cannot hold.
    let Ok(text) = serde_json::to_string_pretty(&snapshot) else { return };
    files.insert("contract/rpc-snapshot.json", format!("{text}\n"));
}

fn snapshot(resolution: &Resolution) -> Snapshot<'_> {
    let callers = callers(resolution);
    let declared: Enums<'_> = resolution
        .catalog
        .iter()
        .filter_map(|(id, entry)| if let Object::Enum(object) = &entry.object { Some((id.name(), object.values.as_slice())) } else { None })
        .collect();
    let (mut functions, mut internal, mut enums) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (id, entry) in resolution.catalog.iter() {
        let Object::Function(function) = &entry.object else { continue };
        let Some((roles, contract)) = callers.get(id).zip(resolution.contract.functions.get(id)) else {
            internal.push(id.name());
            continue;
        };
        collect_enums(function, &declared, &mut enums);
        functions.push(rpc(function, roles.clone(), contract, &resolution.contract));
    }
    Snapshot { format_version: FORMAT_VERSION, project: &resolution.project.name, functions, enums, internal }
}

/// The API roles that can call each function, sorted: those that may execute it and reach its schema. (For a policy to call a function,
/// EXECUTE alone is enough.)
pub fn callers(resolution: &Resolution) -> BTreeMap<&Id, Vec<&str>> {
    let mut callers: BTreeMap<&Id, Vec<&str>> = BTreeMap::new();
    for object in resolution.catalog.objects() {
        if let Object::Grant(grant) = object
            && grant.privileges.contains(&Privilege::Execute)
            && resolution.project.api_roles.contains(&grant.grantee)
            && let Some(Object::Function(function)) = resolution.catalog.get(&grant.target)
            && resolution.may_use_schema(&function.name.schema, &grant.grantee)
        {
            callers.entry(&grant.target).or_default().push(&grant.grantee);
        }
    }
    callers.values_mut().for_each(|roles| roles.sort_unstable());
    callers
}

fn rpc<'r>(function: &'r Function, roles: Vec<&'r str>, contract: &'r FunctionContract, all: &'r Contract) -> Rpc<'r> {
    let argument = |argument: &'r crate::kinds::function::Argument| Argument {
        name: &argument.name,
        r#type: &argument.data_type,
        optional: argument.default.is_some(),
        default: argument.default.as_ref().map(|default| default.text()),
    };
    let failure = |name: &'r String| {
        let error = all.errors.get(name)?;
        Some(Failure { name, status: error.status, sqlstate: &error.sqlstate })
    };
    Rpc {
        schema: &function.name.schema,
        name: &function.name.name,
        arguments: function.arguments.iter().map(argument).collect(),
        result: outcome(&function.returns, &contract.nullable),
        effect: contract.effect,
        volatility: function.volatility,
        security: function.security,
        roles,
        guards: &contract.guards,
        errors: contract.errors.iter().filter_map(failure).collect(),
        summary: &contract.summary,
    }
}

fn outcome<'r>(returns: &'r Returns, nullable: &BTreeSet<String>) -> Outcome<'r> {
    match returns {
        Returns::Type(ty) if ty == "void" => Outcome::Void,
        Returns::Type(ty) => Outcome::Value { r#type: ty, nullable: nullable.contains("") },
        Returns::SetOf(ty) => Outcome::Set { r#type: ty, nullable: nullable.contains("") },
        Returns::Table(columns) => {
            let column = |(name, ty): &'r (String, String)| Column { name, r#type: ty, nullable: nullable.contains(name) };
            Outcome::Rows { columns: columns.iter().map(column).collect() }
        }
    }
}

/// The enums among the types of a function's arguments and result; an array counts as its element.
fn collect_enums<'r>(function: &'r Function, declared: &Enums<'r>, enums: &mut Enums<'r>) {
    let arguments = function.arguments.iter().map(|argument| argument.data_type.as_str());
    let results: Vec<&str> = match &function.returns {
        Returns::Type(ty) | Returns::SetOf(ty) => vec![ty],
        Returns::Table(columns) => columns.iter().map(|(_, ty)| ty.as_str()).collect(),
    };
    for ty in arguments.chain(results) {
        if let Some((name, labels)) = declared.get_key_value(ty.trim_end_matches("[]")) {
            enums.insert(name, labels);
        }
    }
}
