//! Servers and clusters, on real PostgreSQL.

mod databases;
mod discovery;
mod installing;
mod lifetime;
mod messages;
mod url;
