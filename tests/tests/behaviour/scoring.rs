//! Trust scores: decay, window, clamping, tiers and versions, compared with a calculation of our own.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use trust_lite::enums::{ActorType, EnforcementLevel, RiskTier};
use trust_lite::functions::*;
use trust_lite::tables::TrustProfiles;

use crate::support::{Cell, GUEST, MEMBER, OWNER, World};

const DAY: i64 = 86_400;

/// The score of events given as weight and age in seconds, by the definition: 50 and what is left of each weight, halved every
/// 30 days, of events younger than 90 days; between 0 and 100, two decimal places.
fn score(events: &[(f64, i64)]) -> f64 {
    let left: f64 =
        events.iter().filter(|(_, age)| *age < 90 * DAY).map(|(weight, age)| weight * 0.5_f64.powf(*age as f64 / (30 * DAY) as f64)).sum();
    ((50.0 + left).clamp(0.0, 100.0) * 100.0).round() / 100.0
}

fn tier(score: f64) -> RiskTier {
    match score {
        score if score >= 80.0 => RiskTier::A,
        score if score >= 50.0 => RiskTier::B,
        score if score >= 25.0 => RiskTier::C,
        _ => RiskTier::D,
    }
}

fn actor(number: usize) -> String {
    format!("192.0.2.{number}")
}

/// Puts events of an age into the past, as only the operator can.
async fn back_date(world: &World, actor: &str, events: &[(f64, i64)]) {
    for (weight, age) in events {
        let sql = format!(
            "insert into public.risk_events (actor_type, actor_id, event_type, weight, created_at) \
             values ('ip', '{actor}', 'x', {weight}, now() - {age} * interval '1 second')"
        );
        world.operator.client().batch_execute(&sql).await.expect("the operator inserts");
    }
}

pub async fn decay(cell: Cell) {
    let world = World::open(cell).await;
    let sets: &[&[(f64, i64)]] = &[
        &[],
        &[(10.0, 0)],
        &[(10.0, 30 * DAY)],
        &[(-40.0, 60 * DAY)],
        &[(-5.0, 1), (-5.0, DAY), (-5.0, 7 * DAY), (12.34, 29 * DAY)],
        &[(999.99, 89 * DAY), (-999.99, 89 * DAY + 1), (0.01, 3)],
        &[(33.33, 45 * DAY + 12_345), (-7.77, 15 * DAY + 54_321)],
        &[(-0.01, 0)],
        // The window's edge: the second before it counts, the edge itself and what is older do not.
        &[(80.0, 90 * DAY - 1)],
        &[(80.0, 90 * DAY)],
        &[(80.0, 90 * DAY + 1)],
        &[(-80.0, 90 * DAY - 1), (400.0, 90 * DAY), (400.0, 200 * DAY)],
    ];
    // One transaction, so that the ages are exact.
    let turn = world.operator.open().await;
    for (number, events) in sets.iter().enumerate() {
        back_date(&world, &actor(number), events).await;
        let calculated = turn.call(CalculateTrustScoreV1::new(ActorType::Ip, actor(number))).await;
        assert_eq!(calculated.to_f64(), Some(score(events)), "{events:?}");
        let asked = turn.call(GetTrustTierV1::new().with_actor_type(ActorType::Ip).with_actor_id(actor(number))).await;
        assert_eq!(asked, tier(score(events)), "{events:?}");
    }
    turn.end("commit").await;
}

/// A day is 24 hours in every time zone, also where clocks were changed within the 90 days.
pub async fn time_zones(cell: Cell) {
    let world = World::open(cell).await;
    for (number, zone) in ["UTC", "Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "America/Santiago"].iter().enumerate() {
        world.operate(&format!("set timezone = '{zone}'")).await;
        let turn = world.operator.open().await;
        let events = [(80.0, 90 * DAY - 60), (-160.0, 90 * DAY + 60)];
        back_date(&world, &actor(number), &events).await;
        let calculated = turn.call(CalculateTrustScoreV1::new(ActorType::Ip, actor(number))).await;
        assert_eq!(calculated.to_f64(), Some(score(&events)), "{zone}");
        turn.end("rollback").await;
    }
}

pub async fn clamping_and_tiers(cell: Cell) {
    let world = World::open(cell).await;
    let cases = [
        ("50.00", "100.00", RiskTier::A),
        ("50.01", "100.00", RiskTier::A),
        ("999.99", "100.00", RiskTier::A),
        ("49.99", "99.99", RiskTier::A),
        ("30.00", "80.00", RiskTier::A),
        ("29.99", "79.99", RiskTier::B),
        ("0", "50.00", RiskTier::B),
        ("-0.01", "49.99", RiskTier::C),
        ("-25.00", "25.00", RiskTier::C),
        ("-25.01", "24.99", RiskTier::D),
        ("-49.99", "0.01", RiskTier::D),
        ("-50", "0.00", RiskTier::D),
        ("-999.99", "0.00", RiskTier::D),
    ];
    for (number, (weight, expected, tier)) in cases.into_iter().enumerate() {
        let turn = world.service.open().await;
        turn.call(RecordRiskEventV1::new(ActorType::Ip, actor(number), "x").with_weight(weight.parse().expect("a number"))).await;
        let calculated = turn.call(CalculateTrustScoreV1::new(ActorType::Ip, actor(number))).await;
        turn.end("commit").await;
        assert_eq!(calculated, expected.parse::<Decimal>().expect("a number"), "{weight}");
        let row: TrustProfiles = world.service.row(&format!("actor_id = '{}'", actor(number))).await;
        assert_eq!((row.trust_score, row.risk_tier), (calculated, tier), "{weight}");
    }
    // The sum is clamped, not each step: what goes far up and comes down again ends where it should.
    let turn = world.service.open().await;
    for weight in ["900", "-905"] {
        turn.call(RecordRiskEventV1::new(ActorType::Ip, "sum", "x").with_weight(weight.parse().expect("a number"))).await;
    }
    assert_eq!(turn.call(CalculateTrustScoreV1::new(ActorType::Ip, "sum")).await, Decimal::from(45));
    turn.end("commit").await;
}

/// The version counts changes, whoever makes them; the level and foreign signals survive a calculation.
pub async fn versions(cell: Cell) {
    let world = World::open(cell).await;
    let calculating = || CalculateTrustScoreV1::new(ActorType::Org, "acme");
    let profile = || async { world.service.row::<TrustProfiles>("actor_id = 'acme'").await };
    assert_eq!(world.service.call(calculating()).await, Decimal::from(50), "the base");
    let first = profile().await;
    assert_eq!((first.version, first.risk_tier, first.enforcement_level), (1, RiskTier::B, EnforcementLevel::E0));
    assert_eq!(first.signals["events"], 0);

    world.service.call(SetEnforcementLevelV1::new(ActorType::Org, "acme", EnforcementLevel::E2, "spam")).await;
    world.operate("update public.trust_profiles set signals = signals || '{\"note\": \"kept\"}'").await;
    world.service.call(RecordRiskEventV1::new(ActorType::Org, "acme", "x").with_weight(Decimal::from(-30))).await;
    assert_eq!(profile().await.version, 3, "recording changes no profile");
    world.service.call(calculating()).await;
    let last = profile().await;
    assert_eq!((last.version, last.risk_tier, last.enforcement_level), (4, RiskTier::D, EnforcementLevel::E2));
    assert_eq!((&last.signals["events"], &last.signals["note"]), (&2.into(), &"kept".into()), "the level's change is an event of weight 0");
    assert!(last.updated_at > first.updated_at);

    // A level that is set first makes a profile of version 1 too.
    world.service.call(SetEnforcementLevelV1::new(ActorType::Org, "other", EnforcementLevel::E1, "x")).await;
    assert_eq!(world.service.row::<TrustProfiles>("actor_id = 'other'").await.version, 1);
    world.service.call(SetEnforcementLevelV1::new(ActorType::Org, "other", EnforcementLevel::E1, "x")).await;
    assert_eq!(world.service.row::<TrustProfiles>("actor_id = 'other'").await.version, 2);
}

/// Actors are kept apart by kind and id; a user's uuid is one actor however it is written.
pub async fn actors(cell: Cell) {
    let world = World::open(cell).await;
    let upper = MEMBER.to_string().to_uppercase();
    world.service.call(RecordRiskEventV1::new(ActorType::User, upper.clone(), "x").with_weight(Decimal::from(-30))).await;
    assert!(world.service.call(CalculateTrustScoreV1::new(ActorType::User, MEMBER.to_string())).await < Decimal::from(21));
    assert_eq!(world.service.call(CalculateTrustScoreV1::new(ActorType::Device, MEMBER.to_string())).await, Decimal::from(50));
    assert_eq!(world.service.call(CalculateTrustScoreV1::new(ActorType::User, OWNER.to_string())).await, Decimal::from(50));
    world.service.call(CalculateTrustScoreV1::new(ActorType::User, upper.clone())).await;
    assert_eq!(world.service.row::<TrustProfiles>("risk_tier = 'D'").await.version, 2);

    let asking = |kind, id: &str| GetTrustTierV1::new().with_actor_type(kind).with_actor_id(id);
    let member = world.user(MEMBER).await;
    assert_eq!(member.call(GetTrustTierV1::new()).await, RiskTier::D);
    assert_eq!(member.call(asking(ActorType::User, &upper)).await, RiskTier::D);
    assert_eq!(member.row::<TrustProfiles>("true").await.risk_tier, RiskTier::D);
    assert_eq!(member.refused(asking(ActorType::User, &OWNER.to_string())).await, "actor_mismatch");
    assert_eq!(member.refused(asking(ActorType::User, "")).await, "actor_mismatch");
    assert_eq!(member.refused(GetTrustTierV1::new().with_actor_type(ActorType::Device)).await, "actor_mismatch");
    assert_eq!(member.refused(asking(ActorType::Device, &MEMBER.to_string())).await, "actor_mismatch");
    assert_eq!(world.user(GUEST).await.call(GetTrustTierV1::new()).await, RiskTier::B, "unknown");
    for session in [&world.service, &world.operator] {
        assert_eq!(session.call(asking(ActorType::User, &upper)).await, RiskTier::D);
        assert_eq!(session.call(asking(ActorType::Service, "nobody knows")).await, RiskTier::B, "unknown");
        assert_eq!(session.refused(asking(ActorType::User, " ")).await, "invalid_argument");
        assert_eq!(session.refused(GetTrustTierV1::new()).await, "actor_context_required");
    }
    for id in ["", " ", &"x".repeat(257)] {
        assert_eq!(world.service.refused(CalculateTrustScoreV1::new(ActorType::Ip, id)).await, "invalid_argument");
    }
    world.service.call(CalculateTrustScoreV1::new(ActorType::Ip, "x".repeat(256))).await;
    assert_eq!(world.service.refused_sql("calculate_trust_score_v1", "null, 'x'").await, "invalid_argument");
    assert_eq!(world.service.refused_sql("calculate_trust_score_v1", "'ip', null").await, "invalid_argument");
}
