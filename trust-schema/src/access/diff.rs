//! Who gains and who loses what, between two states, and which conditions are others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::guards::diff_guards;
use super::refusals::diff_refusals;
use super::text::{self, SEPARATOR, plain};
use super::{Access, Action, Principal, PrincipalAccess, Reach, Right, Rows};
use crate::catalog::Id;
use crate::kinds::policy::Policy;
use crate::sql::fragment::one_line;

/// Which way access went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Somebody can do more.
    Widened,
    /// It is other than before, and which way is not decided: a condition changed. To be approved like what is wider.
    Changed,
    /// Somebody can do less.
    Narrowed,
}

impl Direction {
    pub fn word(self) -> &'static str {
        match self {
            Direction::Widened => "widened",
            Direction::Changed => "changed",
            Direction::Narrowed => "narrowed",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    pub direction: Direction,
    /// Whose access changed; none where it is a condition: of a policy, of a function, of a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// What changed, in words.
    pub detail: String,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.direction.word())?;
        if let Some(principal) = &self.principal {
            write!(formatter, " {principal}")?;
        }
        if let Some(action) = self.action {
            write!(formatter, " {}", action.word())?;
        }
        if let Some(object) = &self.object {
            write!(formatter, " {object}")?;
        }
        write!(formatter, ": {}", self.detail)
    }
}

/// A condition that is another one.
pub(super) fn condition(object: &Id, detail: String) -> Change {
    Change { direction: Direction::Changed, principal: None, object: Some(object.clone()), action: None, detail }
}

/// All changes from `before` to `after`: what widened first, then by principal and object.
pub fn diff(before: &Access, after: &Access) -> Vec<Change> {
    let mut changes = Vec::new();
    let doors = doors(before, after);
    let principals: BTreeSet<&Principal> = before.principals.iter().chain(&after.principals).map(|known| &known.principal).collect();
    for principal in principals {
        of_principal(principal, before, after, &doors, &mut changes);
    }
    of_policies(&before.policies, &after.policies, &mut changes);
    diff_guards(&before.guards, &after.guards, &mut changes);
    diff_refusals(&before.refusals, &after.refusals, &mut changes);
    let known: FxHashSet<&Id> = before.raw.iter().collect();
    for raw in after.raw.iter().filter(|raw| !known.contains(raw)) {
        let detail = "SQL that the model does not cover was added".to_owned();
        changes.push(Change { direction: Direction::Changed, principal: None, object: Some(raw.clone()), action: None, detail });
    }
    changes.sort();
    changes
}

/// The doors that do not lead to the same before and after.
fn doors<'a>(before: &'a Access, after: &'a Access) -> FxHashSet<(&'a Id, Action)> {
    let of = |access: &'a Access| access.doors.iter().map(|door| ((&door.object, door.action), door.reaches.as_slice()));
    let (old, new): (FxHashMap<_, _>, FxHashMap<_, _>) = (of(before).collect(), of(after).collect());
    of(before).chain(of(after)).map(|(key, _)| key).filter(|key| old.get(key) != new.get(key)).collect()
}

fn of_principal(principal: &Principal, before: &Access, after: &Access, doors: &FxHashSet<(&Id, Action)>, changes: &mut Vec<Change>) {
    let nobody = PrincipalAccess {
        principal: principal.clone(),
        login: false,
        bypasses_row_security: false,
        inherits: BTreeMap::new(),
        may_become: BTreeMap::new(),
        rights: Vec::new(),
    };
    let (old, new) = (before.of(principal).unwrap_or(&nobody), after.of(principal).unwrap_or(&nobody));
    let mut tell = |direction, object: Option<&Id>, action: Option<Action>, detail: String| {
        changes.push(Change { direction, principal: Some(principal.clone()), object: object.cloned(), action, detail });
    };
    for (was, is, what) in [(old.login, new.login, "log in"), (old.bypasses_row_security, new.bypasses_row_security, "ignore row-level security")] {
        match (was, is) {
            (false, true) => tell(Direction::Widened, None, None, format!("can now {what}")),
            (true, false) => tell(Direction::Narrowed, None, None, format!("can no longer {what}")),
            _ => {}
        }
    }
    for (was, is, what) in [(&old.may_become, &new.may_become, "become"), (&old.inherits, &new.inherits, "use the privileges of")] {
        for role in is.keys().filter(|role| !was.contains_key(*role)) {
            tell(Direction::Widened, None, None, format!("can now {what} {}", plain(role)));
        }
        for role in was.keys().filter(|role| !is.contains_key(*role)) {
            tell(Direction::Narrowed, None, None, format!("can no longer {what} {}", plain(role)));
        }
    }
    let (old_rights, new_rights) = (by_object(old), by_object(new));
    let gone = old_rights.keys().filter(|key| !new_rights.contains_key(*key));
    for key in new_rights.keys().chain(gone) {
        let (object, action) = (Some(key.0), Some(key.1));
        match (old_rights.get(key), new_rights.get(key)) {
            (None, Some(right)) => {
                let behind = after.door(right).map(|door| format!("; {}", text::reaches(&door.reaches, plain))).unwrap_or_default();
                tell(Direction::Widened, object, action, format!("new: {}{behind}", text::scope(right, plain)));
            }
            (Some(right), None) => tell(Direction::Narrowed, object, action, format!("gone: was {}", text::scope(right, plain))),
            (Some(was), Some(is)) => {
                for (direction, detail) in of_right(was, is) {
                    tell(direction, object, action, detail);
                }
                if was.out_of_reach != is.out_of_reach || doors.contains(key) {
                    for (direction, detail) in of_door(behind(before, was), behind(after, is)) {
                        tell(direction, object, action, detail);
                    }
                }
            }
            (None, None) => {}
        }
    }
}

/// Rights by what they are about. What is told of them is sorted in the end.
fn by_object(access: &PrincipalAccess) -> FxHashMap<(&Id, Action), &Right> {
    access.rights.iter().map(|right| ((&right.object, right.action), right)).collect()
}

/// What changed in a right that was there and is there.
fn of_right(was: &Right, is: &Right) -> Vec<(Direction, String)> {
    let mut changes = Vec::new();
    let list = |columns: Vec<&String>| columns.iter().map(|column| plain(column)).collect::<Vec<_>>().join(SEPARATOR);
    match (&was.columns, &is.columns) {
        (Some(_), None) => changes.push((Direction::Widened, "all columns, no longer only some".to_owned())),
        (None, Some(columns)) => changes.push((Direction::Narrowed, format!("only columns {}", list(columns.iter().collect())))),
        (Some(old), Some(new)) => {
            let (more, less): (Vec<_>, Vec<_>) = (new.difference(old).collect(), old.difference(new).collect());
            if !more.is_empty() {
                changes.push((Direction::Widened, format!("columns {} too", list(more))));
            }
            if !less.is_empty() {
                changes.push((Direction::Narrowed, format!("no longer columns {}", list(less))));
            }
        }
        (None, None) => {}
    }
    if was.rows != is.rows
        && let (Some(old), Some(new)) = (&was.rows, &is.rows)
    {
        changes.push((of_rows(old, new), format!("{}; before: {}", text::rows(new, plain), text::rows(old, plain))));
    }
    for (was, is, more, less) in [
        (was.grantable, is.grantable, "can pass it on", "can no longer pass it on"),
        (!was.out_of_reach, !is.out_of_reach, "the schema is within reach now", "the schema is out of reach now"),
        (was.lacks.is_empty(), is.lacks.is_empty(), "can read what the view reads now", "lacks what the view reads now"),
    ] {
        match (was, is) {
            (false, true) => changes.push((Direction::Widened, more.to_owned())),
            (true, false) => changes.push((Direction::Narrowed, less.to_owned())),
            _ => {}
        }
    }
    changes
}

/// Which way the rows went. A permissive policy more, or a restrictive one less, lets more rows pass.
fn of_rows(old: &Rows, new: &Rows) -> Direction {
    match (old, new) {
        (Rows::None, _) | (_, Rows::All) => Direction::Widened,
        (_, Rows::None) | (Rows::All, _) => Direction::Narrowed,
        (
            Rows::Policies { permissive: old_permissive, restrictive: old_restrictive },
            Rows::Policies { permissive: new_permissive, restrictive: new_restrictive },
        ) => {
            let no_less = old_permissive.is_subset(new_permissive) && new_restrictive.is_subset(old_restrictive);
            let no_more = new_permissive.is_subset(old_permissive) && old_restrictive.is_subset(new_restrictive);
            match (no_less, no_more) {
                (true, false) => Direction::Widened,
                (false, true) => Direction::Narrowed,
                _ => Direction::Changed,
            }
        }
        _ => Direction::Changed,
    }
}

/// What changed behind a door.
fn behind<'a>(access: &'a Access, right: &Right) -> &'a [Reach] {
    access.door(right).map(|door| door.reaches.as_slice()).unwrap_or_default()
}

fn by_target(reaches: &[Reach]) -> BTreeMap<(Option<&Id>, Action), &Reach> {
    reaches.iter().map(|reach| ((reach.object.as_ref(), reach.action), reach)).collect()
}

fn of_door(old: &[Reach], new: &[Reach]) -> Vec<(Direction, String)> {
    let mut changes = Vec::new();
    if old == new {
        return changes;
    }
    let (old, new) = (by_target(old), by_target(new));
    for (key, reach) in &new {
        match old.get(key) {
            None => changes.push((Direction::Widened, format!("now {}", text::reaches(std::slice::from_ref(*reach), plain)))),
            Some(before) if before.rows != reach.rows => {
                if let (Some(was), Some(is)) = (&before.rows, &reach.rows) {
                    let detail = format!(
                        "{}: {}; before: {}",
                        text::reaches(std::slice::from_ref(*reach), plain),
                        text::rows(is, plain),
                        text::rows(was, plain)
                    );
                    changes.push((of_rows(was, is), detail));
                }
            }
            Some(_) => {}
        }
    }
    for (_, reach) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        changes.push((Direction::Narrowed, format!("no longer {}", text::reaches(std::slice::from_ref(*reach), plain))));
    }
    changes
}

/// Policies whose condition, or for whom and what they are, changed. Those that came or went show in the rights; a change for a role without the
/// privilege shows nowhere else, and counts once it is granted.
fn of_policies(old: &[Policy], new: &[Policy], changes: &mut Vec<Change>) {
    let keyed: BTreeMap<_, &Policy> = old.iter().map(|policy| ((&policy.table, &policy.name), policy)).collect();
    for policy in new {
        let Some(before) = keyed.get(&(&policy.table, &policy.name)) else { continue };
        for (what, was, is) in [("USING", &before.using, &policy.using), ("WITH CHECK", &before.check, &policy.check)] {
            if was == is {
                continue;
            }
            let shown = |condition: &Option<crate::catalog::Expression>| match condition {
                Some(condition) => format!("`{}`", one_line(condition.text())),
                None => "nothing".to_owned(),
            };
            changes.push(Change {
                direction: Direction::Changed,
                principal: None,
                object: Some(crate::kinds::ObjectKind::id(policy)),
                action: None,
                detail: format!("{what} is {}; before: {}", shown(is), shown(was)),
            });
        }
        if let (was, is) = (standing(before), standing(policy))
            && was != is
        {
            let object = Some(crate::kinds::ObjectKind::id(policy));
            changes.push(Change { direction: Direction::Changed, principal: None, object, action: None, detail: format!("{is}; before: {was}") });
        }
    }
}

/// For whom and what a policy is.
fn standing(policy: &Policy) -> String {
    let mode = if policy.permissive { "permissive" } else { "restrictive" };
    let roles = policy.roles.iter().map(|role| plain(role)).collect::<Vec<_>>().join(SEPARATOR);
    format!("{mode}, for {}, to {roles}", policy.command.label().to_uppercase())
}
