//! From the files of a spec to everything that is known of it: the Catalog and where its objects come from.

mod benchmarks;
pub(crate) mod bodies;
pub mod body_names;
mod demands;
pub(crate) mod identities;
mod intents;
pub mod pending;
pub(crate) mod policy_recursion;
mod read;
mod refusals;
mod tenant_floor;
mod tenant_keys;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::catalog::{Catalog, Id, Kind, Object};
use crate::contract::Contract;
use crate::diagnostic::{self, Diagnostic, codes};
use crate::kinds::grant::Privilege;
use crate::kinds::role::Owner;
use crate::kinds::tenancy;
use crate::names::{Declaring, Lowering, Names, Output};
use crate::operations::Operations;
use crate::parallel;
use crate::plan::{self, Plan};
use crate::release::{self, Previous, Released, Said};
use crate::source::{SourceFile, Sources};
use crate::sql::identifier::quote;
use pending::{Pending, ReleaseHead};

pub use crate::names::Origins;
pub use crate::plan::Module;

/// A look at what was resolved, which tells what is wrong.
type Check<'c> = dyn Fn(&mut Vec<Diagnostic>) + Sync + 'c;

/// A spec that has been understood.
pub struct Resolution {
    pub project: Project,
    /// In the order of their migrations.
    pub modules: Vec<Module>,
    pub catalog: Catalog,
    pub origins: Origins,
    pub contract: Contract,
    pub operations: Operations,
    /// See [`Resolution::plan`].
    plan: OnceLock<Plan>,
    /// Tables and views that others own and that the spec refers to: columns and their types.
    pub names: Names,
    /// What leads on from a release, where there was one. The modules are then its migrations and those that are pending.
    pub pending: Option<Pending>,
    /// What the spec says of names before a release, where they are in use still.
    pub said: BTreeSet<Said>,
}

/// The head of `trust.toml`.
#[derive(Debug, Clone)]
pub struct Project {
    pub name: String,
    pub summary: String,
    /// Where it runs.
    pub platform: crate::kinds::project::Platform,
    /// Roles under which clients come, in the order of names.
    pub api_roles: Vec<String>,
    /// What is known of the role that deploys.
    pub owner: Owner,
}

/// Result of compiling a spec: what it means, unless it has errors, and what there is to say about it.
pub struct Resolved {
    pub sources: Sources,
    pub resolution: Option<Resolution>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Resolution {
    /// In which migration and in which order objects are created. Behind a release it is made when somebody asks: who plans does not.
    pub fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| self.pending.as_ref().map(|pending| pending.creation(&self.catalog, &self.origins)).unwrap_or_default())
    }

    /// Whether a role can reach what lies in a schema. Schemas that others own are reached: `public` by every role of the platform.
    pub fn may_use_schema(&self, schema: &str, role: &str) -> bool {
        let id = Id::global(Kind::Schema, schema);
        let usage = || matches!(self.catalog.get(&Id::grant(&id, role)), Some(Object::Grant(grant)) if grant.privileges.contains(&Privilege::Usage));
        !self.catalog.contains(&id) || usage()
    }

    /// The file in which an object is declared, relative to the spec's folder.
    pub fn file<'r>(&'r self, id: &Id, sources: &'r Sources) -> &'r str {
        self.origins.get(id).map_or("trust.toml", |origin| sources.get(origin.span.file).path.as_str())
    }
}

/// Resolves the files of a spec: `trust.toml`, modules, and the bodies that they name. Reads nothing else.
pub fn resolve(files: Vec<SourceFile>) -> Resolved {
    resolve_after(files, None)
}

/// As [`resolve`], of a spec that leads on from a release.
pub fn resolve_after(files: Vec<SourceFile>, released: Option<Released>) -> Resolved {
    begin(files).resolve(released.map(Previous::Read))
}

/// A spec whose files have been read, and whose names are known: all that can be done before a release is known from which it leads on.
pub struct Begun {
    pub sources: Sources,
    spec: Option<(read::Spec, Names)>,
    diagnostics: Vec<Diagnostic>,
}

/// Begins to resolve; as [`resolve`] otherwise.
pub fn begin(files: Vec<SourceFile>) -> Begun {
    let sources = Sources::new(read::with_platforms(files));
    let mut diagnostics = Vec::new();
    let spec = read::read(&sources, &mut diagnostics).map(|spec| {
        let names = declare(&spec, &mut diagnostics);
        (spec, names)
    });
    Begun { sources, spec, diagnostics }
}

impl Begun {
    /// Resolves the rest.
    pub fn resolve(self, previous: Option<Previous>) -> Resolved {
        let Begun { sources, spec, mut diagnostics } = self;
        let resolution = spec.and_then(|(spec, names)| lower(spec, names, previous, &sources, &mut diagnostics));
        diagnostic::sort(&mut diagnostics);
        let resolution = resolution.filter(|_| !diagnostic::has_errors(&diagnostics));
        Resolved { sources, resolution, diagnostics }
    }
}

fn lower(spec: read::Spec, names: Names, previous: Option<Previous>, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Option<Resolution> {
    let mut output = Output::default();
    let bodies = previous.as_ref().map(Previous::bodies).unwrap_or_default();
    let owner = {
        let mut lowering = Lowering::new(&names, sources, 0, crate::names::DEFAULT_SCHEMA, &spec.migrations, &bodies, &mut output);
        spec.project.lower(&mut lowering)
    };
    let outputs = parallel::map(&spec.modules, |index, module| {
        let mut output = Output::default();
        let mut lowering = Lowering::new(&names, sources, index, module.default_schema(), &spec.migrations, &bodies, &mut output);
        if let Some(schema) = &module.spec.module.schema {
            lowering.schema(schema);
        }
        module.spec.lower(&mut lowering);
        output.finish_file();
        output
    });
    let modules: Vec<Module> = spec.modules.iter().map(read::ModuleFile::describe).collect();
    let head = spec.project.head.clone();
    let release_head = ReleaseHead::of(&spec);
    let (twins, ()) = parallel::join(
        || names.case_twins(),
        || {
            // As large as what was made of it, and needed no longer.
            drop(spec);
            output.merge(outputs);
        },
    );
    diagnostics.extend(twins);
    crate::kinds::domain::inherit_defaults(&mut output.catalog);
    if modules.is_empty() {
        let message = "the spec has no module";
        output
            .diagnostics
            .push(Diagnostic::global(&codes::NO_MODULE, message).help("add a file `<name>.toml` with a `[module]` beside `trust.toml`"));
    }
    diagnostics.append(&mut output.diagnostics);
    output.contract.close();
    tenant_floor::add(&names, &mut output, diagnostics);
    tenant_keys::add(&mut output, diagnostics);
    if let Some(tenancy) = &output.operations.tenancy {
        tenancy::check(tenancy, &output.catalog, diagnostics);
    }
    let mut release = None;
    // Dependencies are told only of what resolved: a missing object would look like a wrong order.
    if !diagnostic::has_errors(diagnostics) {
        let checks: [&Check<'_>; 3] = [
            &|found| bodies::check(&names, &output, sources, found),
            &|found| policy_recursion::check(&output.catalog, &output.origins, found),
            &|found| body_names::check(&names, &output, sources, found),
        ];
        // What was released is read meanwhile.
        let (read, found) = parallel::join(
            || previous.as_ref().map(|previous| previous.release(&output.catalog)).transpose(),
            || {
                parallel::map(&checks, |_, check| {
                    let mut found = Vec::new();
                    check(&mut found);
                    found
                })
            },
        );
        diagnostics.extend(found.into_iter().flatten());
        match read {
            Ok(read) => release = read.flatten(),
            Err(problem) => diagnostics.push(release::unreadable(&problem)),
        }
        benchmarks::check(&output.catalog, &output.operations.benchmarks, diagnostics);
    }
    if diagnostic::has_errors(diagnostics) {
        return None;
    }
    let (modules, plan, pending) = match previous {
        None => {
            let plan = plan::plan(&output.catalog, &output.origins, &modules, diagnostics)?;
            (modules, OnceLock::from(plan), None)
        }
        Some(previous) => {
            let released = previous.with(release);
            let api_roles: Vec<String> = names.api_roles().map(str::to_owned).collect();
            let (modules, pending) = pending::plan(&release_head, released, &mut output, &modules, &api_roles, diagnostics)?;
            (modules, OnceLock::new(), Some(pending))
        }
    };
    let project = Project {
        name: head.name.value,
        summary: head.summary.map(|summary| summary.value).unwrap_or_default(),
        platform: head.platform,
        api_roles: names.api_roles().map(str::to_owned).collect(),
        owner,
    };
    let said = release::said(&output.intents, &output.catalog);
    let Output { catalog, origins, contract, operations, .. } = output;
    Some(Resolution { project, modules, catalog, origins, contract, operations, plan, names, pending, said })
}

/// Everybody from whom everything is revoked before anything is granted: PUBLIC and every API role, for a `FROM` clause.
pub fn revoke_from<'r>(api_roles: impl Iterator<Item = &'r str>) -> String {
    let roles = api_roles.map(|role| quote(role).into_owned());
    std::iter::once("PUBLIC".to_owned()).chain(roles).collect::<Vec<_>>().join(", ")
}

/// First pass: what others own, templates, then everything that the spec declares.
fn declare(spec: &read::Spec, diagnostics: &mut Vec<Diagnostic>) -> Names {
    let mut names = Names::default();
    let mut declaring = Declaring { names: &mut names, diagnostics, default_schema: crate::names::DEFAULT_SCHEMA.to_owned() };
    declaring.builtin();
    spec.project.declare(&mut declaring);
    for module in &spec.modules {
        for (name, template) in module.spec.template.iter() {
            declaring.template(name, template);
        }
    }
    for module in &spec.modules {
        declaring.default_schema = module.default_schema().to_owned();
        module.spec.declare(&mut declaring);
    }
    names.finish();
    names
}
