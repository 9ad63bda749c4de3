//! Deployments: migrations applied to a live database, and rolled back, whatever happens meanwhile.
//!
//! A deployment is planned first, without changing anything ([`plan::plan`], [`rollback::plan`]), then confirmed by whoever asked for it, then
//! carried out ([`apply::apply`], [`rollback::rollback`]). What changes the database and what records it are one transaction, so the database is
//! at one recorded state at any moment, and a second run goes on from there. It does not matter who generated the migrations.

mod alone;
pub mod apply;
pub mod backup;
pub mod baseline;
pub mod checks;
pub mod connection;
pub mod conninfo;
mod fingerprint;
pub mod fleet;
pub mod hazards;
pub mod history;
pub mod journal;
mod journey;
mod lock;
pub mod migration;
mod naming;
pub mod options;
pub mod plan;
mod pooler;
pub mod record;
pub mod report;
pub mod rollback;
pub mod script;
pub mod stake;
mod step;
mod stop;
mod tls;
pub mod verify;

pub(crate) use journey::{open, unreachable};
pub use options::{Allow, BackupChoice, Options};
pub use stop::Stop;
