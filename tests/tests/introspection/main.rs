//! Introspection on real servers: what a spec declares is what is read back, and what is changed by hand is found.

mod changes;
mod inventory;
mod round_trip;
mod scale;
mod snapshot;
mod support;
