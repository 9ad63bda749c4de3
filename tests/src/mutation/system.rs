//! A system to be weakened, and what the compiler, `lint` and the diff of access say of a mutant.

use std::collections::BTreeSet;

use trust_schema::access::{self, Access, Direction};
use trust_schema::catalog::{Catalog, Id, Kind, Object};
use trust_schema::compile::{Compilation, compile};
use trust_schema::diagnostic::{Diagnostic, Severity};
use trust_schema::emit::{self, Files};
use trust_schema::lint::{self, Context, Surroundings};
use trust_schema::resolve::{Resolution, resolve};
use trust_schema::source::SourceFile;

use super::mutants::{self, Change, Mutant};

/// What told of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The compiler, or the server, does not take it.
    Refused,
    /// A rule of `lint`.
    Lint,
    /// The semantic diff of access: somebody gains something, or a condition is another one.
    Access,
    /// The database is not what the spec says.
    Proof,
    /// A smoke test of the spec fails.
    Smoke,
    /// A leak that the attack found.
    Attack,
    /// Somebody is answered otherwise, or other rows are written; nobody got what is not his.
    Answers,
    /// Nothing tells of it.
    Withstands,
    /// It makes the same database: everything that can be read of it is the same.
    Same,
    /// It was not tried on a server.
    NotTried,
}

impl Stage {
    pub const ALL: [Stage; 10] = [
        Stage::Refused,
        Stage::Lint,
        Stage::Access,
        Stage::Proof,
        Stage::Smoke,
        Stage::Attack,
        Stage::Answers,
        Stage::Withstands,
        Stage::Same,
        Stage::NotTried,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Stage::Refused => "refused",
            Stage::Lint => "lint",
            Stage::Access => "access diff",
            Stage::Proof => "proof",
            Stage::Smoke => "smoke test",
            Stage::Attack => "attack: leak",
            Stage::Answers => "other answers",
            Stage::Withstands => "withstands",
            Stage::Same => "same database",
            Stage::NotTried => "not tried",
        }
    }
}

/// What became of a mutant before any server is asked.
pub enum Judged {
    /// It is no spec, or the same system.
    Stillborn,
    Told(Stage, BTreeSet<String>),
    /// With what it makes of the Catalog.
    Survives(Box<Catalog>),
}

/// Errors of a change that makes no spec.
const STILLBORN: [&str; 11] = [
    "toml-syntax",
    "bad-sql",
    "unknown-role",
    "unknown-name",
    "unknown-key",
    "wrong-type",
    "unknown-name-in-body",
    "unknown-column",
    "unknown-table",
    "unknown-type",
    "unknown-migration",
];

/// A system as it is.
pub struct System {
    pub name: String,
    pub files: Vec<SourceFile>,
    pub resolution: Resolution,
    pub outputs: Files,
    /// The names of its tables.
    pub tables: Vec<String>,
    access: Access,
    told: BTreeSet<(String, String)>,
    found: BTreeSet<(&'static str, String)>,
}

/// The findings in a Catalog, each with its object.
fn findings(context: &Context<'_>) -> BTreeSet<(&'static str, String)> {
    lint::run(context, |_| true).into_iter().map(|found| (found.rule.name(), found.finding.object.to_string())).collect()
}

fn named(diagnostics: &[Diagnostic]) -> impl Iterator<Item = (String, String)> {
    diagnostics.iter().map(|diagnostic| (diagnostic.code.name.to_owned(), diagnostic.message.clone()))
}

impl System {
    /// # Panics
    /// Where the spec has errors.
    pub fn new(name: &str, files: Vec<SourceFile>) -> System {
        // Case specs show every key, also what a rule would not have: what is told of the original counts for nothing.
        let Compilation { sources, resolution, diagnostics, .. } = compile(files.clone());
        let Some(resolution) = resolution else { panic!("{name} does not compile") };
        let mut outputs = Files::default();
        let surroundings = emit::sql::Surroundings::new(&resolution, &sources);
        emit::sql::migration::emit(&surroundings, &mut outputs);
        emit::verification::emit_whole(&surroundings, &mut outputs);
        let access = access::access(&resolution.catalog, &resolution.project.owner);
        let told = named(&diagnostics).chain(named(&lint::lint(&lint::Subject::of(&resolution)))).collect();
        let found = findings(&Context::new(&resolution.catalog, Surroundings::of(&resolution)));
        let tables = resolution.catalog.objects().filter_map(|object| match object {
            Object::Table(table) => Some(if &*table.name.schema == "public" { table.name.name.to_string() } else { table.name.to_string() }),
            _ => None,
        });
        let tables = tables.collect();
        System { name: name.to_owned(), files, outputs, tables, access, told, found, resolution }
    }

    pub fn mutants(&self) -> Vec<Mutant> {
        mutants::of(self)
    }

    /// What the compiler, `lint` and the diff of access say.
    pub fn judge(&self, mutant: &Mutant) -> Judged {
        match &mutant.change {
            Change::File { .. } => self.judge_files(mutant.files(self).unwrap_or_default()),
            Change::Object(weaker) => {
                let catalog = weaker.catalog(&self.resolution.catalog);
                if catalog == self.resolution.catalog {
                    return Judged::Stillborn;
                }
                let found = findings(&Context::new(&catalog, Surroundings::of(&self.resolution)));
                let told: BTreeSet<String> = found.difference(&self.found).map(|(rule, _)| (*rule).to_owned()).collect();
                if told.is_empty() { self.judge_access(catalog) } else { Judged::Told(Stage::Lint, told) }
            }
            // The compiler wrote something else than it meant: only a server can tell.
            Change::Migration { .. } => Judged::Survives(Box::new(self.resolution.catalog.clone())),
        }
    }

    fn judge_files(&self, files: Vec<SourceFile>) -> Judged {
        let resolved = resolve(files);
        let errors = |diagnostics: &[Diagnostic]| -> BTreeSet<String> {
            let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
            errors
                .filter(|error| !self.told.contains(&(error.code.name.to_owned(), error.message.clone())))
                .map(|error| error.code.name.to_owned())
                .collect()
        };
        let Some(resolution) = resolved.resolution else {
            let told = errors(&resolved.diagnostics);
            let stillborn = told.iter().any(|error| STILLBORN.contains(&error.as_str()));
            return if stillborn { Judged::Stillborn } else { Judged::Told(Stage::Refused, told) };
        };
        let leaks = errors(&lint::leaks(&lint::Subject::of(&resolution)));
        if !leaks.is_empty() {
            return Judged::Told(Stage::Refused, leaks);
        }
        let told: BTreeSet<(String, String)> = named(&resolved.diagnostics).chain(named(&lint::lint(&lint::Subject::of(&resolution)))).collect();
        let told: BTreeSet<String> = told.difference(&self.told).map(|(name, _)| name.clone()).collect();
        if !told.is_empty() {
            return Judged::Told(Stage::Lint, told);
        }
        if resolution.catalog == self.resolution.catalog && tenancies(&resolution) == tenancies(&self.resolution) {
            return Judged::Stillborn;
        }
        self.judge_access(resolution.catalog)
    }

    fn judge_access(&self, catalog: Catalog) -> Judged {
        let after = access::access(&catalog, &self.resolution.project.owner);
        let changes = access::diff(&self.access, &after);
        let told: BTreeSet<String> = changes
            .iter()
            .filter(|change| change.direction != Direction::Narrowed)
            .map(|change| match change.action {
                Some(action) => format!("{} {}", change.direction.word(), action.word()),
                None => match change.object.as_ref().map(Id::kind) {
                    Some(Kind::Function | Kind::View) => format!("{} conditions of a function or view", change.direction.word()),
                    Some(Kind::Table | Kind::Domain) => format!("{} refusal of a table or domain", change.direction.word()),
                    _ => format!("{} condition or standing", change.direction.word()),
                },
            })
            .collect();
        if told.is_empty() { Judged::Survives(Box::new(catalog)) } else { Judged::Told(Stage::Access, told) }
    }
}

/// What a spec says of tenants: it counts for the rules and the attack alone.
fn tenancies(resolution: &Resolution) -> String {
    format!("{:?}", resolution.operations.tenancy)
}
