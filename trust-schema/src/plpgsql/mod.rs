//! What bodies of functions do, and whether somebody asserted first that their caller may.
//!
//! A body is read into statements with exact places ([`syntax`]); what each of them may change is found ([`effects`]); a control-flow graph
//! with exception edges says which statements follow which ([`graph`]); conditions are read in three-valued logic ([`logic`]); and for
//! every write the answer is *proved*, *refuted* with a path, or *not analysable* ([`analyse`]). What is not known counts as a write.

mod analyse;
mod builtin;
mod conditions;
mod effects;
mod facts;
mod graph;
mod identity;
mod logic;
pub mod names;
mod own_rows;
mod parts;
mod paths;
mod read;
mod read_statement;
mod records;
pub mod skeleton;
pub mod syntax;
mod system;
pub(crate) mod tokens;
mod totals;
mod variables;

pub use analyse::{Refutation, Report, Step, Verdict, analyse, analyse_for};
pub use builtin::is_volatile;
pub use identity::{Identities, Unchecked};
pub use read::read;
pub use skeleton::skeleton;
pub use system::{Demand, Language, Subject};
