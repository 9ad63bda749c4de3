//! `trust-schema lint`

mod fix;

use std::path::{Path, PathBuf};

use crate::cli::Failure;
use crate::cli::exit::Exit;
use crate::cli::printer::{Format, GOOD, Printer, WARN, counted, diagnostics_document};
use crate::cli::progress::Progress;
use crate::cli::project::{Migrations, Place, migrations};
use crate::cli::server::ServerArguments;
use crate::diagnostic::render::{github, sarif};
use crate::diagnostic::{Diagnostic, Severity, has_errors};
use crate::lint;
use crate::live::scripts::{Checked, check};
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
///
/// With --fix the findings that have exactly one safe edit are mended in the files of the spec, whose form stays. An edit is kept if the spec
/// compiles with it, its finding is gone, nothing new is found, and nobody can do more than before.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema lint\n  trust-schema lint --deny warnings\n  trust-schema lint --fix --dry-run\n  trust-schema lint --format sarif > lint.sarif\n  trust-schema lint --sql supabase/migrations\n  trust-schema explain TL0202"
)]
pub struct Lint {
    /// Fail where there are warnings, too
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Mend what has exactly one safe edit
    #[arg(long, conflicts_with = "sql")]
    fix: bool,
    /// Show what would be mended, and write nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
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
        if self.fix {
            let fixed = fix::run(&project, self.dry_run)?;
            fix::print(&fixed, self.dry_run, &project.folder(), printer);
            let document = fix::document(&fixed, &project.folder());
            return Ok(self.print(&fixed.diagnostics, &fixed.sources, &project.folder(), &clean(), Some(document), printer));
        }
        let resolved = project.resolve()?;
        let mut diagnostics = resolved.diagnostics;
        diagnostics.extend(
            resolved
                .resolution
                .as_ref()
                .map(|resolution| lint::lint(&lint::Subject::of(resolution).with_edits(&resolved.sources)))
                .unwrap_or_default(),
        );
        let exit = self.print(&diagnostics, &resolved.sources, &project.folder(), &clean(), None, printer);
        let mendable = diagnostics.iter().filter(|diagnostic| diagnostic.fix.as_ref().is_some_and(|fix| fix.is_safe)).count();
        if mendable > 0 && matches!(printer.format, Format::Full | Format::Concise) {
            printer.say(format!("{} may be mended by `trust-schema lint --fix`", counted(mendable, "finding")));
        }
        crate::cli::keep_until_exit(resolved.resolution);
        Ok(exit)
    }

    fn print(
        &self,
        diagnostics: &[Diagnostic],
        sources: &Sources,
        folder: &str,
        clean: &str,
        fixed: Option<serde_json::Value>,
        printer: &mut Printer,
    ) -> Exit {
        match printer.format {
            Format::Json => {
                let mut document = diagnostics_document(diagnostics, sources, folder);
                document.extend(fixed.map(|fixed| ("fixed".to_owned(), fixed)));
                printer.document(&document.into());
            }
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
        let Migrations { folder, project, diagnostics } = migrations(folder)?;
        if has_errors(&diagnostics) {
            return Ok(self.print(&diagnostics, &project.sources, &folder, "", None, printer));
        }
        let regimes = self.server.given_regime().map_or(Regime::ALL.to_vec(), |regime| vec![regime]);
        let (checked, server) = self.try_out(&project, &regimes, printer)?;
        checked.not_checked.iter().for_each(|what| printer.say(format!("{WARN}note{WARN:#}: not checked: {what}")));
        let files = counted(project.sources.iter().count(), "file");
        let clean = format!("{GOOD}clean{GOOD:#}: {files}, {}", counted(lint::rules::all().count(), "rule"));
        let exit = self.print(&checked.diagnostics, &project.sources, &folder, &clean, None, printer);
        if matches!(printer.format, Format::Full | Format::Concise) {
            let regimes = regimes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
            printer.say(match checked.is_complete {
                true => {
                    format!("tried on {server} as Supabase has it ({regimes}); nobody says here what a tenant is, so rules of tenancy are silent")
                }
                false => format!("tried on {server} as Supabase has it; nothing is said of the rest, since the migrations do not run to their end"),
            });
        }
        Ok(exit)
    }

    /// Runs the migrations on a server; also tells which server it was.
    fn try_out(&self, project: &project::Project, regimes: &[Regime], printer: &mut Printer) -> Result<(Checked, String), Failure> {
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
            let checked = check(&target, project, regimes, &mut |regime| progress.message(format!("{regime}: running the migrations"))).await?;
            Ok((checked, format!("PostgreSQL {}", target.version())))
        });
        drop(progress);
        said.iter().for_each(|line| printer.say(line));
        done
    }
}

fn clean() -> String {
    format!("{GOOD}clean{GOOD:#}: {}", counted(lint::rules::all().count(), "rule"))
}
