//! Specs, Catalogs and migrations that are weakened at one place, and what tells of each.
//!
//! The stages, in their order: the compiler refuses; a rule of `lint` tells; the semantic diff of access tells that somebody gains something; the
//! server refuses, or the proof sees that the database is not what the spec says; a smoke test fails; the attack finds a leak; the system answers
//! otherwise than before. What passes all of them withstands: it is equivalent as far as these see.

mod catalog;
mod conditions;
mod database;
mod delta;
mod document;
mod migrations;
mod mutants;
mod proof;
mod report;
mod spec;
mod statements;
mod system;
mod tokens;

pub use database::Bench;
pub use mutants::{Change, Family, Mutant};
pub use proof::Prover;
pub use report::{Outcome, report};
pub use system::{Judged, Stage, System};
