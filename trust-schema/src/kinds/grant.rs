//! Privileges: what a role may do with an object. What no grant says is revoked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use toml::de::DeValue;
use trust_macros::Spec;

use super::statement::{Context, name_list};
use super::{Kind, ObjectKind};
use crate::catalog::{Catalog, Id, Object, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::source::{At, Span};
use crate::spec::{Decode, Decoder, Name, Shape, Value, Words};
use crate::sql::identifier::quote;

/// A privilege that PostgreSQL knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Privilege {
    Select,
    Insert,
    Update,
    Delete,
    Truncate,
    References,
    Trigger,
    Maintain,
    Usage,
    Execute,
    Create,
}

impl Privilege {
    /// The word in GRANT.
    pub fn keyword(self) -> &'static str {
        match self {
            Privilege::Select => "SELECT",
            Privilege::Insert => "INSERT",
            Privilege::Update => "UPDATE",
            Privilege::Delete => "DELETE",
            Privilege::Truncate => "TRUNCATE",
            Privilege::References => "REFERENCES",
            Privilege::Trigger => "TRIGGER",
            Privilege::Maintain => "MAINTAIN",
            Privilege::Usage => "USAGE",
            Privilege::Execute => "EXECUTE",
            Privilege::Create => "CREATE",
        }
    }

    /// The privileges that a spec may grant on a kind of object. The others have no safe use by a role that is not the owner: TRUNCATE and
    /// MAINTAIN ignore row-level security, REFERENCES is an oracle for hidden rows, TRIGGER and CREATE plant code.
    pub fn grantable_on(kind: Kind) -> &'static [Privilege] {
        match kind {
            Kind::Table | Kind::View => &[Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Delete],
            Kind::Sequence => &[Privilege::Usage, Privilege::Select],
            Kind::Function => &[Privilege::Execute],
            Kind::Schema | Kind::Enum | Kind::Domain | Kind::Composite => &[Privilege::Usage],
            _ => &[],
        }
    }

    /// The privileges that can be granted on single columns.
    pub const ON_COLUMNS: &'static [Privilege] = &[Privilege::Select, Privilege::Insert, Privilege::Update];
}

/// What a role may do, as written: a privilege, on the whole object or on columns.
#[derive(Debug, Clone)]
pub struct AccessItem {
    pub privilege: At<Privilege>,
    pub columns: Option<Words>,
}

/// Which role may do what: `{ authenticated = ["select"], service_role = { select = true, update = ["status"] } }`.
#[derive(Debug, Clone, Default)]
pub struct Access(pub Vec<(Name, Vec<AccessItem>)>);

impl Decode for Access {
    fn shape() -> Shape {
        Shape::Map(|| {
            Shape::Either(vec![Shape::Array(Privilege::shape), Shape::Map(|| Shape::Either(vec![Shape::Boolean, Shape::Array(|| Shape::String)]))])
        })
    }

    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::Table(roles) = value.get_ref() else {
            decoder.wrong_type(value, "a table of roles, for example `{ authenticated = [\"select\"] }`");
            return None;
        };
        let read = roles.iter().map(|(role, privileges)| {
            let role = At::new(role.get_ref().clone().into_owned(), decoder.span(role));
            Some((role, items(privileges, decoder)?))
        });
        // Every role is read, so that every mistake is told.
        Some(Access(read.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?))
    }
}

fn items(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Vec<AccessItem>> {
    match value.get_ref() {
        DeValue::Array(words) => words
            .iter()
            .map(|word| Some(AccessItem { privilege: At::new(Privilege::decode(word, decoder)?, decoder.span(word)), columns: None }))
            .collect::<Vec<_>>()
            .into_iter()
            .collect(),
        DeValue::Table(privileges) => privileges
            .iter()
            .map(|(word, columns)| {
                let span = decoder.span(word);
                let privilege = privilege_of(word.get_ref(), span, decoder)?;
                match columns.get_ref() {
                    DeValue::Boolean(true) => Some(AccessItem { privilege, columns: None }),
                    DeValue::Array(_) => Some(AccessItem { privilege, columns: Some(Words::decode(columns, decoder)?) }),
                    _ => {
                        decoder.wrong_type(columns, "`true` or an array of columns");
                        None
                    }
                }
            })
            .collect::<Vec<_>>()
            .into_iter()
            .collect(),
        _ => {
            decoder.wrong_type(value, "an array of privileges or a table of privileges with columns");
            None
        }
    }
}

fn privilege_of(word: &str, span: Span, decoder: &mut Decoder<'_>) -> Option<At<Privilege>> {
    let key = toml::Spanned::new(span.range(), DeValue::String(word.to_owned().into()));
    Privilege::decode(&key, decoder).map(|privilege| At::new(privilege, span))
}

/// Everything that one role may do with one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub target: Id,
    /// A role, or `public` for PUBLIC.
    pub grantee: String,
    pub privileges: BTreeSet<Privilege>,
    /// Columns, and what the role may do with each beyond the table's privileges.
    #[serde(default)]
    pub columns: BTreeMap<String, BTreeSet<Privilege>>,
    /// Privileges that the role may pass on. A spec grants none.
    #[serde(default)]
    pub grantable: BTreeSet<Privilege>,
}

impl ObjectKind for Grant {
    const KIND: Kind = Kind::Grant;
    const INTROSPECTION: &'static str = include_str!("introspection/grant.sql");

    fn id(&self) -> Id {
        Id::grant(&self.target, &self.grantee)
    }
    fn parents(&self) -> Vec<Id> {
        vec![self.target.clone()]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        self.statements("GRANT", "TO", context)
    }
    fn drop(&self, context: &Context<'_>) -> Vec<String> {
        self.statements("REVOKE", "FROM", context)
    }
    /// What is taken away first: a column's privilege goes with the table's.
    fn alter(&self, before: &Self, context: &Context<'_>) -> Option<Vec<Alteration>> {
        if self.grantable != before.grantable {
            return None;
        }
        let less = |from: &Grant, than: &Grant| Grant {
            privileges: from.privileges.difference(&than.privileges).copied().collect(),
            columns: from
                .columns
                .iter()
                .map(|(column, privileges)| {
                    let known = than.columns.get(column);
                    (column.clone(), privileges.iter().filter(|one| known.is_none_or(|known| !known.contains(one))).copied().collect())
                })
                .filter(|(_, privileges): &(String, BTreeSet<Privilege>)| !privileges.is_empty())
                .collect(),
            ..from.clone()
        };
        let gone = less(before, self);
        let mut changes = Alteration::replace(gone.drop(context));
        // REVOKE on a table takes the privileges on its columns with it (PostgreSQL: REVOKE, notes).
        let lost = self.columns.iter().map(|(column, privileges)| (column.clone(), privileges.intersection(&gone.privileges).copied().collect()));
        let lost = Grant {
            privileges: BTreeSet::new(),
            columns: lost.filter(|(_, privileges): &(String, BTreeSet<Privilege>)| !privileges.is_empty()).collect(),
            ..self.clone()
        };
        let mut new = less(self, before);
        for (column, privileges) in lost.columns {
            new.columns.entry(column).or_default().extend(privileges);
        }
        changes.extend(Alteration::replace(new.create(context)));
        Some(changes)
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        let table = super::renaming::related(std::slice::from_ref(&self.target), &BTreeSet::new());
        let columns = std::mem::take(&mut self.columns).into_iter().map(|(mut column, privileges)| {
            table.iter().for_each(|table| names.column(table, &mut column));
            (column, privileges)
        });
        self.columns = columns.collect();
        names.id(&mut self.target);
    }
}

impl Grant {
    fn statements(&self, verb: &str, preposition: &str, context: &Context<'_>) -> Vec<String> {
        let on = grant_address(&self.target, context.catalog);
        let grantee = quote(&self.grantee);
        let mut statements = Vec::new();
        if !self.privileges.is_empty() {
            let privileges = self.privileges.iter().map(|privilege| privilege.keyword()).collect::<Vec<_>>().join(", ");
            statements.push(format!("{verb} {privileges} ON {on} {preposition} {grantee};"));
        }
        let mut by_privilege: BTreeMap<Privilege, Vec<&str>> = BTreeMap::new();
        for (column, privileges) in &self.columns {
            for privilege in privileges {
                by_privilege.entry(*privilege).or_default().push(column);
            }
        }
        for (privilege, columns) in by_privilege {
            statements.push(format!("{verb} {} ({}) ON {on} {preposition} {grantee};", privilege.keyword(), name_list(&columns)));
        }
        statements
    }
}

/// An object as GRANT and REVOKE name it.
fn grant_address(target: &Id, catalog: &Catalog) -> String {
    match target.kind() {
        // GRANT has no word for views.
        Kind::View => format!("TABLE {}", target.name()),
        Kind::Domain | Kind::Enum | Kind::Composite => format!("TYPE {}", target.name()),
        _ => address(target, catalog),
    }
}

/// An object as COMMENT ON, ALTER and DROP name it.
pub fn address(target: &Id, catalog: &Catalog) -> String {
    let on = |table: &dyn std::fmt::Display, name: &str| format!("{} ON {table}", quote(name));
    match (target.kind(), catalog.get(target)) {
        (Kind::Enum | Kind::Composite, _) => format!("TYPE {}", target.name()),
        (_, Some(Object::Policy(policy))) => format!("POLICY {}", on(&policy.table, &policy.name)),
        (_, Some(Object::Trigger(trigger))) => format!("TRIGGER {}", on(&trigger.table, &trigger.name)),
        (_, Some(Object::PrimaryKey(key))) => format!("CONSTRAINT {}", on(&key.table, &key.name)),
        (_, Some(Object::Unique(key))) => format!("CONSTRAINT {}", on(&key.table, &key.name)),
        (_, Some(Object::Check(check))) => format!("CONSTRAINT {}", on(&check.table, &check.name)),
        (_, Some(Object::ForeignKey(key))) => format!("CONSTRAINT {}", on(&key.table, &key.name)),
        (kind, _) => format!("{} {}", kind.word().to_uppercase(), target.name()),
    }
}
