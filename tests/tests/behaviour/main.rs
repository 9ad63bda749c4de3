//! The behaviour of every function of Trust-lite, driven through the generated client as the roles that users have, in every cell:
//! each major version of PostgreSQL under each regime of Supabase. At the end the contract is compared with what was called.
//!
//! A harness of its own: each case in each cell is a test, and the coverage can be judged only after the last one.

mod access;
mod concurrency;
mod coverage;
mod delegation;
mod enforcement;
mod events;
mod issuing;
mod jwt;
mod keys;
mod limit_model;
mod limit_property;
mod limits;
mod playbook;
mod retention;
mod scopes;
mod scoring;
mod services;
mod support;
mod tenants;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use tests::postgres;
use trust_schema::live::server::Regime;

use support::Cell;

type Case = fn(Cell) -> Pin<Box<dyn Future<Output = ()>>>;

/// Which cells a case runs in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Everywhere,
    /// What depends on neither version nor regime, and takes its time.
    Once,
}

/// The cases: `module::function`, each a function of the cell.
macro_rules! cases {
    ($($place:ident: $module:ident$(::$inner:ident)* ;)+) => {
        &[$((concat!(stringify!($module) $(, "::", stringify!($inner))*), Where::$place, |cell| Box::pin($module$(::$inner)*(cell)))),+]
    };
}

const CASES: &[(&str, Where, Case)] = cases! {
    Everywhere: access::anon_executes_nothing;
    Everywhere: access::roles_execute_what_the_contract_says;
    Everywhere: access::without_an_actor_nothing_runs;
    Everywhere: access::claims_raise_no_role;
    Everywhere: access::the_operator_passes_as_a_service;
    Everywhere: access::readers_see_their_rows;
    Everywhere: tenants::creating;
    Everywhere: tenants::adding_members;
    Everywhere: tenants::asserting_membership;
    Everywhere: tenants::finding_the_tenant;
    Everywhere: services::creating;
    Everywhere: services::asserting_activity;
    Everywhere: keys::rotating;
    Everywhere: keys::who_may_rotate;
    Everywhere: keys::overlapping;
    Everywhere: keys::reading;
    Everywhere: keys::the_encryption_secret;
    Everywhere: scopes::validating;
    Everywhere: scopes::issuing;
    Everywhere: issuing::renewing;
    Everywhere: issuing::choosing_the_tenant;
    Everywhere: issuing::lifetimes;
    Everywhere: issuing::refusals;
    Everywhere: issuing::limits;
    Everywhere: delegation::the_whole_flow;
    Everywhere: delegation::what_ends_a_token;
    Everywhere: delegation::tampered_tokens;
    Everywhere: delegation::who_may_revoke;
    Everywhere: delegation::revoking_ends_its_tokens;
    Everywhere: jwt::every_algorithm;
    Everywhere: jwt::nothing_repeats;
    Everywhere: scoring::decay;
    Everywhere: scoring::time_zones;
    Everywhere: scoring::clamping_and_tiers;
    Everywhere: scoring::versions;
    Everywhere: scoring::actors;
    Everywhere: events::recording;
    Everywhere: events::idempotence;
    Everywhere: events::append_only;
    Everywhere: enforcement::setting;
    Everywhere: enforcement::effects;
    Everywhere: limits::seeded_tiers;
    Everywhere: limits::costs;
    Everywhere: limits::precedence;
    Everywhere: limits::changing_tiers;
    Everywhere: limits::unlimited;
    Once: limit_property::token_bucket;
    Once: limit_property::fixed_window;
    Once: limit_property::sliding_window;
    Everywhere: retention::boundaries;
    Everywhere: retention::orchestrating;
    Everywhere: retention::upkeep;
    Everywhere: playbook::literal_calls;
    Everywhere: concurrency::limits::exactly;
    Everywhere: concurrency::limits::within_bounds;
    Everywhere: concurrency::once::one_event_for_a_request;
    Everywhere: concurrency::once::every_change_counts;
    Everywhere: concurrency::once::one_of_a_name;
    Everywhere: concurrency::tokens::issuing_rotating_revoking;
    Everywhere: concurrency::tokens::issuing_against_revoking;
    Everywhere: concurrency::tokens::rotations_wait;
};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // As the harness of the standard library does.
    arguments.test_threads = arguments.test_threads.or_else(|| std::env::var("RUST_TEST_THREADS").ok()?.parse().ok());
    let cells: Vec<Cell> = postgres::majors().iter().flat_map(|&major| Regime::ALL.map(|regime| Cell { major, regime })).collect();
    let mut trials = Vec::new();
    for (position, &cell) in cells.iter().enumerate() {
        for &(name, place, case) in CASES {
            if place == Where::Everywhere || position == 0 {
                trials.push(Trial::test(format!("{cell}/{name}"), move || run(case, cell)));
            }
        }
    }
    let whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if conclusion.has_failed() {
        return ExitCode::from(101);
    }
    if whole && let Err(gaps) = coverage::judge(&cells) {
        eprintln!("not everything that the contract promises was exercised:\n{gaps}");
        return ExitCode::from(101);
    }
    ExitCode::SUCCESS
}

fn run(case: Case, cell: Cell) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(case(cell));
    Ok(())
}
