//! PostgreSQL's surface syntax, as far as it needs no catalog: names, literals, comments, tokens, and the reading of fragments,
//! types, expressions, queries and bodies.
//!
//! Nothing here does input or output, and nothing knows of specs or diagnostics: an [`Error`] is a range of the given text,
//! a message and perhaps a help. Two sides meet here. The *writing* side ([`identifier`], [`literal`], [`comment`]) is the only place
//! that turns a value into SQL text. The *reading* side decides whether a text of an author is contained: [`fragment`] holds the
//! gate that every SQL text of a spec passes before it reaches an output.

pub mod bare_names;
mod blocks;
pub mod body;
pub mod builtin;
pub mod casts;
pub mod comment;
mod error;
pub mod expression;
pub mod fragment;
pub mod identifier;
pub mod keyword;
pub mod lexer;
pub mod literal;
pub mod lossy_cast;
pub(crate) mod positions;
pub mod query;
pub mod quoted;
pub mod raise;
pub mod references;
mod scope;
mod statements;
pub mod type_name;
mod type_parser;
pub mod value;
mod walk;
mod walk_query;

pub use error::Error;
