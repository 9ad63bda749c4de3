//! From a database to a spec: what the language can say becomes tables, views, functions and grants; what it cannot is kept as raw SQL; what no
//! migration can hold is told.
//!
//! The compiler itself decides what it can say: what is written is compiled, and what it refuses is given up and kept as raw SQL, until
//! nothing is refused.

mod access;
mod code;
mod file;
pub mod inventory;
mod literals;
mod modules;
mod project;
mod raw;
mod state;
mod tables;
mod templates;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::compile::compile;
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::kinds::project::Platform;
use crate::resolve;
use crate::source::{SourceFile, Sources};
use code::{Code, Guards};
use file::File;
use inventory::{Fate, Inventory, Key};
use modules::Modules;
use state::{Sort, State};
use tables::Tables;

/// How often what is refused is given up: each time something is, so it ends; this is far above what happens.
const ROUNDS: usize = 200;

/// What is to be imported.
pub struct Request<'r> {
    pub catalog: &'r Catalog,
    pub inventory: &'r Inventory,
    /// Objects of others.
    pub foreign: BTreeSet<Key>,
    pub name: String,
    pub platform: Platform,
    /// `yyyymmdd`: with it the versions of the migrations begin.
    pub date: String,
}

/// What became of an object that is not, or not completely, in the words of the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It is nowhere in the spec.
    Left,
    /// It is in the spec as raw SQL.
    Raw,
    /// It has to be there before.
    Required,
}

/// Something to know about what was imported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    pub became: Became,
    pub object: String,
    pub reason: String,
}

/// A spec, and what there is to know about it.
#[derive(Debug, Clone)]
pub struct Imported {
    pub files: Vec<SourceFile>,
    pub findings: Vec<Finding>,
    /// Objects in the words of the spec.
    pub modelled: usize,
    /// Raw blocks.
    pub raw: usize,
}

/// Why nothing could be imported.
#[derive(Debug)]
pub struct Error {
    /// What the compiler refuses in what was written, although everything is raw SQL.
    pub messages: Vec<String>,
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the database cannot be written as a spec:\n{}", self.messages.join("\n"))
    }
}

impl std::error::Error for Error {}

/// The files of a spec, with what each part of them is about.
struct Draft {
    files: BTreeMap<String, File>,
    /// Bodies and raw statements, and what they are about.
    texts: BTreeMap<String, (String, Option<usize>)>,
    raw: usize,
    blocks: Vec<raw::Block>,
}

/// Imports a database.
///
/// # Errors
/// [`Error`].
pub fn import(request: &Request<'_>) -> Result<Imported, Error> {
    let superuser =
        request.platform == Platform::Postgresql && request.inventory.roles.get(&request.inventory.user).is_some_and(|role| role.superuser);
    let mut state = State::new(request.inventory, request.catalog, request.foreign.clone(), superuser);
    let mut messages = Vec::new();
    for _ in 0..ROUNDS {
        let draft = draft(request, &state);
        let (sources, diagnostics) = judge(&draft);
        let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect();
        if errors.is_empty() {
            return Ok(imported(request, &state, draft));
        }
        messages = errors.iter().map(|error| told(error, &sources)).collect();
        // An object may have several mistakes: each step takes it one sort down. What only follows from other mistakes is looked at when those
        // are mended: a file that cannot be read declares nothing, and what is unknown may be known then.
        let before = state.sorts.clone();
        let mut given_up = false;
        for grade in 0..4 {
            for error in &errors {
                given_up |= give_up(&mut state, &before, &draft, error, &sources, grade);
            }
            if given_up {
                break;
            }
        }
        if !given_up && !give_up_rest(&mut state, &messages) {
            break;
        }
        state.close();
    }
    Err(Error { messages })
}

/// Where nothing can be told of an object, functions are given up, of which guards and errors were read; then everything.
fn give_up_rest(state: &mut State<'_>, messages: &[String]) -> bool {
    let reason = messages.first().cloned().unwrap_or_default();
    let functions: Vec<usize> = state.modelled(Kind::Function).map(|(place, _)| place).collect();
    let all = || {
        (0..state.sorts.len())
            .filter(|place| state.item(*place).id.as_ref().is_some_and(|id| id.kind() != Kind::Schema && state.models(id)))
            .collect()
    };
    let places: Vec<usize> = if functions.is_empty() { all() } else { functions };
    // All of them, not just up to the first that changes.
    places.into_iter().filter(|place| state.lower(*place, Sort::Raw, &reason)).count() > 0
}

fn told(error: &Diagnostic, sources: &Sources) -> String {
    let place = error.labels.first().map(|label| sources.get(label.span.file).path.clone()).unwrap_or_default();
    format!("{place}: {} {}", error.code.id, error.message)
}

/// The compiler's word on a draft. Names that clash in other languages are only told when everything is emitted.
fn judge(draft: &Draft) -> (Sources, Vec<Diagnostic>) {
    let files = draft.sources();
    let resolved = resolve::resolve(files.clone());
    if crate::diagnostic::has_errors(&resolved.diagnostics) {
        return (resolved.sources, resolved.diagnostics);
    }
    let compilation = compile(files);
    (compilation.sources, compilation.diagnostics)
}

/// Gives up what an error is about; whether there was something to give up.
fn give_up(state: &mut State<'_>, before: &[Sort], draft: &Draft, error: &Diagnostic, sources: &Sources, grade: usize) -> bool {
    let reason = format!("{} ({})", error.message, error.code.id);
    for label in &error.labels {
        let source = sources.get(label.span.file);
        let byte = label.span.start as usize;
        let places = match (draft.files.get(&source.path), draft.texts.get(&source.path)) {
            (Some(file), _) => file.at(byte),
            (None, Some((_, place))) => place.iter().copied().collect(),
            _ => continue,
        };
        for place in places {
            // A block of raw SQL that is refused cannot be kept either.
            let is_modelled = before.get(place) == Some(&Sort::Modelled);
            if self::grade(error, is_modelled) != grade {
                continue;
            }
            let next = if is_modelled { Sort::Raw } else { Sort::Left };
            if state.sorts[place] == next && before.get(place) != Some(&next) {
                return true;
            }
            if state.lower(place, next, &reason) {
                return true;
            }
        }
    }
    false
}

/// In which turn a mistake is looked at: files that cannot be read, what is wrong in itself, what is unknown, raw blocks.
fn grade(error: &Diagnostic, is_modelled: bool) -> usize {
    const UNREADABLE: [&crate::diagnostic::Code; 4] =
        [&codes::NUL_CHARACTER, &codes::BIDIRECTIONAL_CHARACTER, &codes::CONTROL_CHARACTER, &codes::TOML_SYNTAX];
    match is_modelled {
        true if UNREADABLE.iter().any(|code| code.id == error.code.id) => 0,
        true if error.message.starts_with("unknown ") => 2,
        true => 1,
        false => 3,
    }
}

/// Comments for which the spec has a key, by the object that they are about.
fn comments<'c>(state: &State<'c>) -> BTreeMap<&'c Id, &'c str> {
    let mut comments = BTreeMap::new();
    for object in state.catalog.objects() {
        let Object::Comment(comment) = object else { continue };
        let has_key = match comment.target.kind() {
            // Columns of views and attributes have no key of their own.
            Kind::Column => state.catalog.contains(&comment.target),
            Kind::Schema | Kind::Enum | Kind::Domain | Kind::Composite | Kind::Sequence | Kind::Table | Kind::View | Kind::Function => true,
            Kind::Unique | Kind::Check | Kind::ForeignKey | Kind::Index | Kind::Trigger | Kind::Policy => true,
            _ => false,
        };
        if has_key && !comment.text.is_empty() {
            comments.insert(&comment.target, comment.text.as_str());
        }
    }
    comments
}

fn draft(request: &Request<'_>, state: &State<'_>) -> Draft {
    let modules = Modules::new(state);
    let comments = comments(state);
    let guards = Guards::of(state);
    let parts = tables::parts(state);
    let columns = tables::columns(state.catalog);
    let primary_keys: BTreeMap<&QualifiedName, &[String]> = state
        .catalog
        .iter()
        .filter_map(|(id, entry)| match &entry.object {
            Object::PrimaryKey(key) if state.models(id) => Some((&key.table, key.columns.as_slice())),
            _ => None,
        })
        .collect();
    let mut defaults: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for (place, item) in state.inventory.items.iter().enumerate().filter(|(_, item)| item.key.catalog == "pg_attrdef" && item.fate == Fate::Part) {
        if let (Some(of), Some(column)) = (state.of(place), &item.name) {
            defaults.insert((of, column.clone()), place);
        }
    }
    let tables = Tables { state, parts: &parts, columns: &columns, primary_keys: &primary_keys, comments: &comments, defaults: &defaults };
    let code = Code { state, comments: &comments, guards: &guards };
    let mut files: Vec<File> = modules.list.iter().map(|_| File::default()).collect();
    let mut texts: BTreeMap<String, (String, Option<usize>)> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for kind in [Kind::Enum, Kind::Domain, Kind::Composite, Kind::Sequence] {
        for (place, object) in state.modelled(kind) {
            let Some(schema) = &state.item(place).schema else { continue };
            let module = modules.before(schema);
            if let (Some(file), Some(module)) = (files.get_mut(module), modules.list.get(module)) {
                code.simple(place, object, &module.schema, file);
            }
        }
    }
    for (place, object) in state.modelled(Kind::Table) {
        let Object::Table(table) = object else { continue };
        let module = modules.of_table(&table.name.schema, &table.name.name);
        if let (Some(file), Some(module)) = (files.get_mut(module), modules.list.get(module)) {
            tables.write(place, table, &module.schema, file);
        }
    }
    for (place, object) in state.modelled(Kind::Function) {
        let Object::Function(function) = object else { continue };
        let module = modules.behind(&function.name.schema);
        if let (Some(file), Some(module)) = (files.get_mut(module), modules.list.get(module)) {
            let path = code::path("functions", &function.name.schema, &function.name.name, &mut taken);
            let body = code.function(place, function, &module.schema, &path, file);
            texts.insert(path, (body, Some(place)));
        }
    }
    for (place, object) in state.modelled(Kind::View) {
        let Object::View(view) = object else { continue };
        let module = modules.behind(&view.name.schema);
        if let (Some(file), Some(module)) = (files.get_mut(module), modules.list.get(module)) {
            code.view(place, view, &module.schema, file);
        }
    }
    if let Some(last) = files.iter_mut().find(|file| !file.text.is_empty()) {
        guards.write(last);
        code::write_errors(&code::errors(texts.values().map(|(text, _)| text.as_str())), last);
    }
    let mut written = BTreeMap::new();
    let mut number = 0;
    for (module, mut file) in modules.list.iter().zip(files).filter(|(_, file)| !file.text.is_empty()) {
        templates::recognise(&mut file, &module.file);
        let head = head(request, number, &module.file, &format!("Schema {}.", printable_list(&module.schemas)), Some(&module.schema));
        number += 1;
        written.insert(format!("{}.toml", module.file), with_head(&head, file));
    }
    let mut all = String::new();
    written.values().for_each(|file| all.push_str(&file.text));
    texts.values().for_each(|(text, _)| all.push_str(text));
    let blocks = raws(request, state, &comments, &code, &mut number, &mut written, &mut texts, &mut taken);
    let project = project::write(request, state, &all);
    written.insert("trust.toml".to_owned(), project);
    if number == 0 {
        // A spec has a module, if an empty one.
        let head = head(request, 0, "empty", "Nothing yet.", None);
        written.insert("empty.toml".to_owned(), with_head(&head, File::default()));
    }
    Draft { files: written, texts, raw: blocks.len(), blocks }
}

fn printable_list(schemas: &BTreeSet<String>) -> String {
    schemas.iter().map(|schema| code::quoted_schema(schema)).collect::<Vec<_>>().join(", ")
}

/// Raw blocks come last: what they need is there, and nothing that is modelled needs them.
#[allow(clippy::too_many_arguments, reason = "the parts of a draft")]
fn raws(
    request: &Request<'_>,
    state: &State<'_>,
    comments: &BTreeMap<&Id, &str>,
    code: &Code<'_, '_>,
    number: &mut usize,
    written: &mut BTreeMap<String, File>,
    texts: &mut BTreeMap<String, (String, Option<usize>)>,
    taken: &mut BTreeSet<String>,
) -> Vec<raw::Block> {
    let api: Vec<&str> = if request.platform == Platform::Supabase { vec!["anon", "authenticated", "service_role"] } else { Vec::new() };
    let mut blocks = raw::blocks(state, &resolve::revoke_from(api.into_iter()));
    // Which comments the spec says, by the object and its part.
    let mut said: BTreeSet<(Key, i32)> = BTreeSet::new();
    let of_columns: BTreeSet<String> = state
        .catalog
        .objects()
        .filter_map(|object| match object {
            Object::Column(column) if comments.contains_key(&object.id()) => {
                Some(format!("{}.{}", column.table, crate::sql::identifier::quote(&column.name)))
            }
            _ => None,
        })
        .collect();
    for (place, item) in state.inventory.items.iter().enumerate().filter(|(place, _)| !state.is_foreign(*place)) {
        let Some(id) = item.id.as_ref().filter(|_| state.sorts[place] == Sort::Modelled) else { continue };
        if comments.contains_key(id) {
            said.insert((item.key.clone(), 0));
        }
        if let Some(Object::Table(_)) = state.catalog.get(id) {
            let remarks = state.inventory.comments.get(&item.key).into_iter().flatten().filter(|remark| remark.part > 0);
            said.extend(remarks.filter(|remark| of_columns.contains(&remark.identity)).map(|remark| (item.key.clone(), remark.part)));
        }
    }
    let may_execute = |place: usize| match state.item(place).id.as_ref().and_then(|id| state.catalog.get(id)) {
        Some(Object::Function(function)) => {
            !matches!(code.effect(place, function), crate::kinds::function::Effect::Trigger | crate::kinds::function::Effect::Internal)
        }
        _ => true,
    };
    let mut names: BTreeSet<String> = blocks.iter().map(|block| block.name.clone()).collect();
    for mut block in raw::alterations(state, &said, &may_execute) {
        block.name = modules::unique(block.name, &mut names);
        blocks.push(block);
    }
    for (place, item) in
        state.inventory.items.iter().enumerate().filter(|(place, item)| item.fate == Fate::DefaultPrivileges && !state.is_foreign(*place))
    {
        let privileges = state.inventory.privileges.get(&item.key).map(Vec::as_slice).unwrap_or_default();
        let (up, down) = access::defaults(privileges, item.owner.as_deref().unwrap_or_default(), &state.inventory.user);
        if up.is_empty() {
            continue;
        }
        // In a schema of the spec: then it is not as closed as the spec's own words make it.
        let schema = privileges.iter().find_map(|one| one.column.strip_prefix(" IN SCHEMA "));
        let schemas = state.modelled(Kind::Schema).filter_map(|(_, object)| if let Object::Schema(schema) = object { Some(schema) } else { None });
        let mut schemas = schemas.filter(|known| schema.is_some_and(|schema| *schema == *crate::sql::identifier::quote(&known.name)));
        let gate = |statements: &[String]| statements.iter().map(|statement| raw::gated(statement)).collect();
        blocks.push(raw::Block {
            name: modules::unique("default_privileges".to_owned(), &mut names),
            summary: "What is granted on objects that are yet to come.".to_owned(),
            up: gate(&up),
            down: gate(&down),
            verify: vec!["exists (select from pg_catalog.pg_default_acl)".to_owned()],
            alters: schemas.next().map(|schema| Id::global(Kind::Schema, &schema.name)).into_iter().collect(),
            about: vec![place],
            ..raw::Block::default()
        });
    }
    if blocks.is_empty() {
        return blocks;
    }
    let mut file = File::default();
    for block in &blocks {
        let text = block.up_text();
        if block.is_code || text.lines().count() > 12 {
            let path = code::path("raw", block.schema.as_deref().unwrap_or("other"), &block.name, taken);
            block.write(Some(&path), &mut file);
            texts.insert(path, (text, block.about.first().copied()));
        } else {
            block.write(None, &mut file);
        }
    }
    let head = head(request, *number, "rest", "What the spec language has no words for.", None);
    *number += 1;
    written.insert("rest.toml".to_owned(), with_head(&head, file));
    blocks
}

fn head(request: &Request<'_>, number: usize, name: &str, summary: &str, schema: Option<&str>) -> String {
    let time = format!("{:02}{:02}{:02}", number / 3600 % 24, number / 60 % 60, number % 60);
    let mut head = format!("[module]\nmigration = \"{}{time}_{name}\"\nsummary   = {}\n", request.date, crate::spec::toml::string(summary));
    if let Some(schema) = schema.filter(|schema| *schema != crate::names::DEFAULT_SCHEMA) {
        head.push_str(&format!("schema    = {}\n", crate::spec::toml::string(schema)));
    }
    head
}

fn with_head(head: &str, file: File) -> File {
    let parts = file.parts.into_iter().map(|(range, place)| (range.start + head.len()..range.end + head.len(), place)).collect();
    File { text: format!("{head}{}", file.text), parts }
}

impl Draft {
    fn sources(&self) -> Vec<SourceFile> {
        let files = self.files.iter().map(|(path, file)| SourceFile { path: path.clone(), text: file.text.clone() });
        files.chain(self.texts.iter().map(|(path, (text, _))| SourceFile { path: path.clone(), text: text.clone() })).collect()
    }
}

fn imported(request: &Request<'_>, state: &State<'_>, draft: Draft) -> Imported {
    let mut findings = Vec::new();
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    let mut modelled = 0;
    for (place, item) in state.inventory.items.iter().enumerate() {
        if item.fate == Fate::Alias || state.is_foreign(place) {
            continue;
        }
        if item.fate == Fate::Extension {
            findings.push(Finding {
                became: Became::Required,
                object: item.label(),
                reason: "extensions are the platform's: it must be installed before".to_owned(),
            });
            continue;
        }
        if item.fate == Fate::DefaultPrivileges {
            findings.push(Finding {
                became: Became::Raw,
                object: item.label(),
                reason: "a spec grants on each object, not on those to come".to_owned(),
            });
            continue;
        }
        if let Some(owner) = item.owner.as_ref().filter(|owner| **owner != state.inventory.user && state.sorts[place] != Sort::Left) {
            *owners.entry(owner.clone()).or_default() += 1;
        }
        for one in state.inventory.privileges.get(&item.key).into_iter().flatten().filter(|one| !one.by_owner) {
            let reason = format!(
                "{} to {} was granted by another role than the owner: whoever deploys cannot grant in its name",
                one.word,
                access::grantee(one)
            );
            findings.push(Finding { became: Became::Left, object: item.label(), reason });
        }
        match (state.sorts[place], state.reasons.get(&place)) {
            (Sort::Left, reason) => {
                findings.push(Finding { became: Became::Left, object: item.label(), reason: reason.cloned().unwrap_or_default() })
            }
            (Sort::Raw, Some(reason)) if item.fate == Fate::Object || matches!(item.fate, Fate::Report(_)) => {
                findings.push(Finding { became: Became::Raw, object: item.label(), reason: reason.clone() });
            }
            (Sort::Modelled, _) if item.id.is_some() => modelled += 1,
            _ => {}
        }
    }
    for block in draft.blocks.iter().filter(|block| !block.alters.is_empty()) {
        for id in &block.alters {
            findings.push(Finding {
                became: Became::Raw,
                object: id.to_string(),
                reason: format!("{} (raw block `{}`)", block.summary.trim_end_matches('.'), block.name),
            });
        }
    }
    for role in project::own_roles(state, request.platform) {
        findings.push(Finding {
            became: Became::Required,
            object: format!("role {}", crate::sql::identifier::quote(&role)),
            reason: "migrations create no roles: it must be there before".to_owned(),
        });
    }
    for (owner, count) in owners {
        findings.push(Finding {
            became: Became::Left,
            object: format!("owner {owner}"),
            reason: format!("{count} objects belong to this role; those of a spec belong to whoever deploys"),
        });
    }
    findings.extend(state.inventory.told.iter().map(|told| Finding {
        became: Became::Left,
        object: format!("{} {}", told.class, told.name),
        reason: told.reason.clone(),
    }));
    findings.sort();
    findings.dedup();
    Imported { files: draft.sources(), findings, modelled, raw: draft.raw }
}
