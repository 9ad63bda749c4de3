//! Verification, smoke tests and operations of the spec in `spec/`, on real PostgreSQL.

mod documents;
mod kinds;
mod sabotage;
mod secret;
mod smoke;
mod support;
mod verification;
