//! Everything about one object.

use std::collections::BTreeSet;

use serde_json::json;

use crate::catalog::{Id, Object};
use crate::cli::printer::{PLACE, Printer, QUIET, STRONG};
use crate::emit::sql::Surroundings;
use crate::kinds::Kind;
use crate::kinds::grant::Grant;
use crate::kinds::policy::{Command, Policy};
use crate::resolve::Resolution;
use crate::source::Sources;

/// Objects as `explain` shows them.
pub struct View<'r> {
    resolution: &'r Resolution,
    surroundings: Surroundings<'r>,
    sources: &'r Sources,
    folder: String,
}

impl<'r> View<'r> {
    pub fn new(resolution: &'r Resolution, sources: &'r Sources, folder: String) -> View<'r> {
        View { resolution, surroundings: Surroundings::new(resolution, sources), sources, folder }
    }

    /// Prints an object for people.
    pub fn print(&self, id: &Id, printer: &mut Printer) {
        printer.result(format!("{STRONG}{id}{STRONG:#}"));
        if let Some(function) = self.resolution.contract.functions.get(id)
            && !function.summary.is_empty()
        {
            printer.result(format!("  {}", function.summary));
        }
        let place = self.place(id).map_or_else(|| "brought by the platform".to_owned(), |(file, line)| format!("{file}:{line}"));
        printer.result(format!("  {PLACE}{place}{PLACE:#}"));
        if let Some(migration) = self.migration(id) {
            printer.result(format!("  {QUIET}migration {migration}{QUIET:#}"));
        }
        let group = self.group(id);
        let mut section = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                printer.result(format!("\n{STRONG}{title}{STRONG:#}"));
                lines.iter().flat_map(|text| text.lines()).for_each(|line| printer.result(format!("  {line}")));
            }
        };
        section("SQL", self.sql(id, &group));
        section("Who may do what", self.access(id));
        if let Some(function) = self.resolution.contract.functions.get(id) {
            section("Asserts first", function.guards.clone());
            section("Errors", function.errors.iter().map(|name| self.error(name)).collect());
            section("Calls", function.calls.iter().map(|id| self.reference(id)).collect());
        }
        section("Called by", self.callers(id).map(|id| self.reference(id)).collect());
        section("Needs", self.needs(&group).iter().map(|id| self.reference(id)).collect());
        section("Needed by", self.needed_by(&group).iter().map(|id| self.reference(id)).collect());
    }

    /// An object for programs.
    pub fn document(&self, id: &Id) -> serde_json::Value {
        let group = self.group(id);
        let place = self.place(id);
        let contract = self.resolution.contract.functions.get(id);
        json!({
            "id": id,
            "file": place.as_ref().map(|(file, _)| file),
            "line": place.as_ref().map(|(_, line)| line),
            "migration": self.migration(id),
            "sql": self.sql(id, &group),
            "access": self.access(id),
            "guards": contract.map(|function| &function.guards),
            "errors": contract.map(|function| &function.errors),
            "calls": contract.map(|function| &function.calls),
            "called_by": self.callers(id).collect::<Vec<_>>(),
            "needs": self.needs(&group),
            "needed_by": self.needed_by(&group),
        })
    }

    /// The object, its parts, and what hangs on them, at any depth.
    fn group(&self, id: &Id) -> BTreeSet<&'r Id> {
        let catalog = &self.resolution.catalog;
        let mut group: BTreeSet<&Id> = catalog.iter().map(|(known, _)| known).filter(|known| *known == id).collect();
        // Everything is in its schema; a schema's own page need not show all of it.
        let only_hanging = matches!(id.kind(), Kind::Schema | Kind::Extension | Kind::Role);
        loop {
            let before = group.len();
            for (known, entry) in catalog.iter() {
                let belongs = !only_hanging || matches!(known.kind(), Kind::Comment | Kind::Grant);
                // The rows of a seed are no part of the definition of their table.
                if belongs && !matches!(known.kind(), Kind::Seed) && entry.object.parents().iter().any(|parent| group.contains(parent)) {
                    group.insert(known);
                }
            }
            if group.len() == before {
                return group;
            }
        }
    }

    /// The statements that make the object as it is, in the order of the migrations.
    fn sql(&self, id: &Id, group: &BTreeSet<&Id>) -> Vec<String> {
        let context = self.surroundings.context();
        let steps: Vec<&Id> = self.resolution.plan().migrations.iter().flatten().filter(|step| group.contains(step)).collect();
        let created = steps.iter().filter_map(|step| self.resolution.catalog.get(step)).flat_map(|object| object.create(&context));
        let created: Vec<String> = created.collect();
        // A column is created with its table, so the plan does not name it.
        if !steps.contains(&id)
            && let Some(table) = self.resolution.catalog.get(id).and_then(|object| object.parents().into_iter().next())
            && self.surroundings.context().inline_of(&table).any(|object| object.id() == *id)
        {
            let mut lines = vec![format!("-- created with {table}:")];
            lines.extend(self.resolution.catalog.get(id).and_then(definition));
            lines.extend(created);
            return lines;
        }
        created
    }

    /// One line for each grant, with the policies that decide about rows.
    fn access(&self, id: &Id) -> Vec<String> {
        let objects = || self.resolution.catalog.objects();
        let grants = objects().filter_map(|object| match object {
            Object::Grant(grant) if grant.target == *id => Some(grant),
            _ => None,
        });
        let policies: Vec<&Policy> = objects()
            .filter_map(|object| match object {
                Object::Policy(policy) if object.parents().contains(id) => Some(policy),
                _ => None,
            })
            .collect();
        let mut lines: Vec<String> = grants.map(|grant| self.grant_line(grant, &policies)).collect();
        let api = matches!(id.kind(), Kind::Table | Kind::View | Kind::Function | Kind::Sequence);
        if lines.is_empty() && api && self.place(id).is_some() {
            lines.push("nobody but the owner".to_owned());
        }
        lines
    }

    fn grant_line(&self, grant: &Grant, policies: &[&Policy]) -> String {
        let mut privileges: Vec<String> = grant.privileges.iter().map(|privilege| privilege.keyword().to_owned()).collect();
        privileges.extend(grant.columns.iter().map(|(column, privileges)| {
            let words: Vec<&str> = privileges.iter().map(|privilege| privilege.keyword()).collect();
            format!("{} ({column})", words.join(", "))
        }));
        let applies = |policy: &&&Policy| policy.roles.iter().any(|role| *role == grant.grantee || role.eq_ignore_ascii_case("public"));
        let rows: Vec<String> = policies.iter().filter(applies).map(|policy| format!("{} ({})", policy.name, command(policy.command))).collect();
        let rows = match (grant.target.kind(), rows.is_empty()) {
            (Kind::Table, false) => format!("; rows by policy {}", rows.join(", ")),
            (Kind::Table, true) => "; no policy for this role: no rows, unless it bypasses row-level security".to_owned(),
            _ => String::new(),
        };
        format!("{}: {}{rows}", grant.grantee, privileges.join(", "))
    }

    /// The functions of the spec that call this one.
    fn callers(&self, id: &Id) -> impl Iterator<Item = &'r Id> {
        self.resolution.contract.functions.iter().filter(move |(_, function)| function.calls.contains(id)).map(|(caller, _)| caller)
    }

    fn error(&self, name: &str) -> String {
        match self.resolution.contract.errors.get(name) {
            Some(error) => format!("{name} ({}): {}", error.sqlstate, error.summary),
            None => name.to_owned(),
        }
    }

    /// What the group refers to outside itself.
    fn needs(&self, group: &BTreeSet<&Id>) -> BTreeSet<Id> {
        let catalog = &self.resolution.catalog;
        let parents = group.iter().filter_map(|id| catalog.get(id)).flat_map(Object::parents);
        let needs = group.iter().flat_map(|id| catalog.needs(id)).cloned();
        parents.chain(needs).filter(|id| !group.contains(id)).collect()
    }

    /// What refers to the group from outside; comments and grants do not count.
    fn needed_by(&self, group: &BTreeSet<&Id>) -> BTreeSet<Id> {
        let entries = self.resolution.catalog.iter().filter(|(id, _)| !group.contains(id) && !matches!(id.kind(), Kind::Comment | Kind::Grant));
        let refers = entries.filter(|(_, entry)| {
            entry.needs.iter().any(|need| group.contains(need)) || entry.object.parents().iter().any(|parent| group.contains(parent))
        });
        refers.map(|(id, _)| id.clone()).collect()
    }

    /// An object and its place, as a line of a list.
    fn reference(&self, id: &Id) -> String {
        match self.place(id) {
            Some((file, line)) => format!("{id}  {QUIET}{file}:{line}{QUIET:#}"),
            None => id.to_string(),
        }
    }

    /// Where the object is declared, unless the platform brings it.
    fn place(&self, id: &Id) -> Option<(String, usize)> {
        let span = self.resolution.origins.get(id)?.span;
        let path = &self.sources.get(span.file).path;
        // The platforms' own files are part of the program; the spec has no such path.
        (!path.starts_with('<')).then(|| (format!("{}/{path}", self.folder), self.sources.position(span).line))
    }

    fn migration(&self, id: &Id) -> Option<&'r str> {
        let table = self.resolution.catalog.get(id).and_then(|object| object.parents().into_iter().next());
        let has = |steps: &Vec<Id>| steps.contains(id) || table.as_ref().is_some_and(|table| steps.contains(table));
        let modules = || self.resolution.modules.iter().zip(&self.resolution.plan().migrations);
        // What a later migration adds to a table is found by its own name first.
        let found = modules().find(|(_, steps)| steps.contains(id)).or_else(|| modules().find(|(_, steps)| has(steps)));
        found.map(|(module, _)| module.migration.as_str())
    }
}

/// What CREATE TABLE says of a part.
fn definition(object: &Object) -> Option<String> {
    match object {
        Object::Column(column) => Some(column.definition()),
        Object::PrimaryKey(key) => Some(key.definition()),
        Object::Unique(key) => Some(key.definition()),
        Object::Check(check) => Some(check.definition()),
        _ => None,
    }
}

fn command(command: Command) -> String {
    format!("{command:?}").to_lowercase()
}
