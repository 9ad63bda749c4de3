//! The rules: their examples, the facts of PostgreSQL on which they rest, and that they are silent where nothing is wrong.

mod claims;
mod config;
mod examples;
mod fixes;
mod formats;
mod isolation;
mod isolation_parents;
mod oracle;
mod silence;
mod truth;
