//! What a spec holds besides the Catalog: how the system is operated. Already resolved; SQL in here has been checked.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::kinds::constraint::foreign_key::ForeignKey;
use crate::kinds::lint::Level;
use crate::kinds::monitor::AlertSeverity;
use crate::source::Span;
use crate::spec::Text;

/// Everything that operators do with the system.
#[derive(Debug, Clone, Default)]
pub struct Operations {
    pub kill_switches: Vec<KillSwitch>,
    pub partial_rollbacks: Vec<PartialRollback>,
    pub monitors: Vec<Monitor>,
    pub smoke_tests: Vec<SmokeTest>,
    pub retentions: Vec<Retention>,
    pub tenancy: Option<Tenancy>,
    pub lint: Lint,
    pub benchmarks: Vec<Benchmark>,
    pub benchmark_data: Vec<BenchmarkData>,
}

impl Operations {
    /// Adds those of another module behind these.
    pub fn extend(&mut self, other: Operations) {
        self.kill_switches.extend(other.kill_switches);
        self.partial_rollbacks.extend(other.partial_rollbacks);
        self.monitors.extend(other.monitors);
        self.smoke_tests.extend(other.smoke_tests);
        self.retentions.extend(other.retentions);
        // Declared in `trust.toml` alone.
        self.tenancy = self.tenancy.take().or(other.tenancy);
        self.benchmarks.extend(other.benchmarks);
        self.benchmark_data.extend(other.benchmark_data);
    }
}

/// How grave each rule is, and what is waived, as written.
#[derive(Debug, Clone, Default)]
pub struct Lint {
    pub levels: Vec<(Text, Level)>,
    pub waivers: Vec<Waiver>,
}

/// A finding that is meant as it is.
#[derive(Debug, Clone)]
pub struct Waiver {
    pub rule: Text,
    pub object: Text,
    pub reason: String,
    pub span: Span,
}

/// What a tenant is.
#[derive(Debug, Clone)]
pub struct Tenancy {
    /// The table of tenants; its primary key is one column.
    pub tenants: QualifiedName,
    /// The table of users, which others may own.
    pub users: QualifiedName,
    /// Tables whose rows belong to no tenant.
    pub shared: Vec<Id>,
    /// Functions without arguments that return tenants of the caller, and no others.
    pub context: Vec<QualifiedName>,
    /// What stands beneath the policies of every table of tenants.
    pub floor: Option<Floor>,
    /// Whether foreign keys between tables of tenants carry the tenant.
    pub composite_keys: bool,
    /// Whether tables of tenants get indexes that begin with the tenant.
    pub tenant_led_indexes: bool,
    /// What functions have to tell about the rows of others.
    pub accepted: Vec<Accepted>,
}

impl Tenancy {
    /// Whether a foreign key says to which tenant a row belongs.
    pub fn names_tenant(&self, key: &ForeignKey) -> bool {
        key.references == self.tenants && key.columns.len() == 1
    }

    /// The column of each table that names a row's tenant: the key of the table of tenants; a column that refers to it; or one that refers to
    /// the column of another such table, as the keys do that carry the tenant.
    pub fn tenant_columns(&self, catalog: &Catalog) -> BTreeMap<QualifiedName, String> {
        let mut columns: BTreeMap<QualifiedName, String> = BTreeMap::new();
        let mut referring: BTreeMap<&QualifiedName, Vec<&ForeignKey>> = BTreeMap::new();
        for object in catalog.objects() {
            match object {
                Object::PrimaryKey(key) if key.table == self.tenants => {
                    columns.extend(key.columns.first().map(|column| (key.table.clone(), column.clone())));
                }
                Object::ForeignKey(key) if self.names_tenant(key) && key.table != self.tenants => {
                    // Of several, the first.
                    if let Some(column) = key.columns.first() {
                        columns.entry(key.table.clone()).or_insert_with(|| column.clone());
                    }
                }
                Object::ForeignKey(key) if key.references != self.tenants => referring.entry(&key.references).or_default().push(key),
                _ => {}
            }
        }
        let mut waiting: Vec<QualifiedName> = columns.keys().cloned().collect();
        while let Some(table) = waiting.pop() {
            let Some(column) = columns.get(&table).cloned() else { continue };
            if self.shared.contains(&Id::of(Kind::Table, &table)) {
                continue;
            }
            for key in referring.get(&table).into_iter().flatten() {
                let pair = key.columns.iter().zip(&key.referenced_columns).find(|(_, referenced)| **referenced == column);
                if let Some((own, _)) = pair
                    && !columns.contains_key(&key.table)
                {
                    columns.insert(key.table.clone(), own.clone());
                    waiting.push(key.table.clone());
                }
            }
        }
        columns
    }

    /// Whether a foreign key says to which user a row belongs.
    pub fn names_user(&self, key: &ForeignKey) -> bool {
        key.references == self.users && key.columns.len() == 1
    }
}

/// The function with whose tenants restrictive policies compare.
#[derive(Debug, Clone)]
pub struct Floor {
    pub name: QualifiedName,
    pub function: Id,
}

/// A function that has to tell whether a row of others exists.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub function: Id,
    /// The arguments that name the row, with the place in the spec.
    pub arguments: Vec<(String, Span)>,
    pub reason: String,
}

/// Turns a capability off.
#[derive(Debug, Clone)]
pub struct KillSwitch {
    pub name: String,
    pub summary: String,
    pub assignments: Vec<Assignment>,
    pub revocations: Vec<Revocation>,
}

/// Sets columns of a table.
#[derive(Debug, Clone)]
pub struct Assignment {
    pub table: QualifiedName,
    /// Columns, quoted where needed, and the SQL of their values.
    pub values: Vec<(String, String)>,
    /// SQL over a row: which rows change.
    pub condition: String,
}

impl Assignment {
    /// The UPDATE statement.
    pub fn statement(&self) -> String {
        format!("UPDATE {} SET {} WHERE {};", self.table, self.values(), self.condition)
    }

    /// `column = value, …`.
    pub fn values(&self) -> String {
        self.values.iter().map(|(column, value)| format!("{column} = {value}")).collect::<Vec<_>>().join(", ")
    }
}

/// Takes everything on an object away from roles.
#[derive(Debug, Clone)]
pub struct Revocation {
    /// A function or a table.
    pub target: Id,
    pub roles: Vec<String>,
}

/// Empties tables and takes access away.
#[derive(Debug, Clone)]
pub struct PartialRollback {
    pub name: String,
    pub summary: String,
    /// Tables.
    pub truncate: Vec<Id>,
    pub revocations: Vec<Revocation>,
}

/// A monitoring view.
#[derive(Debug, Clone)]
pub struct Monitor {
    pub name: String,
    pub summary: String,
    pub view: Id,
    pub alert: Option<Alert>,
}

/// When somebody should be told.
#[derive(Debug, Clone)]
pub struct Alert {
    /// SQL over the monitor's columns.
    pub when: String,
    pub summary: String,
    pub severity: AlertSeverity,
    /// For how many seconds it must be true before anybody is told.
    pub after: u64,
}

/// How long the rows of a table are kept.
#[derive(Debug, Clone)]
pub struct Retention {
    pub table: Id,
    /// An interval.
    pub keep: String,
    /// SQL over a row: the time from which it counts. Rows for which it is NULL stay.
    pub by: String,
    /// Deletes older rows and returns how many.
    pub function: Id,
}

/// An end-to-end check.
#[derive(Debug, Clone)]
pub struct SmokeTest {
    pub name: String,
    pub summary: String,
    /// Names and types.
    pub variables: Vec<(String, String)>,
    pub steps: Vec<Step>,
}

/// A step of a smoke test.
#[derive(Debug, Clone)]
pub enum Step {
    Run {
        /// The operator where none is named.
        role: Option<String>,
        /// Names, and SQL expressions over the variables.
        claims: Vec<(String, String)>,
        statement: String,
        /// Variables that take the columns of its one row.
        into: Vec<String>,
        fails: Option<Expected>,
    },
    /// SQL that must be true.
    Expect(String),
}

/// The error with which a step must fail.
#[derive(Debug, Clone, Serialize)]
pub struct Expected {
    pub sqlstate: String,
    pub message: Option<String>,
}

/// One call of a function, to measure its speed.
#[derive(Debug, Clone)]
pub struct Benchmark {
    pub name: String,
    pub function: Id,
    pub role: String,
    /// Names, and expressions of pgbench.
    pub variables: Vec<(String, String)>,
    /// Names, and SQL expressions over the variables.
    pub claims: Vec<(String, String)>,
    /// Names, and SQL expressions over the variables.
    pub arguments: Vec<(String, String)>,
    /// A statement without the function, over the variables.
    pub bare: String,
    /// Share of the mixed load.
    pub weight: u32,
    /// Whether each call is rolled back.
    pub undo: bool,
    /// Where it is declared.
    pub span: Span,
}

/// Statements that fill tables for benchmarks.
#[derive(Debug, Clone)]
pub struct BenchmarkData {
    pub name: String,
    pub summary: String,
    pub statements: Vec<String>,
}
