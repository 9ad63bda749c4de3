//! What the generated types share. This file and the folder `support/` are the same for every project.

mod call;
mod column;
mod composite;
mod failure;
mod interval;
mod mapping;
mod network;
mod user_type;

pub use bytes;
pub use tokio_postgres;

pub use call::{Call, Query};
pub use column::{Column, Mapped, Shape, Table};
pub use composite::{CompositeReader, composite_accepts, write_composite};
pub use failure::{DeclaredError, Raised};
pub use interval::Interval;
pub use network::Network;
pub use user_type::{UnknownLabel, domain_base, enum_accepts, is_type};

/// The error of a conversion from or to PostgreSQL's binary format.
pub type ConversionError = Box<dyn std::error::Error + Sync + Send>;
