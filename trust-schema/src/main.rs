//! The program; everything it does is in `trust_schema::cli`.

/// A compilation makes millions of small values: with the allocator of the system a third of its time would be theirs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    trust_schema::cli::main()
}
