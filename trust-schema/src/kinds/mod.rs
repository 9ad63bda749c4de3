//! The kinds of objects: one file each, and one line in one of the two lists below.
//!
//! A kind's file says everything about it: its shape in the spec, its value in the Catalog, how a spec declares and resolves it,
//! how PostgreSQL is told to create and drop it, and the query that reads it back.

mod macros;

pub mod alteration;
pub mod renaming;
pub mod statement;

pub mod append_only;
pub mod benchmark;
pub mod column;
pub mod comment;
pub mod composite;
pub mod constraint;
pub mod domain;
pub mod enumeration;
pub mod error;
pub mod extension;
pub mod external;
pub mod function;
pub mod grant;
pub mod guard;
pub mod index;
pub mod kill_switch;
pub mod lint;
pub mod literal;
pub mod monitor;
pub mod partial_rollback;
pub mod policy;
pub mod predicate;
pub mod project;
pub mod raw;
pub mod release;
pub mod retention;
pub mod role;
pub mod schedule;
pub mod schema;
pub mod seed;
pub mod sequence;
pub mod smoke_test;
pub mod table;
pub mod template;
pub mod tenancy;
pub mod trigger;
pub mod view;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use crate::catalog::{Expression, Id, QualifiedName};
use crate::names::{Declaring, Lowering};
use crate::spec::Entries;

/// What every kind in the Catalog can do.
pub trait ObjectKind {
    const KIND: Kind;
    /// The query that reads all objects of the kind outside the system's and extensions' schemas: one row each, one column `payload` of
    /// type jsonb that deserialises into the kind's value. Empty for what leaves no object of its own in PostgreSQL.
    const INTROSPECTION: &'static str;

    fn id(&self) -> Id;
    /// Statements that create the object, protection included.
    fn create(&self, context: &statement::Context<'_>) -> Vec<String>;
    /// Statements that undo `create`, without CASCADE.
    fn drop(&self, context: &statement::Context<'_>) -> Vec<String>;
    /// Statements that make this object of what it was, keeping its rows, its ACL and what depends on it; `None` where PostgreSQL has none, so
    /// that it has to be dropped and created.
    fn alter(&self, _before: &Self, _context: &statement::Context<'_>) -> Option<Vec<alteration::Alteration>>
    where
        Self: Sized,
    {
        None
    }
    /// The table, schema or other object without which this one cannot exist, and which is created before it.
    fn parents(&self) -> Vec<Id> {
        Vec::new()
    }
    /// Shows every SQL expression in it.
    fn expressions(&mut self, _visit: &mut dyn FnMut(&mut Expression)) {}
    /// Makes of it what PostgreSQL makes of it when these objects get new names. `related` are the relations that its texts may name.
    fn rename(&mut self, names: &renaming::Renaming, related: &[QualifiedName]);
}

/// A section of a module: what it declares for others, and what it adds to the Catalog.
pub trait Section {
    /// First pass: makes names known.
    fn declare(&self, _declaring: &mut Declaring<'_>) {}
    /// Second pass: resolves references and adds objects.
    fn lower(&self, lowering: &mut Lowering<'_>);
}

// The order is the order of creation among objects that do not need each other.
macros::kinds! {
    Role("role") = role::Role,
    Schema("schema") = schema::Schema,
    Extension("extension") = extension::Extension,
    Enum("enum") = enumeration::Enum,
    Domain("domain") = domain::Domain,
    Composite("composite type") = composite::Composite,
    Sequence("sequence") = sequence::Sequence,
    Table("table") = table::Table,
    Column("column") = column::Column,
    PrimaryKey("primary key") = constraint::primary_key::PrimaryKey,
    Unique("unique constraint") = constraint::unique::Unique,
    Check("check constraint") = constraint::check::Check,
    ForeignKey("foreign key") = constraint::foreign_key::ForeignKey,
    Index("index") = index::Index,
    Function("function") = function::Function,
    View("view") = view::View,
    Trigger("trigger") = trigger::Trigger,
    Policy("policy") = policy::Policy,
    Grant("grant") = grant::Grant,
    Comment("comment") = comment::Comment,
    Raw("raw") = raw::Raw,
    Seed("seed") = seed::Seed,
    Schedule("schedule") = schedule::Schedule,
}

macros::sections! {
    /// A module file: what one migration declares.
    pub struct ModuleSpec {
        /// Schemas that the spec creates.
        schema: schema::SchemaSpec,
        /// Enum types.
        #[key = "enum"]
        enumeration: enumeration::EnumSpec,
        /// Domains: named types with a check.
        domain: domain::DomainSpec,
        /// Composite types.
        composite: composite::CompositeSpec,
        /// Stand-alone sequences; identity columns bring their own.
        sequence: sequence::SequenceSpec,
        /// Columns, checks and triggers that several tables share.
        template: template::TemplateSpec,
        /// Tables.
        table: table::TableSpec,
        /// Views.
        view: view::ViewSpec,
        /// Named SQL expressions with parameters.
        predicate: predicate::PredicateSpec,
        /// Named assertions that functions call before anything else.
        guard: guard::GuardSpec,
        /// Named errors that functions raise.
        error: error::ErrorSpec,
        /// Functions.
        function: function::FunctionSpec,
        /// Functions that run the retention of several tables and return what each purged.
        retention: retention::RetentionRunSpec,
        /// Rows that the spec owns.
        seed: seed::SeedSpec,
        /// Jobs for pg_cron.
        schedule: schedule::ScheduleSpec,
        /// Switches that turn a capability off at once.
        kill_switch: kill_switch::KillSwitchSpec,
        /// What the partial rollback undoes.
        partial_rollback: partial_rollback::PartialRollbackSpec,
        /// Monitoring views and their alerts.
        monitor: monitor::MonitorSpec,
        /// SQL for what the model does not cover.
        raw: raw::RawSpec,
        /// End-to-end checks that leave nothing behind.
        smoke_test: smoke_test::SmokeTestSpec,
        /// Calls of functions whose speed is measured.
        benchmark: benchmark::BenchmarkSpec,
        /// Rows for the benchmarks.
        benchmark_data: benchmark::BenchmarkDataSpec,
    }
}

/// The head of a module file.
#[derive(Debug, Clone, Spec)]
pub struct ModuleHead {
    /// File name of the migration, without `.sql`: `<yyyymmddhhmmss>_<name>`.
    pub migration: crate::spec::Text,
    /// What the migration is for, in one sentence.
    pub summary: Option<crate::spec::Text>,
    /// Schema of objects and references that name none; `public` by default.
    pub schema: Option<crate::spec::Text>,
}

impl Object {
    /// The table and the name of a part of a table that holds nothing of its own.
    pub fn part_of_table(&self) -> Option<(&QualifiedName, &String)> {
        match self {
            Object::PrimaryKey(key) => Some((&key.table, &key.name)),
            Object::Unique(key) => Some((&key.table, &key.name)),
            Object::Check(check) => Some((&check.table, &check.name)),
            Object::ForeignKey(key) => Some((&key.table, &key.name)),
            Object::Index(index) => Some((&index.table, &index.name)),
            Object::Trigger(trigger) => Some((&trigger.table, &trigger.name)),
            Object::Policy(policy) => Some((&policy.table, &policy.name)),
            _ => None,
        }
    }
}
