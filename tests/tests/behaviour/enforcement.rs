//! Enforcement levels: setting them, and what each does.

use trust_lite::enums::{ActorType, EnforcementLevel, RiskTier};
use trust_lite::functions::*;
use trust_lite::tables::{RiskEvents, TrustProfiles};

use crate::support::{Cell, MEMBER, World};

fn level(level: EnforcementLevel) -> SetEnforcementLevelV1 {
    SetEnforcementLevelV1::new(ActorType::User, MEMBER.to_string(), level, "because")
}

pub async fn setting(cell: Cell) {
    let world = World::open(cell).await;
    let mut before = "E0".to_owned();
    for (number, value) in EnforcementLevel::ALL.iter().enumerate() {
        world.service.call(level(*value)).await;
        let profile: TrustProfiles = world.service.row("true").await;
        assert_eq!((profile.enforcement_level, profile.risk_tier, profile.actor_id), (*value, RiskTier::B, MEMBER.to_string()));
        let events = world.service.rows::<RiskEvents>("true order by event_id desc").await.expect("the service reads events");
        assert_eq!(events.len(), number + 1, "each change is an event");
        let after = format!("{value:?}");
        assert_eq!((events[0].event_type.as_str(), events[0].weight), ("enforcement_level_set", 0.into()));
        assert_eq!(events[0].meta, Some(serde_json::json!({"from": before, "to": after, "reason": "because"})));
        before = after;
    }
    let reason = |reason: &str| SetEnforcementLevelV1::new(ActorType::User, MEMBER.to_string(), EnforcementLevel::E0, reason);
    for refused in ["", "  ", &"x".repeat(1001)] {
        assert_eq!(world.service.refused(reason(refused)).await, "invalid_argument");
    }
    world.service.call(reason(&"ü".repeat(1000))).await;
    assert_eq!(world.service.refused(SetEnforcementLevelV1::new(ActorType::Ip, "", EnforcementLevel::E0, "x")).await, "invalid_argument");
    assert_eq!(world.service.refused_sql("set_enforcement_level_v1", "'ip', 'x', null, 'x'").await, "invalid_argument");
    assert_eq!(world.service.refused_sql("set_enforcement_level_v1", "'ip', 'x', 'E1', null").await, "invalid_argument");
    assert_eq!(world.service.refused_sql("set_enforcement_level_v1", "null, 'x', 'E1', 'x'").await, "invalid_argument");
}

/// How often an actor gets through at once.
async fn admitted(world: &World, action: &str) -> usize {
    world.operate("delete from trust_private.rate_limit_counters").await;
    let mut admitted = 0;
    while admitted < 200 && world.service.call(EnforceRateLimitV1::new(action, ActorType::User, MEMBER.to_string())).await {
        admitted += 1;
    }
    admitted
}

/// E0 leaves the tier's limit, E1 doubles the cost, E2 is tier D, E3 and above get nothing. What no enabled config limits, no
/// level limits either: that is what `no config: true` and `a disabled config does not limit` say, and it is how the operator
/// keeps an action open to everybody.
pub async fn effects(cell: Cell) {
    let world = World::open(cell).await;
    // A window so long that no time passes in it.
    world.operate("update public.rate_limit_configs set window_seconds = 100000000").await;
    let expected = [
        (EnforcementLevel::E0, [40, 120]),
        (EnforcementLevel::E1, [20, 60]),
        (EnforcementLevel::E2, [5, 5]),
        (EnforcementLevel::E3, [0, 0]),
        (EnforcementLevel::E4, [0, 0]),
        (EnforcementLevel::E5, [0, 0]),
    ];
    for (value, by_tier) in expected {
        world.service.call(level(value)).await;
        for (tier, count) in ["B", "A"].iter().zip(by_tier) {
            world.operate(&format!("update public.trust_profiles set risk_tier = '{tier}'")).await;
            assert_eq!(admitted(&world, "dm:create").await, count, "{value:?} in tier {tier}");
        }
        assert_eq!(admitted(&world, "nobody:limits-this").await, 200, "{value:?} without a config");
    }
    world.operate("update public.rate_limit_configs set enabled = false where action = 'dm:create'").await;
    assert_eq!(admitted(&world, "dm:create").await, 200, "E5 with a disabled config");
    assert_eq!(admitted(&world, "media:upload").await, 0, "E5 with an enabled one");

    // The level is the actor's own.
    assert!(world.service.call(EnforceRateLimitV1::new("media:upload", ActorType::Device, MEMBER.to_string())).await);
    // The kill switch ends it for all, and keeps the tiers.
    world.operate(include_str!("../../../generated/rollback/kill_switches/enforcement.sql")).await;
    assert_eq!(admitted(&world, "media:upload").await, 60, "tier A again");
    assert_eq!(world.service.row::<TrustProfiles>("true").await.enforcement_level, EnforcementLevel::E0);
}
