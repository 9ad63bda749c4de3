//! `trust-schema verify`

use super::Failure;
use super::deploy::{DatabaseArguments, document, stopped, value};
use super::exit::Exit;
use super::printer::{Format, Printer, diagnostics_document};
use super::progress::Progress;
use super::project::Place;
use crate::live::deploy::migration::system;
use crate::live::drift::{Subject, Verdict, build, compare, look, report};
use crate::live::server::{Environment, Installing, Request, Target};

/// Verify that a database holds what the spec says
///
/// Reads the database, writes nothing to it, and compares it with what the migrations make on a throw-away database of the same major version. Says
/// for each difference where the spec has it, which SQL brings the database back, and what to write into the spec where the database is right.
#[derive(Debug, clap::Args)]
#[command(
    visible_alias = "drift",
    after_help = "Examples:\n  trust-schema verify --db postgresql://postgres@db.example.com/postgres\n  trust-schema verify --with-others                   others have objects in the same schemas\n  trust-schema verify --format json"
)]
pub struct Verify {
    #[command(flatten)]
    database: DatabaseArguments,
    /// Objects and migrations of others are no drift, as long as they change nothing of ours
    #[arg(long)]
    with_others: bool,
    /// Do not install a server where the machine has none of the database's major version
    #[arg(long)]
    no_install: bool,
}

impl Verify {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let compilation = project.compile()?;
        printer.diagnostics(&compilation.diagnostics, &compilation.sources, &project.folder());
        let (Some(resolution), Some(outputs)) = (&compilation.resolution, &compilation.outputs) else {
            if printer.format == Format::Json {
                printer.document(&diagnostics_document(&compilation.diagnostics, &compilation.sources, &project.folder()).into());
            }
            return Ok(Exit::Findings);
        };
        let system = system(resolution, outputs).map_err(stopped)?;
        let connection = self.database.connection(&project)?;
        let subject = Subject { system: &system, resolution, sources: &compilation.sources, with_others: self.with_others };
        let environment = Environment::read();
        let installing = if self.no_install { Installing::Forbidden } else { Installing::Allowed };
        let progress = Progress::start("reading the database");
        // What is said while the progress is shown comes after it.
        let mut said = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let found: Result<Verdict, Failure> = runtime.block_on(async {
            let seen = look(&connection, &subject).await.map_err(stopped)?;
            progress.message("building what it should hold");
            let request = Request { url: None, major: Some(seen.server.major), installing, environment: &environment };
            let target = Target::open(&request, &mut |line| said.push(line.to_owned())).await?;
            let expected = build(&seen, &target, &subject).await.map_err(stopped)?;
            Ok(compare(seen, &expected, &subject))
        });
        drop(progress);
        said.iter().for_each(|line| printer.say(line));
        let found = found?;
        match printer.format {
            Format::Json => printer.document(&document(&[("verdict", value(&found)?)])),
            Format::Concise => printer.result(report::concise(&found)),
            Format::Full | Format::Sarif | Format::Github => printer.result(report::text(&found)),
        }
        Ok(if found.is_fine() { Exit::Fine } else { Exit::Findings })
    }
}
