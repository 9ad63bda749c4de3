//! Bodies of functions: every shape of a guard has the right verdict, and PostgreSQL agrees.

mod checker;
mod identities;
mod mutants;
mod names;
mod oracle;
mod random;
mod shapes;
mod trust_lite;
