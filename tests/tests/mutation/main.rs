//! A sample of the mutants. `docs/mutation.md` holds the whole run: `cargo run -p tests --example mutation`.

mod sample;
mod server;
