//! From a database to a spec.

pub mod inventory;
