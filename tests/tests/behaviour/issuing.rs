//! Issuing tokens, and everything that refuses it.

use trust_lite::enums::{ActorType, EnforcementLevel};
use trust_lite::functions::*;
use trust_lite::support::Interval;
use trust_lite::tables::{DelegationTokens, Delegations};
use uuid::Uuid;

use crate::support::{Cell, GHOST, MEMBER, SERVICE, World, name_of, only};

fn issue(scopes: &[&str]) -> IssueDelegationTokenV1 {
    IssueDelegationTokenV1::new(SERVICE, scopes.iter().map(|scope| (*scope).to_owned()).collect())
}

/// Renewing widens the delegation and keeps its id; after a revocation or a lapse it starts afresh.
pub async fn renewing(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let first = only(team.member.call(issue(&["dm:read", "dm:create", "dm:read"]).with_expires_minutes(10)).await);
    let delegation = || async { team.member.row::<Delegations>("revoked_at is null").await };
    let row = delegation().await;
    assert_eq!((row.delegation_id, row.tenant_id, row.user_id), (first.delegation_id, team.tenant, MEMBER));
    assert_eq!(row.scopes, ["dm:read", "dm:create"], "once each, in their order");
    assert_eq!(row.expires_at, Some(first.expires_at));

    let second = only(team.member.call(issue(&["calls:answer", "dm:read"]).with_expires_minutes(60)).await);
    assert_eq!(second.delegation_id, first.delegation_id);
    assert_ne!(second.token, first.token);
    let row = delegation().await;
    assert_eq!(row.scopes, ["dm:read", "dm:create", "calls:answer"]);
    assert_eq!(row.expires_at, Some(second.expires_at), "prolonged");
    only(team.member.call(issue(&["dm:read"]).with_expires_minutes(5)).await);
    assert_eq!(delegation().await.expires_at, Some(second.expires_at), "never shortened");

    // Each token keeps to its own scopes.
    let carried = |token: &str| ValidateDelegationTokenV1::new(token);
    assert_eq!(only(world.service.call(carried(&first.token)).await).scopes, ["dm:read", "dm:create"]);
    assert_eq!(only(world.service.call(carried(&second.token)).await).scopes, ["calls:answer", "dm:read"]);

    world.operate("update public.delegations set expires_at = now()").await;
    assert_eq!(world.service.refused(carried(&second.token)).await, "delegation_not_active", "lapsed");
    let third = only(team.member.call(issue(&["presence:read"])).await);
    assert_eq!(third.delegation_id, first.delegation_id);
    assert_eq!(delegation().await.scopes, ["presence:read"], "what has lapsed is not renewed");
    assert_eq!(world.service.refused(carried(&first.token)).await, "delegation_not_active", "its scopes are gone");
    world.service.call(carried(&third.token)).await;

    assert!(team.member.call(RevokeDelegationV1::new(first.delegation_id)).await);
    let fourth = only(team.member.call(issue(&["dm:read"])).await);
    assert_ne!(fourth.delegation_id, first.delegation_id);
    assert_eq!(world.service.refused(carried(&third.token)).await, "token_revoked");
    world.service.call(carried(&fourth.token)).await;
    assert_eq!(team.member.rows::<Delegations>("true").await.expect("users read their delegations").len(), 2);
}

/// The tenant: named, or the caller's earliest; the same service name in two tenants stays apart.
pub async fn choosing_the_tenant(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let other = team.owner.call(CreateTenantV1::new("Other")).await;
    team.owner.call(CreateServiceIdentityV1::new(other, SERVICE)).await;
    team.owner.call(RotateServiceKeyV1::new(other, SERVICE)).await;

    let default = only(team.owner.call(issue(&["dm:read"])).await);
    let named = only(team.owner.call(issue(&["dm:read"]).with_tenant_id(other)).await);
    assert_ne!(default.delegation_id, named.delegation_id);
    assert_eq!(only(world.service.call(ValidateDelegationTokenV1::new(default.token)).await).tenant_id, team.tenant);
    assert_eq!(only(world.service.call(ValidateDelegationTokenV1::new(named.token)).await).tenant_id, other);

    assert_eq!(team.member.refused(issue(&["dm:read"]).with_tenant_id(other)).await, "tenant_membership_required");
    assert_eq!(team.member.refused(issue(&["dm:read"]).with_tenant_id(Uuid::from_u128(9))).await, "tenant_membership_required");
    assert_eq!(team.stranger.refused(issue(&["dm:read"])).await, "tenant_membership_required", "without any tenant");
    assert_eq!(world.user(GHOST).await.refused(issue(&["dm:read"])).await, "tenant_membership_required");
}

/// From 1 to 1440 minutes, whole seconds, and never longer than the key.
pub async fn lifetimes(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    for minutes in [i32::MIN, -1, 0, 1441, i32::MAX] {
        assert_eq!(team.member.refused(team.issuing().with_expires_minutes(minutes)).await, "invalid_expiry", "{minutes}");
    }
    assert_eq!(team.member.refused_sql("issue_delegation_token_v1", &format!("'{SERVICE}', array['dm:read'], null")).await, "invalid_expiry");
    for minutes in [1, 60, 1440] {
        let row = only(team.member.call(team.issuing().with_expires_minutes(minutes)).await);
        assert_eq!(row.expires_at.subsec_nanosecond(), 0);
        let token: DelegationTokens =
            world.operator.row(&format!("expires_at = '{}' and delegation_id = '{}'", row.expires_at, row.delegation_id)).await;
        assert_eq!(token.expires_at.as_second() - token.issued_at.as_second(), i64::from(minutes) * 60);
    }
    let default = only(team.owner.call(team.issuing()).await);
    let token: DelegationTokens = world.operator.row(&format!("delegation_id = '{}'", default.delegation_id)).await;
    assert_eq!(token.expires_at.as_second() - token.issued_at.as_second(), 3600, "the default is an hour");

    world.operate("update public.service_keys set expires_at = now() + interval '5 minutes'").await;
    let short = only(team.member.call(team.issuing()).await);
    let ends = world.operator.count("select extract(epoch from date_trunc('second', expires_at))::bigint from public.service_keys").await;
    assert_eq!(short.expires_at.as_second(), ends);

    // A key that ends within the current second would sign a token that has expired already.
    let turn = team.member.open().await;
    let now = team.member.client().query_one("select date_trunc('second', now())", &[]).await.expect("the time");
    let second: jiff::Timestamp = now.get(0);
    world.operate(&format!("update public.service_keys set expires_at = timestamptz '{second}' + interval '999 milliseconds'")).await;
    let refused = turn.attempt(&team.issuing()).await.expect_err("no key lives long enough");
    assert_eq!(name_of(&refused), "signing_key_missing");
    turn.end("rollback").await;
}

/// What the team, the service, its keys and the caller's standing refuse.
pub async fn refusals(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team_without_key().await;
    let rotating = || RotateServiceKeyV1::new(team.tenant, SERVICE);
    let none = || Interval::default();

    assert_eq!(team.guest.refused(team.issuing()).await, "tenant_role_required");
    assert_eq!(team.stranger.refused(team.issuing()).await, "tenant_membership_required");
    assert_eq!(team.member.refused(IssueDelegationTokenV1::new("nobody", vec!["dm:read".to_owned()])).await, "service_not_found");
    assert_eq!(team.member.refused(team.issuing()).await, "signing_key_missing");

    team.owner.call(rotating().with_algorithm("EdDSA").with_key_material(vec![7; 32])).await;
    assert_eq!(team.member.refused(team.issuing()).await, "signing_key_not_hmac");
    // Beside an HMAC key that is still good, an EdDSA key does not hinder.
    team.owner.call(rotating()).await;
    team.owner.call(rotating().with_algorithm("EdDSA").with_key_material(vec![8; 32])).await;
    team.token().await;
    team.owner.call(rotating().with_algorithm("EdDSA").with_key_material(vec![9; 32]).with_overlap(none())).await;
    assert_eq!(team.member.refused(team.issuing()).await, "signing_key_not_hmac");

    team.owner.call(rotating()).await;
    for (change, back) in [
        ("revoked_at = now()", "revoked_at = null"),
        ("expires_at = now()", "expires_at = null"),
        ("not_before = now() + interval '1 minute'", "not_before = null"),
    ] {
        world.operate(&format!("update public.service_keys set {change}")).await;
        assert_eq!(team.member.refused(team.issuing()).await, "signing_key_missing", "{change}");
        world.operate(&format!("update public.service_keys set {back} where key_type = 'hmac'")).await;
        team.token().await;
    }

    world.operate("update public.service_identities set status = 'suspended'").await;
    assert_eq!(team.member.refused(team.issuing()).await, "service_not_active");
    world.operate("update public.tenants set status = 'suspended'").await;
    assert_eq!(team.member.refused(team.issuing()).await, "tenant_not_active");
    world.operate("update public.service_identities set status = 'active'; update public.tenants set status = 'active'").await;
    team.token().await;
}

/// Limited as `token:issue` by the caller's tier, and refused from E3 on.
pub async fn limits(cell: Cell) {
    let world = World::open(cell).await;
    // A window so long that no time passes in it.
    world.operate("update public.rate_limit_configs set window_seconds = 100000000").await;
    let team = world.team().await;
    let level = |level| SetEnforcementLevelV1::new(ActorType::User, MEMBER.to_string(), level, "test");
    for (level_set, refused) in
        [(EnforcementLevel::E3, true), (EnforcementLevel::E4, true), (EnforcementLevel::E5, true), (EnforcementLevel::E0, false)]
    {
        world.service.call(level(level_set)).await;
        match refused {
            true => assert_eq!(team.member.refused(team.issuing()).await, "actor_suspended", "{level_set:?}"),
            false => _ = team.token().await,
        }
    }
    // A suspended user stays suspended where rate limiting is switched off.
    world.operate("update public.rate_limit_configs set enabled = false").await;
    world.service.call(level(EnforcementLevel::E5)).await;
    assert_eq!(team.member.refused(team.issuing()).await, "actor_suspended");
    world.service.call(level(EnforcementLevel::E0)).await;
    world.operate("update public.rate_limit_configs set enabled = true").await;

    // Tier D: five at once, E1 counts each twice.
    world.operate("delete from trust_private.rate_limit_counters; update public.trust_profiles set risk_tier = 'D'").await;
    for _ in 0..5 {
        team.token().await;
    }
    assert_eq!(team.member.refused(team.issuing()).await, "rate_limited");
    assert_eq!(team.owner.call(team.issuing()).await.len(), 1, "others have limits of their own");
    world.operate("delete from trust_private.rate_limit_counters").await;
    world.service.call(level(EnforcementLevel::E1)).await;
    for _ in 0..2 {
        team.token().await;
    }
    assert_eq!(team.member.refused(team.issuing()).await, "rate_limited");
    // E2 is tier D for whatever tier.
    world.operate("delete from trust_private.rate_limit_counters; update public.trust_profiles set risk_tier = 'A'").await;
    world.service.call(level(EnforcementLevel::E2)).await;
    for _ in 0..5 {
        team.token().await;
    }
    assert_eq!(team.member.refused(team.issuing()).await, "rate_limited");
    let turned_off = "update public.rate_limit_configs set enabled = false where action = 'token:issue'";
    world.operate(turned_off).await;
    team.token().await;
}
