//! `trust-schema attack`

use super::Failure;
use super::exit::Exit;
use super::printer::{Format, Printer};
use super::progress::Progress;
use super::project::{Place, Whole};
use super::server::ServerArguments;
use crate::live::attack::{NO_TENANCY, Options, attack, report};
use crate::live::server::{Environment, Target};

/// Attack what the spec compiles to, on throw-away databases of a real PostgreSQL server
///
/// Makes tenants, users and rows from the spec alone, lets them live, and then tries, as every identity, to read, change or learn of what belongs to
/// another tenant: every statement form on every table, every function with the values of others, shadows in pg_temp, other roles, foreign keys and
/// cascades; and random statements twice, with and without the other tenant. For each refusal somebody entitled must succeed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  trust-schema attack\n  trust-schema attack --postgres 17 --regime hardened\n  trust-schema attack --sequences 1000 --seed 7"
)]
pub struct Attack {
    #[command(flatten)]
    server: ServerArguments,
    /// Pairs of random statement sequences, with and without the other tenant
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    sequences: u64,
    /// What decides the random statements; the same seed makes the same choices
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

impl Attack {
    pub fn run(&self, place: &Place, printer: &mut Printer) -> Result<Exit, Failure> {
        let project = place.find()?;
        let Some(Whole { resolution, outputs, .. }) = project.compile_whole(printer)? else { return Ok(Exit::Findings) };
        let Some(tenancy) = &resolution.operations.tenancy else { return Err(Failure::new(NO_TENANCY)) };
        let options = Options { regime: self.server.regime(&resolution)?, sequences: self.sequences, seed: self.seed };
        let environment = Environment::read();
        let request = self.server.request_to_deploy(&environment)?;
        let progress = Progress::start("attacking");
        // What is said while the progress is shown comes after it.
        let mut said = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let attacked: Result<_, Failure> = runtime.block_on(async {
            let target = Target::open(&request, &mut |line| said.push(line.to_owned())).await?;
            Ok(attack(&target, &resolution, &outputs, tenancy, options).await?)
        });
        drop(progress);
        said.iter().for_each(|line| printer.say(line));
        let attacked = attacked?;
        match printer.format {
            Format::Json => printer.result(report::json(&attacked)?.trim_end()),
            Format::Full => printer.result(report::text(&attacked).trim_end()),
            Format::Concise | Format::Sarif | Format::Github => printer.result(report::verdict(&attacked)),
        }
        Ok(if attacked.withstood() { Exit::Fine } else { Exit::Findings })
    }
}
