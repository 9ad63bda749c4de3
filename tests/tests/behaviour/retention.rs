//! Retention: each boundary to the second, in one transaction, where `now()` stands still; and the orchestrator.

use trust_lite::enums::ActorType;
use trust_lite::functions::*;
use trust_lite::tables::{DelegationTokens, RiskEvents, ServiceKeys};

use crate::support::{Cell, MEMBER, SERVICE, Session, Table, Team, Turn, World};

/// Rows of one instant: how far the end of a row is from the boundary, and whether a purge takes it.
const OFFSETS: [(&str, bool); 5] = [
    ("interval '1 day'", false),
    ("interval '1 second'", false),
    ("interval '0'", false),
    ("interval '-1 microsecond'", true),
    ("interval '-1 second'", true),
];

fn purged_of_each() -> i64 {
    OFFSETS.iter().filter(|(_, purged)| *purged).count() as i64
}

/// A token of the team's delegation that ends as said; both ends are SQL.
async fn token(operator: &Session, name: &str, expires: &str, revoked: &str) {
    let sql = format!(
        "insert into public.delegation_tokens (tenant_id, delegation_id, service_id, key_id, token_hash, jti, expires_at, revoked_at, issued_at) \
         select d.tenant_id, d.delegation_id, d.service_id, k.key_id, encode(sha256('{name}'), 'hex'), gen_random_uuid(), {expires}, {revoked}, \
         now() - interval '100 days' from public.delegations as d, public.service_keys as k where k.revoked_at is null limit 1"
    );
    operator.client().batch_execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// A key of the team's service, revoked and expired as said.
async fn key(operator: &Session, id: &str, revoked: &str, expires: &str) {
    let sql = format!(
        "insert into public.service_keys (tenant_id, service_id, key_id, key_type, algorithm, key_material_encrypted, revoked_at, expires_at) \
         select s.tenant_id, s.service_id, '{id}', 'hmac', 'HS256', '', {revoked}, {expires} from public.service_identities as s"
    );
    operator.client().batch_execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

async fn event(operator: &Session, request: &str, created: &str) {
    let sql = format!(
        "insert into public.risk_events (actor_type, actor_id, event_type, request_id, created_at) values ('ip', 'x', 'x', '{request}', {created})"
    );
    operator.client().batch_execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// Puts rows on both sides of every boundary, all in the open transaction of the operator.
async fn fill(operator: &Session) {
    for (number, (offset, _)) in OFFSETS.iter().enumerate() {
        let at = |hours: u32| format!("now() - interval '{hours} hours' + {offset}");
        let month = at(30 * 24);
        token(operator, &format!("expired {number}"), &month, "null").await;
        token(operator, &format!("revoked {number}"), "now() + interval '1 hour'", &month).await;
        // Ended by whichever came first.
        token(operator, &format!("revoked later {number}"), &month, "now()").await;
        token(operator, &format!("expired later {number}"), "now()", &month).await;
        key(operator, &format!("revoked {number}"), &at(90 * 24), "null").await;
        key(operator, &format!("expired {number}"), "null", &at(90 * 24)).await;
        event(operator, &format!("event {number}"), &at(365 * 24)).await;
    }
}

async fn world_with_delegation(cell: Cell) -> (World, Team) {
    let world = World::open(cell).await;
    let team = world.team().await;
    team.token().await;
    (world, team)
}

async fn purge_each(turn: &Turn<'_>) -> [i64; 3] {
    let tokens = turn.call(PurgeDelegationTokensV1::new()).await;
    let keys = turn.call(PurgeServiceKeysV1::new()).await;
    [tokens, keys, turn.call(PurgeRiskEventsV1::new()).await]
}

pub async fn boundaries(cell: Cell) {
    let (world, _team) = world_with_delegation(cell).await;
    let each = purged_of_each();
    for zone in ["UTC", "Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "America/Santiago"] {
        world.operate(&format!("set timezone = '{zone}'")).await;
        let turn = world.operator.open().await;
        fill(&world.operator).await;
        assert_eq!(purge_each(&turn).await, [4 * each, each, each], "{zone}: an expired key is kept for as long as it is not revoked");
        assert_eq!(purge_each(&turn).await, [0, 0, 0], "{zone}: nothing is left to purge");
        let left = world.operator.client().query(&format!("select {} from {}", RiskEvents::SELECT_LIST, <RiskEvents as Table>::NAME), &[]).await;
        let left: Vec<RiskEvents> = left.expect("the events").iter().map(|row| RiskEvents::try_from(row).expect("an event")).collect();
        let names: Vec<_> = left.iter().filter_map(|event| event.request_id.as_deref()).collect();
        assert_eq!(names, ["event 0", "event 1", "event 2"], "{zone}: the boundary itself is kept");
        turn.end("rollback").await;

        let turn = world.operator.open().await;
        fill(&world.operator).await;
        let purged = turn.call(CleanupPhase1RetentionV1::new()).await;
        assert_eq!(purged, CleanupPhase1RetentionV1Row { tokens_purged: 4 * each, keys_purged: each, events_purged: each }, "{zone}");
        turn.end("rollback").await;
    }
}

/// The same as a service, which cannot put rows into the past: a minute on either side.
pub async fn orchestrating(cell: Cell) {
    let (world, team) = world_with_delegation(cell).await;
    let operator = &world.operator;
    for (number, minutes) in [-1, 1].into_iter().enumerate() {
        let at = |days: u32| format!("now() - interval '{days} days' + interval '{minutes} minutes'");
        token(operator, &format!("{number}"), &at(30), "null").await;
        key(operator, &format!("{number}"), &at(90), "null").await;
        event(operator, &format!("{number}"), &at(365)).await;
    }
    let counts = async || {
        let tokens = operator.rows::<DelegationTokens>("true").await.expect("tokens").len();
        let keys = operator.rows::<ServiceKeys>("true").await.expect("keys").len();
        [tokens, keys, operator.rows::<RiskEvents>("true").await.expect("events").len()]
    };
    assert_eq!(counts().await, [3, 3, 2]);
    let purged = world.service.call(CleanupPhase1RetentionV1::new()).await;
    assert_eq!(purged, CleanupPhase1RetentionV1Row { tokens_purged: 1, keys_purged: 1, events_purged: 1 });
    assert_eq!(counts().await, [2, 2, 1]);
    let purged = world.service.call(CleanupPhase1RetentionV1::new()).await;
    assert_eq!(purged, CleanupPhase1RetentionV1Row { tokens_purged: 0, keys_purged: 0, events_purged: 0 });
    assert_eq!(world.service.call(PurgeDelegationTokensV1::new()).await, 0);
    assert_eq!(world.service.call(PurgeServiceKeysV1::new()).await, 0);
    assert_eq!(world.service.call(PurgeRiskEventsV1::new()).await, 0);

    // What lives is left alone: the key still signs, the token is still good, and after the purge events are as fixed as before.
    let token = team.token().await;
    world.service.call(ValidateDelegationTokenV1::new(token.token)).await;
    assert!(operator.run("delete from public.risk_events").await.is_err());
    let turn = operator.open().await;
    turn.call(PurgeRiskEventsV1::new()).await;
    let deleting = operator.client().batch_execute("delete from public.risk_events").await;
    assert!(deleting.is_err(), "a purge opens the table for itself alone, also within its transaction");
    turn.end("rollback").await;

    // Keys that are purged take their tokens with them.
    world.operate("update public.service_keys set revoked_at = now() - interval '91 days'").await;
    let purged = world.service.call(CleanupPhase1RetentionV1::new()).await;
    assert_eq!((purged.keys_purged, counts().await[0]), (2, 0));
    assert_eq!(world.service.call(GetUserTenantIdV1::new().with_user_id(MEMBER)).await, Some(team.tenant));
    world.service.call(AssertServiceActiveV1::new(team.tenant, SERVICE)).await;
}

/// Upkeep purges counters that say no more than new ones would, and no others.
pub async fn upkeep(cell: Cell) {
    let world = World::open(cell).await;
    for (number, idle) in ["interval '24 hours 1 second'", "interval '23 hours 59 minutes'", "interval '-1 hour'"].iter().enumerate() {
        assert!(world.service.call(EnforceRateLimitV1::new("dm:create", ActorType::Ip, number.to_string())).await);
        world.operate(&format!("update trust_private.rate_limit_counters set idle_from = now() - {idle} where actor_id = '{number}'")).await;
    }
    world.operate("select trust_private.run_upkeep()").await;
    assert_eq!(world.operator.count("select string_agg(actor_id, '' order by actor_id) from trust_private.rate_limit_counters").await, 12);
    assert_eq!(world.operator.count("select count(*) from trust_private.transaction_samples").await, 1);
    assert_eq!(world.service.run("select trust_private.run_upkeep()").await, Err("42501".to_owned()));
}
