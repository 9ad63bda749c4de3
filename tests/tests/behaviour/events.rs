//! Risk events: recording, idempotence, ranges, and that nothing changes them.

use trust_lite::enums::ActorType;
use trust_lite::functions::*;
use trust_lite::tables::RiskEvents;

use crate::support::{Cell, World};

fn event() -> RecordRiskEventV1 {
    RecordRiskEventV1::new(ActorType::Device, "phone", "failed_login")
}

pub async fn recording(cell: Cell) {
    let world = World::open(cell).await;
    let read = |id: i64| {
        let service = &world.service;
        async move { service.row::<RiskEvents>(&format!("event_id = {id}")).await }
    };
    let row = read(world.service.call(event()).await).await;
    assert_eq!((row.actor_type, row.actor_id.as_str(), row.event_type.as_str()), (ActorType::Device, "phone", "failed_login"));
    assert_eq!((row.weight, row.meta, row.request_id), ("0.00".parse().expect("a number"), None, None));

    for (weight, stored) in
        [("999.99", "999.99"), ("-999.99", "-999.99"), ("999.994", "999.99"), ("0.005", "0.01"), ("-0.005", "-0.01"), ("1e-20", "0")]
    {
        let weight = rust_decimal::Decimal::from_scientific(weight).or_else(|_| weight.parse()).expect("a number");
        let row = read(world.service.call(event().with_weight(weight)).await).await;
        assert_eq!(row.weight, stored.parse().expect("a number"), "{weight}");
    }
    for weight in ["999.995", "-999.995", "1000", "-1000", "79228162514264337593543950335"] {
        let weight = weight.parse().expect("a number");
        assert_eq!(world.service.refused(event().with_weight(weight)).await, "invalid_argument", "{weight}");
    }
    for weight in ["'NaN'", "'Infinity'", "'-Infinity'", "1e100"] {
        let arguments = format!("'ip', 'x', 'x', {weight}::numeric");
        assert_eq!(world.service.refused_sql("record_risk_event_v1", &arguments).await, "invalid_argument", "{weight}");
    }
    let meta = serde_json::json!({"path": "/login", "nested": [1, {"ü": null}]});
    let row = read(world.service.call(event().with_meta(meta.clone())).await).await;
    assert_eq!(row.meta, Some(meta));
    assert_eq!(world.service.refused(event().with_meta(serde_json::json!("x".repeat(16_384)))).await, "invalid_argument", "16 KiB and the quotes");
    world.service.call(event().with_meta(serde_json::json!("x".repeat(16_382)))).await;

    for (actor, kind) in [("", "x"), (" ", "x"), (&*"x".repeat(257), "x"), ("x", ""), ("x", " "), ("x", &"x".repeat(101))] {
        assert_eq!(world.service.refused(RecordRiskEventV1::new(ActorType::Ip, actor, kind)).await, "invalid_argument");
    }
    for request in ["", "  ", &"x".repeat(201)] {
        assert_eq!(world.service.refused(event().with_request_id(request)).await, "invalid_argument");
    }
    world.service.call(RecordRiskEventV1::new(ActorType::Ip, "x".repeat(256), "x".repeat(100)).with_request_id("x".repeat(200))).await;
}

pub async fn idempotence(cell: Cell) {
    let world = World::open(cell).await;
    let first = world.service.call(event().with_weight((-5).into()).with_request_id("r1")).await;
    assert_eq!(world.service.call(event().with_weight((-5).into()).with_request_id("r1")).await, first);
    let other = RecordRiskEventV1::new(ActorType::Ip, "192.0.2.1", "other").with_weight(7.into()).with_request_id("r1");
    assert_eq!(world.service.call(other).await, first, "the first event stands, whatever is reported again");
    assert_ne!(world.service.call(event().with_request_id("r2")).await, first);
    assert_ne!(world.service.call(event()).await, world.service.call(event()).await, "without a request id each call is an event");
    let row: RiskEvents = world.service.row("request_id = 'r1'").await;
    assert_eq!((row.event_id, row.weight, row.actor_id.as_str()), (first, (-5).into(), "phone"));

    // Two sessions: the second waits for the first, and takes over where that one gives up.
    for (ending, same) in [("commit", true), ("rollback", false)] {
        let request = move || event().with_request_id(format!("two sessions, {ending}"));
        let another = world.session("service_role").await;
        let turn = world.service.open().await;
        let recorded = turn.call(request()).await;
        let waiting = tokio::spawn(async move { another.call(request()).await });
        let blocked = "select count(*) from pg_catalog.pg_locks where not granted";
        while world.operator.count(blocked).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        turn.end(ending).await;
        assert_eq!(waiting.await.expect("the other session") == recorded, same, "{ending}");
        assert_eq!(world.operator.count(&format!("select count(*) from public.risk_events where request_id = 'two sessions, {ending}'")).await, 1);
    }
}

/// No role changes or deletes an event, not even the owner of the table.
pub async fn append_only(cell: Cell) {
    let world = World::open(cell).await;
    world.service.call(event().with_request_id("kept")).await;
    let before: RiskEvents = world.service.row("true").await;
    let authenticated = world.session("authenticated").await;
    for statement in [
        "update public.risk_events set weight = 100",
        "update public.risk_events set created_at = now()",
        "delete from public.risk_events",
        "truncate public.risk_events",
        "insert into public.risk_events (actor_type, actor_id, event_type) values ('ip', 'x', 'x') \
         on conflict (request_id) do update set weight = 1",
    ] {
        for session in [&world.service, &authenticated] {
            assert_eq!(session.run(statement).await, Err("42501".to_owned()), "{statement}");
        }
    }
    for statement in [
        "update public.risk_events set weight = 100",
        "delete from public.risk_events",
        "truncate public.risk_events",
        "insert into public.risk_events (actor_type, actor_id, event_type, request_id) values ('ip', 'x', 'x', 'kept') \
         on conflict (request_id) do update set weight = 1",
    ] {
        assert!(world.operator.run(statement).await.is_err(), "the operator: {statement}");
    }
    assert_eq!(world.service.row::<RiskEvents>("true").await, before);
}
