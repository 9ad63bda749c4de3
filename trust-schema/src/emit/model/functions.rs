//! Functions and what they promise.

use std::collections::{BTreeSet, HashMap};

use super::build::span;
use super::types::Types;
use super::{Argument, Function, ResultColumn, Returns};
use crate::catalog::{Id, Object};
use crate::kinds::function;
use crate::kinds::grant::Privilege;
use crate::resolve::Resolution;
use crate::sql::identifier::quote;

/// All functions, in the order of their identities.
pub(super) fn functions(resolution: &Resolution, types: &mut Types<'_>) -> Vec<Function> {
    let mut grants: HashMap<&Id, BTreeSet<String>> = HashMap::new();
    for object in resolution.catalog.objects() {
        if let Object::Grant(grant) = object
            && (grant.privileges.contains(&Privilege::Execute) || grant.privileges.contains(&Privilege::Usage))
        {
            grants.entry(&grant.target).or_default().insert(grant.grantee.clone());
        }
    }
    // Nobody uses a schema of the spec unless told so; those of others are taken to be open, as `public` is.
    let mut functions = Vec::new();
    for (id, entry) in resolution.catalog.iter() {
        let Object::Function(object) = &entry.object else { continue };
        let contract = resolution.contract.functions.get(id);
        let nullable = |column: &str| contract.is_some_and(|contract| contract.nullable.contains(column));
        let roles = grants.get(id).cloned().unwrap_or_default();
        let is_client = |role: &&String| resolution.project.api_roles.contains(role) && resolution.may_use_schema(&object.name.schema, role);
        let arguments = object.arguments.iter().map(|argument| Argument {
            name: argument.name.clone(),
            data_type: types.data_type(&argument.data_type),
            default: argument.default.as_ref().map(|default| default.text().to_owned()),
        });
        functions.push(Function {
            id: id.clone(),
            name: object.name.clone(),
            arguments: arguments.collect(),
            returns: returns(object, nullable, types),
            summary: contract.map(|contract| contract.summary.clone()).unwrap_or_default(),
            errors: contract.map(|contract| contract.errors.clone()).unwrap_or_default(),
            executed_by: roles.iter().filter(is_client).cloned().collect(),
            roles,
            span: span(resolution, id),
        });
    }
    functions
}

fn returns(function: &function::Function, nullable: impl Fn(&str) -> bool, types: &mut Types<'_>) -> Returns {
    match &function.returns {
        function::Returns::Type(ty) if ty == "void" => Returns::Nothing,
        function::Returns::Type(ty) => Returns::Value { data_type: types.data_type(ty), nullable: nullable("") },
        function::Returns::SetOf(ty) => Returns::Set { data_type: types.data_type(ty), nullable: nullable("") },
        function::Returns::Table(columns) => {
            let one = returns_one_row(&function.body, columns);
            let column =
                |(name, ty): &(String, String)| ResultColumn { name: name.clone(), data_type: types.data_type(ty), nullable: nullable(name) };
            Returns::Rows { columns: columns.iter().map(column).collect(), one }
        }
    }
}

/// Whether a body is straight-line code that fills the columns and returns them once: calls, one assignment for each column, one
/// RETURN NEXT, each on a line of its own. That is what a retention run compiles to; anything else counts as any number of rows.
fn returns_one_row(body: &str, columns: &[(String, String)]) -> bool {
    let Some(statements) = body.strip_prefix("\nBEGIN\n").and_then(|body| body.strip_suffix("  RETURN NEXT;\nEND\n")) else { return false };
    let mut assigned = columns.iter().map(|(name, _)| format!("{} := ", quote(name)));
    let straight = statements.lines().all(|line| {
        let Some(statement) = line.trim_start().strip_suffix(';').filter(|statement| !statement.contains(';')) else { return false };
        statement.starts_with("PERFORM ") || assigned.next().is_some_and(|target| statement.starts_with(&target))
    });
    straight && assigned.next().is_none()
}
