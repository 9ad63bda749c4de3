//! The Rust output: the derives that it uses, in memory and on a server; its text; the generated client of Trust-lite on a server.

mod client;
mod mapping;
mod memory;
mod model;
mod odd;
mod sales;
mod spec;
