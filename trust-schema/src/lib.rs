
pub mod sql;
