//! Everything with a socket.

pub mod attack;
pub mod compare;
pub mod database;
pub mod deploy;
pub mod drift;
mod error;
pub mod import;
pub mod introspect;
pub mod inventory;
mod joined;
pub mod prove;
pub mod scripts;
pub mod server;
pub mod snapshot;

pub use error::Error;
