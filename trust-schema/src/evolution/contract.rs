//! What clients rely on: functions that they can call. A change that a caller would notice breaks it.

mod change;
mod forms;
mod inside;
mod typed;

use std::collections::BTreeSet;
use std::fmt;

use rustc_hash::FxHashMap;

pub use self::change::{Change, Side};
pub use self::inside::Insides;
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::contract::Promises;
use crate::kinds::function::{Function, Returns};
use crate::kinds::grant::Privilege;

/// A promise that is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub function: Id,
    pub what: What,
}

/// What a caller would notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is not there any more, by its name and the types of its arguments.
    Removed,
    /// An argument has another name: PostgREST calls by name.
    Renamed { before: String, after: String },
    /// An argument that could be left out cannot any more.
    Required(String),
    /// It returns something else.
    Result,
    /// The type of an argument or of the result is another one inside, at this place.
    Inside { side: Side, path: String, change: Change },
    /// What it returns, or a column of it, may be NULL and could not be.
    Nullable(String),
    /// It can raise an error that it could not.
    Raises(String),
    /// It has another name, by which nobody calls it yet.
    Moved(Id),
    /// A volatile function cannot be called by GET, and by whom PostgREST is told so.
    Volatility,
    /// It runs with other rights.
    Security,
    /// A role may not call it any more.
    Revoked(String),
    /// An overload that PostgREST cannot tell from it: the same names of arguments, or a part of them.
    Ambiguous(Id),
}

impl fmt::Display for What {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Removed => write!(formatter, "is not there any more"),
            What::Renamed { before, after } => write!(formatter, "has an argument `{after}` where `{before}` was: clients call by name"),
            What::Required(argument) => write!(formatter, "needs its argument `{argument}`, which could be left out"),
            What::Result => write!(formatter, "returns something else"),
            What::Inside { side, path, change } => change.tell(*side, path, formatter),
            What::Nullable(column) if column.is_empty() => write!(formatter, "can return NULL, which it could not"),
            What::Nullable(column) => write!(formatter, "can return NULL in `{column}`, where it could not"),
            What::Raises(error) => write!(formatter, "can raise `{error}`, which it could not"),
            What::Moved(new) => write!(formatter, "becomes {new}: clients call it by its name"),
            What::Volatility => write!(formatter, "becomes volatile: clients that read it by GET are refused"),
            What::Security => write!(formatter, "runs with the rights of somebody else"),
            What::Revoked(role) => write!(formatter, "cannot be called by {role} any more"),
            What::Ambiguous(other) => write!(formatter, "cannot be told from {other} by a client, who calls by the names of arguments"),
        }
    }
}

/// What is not kept, by function. Only functions that one of these roles could call count.
pub fn breaches<'c>(
    before: &'c Catalog,
    promised: &Promises,
    after: &'c Catalog,
    promises: &Promises,
    mut insides: Insides<'c>,
    api_roles: &[String],
) -> Vec<Breach> {
    let mut found = Vec::new();
    let mut added: FxHashMap<&QualifiedName, Vec<(&Id, &Function)>> = FxHashMap::default();
    for (id, function) in functions(after).filter(|(id, _)| before.get(id).is_none()) {
        added.entry(&function.name).or_default().push((id, function));
    }
    for (id, old) in functions(before) {
        let callers: Vec<&String> = api_roles.iter().filter(|role| may_call(before, id, role)).collect();
        if callers.is_empty() {
            continue;
        }
        let mut tell = |what| found.push(Breach { function: id.clone(), what });
        let Some(Object::Function(new)) = after.get(id) else {
            tell(What::Removed);
            continue;
        };
        for (old, new) in old.arguments.iter().zip(&new.arguments) {
            if old.name != new.name {
                tell(What::Renamed { before: old.name.clone(), after: new.name.clone() });
            }
            if old.default.is_some() && new.default.is_none() {
                tell(What::Required(new.name.clone()));
            }
        }
        if old.returns != new.returns {
            tell(What::Result);
        }
        within(old, new, &mut insides, &mut tell);
        // Of a release that kept no promises nothing is known.
        if let (Some(old), Some(new)) = (promised.get(id), promises.get(id)) {
            new.nullable.difference(&old.nullable).for_each(|column| tell(What::Nullable(column.clone())));
            new.errors.difference(&old.errors).for_each(|error| tell(What::Raises(error.clone())));
        }
        if new.volatility == crate::kinds::function::Volatility::Volatile && old.volatility != new.volatility {
            tell(What::Volatility);
        }
        if old.security != new.security {
            tell(What::Security);
        }
        for role in callers.into_iter().filter(|role| !may_call(after, id, role)) {
            tell(What::Revoked(role.clone()));
        }
        for (other, overload) in added.get(&new.name).into_iter().flatten() {
            if is_ambiguous(new, overload) {
                tell(What::Ambiguous((*other).clone()));
            }
        }
    }
    found
}

/// What changes inside the types that a function goes on having.
fn within(old: &Function, new: &Function, insides: &mut Insides<'_>, tell: &mut impl FnMut(What)) {
    if insides.is_empty() {
        return;
    }
    let mut tell_of = |side: Side, name: &str, data_type: &str| {
        for found in insides.of(data_type).into_iter().filter(|found| found.change.breaks(side)) {
            // Whether a result may be NULL itself is promised by the function.
            if found.path.is_empty() && found.change == Change::Nullable {
                continue;
            }
            let path = format!("{name}{}", found.path);
            let path = path.strip_prefix('.').unwrap_or(&path).to_owned();
            tell(What::Inside { side, path, change: found.change });
        }
    };
    old.arguments.iter().for_each(|argument| tell_of(Side::Argument, &argument.name, &argument.data_type));
    match (&old.returns, &new.returns) {
        (Returns::Type(old), Returns::Type(new)) | (Returns::SetOf(old), Returns::SetOf(new)) if old == new => tell_of(Side::Result, "", old),
        (Returns::Table(old), Returns::Table(new)) => {
            let new: FxHashMap<&str, &str> = new.iter().map(|(name, data_type)| (name.as_str(), data_type.as_str())).collect();
            let stays = old.iter().filter(|(name, data_type)| new.get(name.as_str()).is_some_and(|now| now == data_type));
            stays.for_each(|(name, data_type)| tell_of(Side::Result, name, data_type));
        }
        _ => {}
    }
}

/// Released functions that get another name, though somebody could call them by it.
pub fn moved<'m>(before: &Catalog, ids: impl IntoIterator<Item = (&'m Id, &'m Id)>, api_roles: &[String]) -> Vec<Breach> {
    let name = |id: &Id| id.name().split('(').next().unwrap_or_default().to_owned();
    let is_moved =
        |(old, new): &(&Id, &Id)| old.kind() == Kind::Function && name(old) != name(new) && api_roles.iter().any(|role| may_call(before, old, role));
    let mut found: Vec<(&Id, &Id)> = ids.into_iter().filter(is_moved).collect();
    found.sort();
    found.into_iter().map(|(old, new)| Breach { function: old.clone(), what: What::Moved(new.clone()) }).collect()
}

fn functions(catalog: &Catalog) -> impl Iterator<Item = (&Id, &Function)> {
    catalog.iter().filter_map(|(id, entry)| if let Object::Function(function) = &entry.object { Some((id, function)) } else { None })
}

fn may_call(catalog: &Catalog, function: &Id, role: &str) -> bool {
    debug_assert!(function.kind() == Kind::Function);
    matches!(catalog.get(&Id::grant(function, role)), Some(Object::Grant(grant)) if grant.privileges.contains(&Privilege::Execute))
}

/// Whether one call by names could mean both: the required arguments of each are among all arguments of the other (PostgREST chooses an overload
/// by the names that it is given).
fn is_ambiguous(one: &Function, other: &Function) -> bool {
    let all = |function: &Function| function.arguments.iter().map(|argument| argument.name.clone()).collect::<BTreeSet<_>>();
    let required = |function: &Function| {
        let needed = function.arguments.iter().filter(|argument| argument.default.is_none());
        needed.map(|argument| argument.name.clone()).collect::<BTreeSet<_>>()
    };
    debug_assert!(QualifiedName::eq(&one.name, &other.name));
    required(one).is_subset(&all(other)) && required(other).is_subset(&all(one))
}
