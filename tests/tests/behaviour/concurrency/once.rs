//! What many sessions report at once happens once, and every change counts.

use std::collections::BTreeSet;

use trust_lite::enums::{ActorType, EnforcementLevel};
use trust_lite::functions::*;
use trust_lite::tables::{RiskEvents, TrustProfiles};

use super::{CROWD, alone, together};
use crate::support::{Cell, OWNER, STRANGER, World};

/// One request id from every session: one event, whose id all of them get.
pub async fn one_event_for_a_request(cell: Cell) {
    let _alone = alone().await;
    let world = World::open(cell).await;
    let mut tasks = Vec::new();
    for number in 0..CROWD {
        let session = world.session("service_role").await;
        tasks.push(async move {
            let mut ids = Vec::new();
            for request in 0..5 {
                let event = RecordRiskEventV1::new(ActorType::Ip, format!("{number}"), "x").with_request_id(format!("request {request}"));
                ids.push(session.call(event).await);
            }
            ids
        });
    }
    let answers: BTreeSet<Vec<i64>> = together(tasks).await.into_iter().collect();
    assert_eq!(answers.len(), 1, "all get the same ids");
    let events = world.service.rows::<RiskEvents>("true").await.expect("events");
    let stored: BTreeSet<i64> = events.iter().map(|event| event.event_id).collect();
    assert_eq!(stored, answers.into_iter().flatten().collect::<BTreeSet<_>>());
    assert_eq!(events.len(), 5);
}

/// Scores and levels changed by all at once: the version counts each change, and the last score has seen every event.
pub async fn every_change_counts(cell: Cell) {
    const EACH: usize = 4;
    let _alone = alone().await;
    let world = World::open(cell).await;
    let mut tasks = Vec::new();
    for number in 0..CROWD {
        let session = world.session("service_role").await;
        tasks.push(async move {
            for _ in 0..EACH {
                if number % 4 == 0 {
                    session.call(SetEnforcementLevelV1::new(ActorType::Ip, "x", EnforcementLevel::E1, "x")).await;
                } else {
                    session.call(RecordRiskEventV1::new(ActorType::Ip, "x", "x").with_weight((-1).into())).await;
                    session.call(CalculateTrustScoreV1::new(ActorType::Ip, "x")).await;
                }
            }
        });
    }
    together(tasks).await;
    let profile: TrustProfiles = world.service.row("true").await;
    assert_eq!(usize::try_from(profile.version), Ok(CROWD * EACH));
    assert_eq!(profile.enforcement_level, EnforcementLevel::E1);
    // Each session calculated after its own event was in: whoever wrote last had read last, so no event is missing.
    let events = world.operator.count("select count(*) from public.risk_events where weight < 0").await;
    assert_eq!(events, (CROWD - CROWD / 4) as i64 * EACH as i64);
    let counted = world.operator.count("select (signals ->> 'events')::bigint from public.trust_profiles").await;
    let with_levels = world.operator.count("select count(*) from public.risk_events").await;
    assert!(events <= counted && counted <= with_levels, "{events} {counted} {with_levels}");
    assert_eq!(world.service.call(CalculateTrustScoreV1::new(ActorType::Ip, "x")).await, rust_decimal::Decimal::ZERO);
}

/// Of many who make the same member or the same service one succeeds, and the others are told so.
pub async fn one_of_a_name(cell: Cell) {
    let _alone = alone().await;
    let world = World::open(cell).await;
    let team = world.team().await;
    let mut tasks = Vec::new();
    for _ in 0..CROWD / 2 {
        let session = world.user(OWNER).await;
        let tenant = team.tenant;
        tasks.push(async move {
            let member = session.attempt(AddTenantMemberV1::new(tenant, STRANGER)).await;
            let service = session.attempt(CreateServiceIdentityV1::new(tenant, "new")).await;
            (member.map_err(|error| crate::support::name_of(&error)), service.map_err(|error| crate::support::name_of(&error)))
        });
    }
    let (members, services): (Vec<_>, Vec<_>) = together(tasks).await.into_iter().unzip();
    for (outcomes, error) in [(members, "member_exists"), (services, "service_exists")] {
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() || *outcome == Err(error.to_owned())), "{outcomes:?}");
    }
}
