//! Effective access: who can do what to which object and which rows, and why. Computed from a Catalog alone.
//!
//! The rules are PostgreSQL's own: table and column privileges add up; privileges of a role count for its members where these inherit, and
//! BYPASSRLS and the like never do (`has_privs_of_role` in `acl.c`); policies apply to a role that has the privileges of one that they name.
//! Beyond what a role is granted there are *doors*: functions and views that run as the owner, triggers, foreign keys that cascade. A right to
//! use a door is a right to what lies behind it.

mod body;
mod diff;
mod guards;
mod indexes;
mod memberships;
mod reach;
mod refusals;
mod rights;
pub mod text;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Entry, Id};
use crate::kinds::grant::Privilege;
use crate::kinds::policy::Policy;
use crate::kinds::role::Owner;
use crate::parallel;
use indexes::Indexes;

pub use diff::{Change, Direction, diff};
pub use guards::Guards;
pub use refusals::Refusals;

/// Grows when a reader of the old form would misread the new one.
pub const FORMAT_VERSION: u32 = 3;

/// Somebody who can have access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// Every role, those of today and those to come.
    Public,
    /// Whoever deploys the migrations, and so owns every object.
    Owner,
    Role(String),
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Principal::Public => formatter.write_str("PUBLIC"),
            Principal::Owner => formatter.write_str("the owner"),
            Principal::Role(name) => formatter.write_str(name),
        }
    }
}

impl Serialize for Principal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Principal::Public => serializer.serialize_str("public"),
            Principal::Owner => serializer.serialize_str("owner"),
            Principal::Role(name) => serializer.collect_str(&format_args!("role {name}")),
        }
    }
}

impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match (text.as_str(), text.strip_prefix("role ")) {
            ("public", _) => Ok(Principal::Public),
            ("owner", _) => Ok(Principal::Owner),
            (_, Some(name)) => Ok(Principal::Role(name.to_owned())),
            _ => Err(serde::de::Error::custom(format!("`{text}` is nobody who can have access"))),
        }
    }
}

/// What can be done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
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
    /// SQL that is put together at run time: whatever the role may do under which it runs.
    Anything,
}

impl Action {
    /// The word for it, as PostgreSQL writes it.
    pub fn word(self) -> &'static str {
        match self {
            Action::Select => "SELECT",
            Action::Insert => "INSERT",
            Action::Update => "UPDATE",
            Action::Delete => "DELETE",
            Action::Truncate => "TRUNCATE",
            Action::References => "REFERENCES",
            Action::Trigger => "TRIGGER",
            Action::Maintain => "MAINTAIN",
            Action::Usage => "USAGE",
            Action::Execute => "EXECUTE",
            Action::Create => "CREATE",
            Action::Anything => "anything",
        }
    }
}

impl From<Privilege> for Action {
    fn from(privilege: Privilege) -> Action {
        match privilege {
            Privilege::Select => Action::Select,
            Privilege::Insert => Action::Insert,
            Privilege::Update => Action::Update,
            Privilege::Delete => Action::Delete,
            Privilege::Truncate => Action::Truncate,
            Privilege::References => Action::References,
            Privilege::Trigger => Action::Trigger,
            Privilege::Maintain => Action::Maintain,
            Privilege::Usage => Action::Usage,
            Privilege::Execute => Action::Execute,
            Privilege::Create => Action::Create,
        }
    }
}

/// Which rows of a relation an action can touch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// Row-level security does not apply.
    All,
    /// It applies, and no permissive policy does.
    None,
    /// Those that one of the permissive and all of the restrictive policies let pass, by name.
    Policies { permissive: BTreeSet<String>, restrictive: BTreeSet<String> },
    /// What a view shows.
    View,
}

/// Why somebody has a right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Way {
    /// What gives it.
    pub by: Source,
    /// The roles over which it comes, from the first of which the principal is a member to the one that holds it; none where it holds it itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
}

/// What gives a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A grant on the object.
    Grant,
    /// A grant on some of its columns.
    ColumnGrant,
    /// A grant to PUBLIC.
    Public,
    /// `pg_read_all_data`, `pg_write_all_data` or `pg_maintain`.
    Predefined,
    /// The object is its own.
    Owner,
}

/// What somebody can do with one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Right {
    pub object: Id,
    pub action: Action,
    /// The columns, where it is not all of them, today's and those to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeSet<String>>,
    /// Of relations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// Whether it can be passed on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub grantable: bool,
    /// Whether the schema is out of reach. Then the object cannot be named in a query; a policy, view or function that names it is not stopped.
    #[serde(default, skip_serializing_if = "is_false")]
    pub out_of_reach: bool,
    /// What a view needs that the principal lacks: a query of it fails.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lacks: BTreeSet<Id>,
    pub ways: BTreeSet<Way>,
}

/// Everything about one principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalAccess {
    pub principal: Principal,
    #[serde(default, skip_serializing_if = "is_false")]
    pub login: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub bypasses_row_security: bool,
    /// The roles whose privileges it has, each with the roles between.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inherits: BTreeMap<String, Vec<String>>,
    /// The roles that it can become by SET ROLE, each with the roles between: it can do everything that they can.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub may_become: BTreeMap<String, Vec<String>>,
    /// By object and action. The owner has every right on every object: of his, only those are listed that policies restrict.
    pub rights: Vec<Right>,
}

/// What lies behind a right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The function, view or table that is used.
    pub object: Id,
    /// How it is used.
    pub action: Action,
    /// What that leads to, as the owner. By object and action.
    pub reaches: Vec<Reach>,
}

/// Something that is done behind a door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// What it is done to. None where SQL is put together at run time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Id>,
    pub action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// The functions, views, triggers and foreign keys between.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Id>,
}

/// Who can do what. Two of them can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    pub format_version: u32,
    /// PUBLIC, the owner, then roles by name.
    pub principals: Vec<PrincipalAccess>,
    pub doors: Vec<Door>,
    /// Every policy with its conditions: rights name them.
    pub policies: Vec<Policy>,
    /// What functions ask before they act, and which rows views show.
    pub guards: Vec<Guards>,
    /// What tables and domains refuse, whoever writes.
    pub refusals: Vec<Refusals>,
    /// SQL that the model does not cover. It may do anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raw: Vec<Id>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Computes who can do what. Linear in the Catalog, times the roles that hold something.
pub fn access(catalog: &Catalog, owner: &Owner) -> Access {
    let indexes = Indexes::new(catalog);
    Access { guards: guards::guards(&indexes), refusals: refusals::refusals(catalog), ..rights_and_doors(&indexes, owner) }
}

/// As [`access`], of two states, for who compares them: what is the same in both is left out of what functions ask and tables refuse.
pub fn access_apart(before: &Catalog, after: &Catalog, owner: &Owner) -> [Access; 2] {
    let (before, after) = parallel::join(|| Indexes::new(before), || Indexes::new(after));
    let (old, new) = parallel::join(|| rights_and_doors(&before, owner), || rights_and_doors(&after, owner));
    let differing = differing(before.catalog, after.catalog);
    let [old_guards, new_guards] = guards::guards_apart(&before, &after, &differing);
    let [old_refusals, new_refusals] = refusals::refusals_apart(before.catalog, after.catalog, &differing);
    [Access { guards: old_guards, refusals: old_refusals, ..old }, Access { guards: new_guards, refusals: new_refusals, ..new }]
}

/// The objects that are not the same on both sides.
fn differing<'c>(before: &'c Catalog, after: &'c Catalog) -> FxHashSet<&'c Id> {
    let is_same = |one: &Arc<Entry>, two: &Arc<Entry>| Arc::ptr_eq(one, two) || one.object == two.object;
    let of_side = |side: &'c Catalog, other: &'c Catalog| {
        let otherwise = side.paired(other).filter(move |(_, entry, known)| !known.is_some_and(|known| is_same(known, entry)));
        otherwise.map(|(id, ..)| id)
    };
    of_side(before, after).chain(of_side(after, before)).collect()
}

/// Everything but what functions ask and tables refuse.
fn rights_and_doors(indexes: &Indexes<'_>, owner: &Owner) -> Access {
    let memberships = memberships::Memberships::new(indexes.catalog, owner);
    let reads = views::reads(indexes);
    let everybody: Vec<Principal> = memberships.principals().collect();
    let principals = parallel::map(&everybody, |_, principal| rights::of(principal, indexes, &memberships, &reads));
    let mut policies: Vec<Policy> = indexes.policies.values().flatten().map(|policy| (*policy).clone()).collect();
    policies.sort_by(|a, b| (&a.table, &a.name).cmp(&(&b.table, &b.name)));
    let mut raw = indexes.raw.clone();
    raw.sort();
    let doors = reach::doors(indexes, &memberships, &reads);
    Access { format_version: FORMAT_VERSION, principals, doors, policies, guards: Vec::new(), refusals: Vec::new(), raw }
}

impl Access {
    /// What is known of a principal.
    pub fn of(&self, principal: &Principal) -> Option<&PrincipalAccess> {
        self.principals.iter().find(|known| known.principal == *principal)
    }

    /// What lies behind a right.
    pub fn door(&self, right: &Right) -> Option<&Door> {
        if right.out_of_reach {
            return None;
        }
        let place = self.doors.binary_search_by(|door| (&door.object, door.action).cmp(&(&right.object, right.action)));
        place.ok().and_then(|place| self.doors.get(place))
    }

    /// Its JSON: one line for each right and each door, so that a review shows what changed.
    ///
    /// # Errors
    /// None that these values can cause.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let mut text = format!("{{\n  \"format_version\": {},\n  \"principals\": [", self.format_version);
        for (index, principal) in self.principals.iter().enumerate() {
            let head = serde_json::to_string(&principal.head())?;
            // The rights are the last field: they take the place of its empty list.
            let head = head.strip_suffix("[]}").unwrap_or(&head);
            text.push_str(&format!("{}\n    {head}[", if index > 0 { "," } else { "" }));
            lines(&mut text, &principal.rights, "      ")?;
            text.push_str(if principal.rights.is_empty() { "]}" } else { "\n    ]}" });
        }
        text.push_str("\n  ],\n  \"doors\": [");
        lines(&mut text, &self.doors, "    ")?;
        text.push_str("\n  ],\n  \"policies\": [");
        lines(&mut text, &self.policies, "    ")?;
        text.push_str("\n  ],\n  \"guards\": [");
        lines(&mut text, &self.guards, "    ")?;
        text.push_str("\n  ],\n  \"refusals\": [");
        lines(&mut text, &self.refusals, "    ")?;
        text.push_str("\n  ]");
        if !self.raw.is_empty() {
            text.push_str(&format!(",\n  \"raw\": {}", serde_json::to_string(&self.raw)?));
        }
        text.push_str("\n}\n");
        Ok(text)
    }
}

impl PrincipalAccess {
    fn head(&self) -> PrincipalAccess {
        PrincipalAccess {
            principal: self.principal.clone(),
            login: self.login,
            bypasses_row_security: self.bypasses_row_security,
            inherits: self.inherits.clone(),
            may_become: self.may_become.clone(),
            rights: Vec::new(),
        }
    }

    /// The right to do something with an object, if it is listed.
    pub fn right(&self, object: &Id, action: Action) -> Option<&Right> {
        let place = self.rights.binary_search_by(|right| (&right.object, right.action).cmp(&(object, action)));
        place.ok().and_then(|place| self.rights.get(place))
    }
}

fn lines<T: Serialize>(text: &mut String, values: &[T], indent: &str) -> Result<(), serde_json::Error> {
    for (index, value) in values.iter().enumerate() {
        text.push_str(if index > 0 { ",\n" } else { "\n" });
        text.push_str(indent);
        text.push_str(&serde_json::to_string(value)?);
    }
    Ok(())
}
