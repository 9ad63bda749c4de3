//! What `apply` and `rollback` share: which database, what is allowed, the backup, the question, the log.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::printer::{Printer, STRONG};
use super::project::{Place, Project, Whole};
use crate::build;
use crate::live::deploy::connection::Connection;
use crate::live::deploy::conninfo::Surroundings;
use crate::live::deploy::migration::{System, system};
use crate::live::deploy::record::Record;
use crate::live::deploy::{Allow, BackupChoice, Options, Stop};
use crate::live::server::{Environment, Installing, Request, Target};
use crate::resolve::Resolution;
use crate::source::Sources;

const LOG: &str = "deployments.jsonl";
const BACKUPS: &str = "backups";

/// Which database.
#[derive(Debug, clap::Args)]
pub struct DatabaseArguments {
    /// The database: a URL or `key=value` list of libpq [default: DATABASE_URL or the PG* variables, of the environment or of `.env` beside the spec]
    #[arg(long, value_name = "URL", help_heading = "Database")]
    pub db: Option<String>,
    /// Many databases: a TOML file with `[[database]]` entries of `name`, `url` or `url_variable`, and `wave`
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Database", conflicts_with = "db")]
    pub fleet: Option<PathBuf>,
    /// Databases of a fleet at once
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Database")]
    pub parallel: u16,
}

impl DatabaseArguments {
    /// Where it is.
    ///
    /// # Errors
    /// A message where nothing says so.
    pub fn connection(&self, project: &Project) -> Result<Connection, Failure> {
        Connection::find(self.db.as_deref(), &surroundings(project)?).map_err(stopped)
    }
}

/// How to deploy.
#[derive(Debug, clap::Args)]
pub struct DeployArguments {
    #[command(flatten)]
    pub database: DatabaseArguments,
    /// Longest wait for a lock on a table before everything is given back and tried again, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600), help_heading = "Database")]
    lock_timeout: u64,
    /// Longest time of one statement in a transaction, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400), help_heading = "Database")]
    statement_timeout: u64,
    /// Longest wait for another deployment, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(0..=86_400), help_heading = "Database")]
    wait: u64,
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, visible_alias = "auto-approve")]
    yes: bool,
    /// Allow what is refused otherwise; may be given several times
    #[arg(long, value_name = "WHAT", value_parser = ["data-loss", "access", "foreign-history"], value_delimiter = ',')]
    allow: Vec<String>,
    /// Verify this backup instead of making one
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Backup", conflicts_with_all = ["no_backup", "backup_folder"])]
    backup: Option<PathBuf>,
    /// Go on without a backup, for this reason, which is logged
    #[arg(long, value_name = "REASON", help_heading = "Backup", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    no_backup: Option<String>,
    /// Folder for the backup that is made [default: `backups`, beside the spec]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath, help_heading = "Backup", conflicts_with = "no_backup")]
    backup_folder: Option<PathBuf>,
    /// Log of deployments [default: `deployments.jsonl`, beside the spec]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    log: Option<PathBuf>,
}

/// What is deployed, and where.
pub struct Ready {
    pub project: Project,
    pub sources: Sources,
    pub resolution: Resolution,
    pub system: System,
    pub options: Options,
    pub log: PathBuf,
    backups: PathBuf,
}

impl DeployArguments {
    /// Compiles the spec, and looks whether its outputs are what lies in their folder. None where the spec has errors, which are printed.
    ///
    /// # Errors
    /// A message.
    pub fn ready(&self, place: &Place, printer: &mut Printer) -> Result<Option<Ready>, Failure> {
        let project = place.find()?;
        let Some(Whole { sources, resolution, outputs }) = project.compile_whole(printer)? else { return Ok(None) };
        let comparison = build::check(&project.output, &outputs)?;
        if !comparison.is_fresh() {
            let output = build::shown(&project.output);
            let files = comparison.differences.keys().chain(&comparison.strangers).take(5).map(|path| format!("\n  {output}/{path}"));
            let stop = Stop::new(
                "stale-outputs",
                format!(
                    "what lies in `{output}` is not what the spec compiles to; nothing is deployed that nobody has seen{}",
                    files.collect::<String>()
                ),
            );
            return Err(stopped(stop.help("`trust-schema check` shows the difference, `trust-schema generate` writes what the spec compiles to")));
        }
        let system = system(&resolution, outputs).map_err(stopped)?;
        let log = self.log.clone().unwrap_or_else(|| project.beside(LOG));
        let backups = self.backup_folder.clone().unwrap_or_else(|| project.beside(BACKUPS));
        Ok(Some(Ready { project, sources, resolution, system, options: self.options(), log, backups }))
    }

    fn options(&self) -> Options {
        let known = [Allow::DataLoss, Allow::Access, Allow::ForeignHistory];
        let allow: BTreeSet<Allow> = known.into_iter().filter(|allow| self.allow.iter().any(|word| word == allow.word())).collect();
        Options {
            allow,
            lock_timeout: Duration::from_secs(self.lock_timeout),
            statement_timeout: Duration::from_secs(self.statement_timeout),
            wait: Duration::from_secs(self.wait),
            ..Options::default()
        }
    }

    /// The one database that is meant.
    ///
    /// # Errors
    /// A message where nothing says which.
    pub fn connection(&self, ready: &Ready) -> Result<Connection, Failure> {
        self.database.connection(&ready.project)
    }

    /// Where the backup comes from; `otherwise` where nothing was said.
    pub fn backup(&self, ready: &Ready, otherwise: Option<&str>) -> BackupChoice {
        match (&self.backup, &self.no_backup, otherwise) {
            (Some(file), ..) => BackupChoice::File(file.clone()),
            (None, Some(reason), _) => BackupChoice::None(reason.clone()),
            (None, None, Some(reason)) if self.backup_folder.is_none() => BackupChoice::None(reason.to_owned()),
            _ => BackupChoice::Run(ready.backups.clone()),
        }
    }

    /// Asks whether to go on. Without a terminal somebody must have said so before.
    ///
    /// # Errors
    /// A message where nobody can be asked, or the answer is no.
    pub fn confirm(&self, question: &str, printer: &mut Printer) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            let stop = Stop::new("not-confirmed", "nobody can be asked here, and nothing is changed unasked");
            return Err(stopped(stop.help("look at the plan with `--dry-run`, then give `--yes`")));
        }
        printer.say(format!("{STRONG}{question}{STRONG:#} Type yes to go on:"));
        let _ = std::io::stderr().flush();
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if answer.trim().eq_ignore_ascii_case("yes") { Ok(()) } else { Err(stopped(Stop::new("not-confirmed", "nothing was changed"))) }
    }
}

/// A server of a database's major version, on which what the database should hold is built. What it says meanwhile is kept.
pub async fn scratch_server(major: u32, installing: Installing, environment: &Environment, said: &mut Vec<String>) -> Result<Target, Stop> {
    let request = Request { url: None, major: Some(major), installing, environment };
    let target = Target::open(&request, &mut |line| said.push(line.to_owned())).await;
    target.map_err(|error| Stop::new("no-scratch-database", error.to_string()))
}

/// Notes in the log how it ended.
pub fn note<R: serde::Serialize>(record: &Record, done: &Result<R, Stop>, is_fine: impl Fn(&R) -> bool, printer: &mut Printer) {
    let noted = match done {
        Ok(report) => record.note(if is_fine(report) { "done" } else { "stopped" }, report),
        Err(stop) => record.note("refused", stop),
    };
    // It has happened: that it could not be noted changes nothing of it.
    noted.unwrap_or_else(|stop| printer.say(stop.to_string()));
}

/// How the program ends: it stopped on the way, or what is there is not what it should be.
pub fn exit(stopped: Option<&Stop>, is_fine: bool) -> Exit {
    match (stopped, is_fine) {
        (Some(_), _) => Exit::Failed,
        (None, true) => Exit::Fine,
        (None, false) => Exit::Findings,
    }
}

/// A failure with its code.
pub fn stopped(stop: Stop) -> Failure {
    Failure { code: Some(stop.code), ..Failure::new(stop.to_string()) }
}

/// A part of the document that a verb prints.
pub fn document(parts: &[(&str, serde_json::Value)]) -> serde_json::Value {
    let mut document = json!({ "format_version": crate::diagnostic::render::json::FORMAT_VERSION });
    if let serde_json::Value::Object(document) = &mut document {
        document.extend(parts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    }
    document
}

/// A value of ours as JSON.
///
/// # Errors
/// A message where it cannot be written down.
pub fn value(value: &impl serde::Serialize) -> Result<serde_json::Value, Failure> {
    Ok(serde_json::to_value(value)?)
}

/// The variables of the process, and beneath them those of `.env` that are about databases.
///
/// # Errors
/// A message where `.env` cannot be read.
pub fn surroundings(project: &Project) -> Result<Surroundings, Failure> {
    let mut variables: BTreeMap<String, String> = environment_file(&project.beside(".env"))?;
    variables.extend(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))));
    Ok(Surroundings { variables })
}

fn environment_file(path: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut variables = BTreeMap::new();
    if !path.is_file() {
        return Ok(variables);
    }
    // What is wrong with a line is not repeated: it may hold a password.
    let odd = || stopped(Stop::new("connection-string", format!("`{}` cannot be read: its lines should be NAME=value", path.display())));
    for pair in dotenvy::from_path_iter(path).map_err(|_| odd())? {
        let (name, value) = pair.map_err(|_| odd())?;
        if name == "DATABASE_URL" || name.starts_with("PG") {
            variables.insert(name, value);
        }
    }
    Ok(variables)
}
