//! From one state to another and back, on real PostgreSQL.

mod cases;
mod locks;
mod random;
mod released;
mod run;
mod system;
mod tenancy;
