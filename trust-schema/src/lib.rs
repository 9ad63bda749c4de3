//! trust-schema compiles TOML specs of a PostgreSQL schema into migrations, rollbacks, verification, types and documents.
//!
//! The core does no input or output: [`resolve::resolve`] takes texts and gives back values and diagnostics, [`emit`] gives back files.
//! Files, terminals and sockets are the business of `build`, `cli` and `live` alone.

pub mod access;
pub mod build;
pub mod catalog;
pub mod compile;
pub mod contract;
pub mod diagnostic;
pub mod emit;
pub mod evolution;
pub mod fix;
mod hash;
pub mod import;
pub mod kinds;
pub mod lint;
pub mod names;
pub mod operations;
mod parallel;
pub mod plan;
pub mod plpgsql;
pub mod reference;
pub mod release;
pub mod resolve;
pub mod scripts;
pub mod source;
pub mod spec;
pub mod sql;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "live")]
pub mod live;
