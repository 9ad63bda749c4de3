//! From what a server holds back to the statements that made it.

use rustc_hash::FxHashMap;

use super::mentions::{self, Mention, What};
use super::{Project, Statement};
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::names::{Origin, Origins};
use crate::plpgsql::tokens::Tokens;
use crate::source::{At, Span};
use crate::sql::{identifier, value};

/// The schema of names without one, unless the script sets a search path.
const DEFAULT_SCHEMA: &str = "public";

/// Where the objects of a catalog come from.
#[derive(Default)]
pub struct Made {
    pub origins: Origins,
    /// Bodies as they are written.
    pub bodies: FxHashMap<Id, At<String>>,
}

/// By what, schema, name and part: the last statement that made or changed it.
type Places = FxHashMap<(What, String, String, Option<String>), Span>;

/// A definition of a function.
struct Definition {
    span: Span,
    body: Option<At<String>>,
}

#[derive(Default)]
struct Index {
    places: Places,
    definitions: FxHashMap<(String, String), Vec<Definition>>,
}

/// Traces every object of a catalog that was not there before.
pub fn trace(project: &Project, before: &Catalog, after: &Catalog) -> Made {
    let index = index(project);
    let mut made = Made::default();
    let mut pending = Vec::new();
    for (id, entry) in after.iter().filter(|(id, entry)| before.get(id) != Some(&entry.object)) {
        if let Object::Function(function) = &entry.object {
            let Some(definition) = index.definition(function) else {
                pending.push(id);
                continue;
            };
            made.origins.insert(id.clone(), Origin { span: definition.span, module: 0 });
            if let Some(body) = definition.body.as_ref().filter(|body| body.value == function.body) {
                made.bodies.insert(id.clone(), body.clone());
            }
            continue;
        }
        match index.place(&entry.object, after) {
            Some(span) => {
                made.origins.insert(id.clone(), Origin { span, module: 0 });
            }
            None => pending.push(id),
        }
    }
    // The sequence of a column is made with it.
    for object in after.objects() {
        let Object::Column(column) = object else { continue };
        let default = column.default.as_ref().map_or("", |default| default.text());
        let serial = default.strip_prefix("nextval('").and_then(|name| name.split('\'').next());
        let sequence = column.identity_sequence.as_ref().map(|name| Id::of(Kind::Sequence, name)).or_else(|| {
            let (schema, name) = serial?.split_once('.')?;
            Some(Id::of(Kind::Sequence, &QualifiedName::new(schema.trim_matches('"'), name.trim_matches('"'))))
        });
        let place = made.origins.get(&object.id()).copied();
        if let (Some(sequence), Some(place)) = (sequence, place) {
            made.origins.entry(sequence).or_insert(place);
        }
    }
    // What no statement names at its beginning was made by a block of code, or by a statement that was put together at run time.
    for id in pending {
        let has_parent = after.get(id).is_some_and(|object| object.parents().iter().any(|parent| made.origins.contains_key(parent)));
        if !has_parent && let Some(span) = after.get(id).and_then(name).and_then(|name| named_in(project, &name)) {
            made.origins.insert(id.clone(), Origin { span, module: 0 });
        }
    }
    made
}

/// Traces what the catalog does not hold: relations of other kinds, procedures, roles.
pub fn trace_others<'i>(project: &Project, ids: impl Iterator<Item = &'i Id>, made: &mut Made) {
    let ids: Vec<&Id> = ids.filter(|id| !made.origins.contains_key(*id)).collect();
    if ids.is_empty() {
        return;
    }
    let index = index(project);
    for id in ids {
        let bare = id.name().split('(').next().unwrap_or_default();
        let Ok((schema, name)) = identifier::parse_reference(bare) else { continue };
        let name = QualifiedName::new(schema.as_deref().unwrap_or_default(), name.as_str());
        let place = match id.kind() {
            Kind::Table | Kind::View => index.get(What::Relation, &name, None),
            Kind::Function => {
                index.definitions.get(&(name.schema.to_string(), name.name.to_string())).and_then(|definitions| Some(definitions.last()?.span))
            }
            Kind::Role => index.global(What::Role, &name.name, None).or_else(|| index.global(What::DefaultPrivileges, &name.name, None)),
            _ => None,
        };
        if let Some(span) = place.or_else(|| named_in(project, &name)) {
            made.origins.insert(id.clone(), Origin { span, module: 0 });
        }
    }
}

fn index(project: &Project) -> Index {
    let mut index = Index::default();
    let mut path = (None, DEFAULT_SCHEMA.to_owned());
    for statement in &project.statements {
        // Each script is run in a session of its own.
        if path.0 != Some(statement.file) {
            path = (Some(statement.file), DEFAULT_SCHEMA.to_owned());
        }
        let text = project.text(statement);
        let Ok(tokens) = Tokens::new(text) else { continue };
        let all = 0..tokens.len();
        if let Some(schema) = mentions::search_path(&tokens, &all) {
            path.1 = schema;
        }
        for mention in mentions::mentions(&tokens, &all) {
            index.add(mention, statement, &tokens, &path.1);
        }
    }
    index
}

impl Index {
    fn add(&mut self, mention: Mention, statement: &Statement, tokens: &Tokens<'_>, path: &str) {
        let span = |bytes: std::ops::Range<usize>| Span::new(statement.file, statement.bytes.start + bytes.start..statement.bytes.start + bytes.end);
        let schema = mention.schema.unwrap_or_else(|| path.to_owned());
        let place = span(tokens.bytes(&mention.place));
        if mention.what == What::Function {
            let body = mention.body.and_then(|at| {
                let written = value::string(tokens.kind(at)?, tokens.text(at))?.ok()?;
                Some(At::new(written, span(tokens.bytes(&(at..at + 1)))))
            });
            self.definitions.entry((schema, mention.name)).or_default().push(Definition { span: place, body });
            return;
        }
        // These have no schema, whatever the search path is.
        let schema = match mention.what {
            What::Schema | What::Extension | What::Role | What::DefaultPrivileges | What::GrantOnSchema | What::GrantOnAll => String::new(),
            _ => schema,
        };
        let key = (mention.what, schema, mention.name, mention.part);
        if mention.if_absent {
            self.places.entry(key).or_insert(place);
        } else {
            self.places.insert(key, place);
        }
    }

    /// The last definition with this body; the last one where no script holds the body as PostgreSQL prints it.
    fn definition(&self, function: &crate::kinds::function::Function) -> Option<&Definition> {
        let key = (function.name.schema.to_string(), function.name.name.to_string());
        let definitions = self.definitions.get(&key)?;
        let same = |definition: &&Definition| definition.body.as_ref().is_some_and(|body| body.value == function.body);
        definitions.iter().rev().find(same).or_else(|| definitions.iter().rev().find(|definition| definition.body.is_some())).or(definitions.last())
    }

    fn get(&self, what: What, name: &QualifiedName, part: Option<&str>) -> Option<Span> {
        self.places.get(&(what, name.schema.to_string(), name.name.to_string(), part.map(str::to_owned))).copied()
    }

    fn global(&self, what: What, name: &str, part: Option<&str>) -> Option<Span> {
        self.places.get(&(what, String::new(), name.to_owned(), part.map(str::to_owned))).copied()
    }

    fn columns(&self, table: &QualifiedName, columns: &[String]) -> Option<Span> {
        columns.first().and_then(|column| self.get(What::Column, table, Some(column)))
    }

    fn place(&self, object: &Object, catalog: &Catalog) -> Option<Span> {
        match object {
            Object::Schema(schema) => self.global(What::Schema, &schema.name, None),
            Object::Extension(extension) => self.global(What::Extension, &extension.name, None),
            Object::Enum(made) => self.get(What::Type, &made.name, None),
            Object::Domain(made) => self.get(What::Type, &made.name, None),
            Object::Composite(made) => self.get(What::Type, &made.name, None),
            Object::Sequence(made) => self.get(What::Sequence, &made.name, None),
            Object::Table(table) => self.get(What::Relation, &table.name, None),
            Object::View(view) => self.get(What::Relation, &view.name, None),
            Object::Column(column) => self.get(What::Column, &column.table, Some(&column.name)),
            Object::PrimaryKey(key) => self.constraint(&key.table, &key.name, &key.columns),
            Object::Unique(key) => self.constraint(&key.table, &key.name, &key.columns),
            Object::ForeignKey(key) => self.constraint(&key.table, &key.name, &key.columns),
            Object::Check(check) => self.constraint(&check.table, &check.name, &[]),
            Object::Index(index) => {
                let named = self.get(What::Index, &QualifiedName::new(index.table.schema.clone(), index.name.as_str()), None);
                named.or_else(|| self.get(What::NamelessIndex, &index.table, None))
            }
            Object::Trigger(trigger) => self.get(What::Trigger, &trigger.table, Some(&trigger.name)),
            Object::Policy(policy) => self.get(What::Policy, &policy.table, Some(&policy.name)),
            Object::Grant(grant) => {
                let grantee = Some(grant.grantee.as_str());
                let target = catalog.get(&grant.target).and_then(name)?;
                if grant.target.kind() == Kind::Schema {
                    return self.global(What::GrantOnSchema, &target.name, grantee);
                }
                self.get(What::Grant, &target, grantee).or_else(|| self.global(What::GrantOnAll, &target.schema, grantee))
            }
            _ => None,
        }
    }

    fn constraint(&self, table: &QualifiedName, name: &str, columns: &[String]) -> Option<Span> {
        self.get(What::Constraint, table, Some(name)).or_else(|| self.columns(table, columns))
    }
}

/// The name of what has one of its own.
fn name(object: &Object) -> Option<QualifiedName> {
    match object {
        Object::Schema(schema) => Some(QualifiedName::new("", schema.name.as_str())),
        Object::Enum(made) => Some(made.name.clone()),
        Object::Domain(made) => Some(made.name.clone()),
        Object::Composite(made) => Some(made.name.clone()),
        Object::Sequence(made) => Some(made.name.clone()),
        Object::Table(table) => Some(table.name.clone()),
        Object::View(view) => Some(view.name.clone()),
        Object::Function(function) => Some(function.name.clone()),
        Object::Policy(policy) => Some(QualifiedName::new(policy.table.schema.clone(), policy.name.as_str())),
        Object::Trigger(trigger) => Some(QualifiedName::new(trigger.table.schema.clone(), trigger.name.as_str())),
        _ => None,
    }
}

/// The first place at which a name stands, within a block of code where there is one.
fn named_in(project: &Project, name: &QualifiedName) -> Option<Span> {
    let of = |statement: &Statement| {
        let offset = word(project.text(statement), &name.name)?;
        let start = statement.bytes.start + offset;
        Some(Span::new(statement.file, start..start + name.name.len()))
    };
    let is_block = |statement: &&Statement| project.text(statement).get(..2).is_some_and(|verb| verb.eq_ignore_ascii_case("do"));
    project.statements.iter().filter(is_block).find_map(of).or_else(|| project.statements.iter().find_map(of))
}

/// Where a word begins in a text.
fn word(text: &str, wanted: &str) -> Option<usize> {
    let continues = |character: Option<char>| character.is_some_and(|character| character.is_alphanumeric() || character == '_');
    text.match_indices(wanted).map(|(offset, _)| offset).find(|offset| {
        let before = text.get(..*offset).and_then(|before| before.chars().next_back());
        let behind = text.get(offset + wanted.len()..).and_then(|behind| behind.chars().next());
        !continues(before) && !continues(behind)
    })
}
