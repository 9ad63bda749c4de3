//! `attack`: the system that a spec describes, under attack on throw-away databases of a real server.
//!
//! Nothing here is listed by hand: the Catalog says which tables, keys, policies and functions there are, and each is attacked in every way that this
//! module knows. For each refusal somebody who is entitled to the same must succeed, or the refusal shows nothing.

mod canonical;
mod field;
mod forms;
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

use field::Field;
use identity::Identity;
use session::Session;
use tables::Tables;
use world::{Side, World};

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
    let session = Session::open(scratch).await?;
    let tables = Tables::new(&resolution.catalog, tenancy);
    let mut unreliable = Vec::new();
    let mut world = World::make(&session, &tables, &mut unreliable).await?;
    let user_role = identity::user_role(resolution, platform);
    let trusted = |role: &&String| identity::is_trusted(role);
    let trusted: Vec<Identity> = resolution.project.api_roles.iter().filter(trusted).map(|role| Identity::role(role, platform, &Side::ALL)).collect();
    let people = |world: &World, side: Side| -> Vec<Identity> {
        let users = &world.side(side).users;
        let users = user_role.iter().flat_map(|role| users.iter().map(move |user| Identity::user(role, "a user", user, &[side])));
        users.chain(trusted.iter().cloned()).collect()
    };
    let controls = world::live(&session, &tables, &mut world, resolution, &people).await?;
    world.learn(&session, &tables).await?;
    // Statistics are what some leaks are made of.
    session.execute("analyze", "gather statistics").await?;

    let everybody = people(&world, Side::Own);
    let sequences = session.query(field::SEQUENCES, "read the sequences").await?.into_iter().flatten().flatten().collect::<Vec<_>>().join(";");
    let field = Field { scratch, platform, session, tables, world, resolution, controls, operator: Identity::operator(platform), sequences };
    unreliable.extend(forms::functions::without_control(&field, &everybody).into_iter().map(|function| format!("{function}: no call succeeded")));
    let matrix: Vec<Identity> = user_role.iter().flat_map(|role| identity::matrix(role, &field.world)).collect();
    // Under a role that users do not have, nobody in particular comes.
    let others: Vec<Identity> = resolution
        .project
        .api_roles
        .iter()
        .filter(|role| user_role.as_ref().is_none_or(|user| user.role != **role))
        .map(|role| Identity::role(role, platform, if identity::is_trusted(role) { &Side::ALL } else { &[] }))
        .collect();
    let every: Vec<Identity> = matrix.iter().chain(&others).cloned().collect();
    // One of each role: privileges do not depend on claims.
    let one_each: Vec<Identity> = matrix.first().into_iter().chain(&others).cloned().collect();

    let mut attempts = Vec::new();
    forms::reading::attack(&field, &every, &mut attempts).await?;
    forms::statements::attack(&field, &one_each, &mut attempts).await?;
    forms::foreign_keys::attack(&field, &mut attempts).await?;
    forms::functions::refused(&field, &one_each, &mut attempts).await?;
    forms::functions::with_values_of_others(&field, &every, &mut attempts).await?;
    for identity in &one_each {
        forms::shadowing::attack(&field, identity, &mut attempts).await?;
        forms::escalation::attack(&field, identity, &mut attempts).await?;
    }
    let users: Vec<Identity> = matrix.iter().filter(|identity| identity.name.starts_with("user ")).cloned().collect();
    let twins = twins::run(&field, &users, options.sequences, options.seed, &mut attempts).await?;
    let platform = super::prove::platform_name(platform);
    Ok(RegimeAttack { platform, attempts, twins, unreliable, milliseconds: begun.elapsed().as_millis() })
}
