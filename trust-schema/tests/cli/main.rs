//! The program as people run it, and what it leaves on the disk, whatever happens.

mod interrupted;
mod outputs;
mod script;
mod shared;
mod sources;
mod transcripts;
