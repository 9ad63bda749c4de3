//! `trust-schema lint`

use std::path::{Path, PathBuf};

use super::Failure;
use super::exit::Exit;
use super::printer::{Format, GOOD, Printer, WARN, counted, diagnostics_document};
use super::progress::Progress;
use super::project::Place;
use super::server::ServerArguments;
use crate::build;
use crate::diagnostic::render::{github, sarif};
use crate::diagnostic::{Diagnostic, Severity, has_errors};
use crate::lint;
use crate::live::scripts;
use crate::live::server::{Environment, Regime, Target};
use crate::scripts as project;
use crate::source::Sources;

/// Check the spec against the rules, or SQL migrations that were written by hand
///
/// `[lint]` of `trust.toml` says how grave each rule is and what is waived. Fails where a finding is an error.
///
/// With --sql the migrations of a folder are run, in the order of their names, on a throw-away PostgreSQL server that looks like a Supabase
/// project, and what they made is checked: rules, access, bodies of functions. There a comment on the line above a statement waives a
/// finding: `-- trust-schema: allow CODE why`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema lint\n  trust-schema lint --deny warnings\n  trust-schema lint --format sarif > lint.sarif\n  trust-schema lint --sql supabase/migrations\n  trust-schema explain TL0202"
)]
pub struct Lint {
    /// Fail where there are warnings, too
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Check the SQL migrations of this folder, or of the folder `migrations` in it, instead of a spec
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    sql: Option<PathBuf>,
    #[command(flatten, next_help_heading = "With --sql")]
    server: ServerArguments,
}

/// What else is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    Warnings,
}

impl Lint {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        if let Some(folder) = &self.sql {
            if place.spec.is_some() || place.output.is_some() {
                return Err(Failure::new("--sql checks a folder of migrations, --spec and --output name those of a spec\nleave one of them out"));
            }
            return self.scripts(folder, printer);
        }
        if let Some(option) = self.server.given() {
            return Err(Failure::new(format!("{option} is for `lint --sql DIR`: a spec is checked without a server\nleave {option} out")));
        }
        let project = place.find()?;
        let resolved = project.resolve()?;
        let mut diagnostics = resolved.diagnostics;
        diagnostics.extend(resolved.resolution.as_ref().map(|resolution| lint::lint(&lint::Subject::of(resolution))).unwrap_or_default());
        let clean = format!("{GOOD}clean{GOOD:#}: {}", counted(lint::rules::all().count(), "rule"));
        let exit = self.print(&diagnostics, &resolved.sources, &project.folder(), &clean, printer);
        super::keep_until_exit(resolved.resolution);
        Ok(exit)
    }

    fn print(&self, diagnostics: &[Diagnostic], sources: &Sources, folder: &str, clean: &str, printer: &mut Printer) -> Exit {
        match printer.format {
            Format::Json => printer.document(&diagnostics_document(diagnostics, sources, folder).into()),
            Format::Sarif => printer.result(sarif::render(diagnostics, sources, folder)),
            Format::Github => diagnostics.iter().for_each(|diagnostic| printer.result(github::render(diagnostic, sources, folder))),
            Format::Full | Format::Concise => {
                printer.diagnostics(diagnostics, sources, folder);
                if diagnostics.is_empty() {
                    printer.result(clean);
                }
            }
        }
        let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error || self.deny == Some(Deny::Warnings));
        if failed { Exit::Findings } else { Exit::Fine }
    }

    /// Checks migrations that were written by hand.
    fn scripts(&self, folder: &Path, printer: &mut Printer) -> Result<Exit, Failure> {
        if !folder.is_dir() {
            return Err(Failure::new(format!("there is no folder `{}`", build::shown(folder))));
        }
        let (folder, loaded) = build::scripts(folder)?;
        let folder = build::shown(&folder);
        if loaded.files.is_empty() && loaded.diagnostics.is_empty() {
            return Err(Failure::new(format!("there is no `*.sql` in `{folder}`\nname the folder that holds the migrations: `--sql supabase/migrations`")));
        }
        let (project, mut diagnostics) = project::read(loaded.files);
        diagnostics.extend(loaded.diagnostics);
        let (mut clean, mut said) = (String::new(), None);
        // What cannot be read cannot be run.
        if !has_errors(&diagnostics) {
            let regimes = self.server.given_regime().map_or(Regime::ALL.to_vec(), |regime| vec![regime]);
            let (found, server) = self.try_out(&project, &regimes, printer)?;
            diagnostics = found;
            clean = format!("{GOOD}clean{GOOD:#}: {}, {} on {server}", counted(project.sources.iter().count(), "file"), counted(lint::rules::all().count(), "rule"));
            let summary = |diagnostics: &[Diagnostic]| {
                let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
                let (errors, warnings) = (counted(count(Severity::Error), "error"), counted(count(Severity::Warning), "warning"));
                format!("{errors}, {warnings}; tried on {server}. Nobody says here what a tenant is, so rules of tenancy are silent")
            };
            said = Some(summary(&diagnostics));
        }
        let exit = self.print(&diagnostics, &project.sources, &folder, &clean, printer);
        if let Some(said) = said.filter(|_| matches!(printer.format, Format::Full | Format::Concise)) {
            printer.say(said);
        }
        Ok(exit)
    }

    /// Runs the migrations on a server, and tells what is found, and where it was tried.
    fn try_out(&self, project: &project::Project, regimes: &[Regime], printer: &mut Printer) -> Result<(Vec<Diagnostic>, String), Failure> {
        let environment = Environment::read();
        let request = self.server.request(&environment);
        let progress = Progress::start("starting a server");
        // What is said while the progress is shown comes after it.
        let mut said = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let done: Result<_, Failure> = runtime.block_on(async {
            let target = Target::open(&request, &mut |line| {
                progress.message(line);
                said.push(line.to_owned());
            })
            .await?;
            let mut outcomes = Vec::new();
            for regime in regimes {
                progress.message(format!("{regime}: running the migrations"));
                let outcome = scripts::run(&target, project, *regime).await?;
                let failed = outcome.state.is_none();
                outcomes.push(outcome);
                if failed {
                    break;
                }
            }
            Ok((outcomes, format!("PostgreSQL {}", target.version())))
        });
        drop(progress);
        said.iter().for_each(|line| printer.say(line));
        let (outcomes, server) = done?;
        let mut diagnostics = Vec::new();
        let mut states = Vec::new();
        for (place, outcome) in outcomes.into_iter().enumerate() {
            let is_last_word = outcome.state.is_none();
            // Both regimes have the same extensions.
            if place == 0 || is_last_word {
                diagnostics.extend(outcome.diagnostics);
            }
            if place == 0 {
                outcome.unreadable.iter().for_each(|what| printer.say(format!("{WARN}note{WARN:#}: not checked: {what}")));
            }
            match outcome.state {
                Some(state) => states.push(state),
                // Of a project of which half is there, nothing is said.
                None => states.clear(),
            }
        }
        if !states.is_empty() {
            diagnostics.extend(project::lint(project, &states));
        }
        crate::diagnostic::sort(&mut diagnostics);
        let regimes = regimes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        Ok((diagnostics, format!("{server} as Supabase has it ({regimes})")))
    }
}
