//! Random sequences of waiting and acting, compared with the model: a few hundred for each algorithm. Time passes by moving the
//! instant to which a counter belongs.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio_postgres::Client;
use trust_lite::enums::ActorType;
use trust_lite::functions::EnforceRateLimitV1;

use crate::limit_model::{Actor, Algorithm, Limit};
use crate::support::{Cell, World};

const CASES: u32 = 120;

/// How long to wait, in thousandths of a window, and what to take.
type Step = (u32, u32);

fn limits(algorithm: Algorithm) -> impl Strategy<Value = Limit> {
    // Windows of odd lengths: where in its window a step falls is then arbitrary.
    let windows = prop_oneof![Just(1_u32), Just(7), Just(60), Just(997), Just(3_600), 2_u32..200_000];
    (1_u32..60, windows, prop::option::of(1_u32..90), 1_u32..4).prop_map(move |(limit, window, burst, cost_per_action)| Limit {
        algorithm,
        limit,
        window,
        burst,
        cost_per_action,
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let waits = prop_oneof![4 => Just(0_u32), 3 => 1_u32..400, 2 => 400_u32..2_500, 1 => 2_500_u32..20_000];
    let costs = prop_oneof![3 => Just(1_u32), 3 => 1_u32..8, 1 => 8_u32..100];
    prop::collection::vec((waits, costs), 1..25)
}

pub async fn token_bucket(cell: Cell) {
    compare(cell, Algorithm::TokenBucket, "token_bucket").await;
}

pub async fn fixed_window(cell: Cell) {
    compare(cell, Algorithm::FixedWindow, "fixed_window").await;
}

pub async fn sliding_window(cell: Cell) {
    compare(cell, Algorithm::SlidingWindow, "sliding_window").await;
}

async fn compare(cell: Cell, algorithm: Algorithm, name: &'static str) {
    let world = World::open(cell).await;
    // proptest calls a function that returns; it gets a thread of its own, with the connections of this one.
    let handle = tokio::runtime::Handle::current();
    let world = std::sync::Arc::new(world);
    let running = tokio::task::spawn_blocking(move || {
        let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
        let number = std::cell::Cell::new(0_u32);
        let outcome = runner.run(&(limits(algorithm), steps()), |(limit, steps)| {
            number.set(number.get() + 1);
            handle.block_on(run(&world, name, &format!("{name} {}", number.get()), limit, &steps))
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
    });
    running.await.expect("the property holds");
}

async fn run(world: &World, algorithm: &str, action: &str, limit: Limit, steps: &[Step]) -> Result<(), TestCaseError> {
    let operator = world.operator.client();
    let burst = limit.burst.map_or_else(|| "null".to_owned(), |burst| burst.to_string());
    let Limit { limit: value, window, cost_per_action, .. } = limit;
    let config = format!(
        "insert into public.rate_limit_configs (scope, action, algorithm, limit_value, window_seconds, burst, cost_per_action) \
         values ('actor', '{action}', '{algorithm}', {value}, {window}, {burst}, {cost_per_action})"
    );
    operator.batch_execute(&config).await.expect("a config");

    let mut model = Actor::new(limit);
    let mut measured = None;
    for (number, &(wait, cost)) in steps.iter().enumerate() {
        let waited = i64::from(wait) * i64::from(window) * 1_000;
        let from = match measured {
            Some(measured) => {
                move_back(operator, action, waited).await;
                measured - waited
            }
            None => 0,
        };
        let request = EnforceRateLimitV1::new(action, ActorType::Ip, "x").with_cost(i32::try_from(cost).unwrap_or(i32::MAX));
        let allowed = request.call(world.service.client()).await.expect("the limit answers");
        // The instant the function went by is what it has stored.
        let now = instant(operator, action).await;
        if measured.is_some() {
            model.pass(from, now);
        }
        measured = Some(now);
        prop_assert_eq!(allowed, model.take(now, cost), "step {} of {:?} with {:?}: {:?}", number, steps, limit, model);
    }
    Ok(())
}

async fn move_back(operator: &Client, action: &str, microseconds: i64) {
    let sql = format!(
        "update trust_private.rate_limit_counters set measured_at = measured_at - {microseconds} * interval '1 microsecond' where action = '{action}'"
    );
    operator.batch_execute(&sql).await.expect("time passes");
}

/// The instant of the only counter of an action, in microseconds since 1970.
async fn instant(operator: &Client, action: &str) -> i64 {
    let sql = "select (extract(epoch from measured_at) * 1000000)::bigint from trust_private.rate_limit_counters where action = $1";
    operator.query_one(sql, &[&action]).await.expect("a counter").get(0)
}
