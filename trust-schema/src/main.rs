//! The program; everything it does is in `trust_schema::cli`.

fn main() -> std::process::ExitCode {
    trust_schema::cli::main()
}
