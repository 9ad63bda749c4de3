//! What rules look at: the Catalog with indexes that are built once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::database::Database;
use super::expression::{self, Assumption, Tree, Truth};
use super::isolation::{self, Verdict};
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::contract::Contract;
use crate::kinds::column::Column;
use crate::kinds::constraint::check::Check;
use crate::kinds::constraint::foreign_key::ForeignKey;
use crate::kinds::constraint::primary_key::PrimaryKey;
use crate::kinds::constraint::unique::Unique;
use crate::kinds::function::Function;
use crate::kinds::grant::{Grant, Privilege};
use crate::kinds::index::{Index, Key};
use crate::kinds::policy::{Command, Policy};
use crate::kinds::table::Table;
use crate::operations::Tenancy;
use crate::parallel;
use crate::resolve::Resolution;
use crate::resolve::pending::Pending;

/// What is known besides the Catalog.
#[derive(Clone)]
pub struct Surroundings<'c> {
    /// Roles under which clients come.
    pub api_roles: Vec<String>,
    /// Roles that no policy restricts.
    pub bypassing_roles: Vec<String>,
    /// Schemas of the platform that its API does not offer, whoever may use them.
    pub closed_schemas: Vec<String>,
    pub tenancy: Option<&'c Tenancy>,
    pub contract: Option<&'c Contract>,
    /// Of a live database: what it holds besides the Catalog.
    pub database: Option<&'c Database>,
    /// What leads on from a release.
    pub pending: Option<&'c Pending>,
}

impl<'c> Surroundings<'c> {
    pub fn of(resolution: &'c Resolution) -> Surroundings<'c> {
        Surroundings {
            api_roles: resolution.project.api_roles.clone(),
            bypassing_roles: resolution.names.bypassing_roles().map(str::to_owned).collect(),
            closed_schemas: Vec::new(),
            tenancy: resolution.operations.tenancy.as_ref(),
            contract: Some(&resolution.contract),
            database: None,
            pending: resolution.pending.as_ref(),
        }
    }

    /// Those of a database on Supabase of which nothing else is known.
    pub fn supabase() -> Surroundings<'c> {
        let roles = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Surroundings {
            api_roles: roles(&["anon", "authenticated", "service_role"]),
            bypassing_roles: roles(&["service_role"]),
            closed_schemas: roles(&["auth", "cron", "extensions", "net", "realtime", "storage", "supabase_functions", "vault"]),
            tenancy: None,
            contract: None,
            database: None,
            pending: None,
        }
    }
}

/// A table with its parts.
pub struct TableView<'c> {
    pub id: &'c Id,
    pub table: &'c Table,
    pub columns: Vec<&'c Column>,
    pub primary_key: Option<&'c PrimaryKey>,
    pub unique: Vec<&'c Unique>,
    pub checks: Vec<&'c Check>,
    pub foreign_keys: Vec<&'c ForeignKey>,
    pub indexes: Vec<(&'c Id, &'c Index)>,
    /// Places in [`Context::policies`].
    pub policies: Vec<usize>,
}

impl TableView<'_> {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().copied().find(|column| column.name == name)
    }

    pub fn is_not_null(&self, name: &str) -> bool {
        self.column(name).is_some_and(|column| column.not_null)
    }

    /// The columns with which its keys and plain indexes begin, each list in order.
    pub fn orders(&self) -> impl Iterator<Item = Vec<&str>> {
        let keys = self.primary_key.iter().map(|key| &key.columns).chain(self.unique.iter().map(|key| &key.columns));
        let keys = keys.map(|columns| columns.iter().map(String::as_str).collect());
        keys.chain(self.indexes.iter().map(|(_, index)| {
            let columns = index.elements.iter().map_while(|element| match &element.key {
                Key::Column(column) => Some(column.as_str()),
                Key::Expression(_) => None,
            });
            columns.collect()
        }))
    }

    /// Whether it is certain that no two rows agree in these columns.
    pub fn is_unique(&self, columns: &[&str]) -> bool {
        let within = |key: &[String]| key.iter().all(|column| columns.contains(&column.as_str()));
        self.primary_key.is_some_and(|key| within(&key.columns)) || self.unique.iter().any(|key| within(&key.columns))
    }
}

/// A policy with its expressions read.
pub struct PolicyView<'c> {
    pub id: &'c Id,
    pub policy: &'c Policy,
    /// Place in [`Context::tables`].
    pub table: usize,
    pub using: Option<Tree>,
    pub check: Option<Tree>,
}

impl PolicyView<'_> {
    pub fn trees(&self) -> impl Iterator<Item = &Tree> {
        self.using.iter().chain(&self.check)
    }

    /// What rows have to satisfy that are read, changed or deleted.
    pub fn seen(&self) -> Option<&Tree> {
        self.using.as_ref()
    }

    /// What new rows have to satisfy; PostgreSQL takes USING where there is no WITH CHECK.
    pub fn new_rows(&self) -> Option<&Tree> {
        self.check.as_ref().or(self.using.as_ref())
    }

    pub fn is_for(&self, command: Command) -> bool {
        self.policy.command == command || self.policy.command == Command::All
    }
}

/// What rules look at.
pub struct Context<'c> {
    pub catalog: &'c Catalog,
    pub surroundings: Surroundings<'c>,
    pub tables: Vec<TableView<'c>>,
    pub policies: Vec<PolicyView<'c>>,
    pub functions: Vec<(&'c Id, &'c Function)>,
    pub grants: Vec<(&'c Id, &'c Grant)>,
    tables_by_name: FxHashMap<&'c QualifiedName, usize>,
    functions_by_name: FxHashMap<&'c QualifiedName, Vec<usize>>,
    grants_by_target: FxHashMap<&'c Id, Vec<usize>>,
    isolation: OnceLock<Vec<(usize, Verdict)>>,
    tenant_columns: OnceLock<BTreeMap<QualifiedName, String>>,
}

impl<'c> Context<'c> {
    pub fn new(catalog: &'c Catalog, surroundings: Surroundings<'c>) -> Context<'c> {
        let mut context = Context {
            catalog,
            surroundings,
            tables: Vec::new(),
            policies: Vec::new(),
            functions: Vec::new(),
            grants: Vec::new(),
            tables_by_name: FxHashMap::default(),
            functions_by_name: FxHashMap::default(),
            grants_by_target: FxHashMap::default(),
            isolation: OnceLock::new(),
            tenant_columns: OnceLock::new(),
        };
        for (id, entry) in catalog.iter() {
            if let Object::Table(table) = &entry.object {
                context.tables_by_name.insert(&table.name, context.tables.len());
                context.tables.push(TableView {
                    id,
                    table,
                    columns: Vec::new(),
                    primary_key: None,
                    unique: Vec::new(),
                    checks: Vec::new(),
                    foreign_keys: Vec::new(),
                    indexes: Vec::new(),
                    policies: Vec::new(),
                });
            }
        }
        let policies = context.add_parts();
        let read = parallel::map(&policies, |_, (_, policy, _)| {
            [&policy.using, &policy.check].map(|part| part.as_ref().and_then(|part| expression::tree(part.text(), &policy.table.name)))
        });
        for ((id, policy, table), [using, check]) in policies.into_iter().zip(read) {
            if let Some(view) = context.tables.get_mut(table) {
                view.policies.push(context.policies.len());
            }
            context.policies.push(PolicyView { id, policy, table, using, check });
        }
        context
    }

    /// Puts every object where it belongs; gives back the policies with the places of their tables.
    fn add_parts(&mut self) -> Vec<(&'c Id, &'c Policy, usize)> {
        let mut policies = Vec::new();
        for (id, entry) in self.catalog.iter() {
            let table = match &entry.object {
                Object::Column(part) => &part.table,
                Object::PrimaryKey(part) => &part.table,
                Object::Unique(part) => &part.table,
                Object::Check(part) => &part.table,
                Object::ForeignKey(part) => &part.table,
                Object::Index(part) => &part.table,
                Object::Policy(part) => &part.table,
                Object::Function(function) => {
                    self.functions_by_name.entry(&function.name).or_default().push(self.functions.len());
                    self.functions.push((id, function));
                    continue;
                }
                Object::Grant(grant) => {
                    self.grants_by_target.entry(&grant.target).or_default().push(self.grants.len());
                    self.grants.push((id, grant));
                    continue;
                }
                _ => continue,
            };
            let Some(&place) = self.tables_by_name.get(table) else { continue };
            let Some(view) = self.tables.get_mut(place) else { continue };
            match &entry.object {
                Object::Column(part) => view.columns.push(part),
                Object::PrimaryKey(part) => view.primary_key = Some(part),
                Object::Unique(part) => view.unique.push(part),
                Object::Check(part) => view.checks.push(part),
                Object::ForeignKey(part) => view.foreign_keys.push(part),
                Object::Index(part) => view.indexes.push((id, part)),
                Object::Policy(part) => policies.push((id, part, place)),
                _ => {}
            }
        }
        for view in &mut self.tables {
            view.columns.sort_by_key(|column| column.position);
        }
        policies
    }

    pub fn table(&self, name: &QualifiedName) -> Option<&TableView<'c>> {
        self.tables_by_name.get(name).and_then(|place| self.tables.get(*place))
    }

    pub fn table_of(&self, policy: &PolicyView<'c>) -> Option<&TableView<'c>> {
        self.tables.get(policy.table)
    }

    pub fn policies_of(&self, table: &TableView<'c>) -> impl Iterator<Item = &PolicyView<'c>> {
        table.policies.iter().filter_map(|place| self.policies.get(*place))
    }

    /// The functions of a name, one for each overload.
    pub fn functions_named(&self, name: &QualifiedName) -> impl Iterator<Item = (&'c Id, &'c Function)> {
        let places = self.functions_by_name.get(name).into_iter().flatten();
        places.filter_map(|place| self.functions.get(*place).copied())
    }

    /// The functions of the Catalog that a call may mean.
    pub fn called(&self, call: &expression::Call) -> Vec<(&'c Id, &'c Function)> {
        let Some(schema) = &call.schema else { return Vec::new() };
        self.functions_named(&QualifiedName::new(schema.as_str(), call.name.as_str())).collect()
    }

    pub fn grants_on(&self, target: &Id) -> impl Iterator<Item = (&'c Id, &'c Grant)> {
        self.grants_by_target.get(target).into_iter().flatten().filter_map(|place| self.grants.get(*place).copied())
    }

    /// Whether clients that policies restrict come under this role.
    pub fn is_untrusted(&self, role: &str) -> bool {
        role == "public" || (self.surroundings.api_roles.iter().any(|api| api == role) && !self.is_bypassing(role))
    }

    pub fn is_bypassing(&self, role: &str) -> bool {
        self.surroundings.bypassing_roles.iter().any(|bypassing| bypassing == role)
    }

    /// Whether a role, or PUBLIC, has a privilege on the whole object or on one of its columns.
    pub fn has(&self, role: &str, privilege: Privilege, target: &Id) -> bool {
        self.grants_on(target).any(|(_, grant)| {
            (grant.grantee == role || grant.grantee == "public")
                && (grant.privileges.contains(&privilege) || grant.columns.values().any(|privileges| privileges.contains(&privilege)))
        })
    }

    /// The untrusted roles, PUBLIC among them, to whom a privilege on an object is granted.
    pub fn untrusted_with(&self, privilege: Privilege, target: &Id) -> BTreeSet<&'c str> {
        let grants = self
            .grants_on(target)
            .filter(|(_, grant)| grant.privileges.contains(&privilege) || grant.columns.values().any(|privileges| privileges.contains(&privilege)));
        grants.map(|(_, grant)| grant.grantee.as_str()).filter(|role| self.is_untrusted(role)).collect()
    }

    /// Whether a schema is the platform's, so that no author changes tables in it.
    pub fn is_closed(&self, schema: &str) -> bool {
        self.surroundings.closed_schemas.iter().any(|closed| closed == schema)
    }

    /// Whether clients reach what lies in a schema.
    pub fn is_exposed(&self, schema: &str) -> bool {
        if self.is_closed(schema) {
            return false;
        }
        let id = Id::global(Kind::Schema, schema);
        if schema == "public" || !self.catalog.contains(&id) {
            return schema == "public";
        }
        !self.untrusted_with(Privilege::Usage, &id).is_empty()
    }

    /// The functions that clients reach and can call.
    pub fn api_functions(&self) -> impl Iterator<Item = (&'c Id, &'c Function)> {
        let roles = &self.surroundings.api_roles;
        self.functions
            .iter()
            .filter(|(id, function)| self.is_exposed(&function.name.schema) && roles.iter().any(|role| self.has(role, Privilege::Execute, id)))
            .copied()
    }

    /// The truth values that an expression of a policy can have.
    pub fn truth(&self, policy: &PolicyView<'c>, tree: &Tree, anonymous: bool) -> Truth {
        let table = self.table_of(policy);
        let not_null = |column: &str| table.is_some_and(|table| table.is_not_null(column));
        expression::truth(tree, Assumption { not_null: &not_null, anonymous })
    }

    /// Whether an expression of a policy holds for every row and session.
    pub fn holds_always(&self, policy: &PolicyView<'c>, tree: &Tree) -> bool {
        self.truth(policy, tree, false).is_always_true()
    }

    /// The policies of which it matters whether they keep tenants apart, each with what is decided of it. Several rules ask; it is decided once.
    pub fn isolation(&self) -> impl Iterator<Item = (&PolicyView<'c>, &Verdict)> {
        let decided = self.isolation.get_or_init(|| isolation::of_policies(self));
        decided.iter().filter_map(|(place, verdict)| Some((self.policies.get(*place)?, verdict)))
    }

    /// The column that says to which tenant a row belongs: see [`Tenancy::tenant_columns`].
    pub fn tenant_column(&self, table: &TableView<'c>) -> Option<&str> {
        let columns =
            self.tenant_columns.get_or_init(|| self.surroundings.tenancy.map(|tenancy| tenancy.tenant_columns(self.catalog)).unwrap_or_default());
        columns.get(&table.table.name).map(String::as_str)
    }

    /// Whether the rows of a table are declared to be nobody's.
    pub fn is_shared(&self, table: &TableView<'c>) -> bool {
        self.surroundings.tenancy.is_some_and(|tenancy| tenancy.shared.contains(table.id))
    }
}
