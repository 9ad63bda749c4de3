//! `trust-schema prove`

use super::Failure;
use super::exit::Exit;
use super::printer::{Format, Printer, WARN, diagnostics_document};
use super::progress::Progress;
use super::project::Place;
use crate::build;
use crate::kinds::project::Platform;
use crate::live::prove::{Event, Proof, prove_in, report};
use crate::live::server::{Environment, Installing, NEWEST_MAJOR, OLDEST_MAJOR, Regime, Request, Target};

/// Prove the outputs on throw-away databases of a real PostgreSQL server
///
/// Applies the migrations, compares what they made with the spec, runs the generated checks, tries what every role must not do, and rolls everything
/// back. Proves what the spec compiles to; `check` tells whether that is what lies in the output folder, and so does this verb.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema prove\n  trust-schema prove --postgres 17\n  trust-schema prove --regime hardened\n  trust-schema prove --database-url postgresql://postgres@localhost:5432/postgres"
)]
pub struct Prove {
    /// Make the databases on this server, instead of starting one; they are dropped in the end
    // The variable's value is not shown in the help: it may hold a password.
    #[arg(long, value_name = "URL", env = "TRUST_SCHEMA_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Major version of PostgreSQL to prove on [default: the first that is found]
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u32).range(i64::from(OLDEST_MAJOR)..=i64::from(NEWEST_MAJOR)))]
    postgres: Option<u32>,
    /// Prove one regime of Supabase's default privileges only [default: both]
    #[arg(long, value_name = "REGIME", value_parser = ["legacy", "hardened"])]
    regime: Option<String>,
    /// Do not install a server where the machine has none
    #[arg(long)]
    no_install: bool,
}

impl Prove {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let compilation = project.compile()?;
        printer.diagnostics(&compilation.diagnostics, &compilation.sources, &project.folder());
        let (Some(resolution), Some(outputs)) = (&compilation.resolution, &compilation.outputs) else {
            if printer.format == Format::Json {
                let document = diagnostics_document(&compilation.diagnostics, &compilation.sources, &project.folder());
                printer.document(&document.into());
            }
            return Ok(Exit::Findings);
        };
        if !build::check(&project.output, outputs)?.is_fresh() {
            printer.say(format!(
                "{WARN}note{WARN:#}: the outputs are stale; what is proved is what the spec compiles to (`trust-schema generate` writes it)"
            ));
        }
        let regime = Regime::ALL.into_iter().find(|regime| self.regime.as_deref() == Some(regime.to_string().as_str()));
        if regime.is_some() && resolution.project.platform != Platform::Supabase {
            return Err(Failure::new(
                "--regime is for specs with `platform = \"supabase\"`; this one has one kind of database only\nleave --regime out",
            ));
        }
        let environment = Environment::read();
        let installing = if self.no_install { Installing::Forbidden } else { Installing::Allowed };
        let request = Request { url: self.database_url.as_deref(), major: self.postgres, installing, environment: &environment };
        let progress = Progress::start("starting a server");
        // What is said while the progress is shown comes after it.
        let mut said = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let proof: Result<Proof, Failure> = runtime.block_on(async {
            let target = Target::open(&request, &mut |line| {
                progress.message(line);
                said.push(line.to_owned());
            })
            .await?;
            let mut tell = |event: Event| match event {
                Event::Begun { platform, stage } => progress.message(format!("{platform}: {}", stage.label())),
                // The report says what became of it.
                Event::Ended { .. } => {}
            };
            Ok(prove_in(&target, resolution, outputs, regime, &mut tell).await?)
        });
        drop(progress);
        said.iter().for_each(|line| printer.say(line));
        let proof = proof?;
        match printer.format {
            Format::Json => printer.result(report::json(&proof)?.trim_end()),
            Format::Full => printer.result(report::text(&proof).trim_end()),
            Format::Concise => printer.result(report::verdict(&proof)),
        }
        Ok(if proof.holds() { Exit::Fine } else { Exit::Findings })
    }
}
