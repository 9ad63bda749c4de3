//! `trust-schema prove`

use super::Failure;
use super::exit::Exit;
use super::printer::{Format, Printer, WARN};
use super::progress::Progress;
use super::project::{Place, Whole};
use super::server::ServerArguments;
use crate::build;
use crate::live::prove::{Event, Proof, prove_in, report};
use crate::live::server::{Environment, Target};

/// Prove the outputs on throw-away databases of a real PostgreSQL server
///
/// Applies the migrations, compares what they made with the spec, runs the generated checks, tries what every role must not do, and rolls everything
/// back. Proves what the spec compiles to; `check` tells whether that is what lies in the output folder, and so does this verb.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema prove\n  trust-schema prove --postgres 17\n  trust-schema prove --regime hardened\n  trust-schema prove --database-url postgresql://postgres@localhost:5432/postgres"
)]
pub struct Prove {
    #[command(flatten)]
    server: ServerArguments,
}

impl Prove {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let Some(Whole { resolution, outputs, .. }) = project.compile_whole(printer)? else { return Ok(Exit::Findings) };
        if !build::check(&project.output, &outputs)?.is_fresh() {
            printer.say(format!(
                "{WARN}note{WARN:#}: the outputs are stale; what is proved is what the spec compiles to (`trust-schema generate` writes it)"
            ));
        }
        let regime = self.server.regime(&resolution)?;
        let environment = Environment::read();
        let request = self.server.request_to_deploy(&environment)?;
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
            Ok(prove_in(&target, &resolution, &outputs, regime, &mut tell).await?)
        });
        drop(progress);
        said.iter().for_each(|line| printer.say(line));
        let proof = proof?;
        match printer.format {
            Format::Json => printer.result(report::json(&proof)?.trim_end()),
            Format::Full => printer.result(report::text(&proof).trim_end()),
            Format::Concise | Format::Sarif | Format::Github => printer.result(report::verdict(&proof)),
        }
        Ok(if proof.holds() { Exit::Fine } else { Exit::Findings })
    }
}
