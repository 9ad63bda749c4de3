//! `trust-schema import`

use std::path::{Path, PathBuf};

use serde_json::json;

use super::Failure;
use super::deploy::stopped;
use super::exit::Exit;
use super::printer::{Format, GOOD, Printer, WARN, counted};
use super::progress::Progress;
use super::project::{Migrations, Place, migrations};
use crate::build;
use crate::diagnostic::has_errors;
use crate::diagnostic::render::json::FORMAT_VERSION;
use crate::import::{Became, Finding, Imported};
use crate::live::deploy::connection::Connection;
use crate::live::deploy::conninfo::Surroundings;
use crate::live::import::{self as live, Asked};
use crate::live::server::{Environment, Installing, Regime, Request, Target};

/// Lines of each sort of findings where all would be too many.
const LINES: usize = 20;

/// Write the spec of a database that exists
///
/// Reads a live database, without writing to it, or runs a folder of migrations on a throw-away server that looks like a Supabase project, and
/// writes a spec that makes the same: one module for each schema, bodies of functions in files of their own. What the spec language has no
/// words for is kept as raw SQL (`rest.toml`); what no migration can hold is told.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema import --db postgresql://postgres@db.example.com/postgres\n  trust-schema import --sql supabase/migrations --out spec\n  trust-schema import --schema app --schema audit\n  trust-schema release && trust-schema apply --baseline      go on from there"
)]
pub struct Import {
    /// The database: a URL or `key=value` list of libpq [default: DATABASE_URL or the PG* variables]
    #[arg(long, value_name = "URL", conflicts_with = "sql")]
    db: Option<String>,
    /// Import what the SQL migrations of this folder make, instead of a database
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    sql: Option<PathBuf>,
    /// Import this schema alone; may be given several times [default: all that are not the platform's]
    #[arg(long, value_name = "SCHEMA", conflicts_with = "sql")]
    schema: Vec<String>,
    /// Folder for the spec; it must be empty, or not be there
    #[arg(long, value_name = "DIR", default_value = "spec", value_hint = clap::ValueHint::DirPath)]
    out: PathBuf,
    /// Name of the project [default: that of the database or of the folder around the spec]
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    name: Option<String>,
    /// Major version of PostgreSQL for --sql [default: the first that is found]
    #[arg(long, value_name = "MAJOR", requires = "sql")]
    postgres: Option<u32>,
    /// Do not install a server where the machine has none
    #[arg(long, requires = "sql")]
    no_install: bool,
}

impl Import {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        if place.spec.is_some() || place.output.is_some() {
            return Err(Failure::new("--spec and --output name the folders of a spec that is there\nname the folder of the new one: `--out DIR`"));
        }
        // Before anything that takes long.
        build::check_new(&self.out)?;
        let asked = Asked { name: self.project_name(), schemas: self.schema.clone(), date: jiff::Timestamp::now().strftime("%Y%m%d").to_string() };
        let imported = match &self.sql {
            Some(folder) => self.scripts(folder, &asked, printer)?,
            None => Some(self.database(&asked)?),
        };
        let Some(imported) = imported else { return Ok(Exit::Findings) };
        build::write_new(&self.out, &imported.files)?;
        self.print(&imported, printer);
        Ok(Exit::Fine)
    }

    fn project_name(&self) -> String {
        let folder = || {
            let absolute = std::path::absolute(&self.out).ok()?;
            Some(absolute.parent()?.file_name()?.to_string_lossy().into_owned())
        };
        let name = self.name.clone().or_else(folder).unwrap_or_default();
        let plain: String = name.chars().filter(|character| !character.is_control()).collect();
        if plain.is_empty() { "imported".to_owned() } else { plain }
    }

    fn database(&self, asked: &Asked) -> Result<Imported, Failure> {
        let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
        let connection = Connection::find(self.db.as_deref(), &Surroundings { variables }).map_err(stopped)?;
        let _progress = Progress::start(format!("reading {}", connection.place));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let session = crate::live::deploy::open(&connection).await.map_err(stopped)?;
            let client = &session.client;
            client.batch_execute("set default_transaction_read_only = on").await?;
            let imported = live::database(client, asked).await?;
            session.close().await;
            Ok(imported)
        })
    }

    /// None where the scripts have errors, which are printed.
    fn scripts(&self, folder: &Path, asked: &Asked, printer: &mut Printer) -> Result<Option<Imported>, Failure> {
        let Migrations { folder, project, diagnostics } = migrations(folder)?;
        if has_errors(&diagnostics) {
            printer.diagnostics(&diagnostics, &project.sources, &folder);
            return Ok(None);
        }
        let environment = Environment::read();
        let installing = if self.no_install { Installing::Forbidden } else { Installing::Allowed };
        let request = Request { url: None, major: self.postgres, installing, environment: &environment };
        let progress = Progress::start("starting a server");
        let mut said = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let done = runtime.block_on(async {
            let target =
                Target::open(&request, &mut |line| said.push(line.to_owned())).await.map_err(|error| live::Failure::Database(error.into()))?;
            progress.message("running the migrations");
            live::scripts(&target, &project, Regime::Hardened, asked).await
        });
        drop(progress);
        said.iter().for_each(|line| printer.say(line));
        match done {
            Ok((imported, left_out)) => {
                printer.diagnostics(&left_out, &project.sources, &folder);
                Ok(Some(imported))
            }
            Err(live::Failure::Script(diagnostic)) => {
                printer.diagnostics(&[*diagnostic], &project.sources, &folder);
                Ok(None)
            }
            Err(failure) => Err(failure.into()),
        }
    }

    fn print(&self, imported: &Imported, printer: &mut Printer) {
        let folder = build::shown(&self.out);
        if printer.format == Format::Json {
            let paths: Vec<&str> = imported.files.iter().map(|file| file.path.as_str()).collect();
            return printer.document(
                &json!({ "format_version": FORMAT_VERSION, "created": paths, "modelled": imported.modelled, "raw": imported.raw, "findings": imported.findings }),
            );
        }
        for file in imported.files.iter().filter(|file| file.path.ends_with(".toml")) {
            printer.result(format!("{GOOD}+{GOOD:#} {folder}/{}", file.path));
        }
        let others = imported.files.iter().filter(|file| !file.path.ends_with(".toml")).count();
        if others > 0 {
            printer.result(format!("{GOOD}+{GOOD:#} {} of SQL", counted(others, "file")));
        }
        let groups = [(Became::Left, "not imported"), (Became::Raw, "kept as raw SQL"), (Became::Required, "must be there before")];
        for (became, title) in groups {
            let findings: Vec<&Finding> = imported.findings.iter().filter(|finding| finding.became == became).collect();
            if findings.is_empty() {
                continue;
            }
            printer.result(format!("\n{WARN}{title}{WARN:#}: {}", counted(findings.len(), "object")));
            // What is lost is told completely.
            let shown = if became == Became::Left || printer.format == Format::Concise { findings.len() } else { LINES };
            for finding in findings.iter().take(shown) {
                printer.result(format!("  {}: {}", crate::spec::printable(&finding.object), crate::spec::printable(&finding.reason)));
            }
            if findings.len() > shown {
                printer.result(format!("  and {} more: `--format concise` lists all", findings.len() - shown));
            }
        }
        printer.result(format!("\n{} in the words of the spec, {}", counted(imported.modelled, "object"), counted(imported.raw, "raw block")));
        printer.say(format!("Next: trust-schema generate --spec {folder}; docs/import.md tells how to go on"));
    }
}
