//! Keys: rotation, overlap, and the one function that they leave through.

use trust_lite::functions::*;
use trust_lite::support::Interval;
use uuid::Uuid;

use crate::support::{Cell, SERVICE, Team, World, only};

const SECOND: i64 = 1_000_000;

fn seconds(seconds: i64) -> Interval {
    Interval { microseconds: seconds * SECOND, ..Interval::default() }
}

fn days(days: i32) -> Interval {
    Interval { days, ..Interval::default() }
}

async fn key(world: &World, team: &Team, id: &str) -> GetServiceKeyV1Row {
    only(world.service.call(GetServiceKeyV1::new(team.tenant, SERVICE, id)).await)
}

async fn refused_key(world: &World, team: &Team, id: &str) -> String {
    world.service.refused(GetServiceKeyV1::new(team.tenant, SERVICE, id)).await
}

pub async fn rotating(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team_without_key().await;
    let rotating = || RotateServiceKeyV1::new(team.tenant, SERVICE);
    for (algorithm, length) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        let id = team.admin.call(rotating().with_algorithm(algorithm)).await;
        let row = key(&world, &team, &id).await;
        assert_eq!((row.algorithm.as_str(), row.key_format.as_str(), row.key_material.len()), (algorithm, "raw", length));
        assert_eq!(row.expires_at, None, "the newest key has no end");
        let other = team.owner.call(rotating().with_algorithm(algorithm)).await;
        assert_ne!(key(&world, &team, &other).await.key_material, row.key_material, "each key is new");
    }
    for length in [32, 64] {
        let material = vec![7; length];
        let id = world.service.call(rotating().with_algorithm("EdDSA").with_key_material(material.clone())).await;
        let row = key(&world, &team, &id).await;
        assert_eq!((row.algorithm.as_str(), row.key_material), ("EdDSA", material));
    }
    let id = team.owner.call(rotating()).await;
    let row = key(&world, &team, &id).await;
    assert_eq!(row.algorithm, "HS256", "the default");
    let material: String = row.key_material.iter().map(|byte| format!("{byte:02x}")).collect();
    let plain = format!("select position('\\x{material}'::bytea in key_material_encrypted) from public.service_keys where key_id = '{id}'");
    assert_eq!(world.operator.count(&plain).await, 0, "the key is not stored as it is");

    for algorithm in ["", "hs256", "RS256", "none", "ES256"] {
        assert_eq!(team.owner.refused(rotating().with_algorithm(algorithm)).await, "invalid_algorithm", "{algorithm}");
    }
    assert_eq!(team.owner.refused(rotating().with_key_material(vec![7; 32])).await, "key_material_not_accepted");
    assert_eq!(team.owner.refused(rotating().with_algorithm("EdDSA")).await, "key_material_required");
    for length in [0, 31, 33, 63, 65] {
        let request = rotating().with_algorithm("EdDSA").with_key_material(vec![7; length]);
        assert_eq!(team.owner.refused(request).await, "key_material_required", "{length} bytes");
    }
    for overlap in [seconds(-1), days(91), Interval { days: 90, ..seconds(1) }] {
        assert_eq!(team.owner.refused(rotating().with_overlap(overlap)).await, "invalid_overlap", "{overlap:?}");
    }
    assert_eq!(
        team.owner.refused_sql("rotate_service_key_v1", &format!("'{}', '{SERVICE}', p_overlap => null", team.tenant)).await,
        "invalid_overlap"
    );
}

pub async fn who_may_rotate(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team_without_key().await;
    let rotating = || RotateServiceKeyV1::new(team.tenant, SERVICE);
    for session in [&team.owner, &team.admin, &world.service, &world.operator] {
        session.call(rotating()).await;
    }
    assert_eq!(team.member.refused(rotating()).await, "tenant_role_required");
    assert_eq!(team.guest.refused(rotating()).await, "tenant_role_required");
    assert_eq!(team.stranger.refused(rotating()).await, "tenant_membership_required");
    assert_eq!(world.service.refused(RotateServiceKeyV1::new(team.tenant, "nobody")).await, "service_not_found");
    assert_eq!(world.service.refused(RotateServiceKeyV1::new(Uuid::from_u128(9), SERVICE)).await, "service_not_found");
    world.operate("update public.service_identities set status = 'suspended'").await;
    assert_eq!(team.owner.refused(rotating()).await, "service_not_active");
    world.operate("update public.tenants set status = 'suspended'").await;
    assert_eq!(team.owner.refused(rotating()).await, "tenant_not_active");
    assert_eq!(world.service.refused(rotating()).await, "tenant_not_active");
}

/// Older keys end with the overlap, to the microsecond; a key that ends earlier anyway keeps its end.
pub async fn overlapping(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let rotating = || RotateServiceKeyV1::new(team.tenant, SERVICE);
    let until_end = |id: &str| format!("select extract(epoch from expires_at - now())::bigint from public.service_keys where key_id = '{id}'");

    let operator = &world.operator;
    let turn = operator.open().await;
    turn.call(rotating().with_overlap(seconds(90))).await;
    let row = operator.client().query_one(&until_end(&team.key), &[]).await.expect("the key is there");
    assert_eq!(row.get::<_, i64>(0), 90);
    let second = turn.call(rotating().with_overlap(days(90))).await;
    let row = operator.client().query_one(&until_end(&team.key), &[]).await.expect("the key is there");
    assert_eq!(row.get::<_, i64>(0), 90, "a later rotation does not prolong");
    turn.call(rotating().with_overlap(seconds(30))).await;
    let row = operator.client().query_one(&until_end(&team.key), &[]).await.expect("the key is there");
    assert_eq!(row.get::<_, i64>(0), 30, "it may shorten");
    let row = operator.client().query_one(&until_end(&second), &[]).await.expect("the key is there");
    assert_eq!(row.get::<_, i64>(0), 30);
    turn.end("rollback").await;

    // The default is a day; the old key signs no more, but its tokens are good until then.
    let old = team.token().await;
    let id = team.owner.call(rotating()).await;
    let left = operator.count(&until_end(&team.key)).await;
    assert!((86_300..=86_400).contains(&left), "{left}");
    world.service.call(ValidateDelegationTokenV1::new(old.token.clone())).await;
    team.token().await;
    assert_eq!(operator.count(&format!("select count(*) from public.delegation_tokens where key_id = '{id}'")).await, 1, "the newest key signs");

    // Without overlap they end at once.
    team.owner.call(rotating().with_overlap(Interval::default())).await;
    assert_eq!(world.service.refused(ValidateDelegationTokenV1::new(old.token)).await, "signing_key_not_active");
    assert_eq!(refused_key(&world, &team, &id).await, "service_key_not_active");
}

pub async fn reading(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let set = |assignment: &str| format!("update public.service_keys set {assignment}");
    key(&world, &team, &team.key).await;
    assert_eq!(refused_key(&world, &team, "nothing").await, "service_key_not_found");
    assert_eq!(world.service.refused(GetServiceKeyV1::new(team.tenant, "nobody", team.key.clone())).await, "service_not_found");
    // The key of another tenant's service of the same name is not found.
    let other = team.stranger.call(CreateTenantV1::new("Other")).await;
    team.stranger.call(CreateServiceIdentityV1::new(other, SERVICE)).await;
    assert_eq!(world.service.refused(GetServiceKeyV1::new(other, SERVICE, team.key.clone())).await, "service_key_not_found");

    for (change, back) in [
        ("revoked_at = now()", "revoked_at = null"),
        ("expires_at = now()", "expires_at = null"),
        ("not_before = now() + interval '1 minute'", "not_before = now()"),
    ] {
        world.operate(&set(change)).await;
        assert_eq!(refused_key(&world, &team, &team.key).await, "service_key_not_active", "{change}");
        world.operate(&set(back)).await;
        key(&world, &team, &team.key).await;
    }
    world.operate(&set("expires_at = now() + interval '1 hour'")).await;
    assert!(key(&world, &team, &team.key).await.expires_at.is_some());

    world.operate("update public.service_identities set status = 'revoked'").await;
    assert_eq!(refused_key(&world, &team, &team.key).await, "service_not_active");
    world.operate("update public.service_identities set status = 'active'; update public.tenants set status = 'deleted'").await;
    assert_eq!(refused_key(&world, &team, &team.key).await, "tenant_not_active");
}

/// What works without the encryption secret, with another one, and with the first one again.
pub async fn the_encryption_secret(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let token = team.token().await.token;
    let rotating = || RotateServiceKeyV1::new(team.tenant, SERVICE);
    let validating = || ValidateDelegationTokenV1::new(token.clone());

    world.operate("create table trust_private.kept as select * from trust_private.encryption_keys; delete from trust_private.encryption_keys").await;
    assert_eq!(team.owner.refused(rotating()).await, "encryption_key_not_configured");
    assert_eq!(refused_key(&world, &team, &team.key).await, "encryption_key_not_configured");
    assert_eq!(team.member.refused(team.issuing()).await, "encryption_key_not_configured");
    assert_eq!(world.service.refused(validating()).await, "encryption_key_not_configured");

    world.operate("insert into trust_private.encryption_keys (secret) values (repeat('another secret ', 4))").await;
    assert_eq!(refused_key(&world, &team, &team.key).await, "key_material_unreadable");
    assert_eq!(team.member.refused(team.issuing()).await, "key_material_unreadable");
    assert_eq!(world.service.refused(validating()).await, "key_material_unreadable");
    // New keys work with the new secret.
    let id = team.owner.call(rotating()).await;
    key(&world, &team, &id).await;
    let second = team.token().await.token;
    world.service.call(ValidateDelegationTokenV1::new(second)).await;

    world.operate("delete from trust_private.encryption_keys; insert into trust_private.encryption_keys select * from trust_private.kept").await;
    world.service.call(validating()).await;

    // Supabase Vault goes first where it is installed and readable.
    world
        .operate(
            "create schema vault; create table vault.decrypted_secrets (name text, decrypted_secret text, created_at timestamptz default now()); \
             insert into vault.decrypted_secrets values ('trust_encryption_key_default', repeat('vault ', 8))",
        )
        .await;
    assert_eq!(world.service.refused(validating()).await, "key_material_unreadable", "Vault's secret is not the one of the table");
    world.operate("update vault.decrypted_secrets set decrypted_secret = (select secret from trust_private.encryption_keys); delete from trust_private.encryption_keys").await;
    world.service.call(validating()).await;
}
