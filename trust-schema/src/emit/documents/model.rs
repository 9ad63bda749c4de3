//! What the documents say of a spec.

use std::collections::BTreeMap;

use serde::Serialize;

use super::tables::{self, Table};
use crate::catalog::{Id, Object};
use crate::emit::contract::callers;
use crate::emit::operations::file_name;
use crate::emit::sql::Surroundings;
use crate::kinds::Kind;
use crate::kinds::function::{Effect, Function, Returns, Security, Volatility};
use crate::kinds::monitor::AlertSeverity;
use crate::operations::{Assignment, Operations, Revocation};
use crate::resolve::Resolution;
use crate::sql::identifier::quote;

/// A whole spec.
#[derive(Serialize)]
pub struct Model<'r> {
    summary: &'r str,
    api_roles: &'r [String],
    migrations: Vec<Named<'r>>,
    schemas: Vec<Schema<'r>>,
    extensions: Vec<String>,
    enums: Vec<Enumeration<'r>>,
    tables: Vec<Table<'r>>,
    views: Vec<Named<'r>>,
    rpc: Vec<Rpc<'r>>,
    internal: Vec<Rpc<'r>>,
    protected_tables: usize,
    guarded_writes: usize,
    unguarded_writes: Vec<&'r str>,
    errors: Vec<Failure<'r>>,
    seeds: Vec<Seed<'r>>,
    schedules: Vec<Schedule<'r>>,
    kill_switches: Vec<Switch<'r>>,
    partial_rollbacks: Vec<Switch<'r>>,
    monitors: Vec<Monitor<'r>>,
    retentions: Vec<Retention<'r>>,
    smoke_tests: Vec<Smoke<'r>>,
}

/// Something with a name and a summary.
#[derive(Serialize)]
struct Named<'r> {
    name: &'r str,
    summary: &'r str,
}

/// The tables and functions of a schema, by name.
#[derive(Serialize)]
struct Schema<'r> {
    name: &'r str,
    tables: Vec<&'r str>,
    functions: Vec<&'r str>,
}

#[derive(Serialize)]
struct Enumeration<'r> {
    name: &'r str,
    comment: Option<&'r str>,
    values: &'r [String],
}

#[derive(Serialize)]
struct Rpc<'r> {
    name: &'r str,
    signature: String,
    result: String,
    summary: &'r str,
    effect: Option<Effect>,
    volatility: Volatility,
    security: Security,
    roles: Vec<&'r str>,
    guards: &'r [String],
    errors: Vec<&'r str>,
}

#[derive(Serialize)]
struct Failure<'r> {
    name: &'r str,
    status: u16,
    sqlstate: &'r str,
    summary: &'r str,
}

#[derive(Serialize)]
struct Seed<'r> {
    name: &'r str,
    table: String,
    rows: usize,
}

#[derive(Serialize)]
struct Schedule<'r> {
    name: &'r str,
    cron: &'r str,
    function: String,
    summary: &'r str,
}

#[derive(Serialize)]
struct Switch<'r> {
    name: &'r str,
    file: String,
    summary: &'r str,
    effects: Vec<String>,
}

#[derive(Serialize)]
struct Monitor<'r> {
    name: &'r str,
    view: &'r str,
    summary: &'r str,
    when: Option<&'r str>,
    severity: Option<&'static str>,
    alert: Option<&'r str>,
}

#[derive(Serialize)]
struct Retention<'r> {
    table: &'r str,
    keep: &'r str,
    by: &'r str,
    function: &'r str,
}

#[derive(Serialize)]
struct Smoke<'r> {
    name: &'r str,
    file: String,
    summary: &'r str,
    steps: usize,
}

/// Texts of comments, by what they are on.
pub type Comments<'r> = BTreeMap<&'r Id, &'r str>;

pub fn model<'r>(surroundings: &Surroundings<'r>) -> Model<'r> {
    let resolution = surroundings.resolution;
    let catalog = &resolution.catalog;
    let comments: Comments<'r> = catalog
        .objects()
        .filter_map(|object| if let Object::Comment(comment) = object { Some((&comment.target, comment.text.as_str())) } else { None })
        .collect();
    let functions = functions(resolution);
    let (rpc, internal): (Vec<Rpc<'_>>, Vec<Rpc<'_>>) = functions.into_iter().partition(|function| !function.roles.is_empty());
    let writes = || rpc.iter().filter(|function| function.effect == Some(Effect::Write));
    let guarded_writes = writes().filter(|function| !function.guards.is_empty()).count();
    let unguarded_writes = writes().filter(|function| function.guards.is_empty()).map(|function| function.name).collect();
    let operations = &resolution.operations;
    Model {
        summary: &resolution.project.summary,
        api_roles: &resolution.project.api_roles,
        migrations: resolution.modules.iter().map(|module| Named { name: &module.migration, summary: &module.summary }).collect(),
        schemas: schemas(resolution),
        extensions: catalog
            .objects()
            .filter_map(|object| {
                if let Object::Extension(extension) = object { Some(format!("{} in schema {}", extension.name, extension.schema)) } else { None }
            })
            .collect(),
        enums: catalog
            .iter()
            .filter_map(|(id, entry)| {
                if let Object::Enum(object) = &entry.object {
                    Some(Enumeration { name: id.name(), comment: comments.get(id).copied(), values: &object.values })
                } else {
                    None
                }
            })
            .collect(),
        tables: tables::tables(surroundings, &comments),
        views: catalog
            .iter()
            .filter(|(id, _)| id.kind() == Kind::View)
            .map(|(id, _)| Named { name: id.name(), summary: comments.get(id).copied().unwrap_or_default() })
            .collect(),
        protected_tables: catalog.objects().filter(|object| matches!(object, Object::Table(table) if table.row_level_security)).count(),
        guarded_writes,
        unguarded_writes,
        rpc,
        internal,
        errors: resolution
            .contract
            .errors
            .iter()
            .map(|(name, error)| Failure { name, status: error.status, sqlstate: &error.sqlstate, summary: &error.summary })
            .collect(),
        seeds: catalog
            .objects()
            .filter_map(|object| {
                if let Object::Seed(seed) = object {
                    Some(Seed { name: &seed.name, table: seed.table.to_string(), rows: seed.rows.len() })
                } else {
                    None
                }
            })
            .collect(),
        schedules: schedules(resolution),
        kill_switches: kill_switches(operations),
        partial_rollbacks: partial_rollbacks(operations),
        monitors: monitors(operations),
        retentions: operations
            .retentions
            .iter()
            .map(|rule| Retention { table: rule.table.name(), keep: &rule.keep, by: &rule.by, function: rule.function.name() })
            .collect(),
        smoke_tests: operations
            .smoke_tests
            .iter()
            .map(|test| Smoke { name: &test.name, file: file_name(&test.name), summary: &test.summary, steps: test.steps.len() })
            .collect(),
    }
}

fn schemas(resolution: &Resolution) -> Vec<Schema<'_>> {
    let mut schemas: BTreeMap<&str, Schema<'_>> = BTreeMap::new();
    for object in resolution.catalog.objects() {
        let (name, is_table) = match object {
            Object::Table(table) => (&table.name, true),
            Object::Function(function) => (&function.name, false),
            _ => continue,
        };
        let schema = schemas.entry(&name.schema).or_insert_with(|| Schema { name: &name.schema, tables: Vec::new(), functions: Vec::new() });
        if is_table { schema.tables.push(&name.name) } else { schema.functions.push(&name.name) }
    }
    schemas.into_values().collect()
}

fn functions(resolution: &Resolution) -> Vec<Rpc<'_>> {
    let callers = callers(resolution);
    let mut functions = Vec::new();
    for (id, entry) in resolution.catalog.iter() {
        let Object::Function(function) = &entry.object else { continue };
        let contract = resolution.contract.functions.get(id);
        functions.push(Rpc {
            name: id.name(),
            signature: signature(function),
            result: result(function),
            summary: contract.map_or("", |contract| &contract.summary),
            effect: contract.map(|contract| contract.effect),
            volatility: function.volatility,
            security: function.security,
            roles: callers.get(id).cloned().unwrap_or_default(),
            guards: contract.map_or(&[], |contract| &contract.guards),
            errors: contract.map(|contract| contract.errors.iter().map(String::as_str).collect()).unwrap_or_default(),
        });
    }
    functions
}

/// `schema.name(argument type = default, …)`.
fn signature(function: &Function) -> String {
    let arguments = function.arguments.iter().map(|argument| {
        let default = argument.default.as_ref().map(|default| format!(" = {}", default.text())).unwrap_or_default();
        format!("{} {}{default}", quote(&argument.name), argument.data_type)
    });
    format!("{}({})", function.name, arguments.collect::<Vec<_>>().join(", "))
}

fn result(function: &Function) -> String {
    match &function.returns {
        Returns::Type(ty) => ty.clone(),
        Returns::SetOf(ty) => format!("setof {ty}"),
        Returns::Table(columns) => {
            let columns = columns.iter().map(|(name, ty)| format!("{} {ty}", quote(name))).collect::<Vec<_>>();
            format!("table ({})", columns.join(", "))
        }
    }
}

fn schedules(resolution: &Resolution) -> Vec<Schedule<'_>> {
    let mut schedules = Vec::new();
    for object in resolution.catalog.objects() {
        let Object::Schedule(schedule) = object else { continue };
        let summary = resolution.contract.functions.get(&Id::function(&schedule.function, &[])).map_or("", |contract| contract.summary.as_str());
        schedules.push(Schedule { name: &schedule.name, cron: &schedule.cron, function: schedule.function.to_string(), summary });
    }
    schedules
}

fn kill_switches(operations: &Operations) -> Vec<Switch<'_>> {
    let switches = operations.kill_switches.iter().map(|switch| {
        let effects = switch.assignments.iter().map(Assignment::statement).chain(switch.revocations.iter().map(revocation)).collect();
        Switch { name: &switch.name, file: file_name(&switch.name), summary: &switch.summary, effects }
    });
    switches.collect()
}

fn partial_rollbacks(operations: &Operations) -> Vec<Switch<'_>> {
    let rollbacks = operations.partial_rollbacks.iter().map(|rollback| {
        let truncate = rollback.truncate.iter().map(|table| format!("TRUNCATE TABLE {};", table.name()));
        let effects = truncate.chain(rollback.revocations.iter().map(revocation)).collect();
        Switch { name: &rollback.name, file: file_name(&rollback.name), summary: &rollback.summary, effects }
    });
    rollbacks.collect()
}

fn revocation(revocation: &Revocation) -> String {
    let word = if revocation.target.kind() == Kind::Function { "FUNCTION" } else { "TABLE" };
    let roles = revocation.roles.iter().map(|role| quote(role)).collect::<Vec<_>>().join(", ");
    format!("REVOKE ALL ON {word} {} FROM {roles};", revocation.target.name())
}

fn monitors(operations: &Operations) -> Vec<Monitor<'_>> {
    let monitors = operations.monitors.iter().map(|monitor| Monitor {
        name: &monitor.name,
        view: monitor.view.name(),
        summary: &monitor.summary,
        when: monitor.alert.as_ref().map(|alert| alert.when.as_str()),
        severity: monitor.alert.as_ref().map(|alert| severity(alert.severity)),
        alert: monitor.alert.as_ref().map(|alert| alert.summary.as_str()),
    });
    monitors.collect()
}

fn severity(severity: AlertSeverity) -> &'static str {
    match severity {
        AlertSeverity::Info => "info",
        AlertSeverity::Warning => "warning",
        AlertSeverity::Critical => "critical",
    }
}
