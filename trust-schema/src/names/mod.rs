//! What names mean: everything that a spec declares, found before anything is resolved, and the means to resolve references.

mod contexts;
mod declaring;
mod expressions;
mod guards;
mod intents;
mod literals;
mod lowering;
mod references;
mod resolving;
mod sequences;
mod text_values;
mod twins;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{Id, QualifiedName};
use crate::kinds::function::Effect;
use crate::kinds::template::TemplateSpec;
use crate::source::{At, Span};
use crate::spec::{Entries, SqlText, Text, Words};
use crate::sql::identifier::MAXIMUM_LENGTH;
use crate::sql::type_name::TypeName;
use crate::sql::{builtin, keyword};

pub use declaring::{Declaring, table_column};
pub use guards::CompiledGuards;
pub use intents::{ConversionIntent, Intents, MembersIntent, ValuesIntent};
pub use lowering::{Lowering, Origin, Origins, Output, WrittenBody};
pub use references::{ResolvedType, TypeBase, TypeUse};

/// Number of a module, in the order of migrations.
pub type ModuleIndex = usize;

/// A name's schema where it states none.
pub const DEFAULT_SCHEMA: &str = "public";

/// Everything that can be referred to.
#[derive(Default)]
pub struct Names {
    schemas: BTreeMap<String, Declared>,
    roles: BTreeMap<String, DeclaredRole>,
    relations: FxHashMap<QualifiedName, Relation>,
    types: FxHashMap<QualifiedName, DeclaredType>,
    /// Names of types and relations that PostgreSQL has types of, too.
    namesakes: FxHashSet<Arc<str>>,
    functions: FxHashMap<QualifiedName, Vec<Routine>>,
    /// Of each name without its schema, the first function and the first relation, once all are known.
    bare_functions: FxHashMap<Arc<str>, QualifiedName>,
    bare_relations: FxHashMap<Arc<str>, QualifiedName>,
    /// Functions of effect `assert`, once their identities are known.
    assertions: FxHashSet<Id>,
    /// Names in each schema that relations, indexes and sequences share.
    relation_names: FxHashMap<QualifiedName, (&'static str, Span)>,
    predicates: BTreeMap<String, Fragment>,
    guards: BTreeMap<String, Fragment>,
    templates: BTreeMap<String, (Span, TemplateSpec)>,
    errors: BTreeMap<String, (u16, Span)>,
    /// Names of raw blocks.
    raws: std::collections::BTreeSet<String>,
    private_schema: Option<Text>,
    operations: BTreeMap<(&'static str, String), Span>,
}

/// A name and its place; external ones are owned by others.
#[derive(Debug, Clone)]
struct Declared {
    external: bool,
    span: Option<Span>,
}

/// A role.
#[derive(Debug, Clone)]
struct DeclaredRole {
    api: bool,
    bypasses_row_security: bool,
    span: Option<Span>,
}

/// A type that the spec, or somebody else, declares.
#[derive(Debug, Clone)]
struct DeclaredType {
    /// None where others own it.
    id: Option<Id>,
    form: TypeForm,
    span: Span,
}

/// What a declared type is.
#[derive(Debug, Clone)]
pub enum TypeForm {
    /// Its values.
    Enum(Vec<String>),
    /// The type beneath, as written.
    Domain(Text),
    /// Its attributes, as written.
    Composite(Entries<Text>),
    /// A type by name.
    Named(String),
    /// Any number of values of a type.
    SetOf(String),
    /// Columns and types.
    Row(Vec<(String, String)>),
    /// Somebody else's: nothing is known of it.
    External,
}

/// A table or view.
#[derive(Debug, Clone)]
pub struct Relation {
    pub id: Id,
    pub name: QualifiedName,
    pub external: bool,
    pub columns: Vec<RelationColumn>,
    pub primary_key: Vec<String>,
    /// Column sets of unique constraints.
    pub unique: Vec<Vec<String>>,
    pub purge_function: Option<QualifiedName>,
    pub span: Span,
}

/// A column, as far as others refer to it.
#[derive(Debug, Clone)]
pub struct RelationColumn {
    pub name: String,
    /// As written.
    pub data_type: Text,
    pub nullable: bool,
    pub has_default: bool,
    /// PostgreSQL computes it: a generated column, or an identity column that takes no other value.
    pub computed: bool,
    /// Computed from other columns of the row.
    pub generated: bool,
    pub span: Span,
}

impl RelationColumn {
    /// Whether every new row must name it.
    pub fn required(&self) -> bool {
        !self.nullable && !self.has_default && !self.computed
    }
}

impl Relation {
    pub fn column(&self, name: &str) -> Option<&RelationColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether the columns are the primary key or those of a unique constraint, in any order.
    pub fn has_key<'k>(&self, columns: impl Iterator<Item = &'k str>) -> bool {
        let mut wanted: Vec<&str> = columns.collect();
        wanted.sort_unstable();
        std::iter::once(&self.primary_key).chain(&self.unique).any(|key| {
            let mut key: Vec<&str> = key.iter().map(String::as_str).collect();
            key.sort_unstable();
            !key.is_empty() && key == wanted
        })
    }
}

/// A function, as far as others refer to it.
#[derive(Debug, Clone)]
pub struct Routine {
    /// None where others own it, or an argument type is unknown.
    pub id: Option<Id>,
    pub external: bool,
    pub effect: Effect,
    /// Schema of types that name none.
    default_schema: String,
    /// Types as written.
    pub arguments: Vec<Text>,
    pub defaults: usize,
    pub returns: TypeForm,
    pub span: Span,
}

impl Routine {
    /// Whether a call with this many arguments can mean it.
    pub fn accepts(&self, arguments: usize) -> bool {
        (self.arguments.len() - self.defaults.min(self.arguments.len())..=self.arguments.len()).contains(&arguments)
    }
}

/// A predicate or a guard.
#[derive(Debug, Clone)]
struct Fragment {
    parameters: Words,
    sql: SqlText,
    span: Span,
}

/// Which names an expression may use.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'r> {
    /// None: a default.
    Nothing,
    /// `value`: a domain's check.
    Value,
    /// The columns of a row, bare or with the relation's name.
    Row(&'r Relation),
    /// `old` and `new`: a trigger's condition.
    OldAndNew(&'r Relation),
    /// The arguments of a function.
    Arguments(&'r [(String, String)]),
}

impl Names {
    pub fn relation(&self, name: &QualifiedName) -> Option<&Relation> {
        self.relations.get(name)
    }

    /// The functions of a name.
    pub fn routines(&self, name: &QualifiedName) -> &[Routine] {
        self.functions.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Roles under which clients come, in the order of names.
    pub fn api_roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().filter(|(_, role)| role.api).map(|(name, _)| name.as_str())
    }

    /// Roles that no policy restricts, in the order of names.
    pub fn bypassing_roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().filter(|(_, role)| role.bypasses_row_security).map(|(name, _)| name.as_str())
    }

    /// The relations of the spec and of others, for suggestions.
    fn relation_suggestions(&self) -> impl Iterator<Item = String> {
        self.relations.keys().flat_map(|name| [name.name.to_string(), name.to_string()])
    }

    pub fn template_names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// The template of a name.
    pub fn template(&self, name: &str) -> Option<&TemplateSpec> {
        self.templates.get(name).map(|(_, template)| template)
    }

    /// Reads `name` or `schema.name`; the default schema is the module's.
    fn qualify(text: &Text, default_schema: &str) -> Result<QualifiedName, crate::sql::Error> {
        let (schema, name) = crate::sql::identifier::parse_reference(&text.value)?;
        Ok(QualifiedName::new(schema.unwrap_or_else(|| default_schema.to_owned()), name))
    }

    /// Gives every function its identity, now that all types are known.
    pub fn finish(&mut self) {
        let names = self.types.keys().chain(self.relations.keys()).map(|name| &name.name);
        self.namesakes = names.filter(|name| is_of_postgresql(name)).cloned().collect();
        let mut functions = std::mem::take(&mut self.functions);
        for (name, routines) in &mut functions {
            for routine in routines.iter_mut().filter(|routine| !routine.external) {
                let types: Option<Vec<String>> = routine.arguments.iter().map(|ty| self.type_text(ty, &routine.default_schema)).collect();
                routine.id = types.map(|types| Id::function(name, &types.iter().map(String::as_str).collect::<Vec<_>>()));
            }
        }
        let assertions = functions.values().flatten().filter(|routine| routine.effect == Effect::Assert);
        self.assertions = assertions.filter_map(|routine| routine.id.clone()).collect();
        self.functions = functions;
        self.bare_functions = by_bare_name(self.functions.keys());
        self.bare_relations = by_bare_name(self.relations.keys());
    }

    /// The type as PostgreSQL prints it; none where it is unknown.
    fn type_text(&self, written: &Text, schema: &str) -> Option<String> {
        let (ty, _) = self.find_type(TypeName::parse(&written.value).ok()?, schema)?;
        Some(ty.to_string())
    }

    /// Completes a type's schema. Built-in types win over those of the spec with the same bare name.
    fn find_type(&self, mut ty: TypeName, schema: &str) -> Option<(TypeName, Option<&DeclaredType>)> {
        if ty.is_builtin() {
            return Some((ty, None));
        }
        let name = QualifiedName::new(ty.schema.clone().unwrap_or_else(|| schema.to_owned()), ty.name.as_str());
        ty.schema = Some(name.schema.to_string());
        let declared = self.types.get(&name);
        if declared.is_none() && !self.relations.contains_key(&name) {
            return None;
        }
        Some((ty, declared))
    }
}

/// Whether PostgreSQL has a type that is called, or can be written, like this.
fn is_of_postgresql(name: &str) -> bool {
    builtin::type_kind(name).is_some() || keyword::find(name).is_some() && TypeName::parse(name).is_ok_and(|ty| ty.is_builtin())
}

/// A name that PostgreSQL would generate, for example `tenants_status_check`: parts joined by `_`, the first one cut where the whole
/// would be longer than a name may be.
pub fn generated_name(parts: &[&str]) -> String {
    let name = parts.join("_");
    let Some(excess) = name.len().checked_sub(MAXIMUM_LENGTH).filter(|excess| *excess > 0) else { return name };
    let first = parts.first().copied().unwrap_or_default();
    let mut keep = first.len().saturating_sub(excess);
    while !first.is_char_boundary(keep) {
        keep -= 1;
    }
    format!("{}{}", &first[..keep], &name[first.len()..])
}

/// A declared name with its place.
pub(crate) fn at(text: &str, span: Span) -> Text {
    At::new(text.to_owned(), span)
}

/// Of each name without its schema, the first with one.
fn by_bare_name<'n>(names: impl Iterator<Item = &'n QualifiedName>) -> FxHashMap<Arc<str>, QualifiedName> {
    let mut first: FxHashMap<Arc<str>, QualifiedName> = FxHashMap::default();
    for name in names {
        let known = first.entry(name.name.clone()).or_insert_with(|| name.clone());
        if name < known {
            *known = name.clone();
        }
    }
    first
}
