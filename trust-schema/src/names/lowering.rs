//! The second pass: references are resolved and objects are added to the Catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Names, at};
use crate::catalog::{Catalog, Entry, Id, QualifiedName};
use crate::contract::{Contract, ErrorContract, FunctionContract};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::comment::Comment;
use crate::kinds::error::ErrorSpec;
use crate::kinds::function::{Compiled, WaiverSpec};
use crate::kinds::grant::{Access, AccessItem, Grant, Privilege};
use crate::kinds::{Kind, Object};
use crate::operations::Operations;
use crate::parallel;
use crate::source::{Sources, Span};
use crate::spec::{Name, Text, Words};
use crate::sql::identifier;

/// Where an object comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    pub span: Span,
    /// The module that declares it.
    pub module: super::ModuleIndex,
}

/// A body as its author wrote it.
#[derive(Debug, Clone)]
pub struct WrittenBody {
    pub function: Id,
    pub text: Text,
    /// Where what was compiled begins: in the author's text, and in the body of the function, which may have guards in front.
    pub starts: (usize, usize),
    /// Findings that its author has looked at.
    pub waived: Vec<WaiverSpec>,
}

/// Origins by identity.
pub type Origins = std::collections::HashMap<Id, Origin, rustc_hash::FxBuildHasher>;

/// What the second pass makes.
#[derive(Default)]
pub struct Output {
    pub catalog: Catalog,
    pub origins: Origins,
    pub contract: Contract,
    pub operations: Operations,
    /// The bodies that authors wrote.
    pub bodies: Vec<WrittenBody>,
    pub diagnostics: Vec<Diagnostic>,
    /// What the spec says of the way from its release.
    pub intents: super::Intents,
    /// What the compiler adds wherever it is needed: the functions behind append-only tables.
    pub shared: BTreeSet<Id>,
    /// Where each constraint of a table is declared.
    constraint_names: FxHashMap<(QualifiedName, String), Span>,
    /// Expressions that have been parsed, by their text.
    pub(super) parsed: FxHashMap<String, crate::sql::expression::Expression>,
}

impl Output {
    /// Forgets what only the pass over one file needs.
    pub fn finish_file(&mut self) {
        self.constraint_names = FxHashMap::default();
        self.parsed = FxHashMap::default();
    }

    /// Adds what other files made.
    pub fn merge(&mut self, others: Vec<Output>) {
        let (mut catalogs, mut origins) = (Vec::new(), Vec::new());
        for other in others {
            let Output { catalog, origins: places, contract, operations, bodies, diagnostics, intents, shared, .. } = other;
            self.diagnostics.extend(diagnostics);
            self.shared.extend(shared);
            self.contract.functions.extend(contract.functions);
            self.contract.errors.extend(contract.errors);
            self.operations.extend(operations);
            self.bodies.extend(bodies);
            self.intents.extend(intents);
            catalogs.push(catalog);
            origins.push(places);
        }
        let objects = catalogs.iter().map(Catalog::len).sum();
        self.catalog.reserve(objects);
        let own = std::mem::take(&mut self.origins);
        let gather = || {
            let mut all = own.clone();
            all.reserve(objects);
            for (id, origin) in origins.iter().flatten() {
                all.entry(id.clone()).or_insert(*origin);
            }
            all
        };
        // Both keep what was first.
        let (all, twice) = parallel::join(gather, || {
            let mut twice = Vec::new();
            for (catalog, places) in catalogs.into_iter().zip(&origins) {
                twice.extend(catalog.into_entries().filter_map(|(id, entry)| self.insert(id, entry).err()).map(|id| (id, places)));
            }
            twice
        });
        self.origins = all;
        for (id, places) in twice {
            if let Some(origin) = places.get(&id) {
                self.tell_twice(&id, *origin);
            }
        }
    }

    /// Adds an object, or gives back the identity that is taken. What the compiler itself adds wherever it is needed may come again.
    fn insert(&mut self, id: Id, entry: impl Into<Arc<Entry>>) -> Result<Option<Id>, Id> {
        let entry = entry.into();
        if self.shared.contains(&id) && self.catalog.get(&id) == Some(&entry.object) {
            return Ok(None);
        }
        self.catalog.insert_as(id, entry).map(Some)
    }

    /// A second object of the same identity is a mistake of the spec.
    fn tell_twice(&mut self, id: &Id, origin: Origin) {
        let span = origin.span;
        // The first pass has told of names that share one set.
        let told = |known: &Diagnostic| known.code == &codes::DUPLICATE_NAME && known.labels.first().is_some_and(|label| label.span == span);
        if self.diagnostics.iter().any(told) {
            return;
        }
        let diagnostic = Diagnostic::error(&codes::DUPLICATE_NAME, format!("{id} is declared twice"), span);
        let first = self.origins.get(id).map(|origin| origin.span).filter(|first| *first != span);
        self.diagnostics.push(match first {
            Some(first) => diagnostic.label(first, "first declared here"),
            None => diagnostic,
        });
    }
}

/// The second pass over one file.
pub struct Lowering<'a> {
    pub names: &'a Names,
    pub sources: &'a Sources,
    pub module: super::ModuleIndex,
    /// Schema of names that state none.
    pub default_schema: String,
    /// Modules by migration.
    migrations: &'a BTreeMap<String, super::ModuleIndex>,
    /// Bodies in PL/pgSQL, as they were compiled into a release: their syntax has been looked at.
    pub released_bodies: &'a FxHashSet<String>,
    pub output: &'a mut Output,
}

impl<'a> Lowering<'a> {
    pub fn new(
        names: &'a Names,
        sources: &'a Sources,
        module: super::ModuleIndex,
        default_schema: &str,
        migrations: &'a BTreeMap<String, super::ModuleIndex>,
        released_bodies: &'a FxHashSet<String>,
        output: &'a mut Output,
    ) -> Lowering<'a> {
        Lowering { names, sources, module, default_schema: default_schema.to_owned(), migrations, released_bodies, output }
    }

    /// Runs `add` as if the module of another migration declared what it adds.
    pub fn in_migration(&mut self, migration: Option<&Text>, add: impl FnOnce(&mut Lowering<'a>)) {
        let Some(migration) = migration else { return add(self) };
        let Some(module) = self.migrations.get(&migration.value).copied() else {
            let known: Vec<&str> = self.migrations.keys().map(String::as_str).collect();
            let message = format!("unknown migration `{}`", migration.value);
            self.report(Diagnostic::error(&codes::UNKNOWN_MIGRATION, message, migration.span).suggest(&migration.value, known, None));
            return;
        };
        let own = std::mem::replace(&mut self.module, module);
        add(self);
        self.module = own;
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.output.diagnostics.push(diagnostic);
    }

    pub fn operations(&mut self) -> &mut Operations {
        &mut self.output.operations
    }

    /// Adds an object. A second one of the same identity is a mistake of the spec.
    pub fn add(&mut self, object: impl Into<Object>, mut needs: BTreeSet<Id>, span: Span) -> Id {
        let object = object.into();
        let id = object.id();
        if needs.remove(&id) {
            let diagnostic = Diagnostic::error(&codes::DEPENDENCY_CYCLE, format!("{id} needs itself"), span);
            self.report(diagnostic.help("it would have to exist before it is created"));
        }
        self.constraint_name(&object, span);
        let origin = Origin { span, module: self.module };
        match self.output.insert(id.clone(), Entry { object, needs }) {
            Ok(Some(id)) => drop(self.output.origins.insert(id, origin)),
            Ok(None) => {}
            Err(id) => self.output.tell_twice(&id, origin),
        }
        id
    }

    /// The constraints of a table share one set of names.
    fn constraint_name(&mut self, object: &Object, span: Span) {
        let (table, name) = match object {
            Object::PrimaryKey(key) => (&key.table, &key.name),
            Object::Unique(key) => (&key.table, &key.name),
            Object::Check(check) => (&check.table, &check.name),
            Object::ForeignKey(key) => (&key.table, &key.name),
            _ => return,
        };
        if let Some(first) = self.output.constraint_names.insert((table.clone(), name.clone()), span) {
            let message = format!("table `{table}` has two constraints `{name}`");
            self.report(Diagnostic::error(&codes::DUPLICATE_NAME, message, span).label(first, "first declared here"));
        }
    }

    pub fn comment(&mut self, target: &Id, text: Option<&Text>) {
        if let Some(text) = text {
            // PostgreSQL takes an empty comment for none.
            if text.value.is_empty() {
                self.report(
                    Diagnostic::error(&codes::BAD_VALUE, format!("the description of {target} is empty"), text.span)
                        .help("say in a few words what it is for"),
                );
                return;
            }
            self.add(Comment { target: target.clone(), text: text.value.clone() }, BTreeSet::new(), text.span);
        }
    }

    /// The object's name with its schema, which must exist.
    pub fn qualify(&mut self, name: &Text, schema: Option<&Text>) -> Option<QualifiedName> {
        let Some(schema) = schema else { return Some(QualifiedName::new(self.default_schema.as_str(), name.value.as_str())) };
        self.schema(schema)?;
        Some(QualifiedName::new(schema.value.as_str(), name.value.as_str()))
    }

    /// Whether a text can be a name at all: of something that the spec refers to and does not declare.
    pub fn plain_name(&mut self, name: &Text) -> bool {
        let problem = identifier::check(&name.value).err();
        if let Some(problem) = problem {
            self.report(Diagnostic::error(&codes::BAD_NAME, problem.message, name.span));
            return false;
        }
        true
    }

    /// A schema of the spec, or `public`.
    pub fn schema(&mut self, schema: &Text) -> Option<()> {
        match self.names.schemas.get(&schema.value) {
            Some(declared) if declared.external && schema.value != super::DEFAULT_SCHEMA => {
                let message = format!("schema `{}` belongs to the platform", schema.value);
                self.report(Diagnostic::error(&codes::NOT_OURS, message, schema.span).help("declare objects in a schema of the spec or in `public`"));
                None
            }
            Some(_) => Some(()),
            None => {
                let known: Vec<&str> = self.names.schemas.keys().map(String::as_str).collect();
                let message = format!("unknown schema `{}`", schema.value);
                let diagnostic = Diagnostic::error(&codes::UNKNOWN_NAME, message, schema.span).suggest(&schema.value, known, None);
                self.report(diagnostic.help(format!("declare it: `[schema.{}]`", schema.value)));
                None
            }
        }
    }

    /// The name of an object that the compiler adds.
    pub fn private_name(&mut self, what: &str, name: &Text, prefix: &str) -> Option<QualifiedName> {
        let Some(schema) = self.names.private_schema.clone() else {
            let message = format!("{what} needs a private schema");
            self.report(
                Diagnostic::error(&codes::MISSING_KEY, message, name.span)
                    .help("name one in `trust.toml`: `private_schema = \"…\"` under `[project]`, with a `[schema.…]` of that name"),
            );
            return None;
        };
        self.schema(&schema)?;
        let name = at(&format!("{prefix}_{}", name.value), name.span);
        if let Err(problem) = identifier::check(&name.value) {
            self.report(Diagnostic::error(&codes::BAD_NAME, problem.message, name.span));
            return None;
        }
        Some(QualifiedName::new(schema.value.as_str(), name.value.as_str()))
    }

    /// A role that may be named; PUBLIC may not.
    pub fn role(&mut self, role: &Text) -> Option<String> {
        if self.names.roles.contains_key(&role.value) {
            return Some(role.value.clone());
        }
        let diagnostic = if role.value.eq_ignore_ascii_case("public") {
            Diagnostic::error(&codes::PUBLIC_GRANTEE, "nothing is granted to PUBLIC", role.span)
                .help("PUBLIC is every present and future role: name the roles that are meant")
        } else {
            let known: Vec<&str> = self.names.roles.keys().map(String::as_str).collect();
            let listed = known.iter().map(|role| format!("`{role}`")).collect::<Vec<_>>().join(", ");
            Diagnostic::error(&codes::UNKNOWN_ROLE, format!("unknown role `{}`", role.value), role.span)
                .suggest(&role.value, known, None)
                .help(format!("known roles: {listed}; others are declared in `trust.toml`: `[role.…]`"))
        };
        self.report(diagnostic);
        None
    }

    /// Adds the grants on an object. `columns` are those of a table or view.
    pub fn access(&mut self, target: &Id, access: &Access, columns: &[&str]) {
        for (role, items) in &access.0 {
            let Some(grantee) = self.role(role) else { continue };
            let mut grant =
                Grant { target: target.clone(), grantee, privileges: BTreeSet::new(), columns: BTreeMap::new(), grantable: BTreeSet::new() };
            for item in items {
                self.grant_item(target, item, columns, &mut grant);
            }
            if !grant.privileges.is_empty() || !grant.columns.is_empty() {
                self.add(grant, BTreeSet::new(), role.span);
            }
        }
    }

    fn grant_item(&mut self, target: &Id, item: &AccessItem, columns: &[&str], grant: &mut Grant) {
        let privilege = item.privilege.value;
        let allowed = Privilege::grantable_on(target.kind());
        if !allowed.contains(&privilege) {
            let listed = allowed.iter().map(|privilege| format!("`{}`", privilege.label())).collect::<Vec<_>>().join(", ");
            let message = format!("`{}` cannot be granted on {target}", privilege.label());
            let diagnostic = Diagnostic::error(&codes::DANGEROUS_PRIVILEGE, message, item.privilege.span).help(format!("allowed here: {listed}"));
            self.report(match privilege {
                Privilege::Truncate | Privilege::Maintain => diagnostic.help("it ignores row-level security"),
                Privilege::References => diagnostic.help("a foreign key is an oracle for rows that policies hide"),
                Privilege::Trigger | Privilege::Create => diagnostic.help("it lets the role plant code that others run"),
                _ => diagnostic,
            });
            return;
        }
        let Some(named) = &item.columns else {
            grant.privileges.insert(privilege);
            return;
        };
        if !Privilege::ON_COLUMNS.contains(&privilege) || columns.is_empty() {
            let message = format!("`{}` on {target} cannot be limited to columns", privilege.label());
            self.report(Diagnostic::error(&codes::CONTRADICTION, message, item.privilege.span));
            return;
        }
        for column in named {
            if columns.contains(&column.value.as_str()) {
                grant.columns.entry(column.value.clone()).or_default().insert(privilege);
            } else {
                let message = format!("unknown column `{}` of {target}", column.value);
                self.report(Diagnostic::error(&codes::UNKNOWN_COLUMN, message, column.span).suggest(&column.value, columns.iter().copied(), None));
            }
        }
    }

    /// Adds a function with its comment, its EXECUTE grants and its contract.
    pub fn add_function(&mut self, compiled: Compiled, execute: &Words, span: Span) -> Id {
        let summary = compiled.summary.as_deref().map(|summary| at(summary, span));
        let contract = FunctionContract {
            summary: compiled.summary.unwrap_or_default(),
            effect: compiled.effect,
            nullable: compiled.nullable,
            guards: compiled.guards,
            errors: compiled.raises,
            calls: compiled.calls,
        };
        let id = self.add(compiled.function, compiled.needs, span);
        self.comment(&id, summary.as_ref());
        self.output.contract.functions.insert(id.clone(), contract);
        for role in execute {
            let Some(grantee) = self.role(role) else { continue };
            let grant = Grant {
                target: id.clone(),
                grantee,
                privileges: BTreeSet::from([Privilege::Execute]),
                columns: BTreeMap::new(),
                grantable: BTreeSet::new(),
            };
            self.add(grant, BTreeSet::new(), role.span);
        }
        id
    }

    pub fn error(&mut self, name: &Name, spec: &ErrorSpec) {
        let status = u16::try_from(spec.status.value).unwrap_or_default();
        let error = ErrorContract { status, sqlstate: format!("PT{status:03}"), summary: spec.summary.value.clone() };
        self.output.contract.errors.insert(name.value.clone(), error);
    }

    /// An object by kind and name, for example `table public.t`.
    pub fn object_reference(&mut self, text: &Text) -> Option<Id> {
        let id: Option<Id> = serde_json::from_value(serde_json::Value::String(text.value.clone())).ok();
        let known = id.filter(|id| self.is_declared(id));
        if known.is_none() {
            let message = format!("unknown object `{}`", text.value);
            let diagnostic = Diagnostic::error(&codes::UNKNOWN_NAME, message, text.span);
            self.report(diagnostic.help("write its kind and its name with the schema, for example `table public.t`"));
        }
        known
    }

    fn is_declared(&self, id: &Id) -> bool {
        let name = match identifier::parse_reference(id.name().split('(').next().unwrap_or_default()) {
            Ok((Some(schema), name)) => QualifiedName::new(schema, name),
            Ok((None, name)) => {
                return match id.kind() {
                    Kind::Schema => self.names.schemas.contains_key(&name),
                    Kind::Raw => self.names.raws.contains(&name),
                    _ => false,
                };
            }
            Err(_) => return false,
        };
        match id.kind() {
            Kind::Table | Kind::View => self.names.relations.get(&name).is_some_and(|relation| relation.id == *id),
            Kind::Function => self.names.functions.get(&name).is_some_and(|routines| routines.iter().any(|routine| routine.id.as_ref() == Some(id))),
            Kind::Enum | Kind::Domain | Kind::Composite => self.names.types.get(&name).is_some_and(|declared| declared.id.as_ref() == Some(id)),
            Kind::Sequence | Kind::Index => self.names.relation_names.contains_key(&name),
            _ => false,
        }
    }
}
