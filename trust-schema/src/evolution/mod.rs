//! From one state of a system to another: what changed, which statements make it so, in which order, and what they cost.
//!
//! Works on two Catalogs, and on what somebody declared of the way ([`intent`]). Objects get their new names first ([`rename`]). What differs is found without knowledge of kinds ([`difference`]); each kind says itself how
//! PostgreSQL changes it in place, and what cannot be is dropped and created with everything that stands on it ([`rebuild`], [`matching`]). Every statement is
//! an action that needs, provides and removes objects ([`action`]); what columns hold is moved along ([`moved`]), or refused ([`refusal`]); rows of seeds come and go in an order of their own ([`seeds`]). One order follows from that ([`order`]). Transactions are cut where
//! PostgreSQL demands it, or where a lock would be held while rows are read ([`online`]).

mod action;
mod alike;
mod attributes;
mod backfill;
mod contract;
mod difference;
mod exchange;
mod hazard;
mod holding;
mod intent;
mod matching;
mod mention;
mod moved;
mod online;
mod order;
mod rebuild;
mod refusal;
mod rename;
mod replace;
mod seeds;
mod state;

use std::fmt;

use rustc_hash::FxHashMap;

use crate::catalog::{Catalog, Id, Kind};
use crate::kinds::alteration::Alteration;
use crate::kinds::statement::Context;
use crate::plan;

pub use contract::{Breach, Insides, What, breaches, moved};
pub use difference::{Difference, differences};
pub use hazard::{Hazard, Lock, hazards, lock, step_hazards};
pub use intent::{Intent, Rename};
pub use refusal::{Refused, Way, Why};
pub use rename::{Renamed, renamed};
pub use state::{Meanwhile, Settled, between};

/// One of the two states.
#[derive(Clone, Copy)]
struct Side<'c> {
    pub catalog: &'c Catalog,
    pub context: &'c Context<'c>,
}

/// How changes of tables that hold rows are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Others go on reading and writing: indexes are built concurrently, constraints are validated in a transaction of their own.
    Online,
    /// In one transaction.
    AtOnce,
}

/// Everything that leads from one state to the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evolution {
    pub parts: Vec<Part>,
    /// In which parts objects go and come.
    pub settled: Settled,
    /// What there is between parts, and neither before nor after all of them.
    pub meanwhile: Vec<Meanwhile>,
    /// The first state with its new names, where objects get some.
    pub renamed: Option<Catalog>,
    /// What it would not carry along. Then it is not to be run.
    pub refused: Vec<Refused>,
}

/// What is run together, as a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Whether it is one transaction; otherwise every statement is one.
    pub transactional: bool,
    pub steps: Vec<Step>,
}

/// What happens to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub id: Id,
    pub verb: Verb,
    pub statements: Vec<Alteration>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Drop,
    Alter,
    Create,
}

/// Why no order was found: objects that wait for each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    pub waiting: Vec<Id>,
}

impl fmt::Display for Stuck {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.waiting.iter().take(6).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        write!(formatter, "no order of statements makes these changes at once: {waiting}")
    }
}

impl Evolution {
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.parts.iter().flat_map(|part| &part.steps)
    }
}

/// Plans the way from `before` to `after`. Deterministic, and linear in the Catalogs and in the changes with what stands on them. `revoke_from` is
/// as in [`Context`].
///
/// # Errors
/// [`Stuck`].
pub fn evolve(before: &Catalog, after: &Catalog, revoke_from: &str, manner: Manner) -> Result<Evolution, Stuck> {
    evolve_as(before, after, &Intent::default(), revoke_from, manner)
}

/// As [`evolve`], in the way that somebody has declared.
///
/// # Errors
/// [`Stuck`].
pub fn evolve_as(before: &Catalog, after: &Catalog, intent: &Intent, revoke_from: &str, manner: Manner) -> Result<Evolution, Stuck> {
    let renamed = renamed(before, after, &intent.renames);
    evolve_renamed(before, renamed.as_ref(), after, intent, revoke_from, manner)
}

/// As [`evolve_as`], where the new names have been given.
///
/// # Errors
/// [`Stuck`].
pub fn evolve_renamed(
    before: &Catalog,
    renamed: Option<&Renamed>,
    after: &Catalog,
    intent: &Intent,
    revoke_from: &str,
    manner: Manner,
) -> Result<Evolution, Stuck> {
    let before = renamed.map_or(before, |renamed| &renamed.catalog);
    let differences = differences(before, after);
    if differences.is_empty() && renamed.is_none() {
        return Ok(Evolution::default());
    }
    // Asked only of tables that are made.
    let makes_tables = differences.iter().any(|(id, _)| id.kind() == Kind::Table);
    let inline = |catalog| if makes_tables { plan::inline(catalog) } else { FxHashMap::default() };
    let (old, new) = (inline(before), inline(after));
    let old = Context { catalog: before, revoke_from, inline: &old };
    let new = Context { catalog: after, revoke_from, inline: &new };
    let (before, after) = (Side { catalog: before, context: &old }, Side { catalog: after, context: &new });
    let of_rows =
        renamed.filter(|_| !intent.conversions.is_empty() || !intent.backfills.is_empty()).map(|renamed| renamed.of_rows(intent, after.catalog));
    let intent = of_rows.as_ref().unwrap_or(intent);
    let changes = rebuild::close(&differences, before, after, intent);
    let (mut actions, refused) = action::actions(&changes, before, after, intent, manner);
    actions.extend(renamed.iter().flat_map(|renamed| renamed.actions.iter().cloned()));
    let evolution = order::order(actions)?;
    Ok(Evolution { renamed: renamed.map(|renamed| renamed.catalog.clone()), refused, ..evolution })
}
