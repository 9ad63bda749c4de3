//! `attack`: the system that a spec describes, under attack on throw-away databases of a real server.
//!
//! Nothing here is listed by hand: the Catalog says which tables, keys, policies and functions there are, and each is attacked in every way that this
//! module knows. For each refusal somebody who is entitled to the same must succeed, or the refusal shows nothing.

mod answers;
mod canonical;
mod field;
mod forms;
mod ground;
mod identity;
mod session;
mod tables;
mod twins;
mod verdict;
mod world;

pub mod report;

use serde::Serialize;

use super::prove::run_migrations;
use super::server::{Platform, Regime, Scratch, Target};
use super::{Error, joined};
use crate::emit::Files;
use crate::operations::Tenancy;
use crate::resolve::Resolution;

pub use answers::{Answer, answers};
pub use ground::{Focus, Ground};
pub use twins::Twins;
pub use verdict::{Attempt, Counts, Verdict};

/// How thorough the attack is.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Only this regime of Supabase.
    pub regime: Option<Regime>,
    /// Pairs of random sequences.
    pub sequences: u64,
    /// What decides them.
    pub seed: u64,
}

/// The attack on one kind of database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegimeAttack {
    /// `supabase legacy`, `supabase hardened` or `postgresql`.
    pub platform: String,
    pub attempts: Vec<Attempt>,
    pub twins: Twins,
    /// What could not be attacked, and why.
    pub unreliable: Vec<String>,
    /// Wall time.
    pub milliseconds: u128,
}

/// The attack on all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attack {
    /// The server's version, such as `15.18`.
    pub version: String,
    pub seed: u64,
    pub regimes: Vec<RegimeAttack>,
}

impl Attack {
    pub fn counts(&self) -> Counts {
        Counts::of(self.regimes.iter().flat_map(|regime| &regime.attempts))
    }

    /// What shows nothing, besides single attempts.
    pub fn unreliable(&self) -> u64 {
        self.counts().unreliable + self.regimes.iter().map(|regime| regime.unreliable.len() as u64).sum::<u64>()
    }

    /// Whether something was tried, nothing leaked, and every refusal counts.
    pub fn withstood(&self) -> bool {
        let counts = self.counts();
        counts.attempts > 0 && counts.leaks == 0 && self.unreliable() == 0
    }
}

/// Why a spec cannot be attacked.
pub const NO_TENANCY: &str = "the spec does not say what a tenant is: add `[tenancy]` to trust.toml (docs/spec-language.md shows it)";

/// Attacks what was generated from a spec, on new databases of this server, one for each regime of the platform.
///
/// # Errors
/// Where a database cannot be made, reached or read, or a migration fails.
pub async fn attack(target: &Target, resolution: &Resolution, files: &Files, tenancy: &Tenancy, options: Options) -> Result<Attack, Error> {
    let platforms: Vec<Platform> = super::prove::platforms(resolution)
        .into_iter()
        .filter(|platform| !matches!((platform, options.regime), (Platform::Supabase(regime), Some(only)) if *regime != only))
        .collect();
    let roles: Vec<&str> = super::prove::roles(resolution);
    let mut databases: Vec<(Platform, Scratch)> = Vec::with_capacity(platforms.len());
    for platform in platforms {
        databases.push((platform, target.scratch(platform, &roles).await?));
    }
    let runs = joined::all(databases.iter().map(|(platform, scratch)| on(*platform, scratch, resolution, files, tenancy, options))).await;
    let regimes = runs.into_iter().collect::<Result<Vec<_>, _>>();
    for (_, scratch) in databases {
        scratch.close().await?;
    }
    Ok(Attack { version: target.version().to_owned(), seed: options.seed, regimes: regimes? })
}

/// Attacks one database, which is empty before and spoilt afterwards.
///
/// # Errors
/// As [`attack`].
pub async fn on(
    platform: Platform,
    scratch: &Scratch,
    resolution: &Resolution,
    files: &Files,
    tenancy: &Tenancy,
    options: Options,
) -> Result<RegimeAttack, Error> {
    run_migrations(scratch, resolution, files).await?;
    on_applied(platform, scratch, resolution, tenancy, options).await
}

/// Attacks a database to which the migrations have been applied; its rows are made here.
///
/// # Errors
/// As [`attack`].
pub async fn on_applied(
    platform: Platform,
    scratch: &Scratch,
    resolution: &Resolution,
    tenancy: &Tenancy,
    options: Options,
) -> Result<RegimeAttack, Error> {
    let begun = std::time::Instant::now();
    let ground = Ground::prepare(platform, scratch, resolution, tenancy).await?;
    let focus = Focus::everything();
    let (attempts, twins) = against(&ground, scratch, resolution, &focus, options).await?;
    let platform = super::prove::platform_name(platform);
    Ok(RegimeAttack { platform, attempts, twins, unreliable: ground.unreliable, milliseconds: begun.elapsed().as_millis() })
}

/// Attacks a database on which the ground has been prepared, or a copy of it, which may have been changed since: what may be done is what the
/// resolution says.
///
/// # Errors
/// As [`attack`].
pub async fn against(
    ground: &Ground,
    scratch: &Scratch,
    resolution: &Resolution,
    focus: &Focus,
    options: Options,
) -> Result<(Vec<Attempt>, Twins), Error> {
    let mut attempts = forms_against(ground, scratch, resolution, focus).await?;
    let twins = twins_against(ground, scratch, resolution, focus, options, &mut attempts).await?;
    Ok((attempts, twins))
}

/// Every form of attack, without twin runs.
///
/// # Errors
/// As [`attack`].
pub async fn forms_against(ground: &Ground, scratch: &Scratch, resolution: &Resolution, focus: &Focus) -> Result<Vec<Attempt>, Error> {
    let field = ground.field(scratch, resolution, focus).await?;
    let identities = ground.identities(resolution, focus);
    let mut attempts = Vec::new();
    forms::reading::attack(&field, &identities.every, &mut attempts).await?;
    forms::statements::attack(&field, &identities.one_each, &mut attempts).await?;
    forms::foreign_keys::attack(&field, &mut attempts).await?;
    forms::functions::refused(&field, &identities.one_each, &mut attempts).await?;
    forms::functions::with_values_of_others(&field, &identities.every, &mut attempts).await?;
    for identity in &identities.one_each {
        if focus.has_shadows() {
            forms::shadowing::attack(&field, identity, &mut attempts).await?;
        }
        if focus.is_everything() {
            forms::escalation::attack(&field, identity, &mut attempts).await?;
        }
    }
    Ok(attempts)
}

/// Twin runs alone; their leaks come to the attempts.
///
/// # Errors
/// As [`attack`].
pub async fn twins_against(
    ground: &Ground,
    scratch: &Scratch,
    resolution: &Resolution,
    focus: &Focus,
    options: Options,
    attempts: &mut Vec<Attempt>,
) -> Result<Twins, Error> {
    let field = ground.field(scratch, resolution, focus).await?;
    twins::run(&field, &ground.identities(resolution, focus).users, options.sequences, options.seed, attempts).await
}
