//! `prove`: everything that was generated, run on throw-away databases of a real server.
//!
//! The migrations are applied, what they made is read back and compared with the spec, the generated checks are run, every role tries what
//! it must not do, and the rollbacks must leave nothing behind. What could not be run is said, and then nothing is claimed.

mod access;
mod locate;
mod raw;
pub mod report;
mod run;
mod stages;
mod state;
mod unmodelled;

use std::cell::RefCell;

use serde::Serialize;

use super::server::{Platform, Regime, Scratch, Target};
use super::{Error, compare, joined};
use crate::catalog::Object;
use crate::emit::Files;
use crate::resolve::Resolution;

pub use locate::Place;
pub(super) use run::run_migrations;

/// A part of the proof. They follow each other in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Each migration, in one transaction of its own.
    Apply,
    /// What was made is what the spec says: nothing missing, nothing more, every attribute.
    Catalog,
    /// The generated verification says so, too.
    Verify,
    /// The smoke tests pass and leave nothing behind.
    Smoke,
    /// Kill switches and partial rollbacks run.
    Operations,
    /// Every API role tries what it was not granted.
    Access,
    /// Each migration is rolled back, to the state before it.
    Rollback,
    /// The migrations can be applied again, with the same result.
    Reapply,
    /// The full rollback leaves an empty database.
    FullRollback,
}

impl Stage {
    /// All, in their order.
    pub const ALL: [Stage; 9] = [
        Stage::Apply,
        Stage::Catalog,
        Stage::Verify,
        Stage::Smoke,
        Stage::Operations,
        Stage::Access,
        Stage::Rollback,
        Stage::Reapply,
        Stage::FullRollback,
    ];

    /// What it is about, for people.
    pub fn label(self) -> &'static str {
        match self {
            Stage::Apply => "migrations",
            Stage::Catalog => "comparison with the spec",
            Stage::Verify => "verification",
            Stage::Smoke => "smoke tests",
            Stage::Operations => "kill switches and partial rollback",
            Stage::Access => "access of the API roles",
            Stage::Rollback => "rollback of each migration",
            Stage::Reapply => "second run of the migrations",
            Stage::FullRollback => "full rollback",
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The object, file or check.
    pub about: String,
    /// What is wrong with it.
    pub message: String,
    /// Where in which file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

impl Problem {
    fn new(about: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { about: about.into(), message: message.into(), place: None }
    }
}

/// What became of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageProof {
    pub stage: Stage,
    /// How many things were checked: files run, objects compared, states compared, attempts made.
    pub checks: u64,
    pub problems: Vec<Problem>,
    /// Why it, or a part of it, was not run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_run: Vec<String>,
}

/// What a role tried, and what PostgreSQL said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    pub role: String,
    /// `INSERT`, `EXECUTE`, …
    pub action: String,
    pub object: String,
    /// The server's refusal; none where it was let through.
    pub refusal: Option<String>,
}

/// The proof on one kind of database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegimeProof {
    /// `supabase legacy`, `supabase hardened` or `postgresql`.
    pub platform: String,
    pub stages: Vec<StageProof>,
    pub attempts: Vec<Attempt>,
    /// What raw SQL of the spec made, as far as it shows: the compiler does not read it, so nothing says what it should be.
    pub made_by_raw: Vec<String>,
    /// Wall time.
    pub milliseconds: u128,
}

/// The result of [`prove`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The server's version, such as `15.18`.
    pub version: String,
    pub migrations: usize,
    /// Objects of the spec that PostgreSQL can be asked for.
    pub objects: usize,
    pub regimes: Vec<RegimeProof>,
    /// The platforms in which the spec must hold, too, and which were left out on request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

impl Proof {
    /// How many things were checked, in all regimes.
    pub fn checks(&self) -> u64 {
        self.stages().map(|(_, stage)| stage.checks).sum()
    }

    /// Everything that is wrong, with the platform and the stage.
    pub fn problems(&self) -> impl Iterator<Item = (&str, Stage, &Problem)> {
        self.stages().flat_map(|(platform, stage)| stage.problems.iter().map(move |problem| (platform, stage.stage, problem)))
    }

    /// Everything that was not run, with the platform and the stage.
    pub fn not_run(&self) -> impl Iterator<Item = (&str, Stage, &str)> {
        self.stages().flat_map(|(platform, stage)| stage.not_run.iter().map(move |why| (platform, stage.stage, why.as_str())))
    }

    /// Whether every stage was run, on every regime.
    pub fn is_complete(&self) -> bool {
        let all = |regime: &RegimeProof| Stage::ALL.iter().all(|stage| regime.stages.iter().any(|run| run.stage == *stage));
        !self.regimes.is_empty() && self.regimes.iter().all(all) && self.not_run().next().is_none()
    }

    /// Whether everything was run and nothing is wrong.
    pub fn holds(&self) -> bool {
        self.is_complete() && self.problems().next().is_none()
    }

    fn stages(&self) -> impl Iterator<Item = (&str, &StageProof)> {
        self.regimes.iter().flat_map(|regime| regime.stages.iter().map(|stage| (regime.platform.as_str(), stage)))
    }
}

/// What is going on, for whoever waits.
#[derive(Debug, Clone)]
pub enum Event {
    /// A stage has begun on a platform.
    Begun { platform: String, stage: Stage },
    /// A stage has ended.
    Ended { platform: String, result: StageProof },
}

/// Proves what was generated from a spec, on new databases of this server, one for each regime of the platform, all at once.
///
/// What is wrong with the spec or the files is in the proof. The future is not `Send`: `report` is called from within.
///
/// # Errors
/// Where a database cannot be made, reached or read; the proof is then void.
pub async fn prove(target: &Target, resolution: &Resolution, files: &Files, report: &mut dyn FnMut(Event)) -> Result<Proof, Error> {
    prove_in(target, resolution, files, None, report).await
}

/// The same for one regime of Supabase; the proof names those that it leaves out. Without one, as [`prove`]. A regime changes nothing for a spec
/// of another platform.
///
/// # Errors
/// Those of [`prove`].
pub async fn prove_in(
    target: &Target,
    resolution: &Resolution,
    files: &Files,
    only: Option<Regime>,
    report: &mut dyn FnMut(Event),
) -> Result<Proof, Error> {
    let wanted = |platform: &Platform| match (platform, only) {
        (Platform::Supabase(regime), Some(only)) => *regime == only,
        _ => true,
    };
    let (platforms, left_out): (Vec<Platform>, Vec<Platform>) = platforms(resolution).into_iter().partition(wanted);
    let roles = roles(resolution);
    // One after the other: roles belong to the whole server, and the proof of one database would see those made for the next.
    let mut databases: Vec<(String, Scratch)> = Vec::with_capacity(platforms.len());
    for platform in platforms {
        databases.push((platform_name(platform), target.scratch(platform, &roles).await?));
    }
    let report = RefCell::new(report);
    let runs = joined::all(databases.iter().map(|(platform, scratch)| run::run(platform, scratch, resolution, files, &report))).await;
    let mut regimes = runs.into_iter().collect::<Result<Vec<_>, _>>();
    regimes.iter_mut().for_each(|regimes| raw::compare_regimes(regimes));
    for (_, scratch) in databases {
        scratch.close().await?;
    }
    Ok(Proof {
        version: target.version().to_owned(),
        migrations: resolution.modules.len(),
        objects: compare::readable(&resolution.catalog),
        regimes: regimes?,
        left_out: left_out.into_iter().map(platform_name).collect(),
    })
}

/// The roles that the spec names.
pub(super) fn roles(resolution: &Resolution) -> Vec<&str> {
    resolution.catalog.objects().filter_map(|object| if let Object::Role(role) = object { Some(role.name.as_str()) } else { None }).collect()
}

/// The databases in which the spec must hold.
pub(super) fn platforms(resolution: &Resolution) -> Vec<Platform> {
    match resolution.project.platform {
        crate::kinds::project::Platform::Supabase => Regime::ALL.map(Platform::Supabase).to_vec(),
        crate::kinds::project::Platform::Postgresql => vec![Platform::Plain],
    }
}

pub(super) fn platform_name(platform: Platform) -> String {
    match platform {
        Platform::Plain => "postgresql".to_owned(),
        Platform::Supabase(regime) => format!("supabase {regime}"),
    }
}
