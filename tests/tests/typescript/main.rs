//! TypeScript: the types equal those that upstream generates from a real database, and a program can be written with them.

mod errors;
mod node;
mod parity;
mod spec;
mod speed;
mod usage;
