//! From one state to another and back, on real PostgreSQL.

mod random;
mod run;
mod system;
