//! Rate limits: the seeded tiers, costs, which config counts, and what switches a limit off.

use trust_lite::enums::ActorType;
use trust_lite::functions::*;

use crate::support::{Cell, MEMBER, World};

/// Windows so long that the time a test takes does not count in them.
const LONG: i64 = 100_000_000;

pub async fn stop_the_clock(world: &World) {
    world.operate(&format!("update public.rate_limit_configs set window_seconds = {LONG}")).await;
}

/// Lets time pass for all counters.
async fn advance(world: &World, seconds: i64) {
    world.operate(&format!("update trust_private.rate_limit_counters set measured_at = measured_at - {seconds} * interval '1 second'")).await;
}

async fn config(world: &World, scope: &str, tier: &str, action: &str, rest: &str) {
    let sql = format!(
        "insert into public.rate_limit_configs (scope, tier, action, algorithm, window_seconds, limit_value, burst, cost_per_action, enabled) \
         values ('{scope}', {tier}, '{action}', {rest})"
    );
    world.operate(&sql).await;
}

async fn taken(world: &World, action: &str, actor: (ActorType, &str), cost: i32) -> bool {
    world.service.call(EnforceRateLimitV1::new(action, actor.0, actor.1).with_cost(cost)).await
}

/// Each seeded limit: its burst at once, not one more, and a window later what the limit gives.
pub async fn seeded_tiers(cell: Cell) {
    let world = World::open(cell).await;
    stop_the_clock(&world).await;
    let seeds = [
        ("token:issue", [(100, 120), (30, 40), (10, 15), (3, 5)]),
        ("dm:create", [(100, 120), (30, 40), (10, 15), (3, 5)]),
        ("media:upload", [(50, 60), (20, 25), (5, 8), (1, 2)]),
    ];
    for (position, tier) in ["A", "B", "C", "D"].into_iter().enumerate() {
        let name = format!("actor of {tier}");
        let actor = (ActorType::Device, name.as_str());
        world.operate(&format!("insert into public.trust_profiles (actor_type, actor_id, risk_tier) values ('device', '{name}', '{tier}')")).await;
        for (action, limits) in seeds {
            let (_, burst) = limits[position];
            assert!(!taken(&world, action, actor, burst + 1).await, "{action} {tier}: more than the burst at once");
            assert!(taken(&world, action, actor, burst).await, "{action} {tier}: a refusal cost nothing");
            assert!(!taken(&world, action, actor, 1).await, "{action} {tier}: used up");
        }
        advance(&world, LONG).await;
        for (action, limits) in seeds {
            let (limit, _) = limits[position];
            assert!(taken(&world, action, actor, limit).await, "{action} {tier}: a window later");
            assert!(!taken(&world, action, actor, 1).await, "{action} {tier}: the burst is paid back");
        }
        advance(&world, 3 * LONG).await;
        for (action, limits) in seeds {
            assert!(taken(&world, action, actor, limits[position].1).await, "{action} {tier}: the burst after quiet windows");
        }
    }
    // An actor without a profile is in tier B, and each actor, kind of actor and action has a counter of its own.
    for actor in [(ActorType::Ip, "x"), (ActorType::Ip, "y"), (ActorType::Org, "x")] {
        for (action, burst) in [("dm:create", 40), ("media:upload", 25)] {
            assert!(taken(&world, action, actor, burst).await);
            assert!(!taken(&world, action, actor, 1).await);
        }
    }
    let upper = MEMBER.to_string().to_uppercase();
    assert!(taken(&world, "dm:create", (ActorType::User, &MEMBER.to_string()), 40).await);
    assert!(!taken(&world, "dm:create", (ActorType::User, &upper), 1).await, "capitals make no other user");
}

pub async fn costs(cell: Cell) {
    let world = World::open(cell).await;
    config(&world, "actor", "null", "default-cost", "'fixed_window', 100000000, 10, null, 1, true").await;
    config(&world, "actor", "null", "three-each", "'sliding_window', 100000000, 10, 12, 3, true").await;
    config(&world, "actor", "null", "dear", "'token_bucket', 100000000, 2147483647, null, 2147483647, true").await;
    let actor = (ActorType::Ip, "x");
    for _ in 0..10 {
        assert!(world.service.call(EnforceRateLimitV1::new("default-cost", actor.0, actor.1)).await, "one each");
    }
    assert!(!world.service.call(EnforceRateLimitV1::new("default-cost", actor.0, actor.1)).await, "no burst: the limit");
    assert!(!taken(&world, "three-each", actor, 5).await);
    assert!(taken(&world, "three-each", actor, 3).await);
    assert!(!taken(&world, "three-each", actor, 2).await, "what is left is not enough");
    assert!(taken(&world, "three-each", actor, 1).await, "but for this");
    assert!(!taken(&world, "three-each", actor, 1).await);
    assert!(!taken(&world, "dear", actor, i32::MAX).await, "no overflow");
    assert!(taken(&world, "dear", actor, 1).await);
    assert!(!taken(&world, "dear", actor, 1).await);
    for cost in [0, -1, i32::MIN] {
        let refused = EnforceRateLimitV1::new("default-cost", actor.0, actor.1).with_cost(cost);
        assert_eq!(world.service.refused(refused).await, "invalid_argument", "{cost}: nobody gives back");
    }
    for (action, id) in [("", "x"), (" ", "x"), (&*"x".repeat(101), "x"), ("x", ""), ("x", " "), ("x", &"x".repeat(257))] {
        assert_eq!(world.service.refused(EnforceRateLimitV1::new(action, ActorType::Ip, id)).await, "invalid_argument");
    }
    for arguments in ["null, 'ip', 'x'", "'x', null, 'x'", "'x', 'ip', null", "'x', 'ip', 'x', null"] {
        assert_eq!(world.service.refused_sql("enforce_rate_limit_v1", arguments).await, "invalid_argument", "{arguments}");
    }
}

/// A tier's own config goes before the fallback, one for the kind of actor before one for all.
pub async fn precedence(cell: Cell) {
    let world = World::open(cell).await;
    let limit = |value: u32| format!("'fixed_window', {LONG}, {value}, null, 1, true");
    config(&world, "actor", "null", "act", &limit(2)).await;
    config(&world, "actor", "'C'", "act", &limit(3)).await;
    config(&world, "ip", "null", "act", &limit(5)).await;
    config(&world, "ip", "'C'", "act", &limit(7)).await;
    config(&world, "ip", "'C'", "ip-only", &limit(1)).await;
    world
        .operate(
            "insert into public.trust_profiles (actor_type, actor_id, risk_tier) values ('org', 'c', 'C'), ('ip', 'c', 'C'), \
             ('org', 'd', 'D'), ('ip', 'd', 'D')",
        )
        .await;
    for (actor, expected) in [
        ((ActorType::Org, "unknown"), 2),
        ((ActorType::Org, "d"), 2),
        ((ActorType::Org, "c"), 3),
        ((ActorType::Ip, "unknown"), 5),
        ((ActorType::Ip, "d"), 5),
        ((ActorType::Ip, "c"), 7),
    ] {
        assert!(!taken(&world, "act", actor, expected + 1).await, "{actor:?}");
        assert!(taken(&world, "act", actor, expected).await, "{actor:?}");
    }
    assert!(taken(&world, "ip-only", (ActorType::Org, "c"), 1000).await, "for others there is no config");
    assert!(taken(&world, "ip-only", (ActorType::Ip, "d"), 1000).await, "nor for another tier");
    assert!(!taken(&world, "ip-only", (ActorType::Ip, "c"), 2).await);

    // A config that is disabled switches the limit off for those whom it is for; nothing takes its place.
    world.operate("update public.rate_limit_configs set enabled = false where scope = 'ip' and tier = 'C'").await;
    assert!(taken(&world, "act", (ActorType::Ip, "c"), 1000).await);
    assert!(!taken(&world, "act", (ActorType::Ip, "d"), 1).await, "others stay limited");
}

/// The counter outlives a change of tier: who falls takes what he has used with him.
pub async fn changing_tiers(cell: Cell) {
    let world = World::open(cell).await;
    stop_the_clock(&world).await;
    let actor = (ActorType::Ip, "x");
    let tier = async |tier: &str| {
        world
            .operate(&format!(
                "insert into public.trust_profiles (actor_type, actor_id, risk_tier) values ('ip', 'x', '{tier}') \
                 on conflict (actor_type, actor_id) do update set risk_tier = excluded.risk_tier"
            ))
            .await;
    };
    assert!(taken(&world, "dm:create", actor, 20).await, "tier B");
    tier("C").await;
    assert!(!taken(&world, "dm:create", actor, 1).await, "15 are less than the 20 used");
    tier("A").await;
    assert!(taken(&world, "dm:create", actor, 100).await);
    assert!(!taken(&world, "dm:create", actor, 1).await, "120 in all");
}

/// No config, a disabled config and the kill switch: nothing is limited, and nothing is counted.
pub async fn unlimited(cell: Cell) {
    let world = World::open(cell).await;
    let actor = (ActorType::Ip, "x");
    assert!(taken(&world, "no:such-action", actor, i32::MAX).await);
    config(&world, "actor", "null", "off", "'fixed_window', 60, 1, null, 1, false").await;
    for _ in 0..5 {
        assert!(taken(&world, "off", actor, i32::MAX).await);
    }
    world.operate(include_str!("../../../generated/rollback/kill_switches/rate_limiting.sql")).await;
    for action in ["dm:create", "media:upload", "token:issue"] {
        assert!(taken(&world, action, actor, i32::MAX).await, "{action}");
    }
    assert_eq!(world.operator.count("select count(*) from trust_private.rate_limit_counters").await, 0);
    world.operate("update public.rate_limit_configs set enabled = true").await;
    assert!(!taken(&world, "dm:create", actor, 41).await, "switched on again it holds at once");
}
