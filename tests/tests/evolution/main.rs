//! From one state to another and back, on real PostgreSQL.

mod cases;
mod casts;
mod locks;
mod matrix;
mod names;
mod random;
mod released;
mod run;
mod shortcuts;
mod system;
mod tenancy;
