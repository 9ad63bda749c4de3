//! One limit under many sessions: never more than it allows, and never less.

use std::sync::Arc;

use trust_lite::enums::ActorType;
use trust_lite::functions::EnforceRateLimitV1;

use super::{CROWD, alone, together};
use crate::support::{Cell, Session, World};

const ALGORITHMS: [&str; 3] = ["token_bucket", "fixed_window", "sliding_window"];

async fn config(world: &World, action: &str, algorithm: &str, window: u32, limit: u32, burst: &str) {
    let sql = format!(
        "insert into public.rate_limit_configs (scope, action, algorithm, window_seconds, limit_value, burst) \
         values ('actor', '{action}', '{algorithm}', {window}, {limit}, {burst})"
    );
    world.operate(&sql).await;
}

/// The sessions of a crowd.
async fn crowd(world: &World) -> Vec<Arc<Session>> {
    let mut sessions = Vec::new();
    for _ in 0..CROWD {
        sessions.push(Arc::new(world.session("service_role").await));
    }
    sessions
}

/// Lets every session act several times at once; the costs of what was admitted and of what was denied.
async fn hammer(crowd: &[Arc<Session>], action: &str, costs: &[i32]) -> (Vec<i32>, Vec<i32>) {
    let tasks = crowd.iter().enumerate().map(|(number, session)| {
        let mut costs = costs.to_vec();
        let turn = number % costs.len();
        costs.rotate_left(turn);
        let (action, session) = (action.to_owned(), Arc::clone(session));
        async move {
            let mut outcomes = Vec::new();
            for cost in costs {
                let request = EnforceRateLimitV1::new(action.clone(), ActorType::Ip, "192.0.2.1").with_cost(cost);
                outcomes.push((session.call(request).await, cost));
            }
            outcomes
        }
    });
    let (admitted, denied): (Vec<_>, Vec<_>) = together(tasks.collect()).await.into_iter().flatten().partition(|(allowed, _)| *allowed);
    let costs = |outcomes: Vec<(bool, i32)>| outcomes.into_iter().map(|(_, cost)| cost).collect();
    (costs(admitted), costs(denied))
}

/// With windows so long that no time passes in them: exactly what the limit allows.
pub async fn exactly(cell: Cell) {
    let _alone = alone().await;
    let world = World::open(cell).await;
    let crowd = crowd(&world).await;
    for algorithm in ALGORITHMS {
        for (limit, burst, capacity) in [(100, "null", 100), (60, "90", 90), (1000, "null", CROWD * 4)] {
            let action = format!("{algorithm} {limit} {burst}");
            config(&world, &action, algorithm, 100_000_000, limit, burst).await;
            let (admitted, denied) = hammer(&crowd, &action, &[1; 4]).await;
            assert_eq!(admitted.len(), capacity, "{action}");
            assert_eq!(admitted.len() + denied.len(), CROWD * 4, "{action}");
        }
        // Costs of several sizes: the sum fits, and what was denied did not fit into what is left.
        let action = format!("{algorithm} costs");
        config(&world, &action, algorithm, 100_000_000, 200, "null").await;
        let (admitted, denied) = hammer(&crowd, &action, &[1, 7, 2, 5]).await;
        let taken: i32 = admitted.iter().sum();
        let smallest = denied.iter().min().copied().unwrap_or(0);
        assert!(taken <= 200 && !denied.is_empty() && taken + smallest > 200, "{action}: {taken} taken, {smallest} denied");
    }
}

/// While time passes, between bounds from the times that the database measured: what the limit holds at once and what it gives
/// in the time, no more; and where anybody was denied, as much.
pub async fn within_bounds(cell: Cell) {
    let _alone = alone().await;
    let world = World::open(cell).await;
    let crowd = crowd(&world).await;
    // A bucket that no pause of the machine fills again, and windows that pass during the test.
    for (algorithm, window, limit) in [("token_bucket", 60, 1200), ("fixed_window", 1, 20), ("sliding_window", 1, 20)] {
        config(&world, algorithm, algorithm, window, limit, "null").await;
        // The first action takes everything, which fixes the beginning.
        let everything = EnforceRateLimitV1::new(algorithm, ActorType::Ip, "192.0.2.1").with_cost(i32::try_from(limit).unwrap_or(i32::MAX));
        assert!(world.service.call(everything).await);
        let times = format!(
            "select extract(epoch from measured_at)::float8, extract(epoch from last_denied_at)::float8 \
             from trust_private.rate_limit_counters where action = '{algorithm}'"
        );
        let times = async || {
            let row = world.operator.client().query_one(&times, &[]).await.expect("a counter");
            (row.get::<_, f64>(0), row.get::<_, Option<f64>>(1))
        };
        let (first, _) = times().await;
        let (admitted, denied) = hammer(&crowd, algorithm, &[1; 12]).await;
        let (last, last_denied) = times().await;
        let (limit, window) = (f64::from(limit), f64::from(window));
        let taken = limit + admitted.len() as f64;
        assert!(!denied.is_empty(), "{algorithm}: the crowd is faster than the limit");
        let denied_at = last_denied.expect("somebody was denied");

        let most = match algorithm {
            "token_bucket" => limit + (last - first) * limit / window,
            // A budget for each window of the clock that was touched.
            _ => limit * ((last / window).floor() - (first / window).floor() + 1.0),
        };
        let least = match algorithm {
            // Whoever was denied found less than one token.
            "token_bucket" => limit + (denied_at - first) * limit / window - 1.0,
            // Whoever was denied found the window used up, which may be the first one.
            "fixed_window" if (denied_at / window).floor() > (first / window).floor() => 2.0 * limit,
            _ => limit,
        };
        // The counter keeps millionths.
        assert!(taken <= most + 0.001, "{algorithm}: {taken} of at most {most}");
        assert!(taken >= least - 0.001, "{algorithm}: {taken} of at least {least}");
    }
}
