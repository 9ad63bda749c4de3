//! The reader of the spec language: TOML text to typed values with places, all mistakes in one run.
//!
//! It knows the mechanism only; which sections and keys exist is declared by the structs of `kinds`, through `#[derive(Spec)]`.

mod decode;
mod shape;
pub mod toml;
mod values;

pub use decode::{Decode, Decoder, Table, Value, printable};
pub use shape::{Field, Shape, TableShape};
pub use values::{Entries, Name, OneOrMany, SqlText, Text, Words};
