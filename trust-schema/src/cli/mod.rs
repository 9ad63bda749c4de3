//! The command line: one file for each verb.

mod access;
mod apply;
mod attack;
mod baseline;
mod check;
mod completions;
mod crash;
mod deploy;
mod exit;
mod explain;
mod fleet;
mod generate;
mod import;
mod init;
mod lint;
mod markdown;
mod pg;
mod plan;
mod printer;
mod progress;
mod project;
mod prove;
mod release;
mod rollback;
mod server;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use exit::Exit;
use printer::{Colour, Format, Printer};
use project::Place;

const EXAMPLES: &str = "\
Examples:
  trust-schema init                          write a first spec
  trust-schema import --db URL               write the spec of a database that exists
  trust-schema generate                      compile spec/ into generated/
  trust-schema check                         fail where generated/ is not what spec/ compiles to
  trust-schema lint                          check spec/ against the rules
  trust-schema plan                          show what leads on from the release
  trust-schema prove                         prove it on a throw-away PostgreSQL server
  trust-schema attack                        attack it there, as every role and user
  trust-schema apply --dry-run               show what would be applied to a database
  trust-schema rollback --kill-switch        throw the kill switches of a database
  trust-schema verify                        find where a database has drifted
  trust-schema explain public.notes          show an object: its SQL, who may use it, what needs it
  trust-schema access authenticated          tell what a role can do, and why
  trust-schema explain TS0203                explain an error
  trust-schema check --format concise        one line for each finding";

/// Compiles TOML specs of a PostgreSQL schema into migrations, rollbacks, verification, types and documents
#[derive(Debug, Parser)]
#[command(name = "trust-schema", version, disable_help_subcommand = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    place: Place,
    /// Form of the results
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    format: Format,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::Init),
    Import(import::Import),
    Generate(generate::Generate),
    Check(check::Check),
    Lint(lint::Lint),
    Plan(plan::Plan),
    Release(release::Release),
    Prove(prove::Prove),
    Attack(attack::Attack),
    Apply(apply::Apply),
    Rollback(rollback::Rollback),
    Verify(verify::Verify),
    Explain(explain::Explain),
    Access(access::AccessArguments),
    Pg(pg::Pg),
    Completions(completions::Completions),
}

/// Why a verb could not do its work.
struct Failure {
    message: String,
    /// Stable, for machines; of deployments only.
    code: Option<&'static str>,
}

impl Failure {
    fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), code: None }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::new(error.to_string())
    }
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    crash::guard(|| {
        let matches = command().get_matches();
        let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let mut printer = Printer::new(arguments.format, arguments.color);
        let done = run(&arguments, &mut printer);
        let exit = done.unwrap_or_else(|failure| printer.failure(&failure.message, failure.code));
        printer.finish(exit)
    })
    .into()
}

fn run(arguments: &Arguments, printer: &mut Printer) -> Result<Exit, Failure> {
    let is_form_of = |verb: &Verb| match printer.format {
        Format::Sarif => matches!(verb, Verb::Lint(_) | Verb::Plan(_)),
        Format::Github => matches!(verb, Verb::Lint(_)),
        Format::Full | Format::Concise | Format::Json => true,
    };
    if !is_form_of(&arguments.verb) {
        return Err(Failure::new("`sarif` and `github` are forms of findings: `trust-schema lint` prints them, and `trust-schema plan` the first"));
    }
    choose_pages(&arguments.verb);
    match &arguments.verb {
        Verb::Init(init) => init.run(printer),
        Verb::Import(import) => import.run(&arguments.place, printer),
        Verb::Generate(generate) => generate.run(&arguments.place, printer),
        Verb::Check(check) => check.run(&arguments.place, printer),
        Verb::Lint(lint) => lint.run(&arguments.place, printer),
        Verb::Plan(plan) => plan.run(&arguments.place, printer),
        Verb::Release(release) => release.run(&arguments.place, printer),
        Verb::Prove(prove) => prove.run(&arguments.place, printer),
        Verb::Attack(attack) => attack.run(&arguments.place, printer),
        Verb::Apply(apply) => apply.run(&arguments.place, printer),
        Verb::Rollback(rollback) => rollback.run(&arguments.place, printer),
        Verb::Verify(verify) => verify.run(&arguments.place, printer),
        Verb::Explain(explain) => explain.run(&arguments.place, printer),
        Verb::Access(access) => access.run(&arguments.place, printer),
        Verb::Pg(pg) => pg.run(printer),
        Verb::Completions(completions) => completions.run(printer),
    }
}

/// Huge pages save those an eighth of their time who only compile and tell, for a third more memory (plan of 1,000 tables: 0.14 and 0.12 s, 93 and
/// 125 MB). Who writes files, or looks at a database, waits for those: there the memory counts.
fn choose_pages(verb: &Verb) {
    // Where the system does not know it, nothing is lost.
    #[cfg(target_os = "linux")]
    if !matches!(verb, Verb::Plan(_) | Verb::Lint(_)) {
        let _ = rustix::thread::disable_transparent_huge_pages(true);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = verb;
}

/// Leaves a value to the system, which takes the memory of an ended process back at once; to free a large spec piece by piece takes long.
fn keep_until_exit(value: impl Sized) {
    std::mem::forget(value);
}

/// The command with what is the same on every page of its help.
fn command() -> clap::Command {
    let codes: String = Exit::ALL.iter().map(|exit| format!("\n  {}  {}", *exit as u8, exit.meaning())).collect();
    Arguments::command().after_help(format!("{EXAMPLES}\n\nExit status:{codes}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_is_sound() {
        super::command().debug_assert();
    }
}
