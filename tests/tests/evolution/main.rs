//! From one state to another and back, on real PostgreSQL.

mod random;
mod released;
mod run;
mod system;
