//! The forms of attack, one file each.

pub mod escalation;
pub mod foreign_keys;
pub mod functions;
pub mod reading;
pub mod shadowing;
pub mod statements;
