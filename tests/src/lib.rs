//! What the tests share.

pub mod compile;
pub mod postgres;
