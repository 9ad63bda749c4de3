//! Everything with a socket.

pub mod server;
