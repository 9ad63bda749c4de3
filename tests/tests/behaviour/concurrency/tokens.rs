//! Issuing, rotating, revoking, validating and purging at once: nothing is orphaned, nothing is there twice, each token is valid
//! exactly where it should be, and no error reaches a caller but those that the contract declares for the case.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use trust_lite::functions::*;
use trust_lite::support::Interval;
use uuid::Uuid;

use super::{alone, together};
use crate::support::{ADMIN, Cell, MEMBER, OWNER, SERVICE, Session, World, name_of, only};

const EACH: usize = 10;

/// What the sessions know of each other.
#[derive(Default)]
struct Shared {
    issued: Mutex<Vec<(Uuid, String)>>,
    revoked: Mutex<BTreeSet<Uuid>>,
}

impl Shared {
    fn any(&self, number: usize) -> Option<(Uuid, String)> {
        let issued = self.issued.lock().expect("no task panics with it");
        issued.get(issued.len().saturating_sub(1 + number % 7)).cloned()
    }
}

#[derive(Clone, Copy, Debug)]
enum Work {
    Issue,
    Rotate { overlap: i64 },
    Revoke,
    Validate,
    Purge,
}

async fn work(work: Work, tenant: Uuid, session: Session, shared: Arc<Shared>) -> Vec<String> {
    let mut surprises = Vec::new();
    for number in 0..EACH {
        let failure = match work {
            Work::Issue => match session.attempt(IssueDelegationTokenV1::new(SERVICE, vec!["dm:read".to_owned()])).await {
                Ok(rows) => {
                    let row = only(rows);
                    shared.issued.lock().expect("no task panics with it").push((row.delegation_id, row.token));
                    None
                }
                Err(error) => Some((name_of(&error), &[][..])),
            },
            Work::Rotate { overlap } => {
                let overlap = Interval { microseconds: overlap * 1_000_000, ..Interval::default() };
                let outcome = session.attempt(RotateServiceKeyV1::new(tenant, SERVICE).with_overlap(overlap)).await;
                outcome.err().map(|error| (name_of(&error), &[][..]))
            }
            Work::Revoke => match shared.any(number) {
                Some((delegation, _)) => match session.attempt(RevokeDelegationV1::new(delegation)).await {
                    Ok(_) => {
                        shared.revoked.lock().expect("no task panics with it").insert(delegation);
                        None
                    }
                    Err(error) => Some((name_of(&error), &[][..])),
                },
                None => None,
            },
            Work::Validate => match shared.any(number) {
                Some((delegation, token)) => {
                    let revoked = shared.revoked.lock().expect("no task panics with it").contains(&delegation);
                    match session.attempt(ValidateDelegationTokenV1::new(token)).await {
                        Ok(_) if revoked => Some(("valid after its revocation".to_owned(), &[][..])),
                        Ok(_) => None,
                        Err(error) => Some((name_of(&error), &["token_revoked", "signing_key_not_active"][..])),
                    }
                }
                None => None,
            },
            Work::Purge => session.attempt(CleanupPhase1RetentionV1::new()).await.err().map(|error| (name_of(&error), &[][..])),
        };
        if let Some((error, expected)) = failure
            && !expected.contains(&error.as_str())
        {
            surprises.push(format!("{work:?}: {error}"));
        }
        tokio::task::yield_now().await;
    }
    surprises
}

/// Rows whose end is long past, for the purges to find.
const OLD_ROWS: &str = "
    insert into public.service_keys (tenant_id, service_id, key_id, key_type, algorithm, key_material_encrypted, revoked_at)
    select s.tenant_id, s.service_id, 'old ' || n, 'hmac', 'HS256', '', now() - interval '100 days'
    from public.service_identities as s, generate_series(1, 20) as n;
    insert into public.delegation_tokens (tenant_id, delegation_id, service_id, key_id, token_hash, jti, expires_at)
    select d.tenant_id, d.delegation_id, d.service_id, k.key_id, encode(sha256(n::text::bytea), 'hex'), gen_random_uuid(), now() - interval '40 days'
    from public.delegations as d, public.service_keys as k, generate_series(1, 100) as n where k.revoked_at is null;
    insert into public.risk_events (actor_type, actor_id, event_type, created_at)
    select 'ip', 'x', 'x', now() - interval '400 days' from generate_series(1, 100)";

async fn mix(cell: Cell, crew: &[(Work, Option<Uuid>, usize)]) {
    let _alone = alone().await;
    let world = World::open(cell).await;
    let team = world.team().await;
    world.operate("update public.rate_limit_configs set enabled = false where action = 'token:issue'").await;
    let first = team.token().await;
    world.operate(OLD_ROWS).await;
    let shared = Arc::new(Shared::default());
    shared.issued.lock().expect("nobody else yet").push((first.delegation_id, first.token));

    let mut tasks = Vec::new();
    for &(kind, user, count) in crew {
        for _ in 0..count {
            let session = match user {
                Some(user) => world.user(user).await,
                None => world.session("service_role").await,
            };
            tasks.push(work(kind, team.tenant, session, Arc::clone(&shared)));
        }
    }
    let surprises: Vec<String> = together(tasks).await.into_iter().flatten().collect();
    assert!(surprises.is_empty(), "{surprises:?}");
    judge(&world, &shared).await;
}

/// What has to hold when all is quiet.
async fn judge(world: &World, shared: &Shared) {
    for (what, query) in [
        (
            "a delegation that is active twice",
            "select count(*) from (select from public.delegations where revoked_at is null group by tenant_id, user_id, service_id having count(*) > 1) as d",
        ),
        (
            "a token of a revoked delegation that was not revoked with it",
            "select count(*) from public.delegation_tokens as t join public.delegations as d using (delegation_id) \
             where d.revoked_at is not null and t.revoked_at is null and t.expires_at > now()",
        ),
        (
            "a revoked token of an active delegation",
            "select count(*) from public.delegation_tokens as t join public.delegations as d using (delegation_id) \
             where d.revoked_at is null and t.revoked_at is not null",
        ),
        (
            "a token without its delegation or key",
            "select count(*) from public.delegation_tokens as t where not exists (select from public.delegations as d where d.delegation_id = t.delegation_id \
             and d.tenant_id = t.tenant_id) or not exists (select from public.service_keys as k where k.key_id = t.key_id and k.tenant_id = t.tenant_id)",
        ),
        ("no single key without an end", "select abs(count(*) - 1) from public.service_keys where expires_at is null and revoked_at is null"),
        ("what a purge should have taken", "select count(*) from public.risk_events where created_at < now() - interval '365 days'"),
    ] {
        assert_eq!(world.operator.count(query).await, 0, "{what}");
    }
    let issued = std::mem::take(&mut *shared.issued.lock().expect("all have ended"));
    let revoked = std::mem::take(&mut *shared.revoked.lock().expect("all have ended"));
    assert!(issued.len() > EACH);
    let distinct: BTreeSet<&String> = issued.iter().map(|(_, token)| token).collect();
    assert_eq!(distinct.len(), issued.len(), "no token twice");
    for (delegation, token) in &issued {
        // By the rows alone, and by what the sessions did.
        let alive = format!(
            "select count(*) from public.delegation_tokens as t join public.service_keys as k using (tenant_id, service_id, key_id) \
             where t.token_hash = encode(sha256('{token}'), 'hex') and (k.expires_at is null or k.expires_at > now())"
        );
        let alive = world.operator.count(&alive).await == 1;
        match world.service.attempt(ValidateDelegationTokenV1::new(token.clone())).await {
            Ok(rows) => {
                assert_eq!(only(rows).delegation_id, *delegation);
                assert!(alive && !revoked.contains(delegation), "a token is valid that should not be");
            }
            Err(error) => {
                let expected = if revoked.contains(delegation) { "token_revoked" } else { "signing_key_not_active" };
                assert_eq!(name_of(&error), expected);
                assert!(revoked.contains(delegation) || !alive, "a token is invalid that should be valid");
            }
        }
    }
}

pub async fn issuing_rotating_revoking(cell: Cell) {
    mix(
        cell,
        &[
            (Work::Issue, Some(MEMBER), 6),
            (Work::Issue, Some(OWNER), 5),
            (Work::Issue, Some(ADMIN), 3),
            (Work::Rotate { overlap: 3600 }, Some(OWNER), 2),
            (Work::Rotate { overlap: 0 }, None, 1),
            (Work::Revoke, None, 3),
            (Work::Revoke, Some(ADMIN), 2),
            (Work::Validate, None, 7),
            (Work::Purge, None, 3),
        ],
    )
    .await;
}

/// Without rotations and with one user: each session has to get a token, whoever takes the delegation away meanwhile.
pub async fn issuing_against_revoking(cell: Cell) {
    mix(
        cell,
        &[
            (Work::Issue, Some(MEMBER), 16),
            (Work::Revoke, None, 8),
            (Work::Revoke, Some(OWNER), 4),
            (Work::Validate, None, 3),
            (Work::Purge, None, 1),
        ],
    )
    .await;
}

/// Of two rotations at once the second waits, and ends the key of the first.
pub async fn rotations_wait(cell: Cell) {
    let _alone = alone().await;
    let world = World::open(cell).await;
    let team = world.team().await;
    let tenant = team.tenant;
    let another = world.session("service_role").await;
    let turn = team.owner.open().await;
    let first = turn.call(RotateServiceKeyV1::new(tenant, SERVICE)).await;
    let waiting = tokio::spawn(async move { another.call(RotateServiceKeyV1::new(tenant, SERVICE)).await });
    while world.operator.count("select count(*) from pg_catalog.pg_locks where not granted").await == 0 {
        assert!(!waiting.is_finished(), "the second rotation did not wait");
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    turn.end("commit").await;
    let second = waiting.await.expect("the second rotation");
    let unending = world.operator.value("select string_agg(key_id, ',') from public.service_keys where expires_at is null").await;
    assert_ne!(first, second);
    assert_eq!(unending, Ok(Some(second)));
}
