//! The program, where a test can run it: cargo tells integration tests the places of their own package's programs only.

fn main() -> std::process::ExitCode {
    trust_schema::cli::main()
}
