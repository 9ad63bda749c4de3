//! Verification, smoke tests and operations of the spec in `spec/`, on real PostgreSQL.

mod documents;
mod sabotage;
mod smoke;
mod support;
mod verification;
