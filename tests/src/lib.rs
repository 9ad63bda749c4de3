//! What the tests share.

pub mod compile;
pub mod postgres;
pub mod large_spec;
