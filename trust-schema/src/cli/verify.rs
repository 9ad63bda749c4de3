//! `trust-schema verify`

use std::collections::{BTreeMap, VecDeque};

use super::Failure;
use super::deploy::{DatabaseArguments, document, scratch_server, stopped, value};
use super::exit::Exit;
use super::fleet;
use super::printer::{Format, Printer};
use super::progress::Progress;
use super::project::{Place, Whole};
use crate::live::deploy::Stop;
use crate::live::deploy::connection::Connection;
use crate::live::deploy::fleet::Member;
use crate::live::deploy::migration::system;
use crate::live::drift::{Expected, Kept, Reading, Subject, Verdict, build, compare, look_beside, report};
use crate::live::server::{Environment, Installing, installed};
use crate::parallel;

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
        let members = match &self.database.fleet {
            Some(file) => fleet::read(file, &project)?,
            None => vec![Member { name: String::new(), wave: 1, connection: self.database.connection(&project)? }],
        };
        // The first database is read while the spec is compiled, then some ahead of the one that is looked at.
        let ahead = usize::from(self.database.parallel).max(1);
        let mut unread: VecDeque<Connection> = members.iter().map(|member| member.connection.clone()).collect();
        let mut readings: VecDeque<Reading> = unread.pop_front().iter().map(Reading::begin).collect();
        let environment = Environment::read();
        // To ask servers for their versions takes as long as to compile.
        let (servers, compiled) = parallel::join(|| installed(&environment).unwrap_or_default(), || project.compile_migrations(printer));
        let Some(Whole { sources, resolution, outputs }) = compiled? else { return Ok(Exit::Findings) };
        let system = system(&resolution, outputs).map_err(stopped)?;
        let subject = Subject { system: &system, resolution: &resolution, sources: &sources, with_others: self.with_others, baseline: false };
        let builder = |major: u32| servers.iter().find(|server| server.major == major).map_or("", |server| server.version.as_str());
        let kept = environment.cache.as_deref().map(Kept::in_cache);
        let installing = if self.no_install { Installing::Forbidden } else { Installing::Allowed };
        let progress = Progress::start("reading the database");
        // What is said while the progress is shown comes after it.
        let mut said = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // What a database of a major version with these migrations should hold is built once.
        let mut built: BTreeMap<(u32, Vec<String>), Expected> = BTreeMap::new();
        let mut verdicts: Vec<(String, Result<Verdict, Stop>)> = Vec::new();
        for member in members {
            progress.message(format!("reading {}", member.connection.place));
            while readings.len() < ahead
                && let Some(next) = unread.pop_front()
            {
                readings.push_back(Reading::begin(&next));
            }
            let reading = readings.pop_front().unwrap_or_else(|| Reading::begin(&member.connection));
            let verdict = runtime.block_on(async {
                let seen = look_beside(reading, &subject).await?;
                let key = (seen.server.major, seen.applied(&system));
                if !built.contains_key(&key) {
                    let expected = match kept.as_ref().and_then(|kept| kept.find(builder(key.0), &seen, &subject)) {
                        Some(expected) => expected,
                        None => {
                            progress.message("building what it should hold");
                            let target = scratch_server(key.0, installing, &environment, &mut said).await?;
                            let expected = build(&seen, &target, &subject).await?;
                            kept.iter().for_each(|kept| kept.keep(&expected, target.version(), &seen, &subject));
                            expected
                        }
                    };
                    built.insert(key.clone(), expected);
                }
                match built.get(&key) {
                    Some(expected) => Ok(compare(seen, expected, &subject)),
                    None => Err(Stop::new("no-scratch-database", "what it should hold was not built")),
                }
            });
            verdicts.push((member.name, verdict));
        }
        drop(progress);
        said.iter().for_each(|line| printer.say(line));
        self.print(verdicts, printer)
    }

    fn print(&self, mut verdicts: Vec<(String, Result<Verdict, Stop>)>, printer: &mut Printer) -> Result<Exit, Failure> {
        if self.database.fleet.is_none() {
            let Some((_, verdict)) = verdicts.pop() else { return Ok(Exit::Failed) };
            let found = verdict.map_err(stopped)?;
            match printer.format {
                Format::Json => printer.document(&document(&[("verdict", value(&found)?)])),
                Format::Concise => printer.result(report::concise(&found)),
                Format::Full | Format::Sarif | Format::Github => printer.result(report::text(&found)),
            }
            return Ok(if found.is_fine() { Exit::Fine } else { Exit::Findings });
        }
        let mut exit = Exit::Fine;
        let mut documents = Vec::new();
        for (name, verdict) in &verdicts {
            match verdict {
                Ok(found) if found.is_fine() => printer_line(printer, &format!("{name}: {}", report::line(found))),
                Ok(found) => {
                    exit = if exit == Exit::Failed { exit } else { Exit::Findings };
                    printer_line(
                        printer,
                        &format!("{name}: {}", if printer.format == Format::Full { report::text(found) } else { report::concise(found) }),
                    );
                }
                Err(stop) => {
                    exit = Exit::Failed;
                    printer_line(printer, &format!("{name}: {stop}"));
                }
            }
            documents.push(match verdict {
                Ok(found) => serde_json::json!({ "name": name, "verdict": value(found)? }),
                Err(stop) => serde_json::json!({ "name": name, "error": value(stop)? }),
            });
        }
        if printer.format == Format::Json {
            printer.document(&document(&[("fleet", documents.into())]));
        }
        Ok(exit)
    }
}

/// Nothing where the format is JSON, whose one document holds it too.
fn printer_line(printer: &mut Printer, line: &str) {
    if printer.format != Format::Json {
        printer.result(line);
    }
}
