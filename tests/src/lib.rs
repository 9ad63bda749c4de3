//! What the tests share.

pub mod benchmark;
pub mod compile;
pub mod large_spec;
pub mod measure;
pub mod mutation;
pub mod postgres;
pub mod sabotage;
