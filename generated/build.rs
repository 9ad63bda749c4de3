//! Keeps this folder what `../spec` compiles to.

fn main() -> std::process::ExitCode {
    trust_schema::build::run("../spec", ".")
}
