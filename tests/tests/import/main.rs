//! From a database to a spec and back: what compiles from the spec makes the same database.

mod cases;
mod dump;
mod elsewhere;
mod hostile;
mod large;
mod program;
mod support;
