//! The life of a delegation: the whole flow, validation, and revocation.

use trust_lite::functions::*;
use trust_lite::tables::{DelegationTokens, Delegations};
use uuid::Uuid;

use crate::support::{Cell, MEMBER, OWNER, SERVICE, Session, Team, World, only};

fn validating(token: &str) -> ValidateDelegationTokenV1 {
    ValidateDelegationTokenV1::new(token)
}

/// Step 8 of the playbook: tenant, member, service, key, token, validation, revocation, validation again.
pub async fn the_whole_flow(cell: Cell) {
    let world = World::open(cell).await;
    let owner = world.user(OWNER).await;
    let member = world.user(MEMBER).await;
    let tenant = owner.call(CreateTenantV1::new("Flow")).await;
    owner.call(AddTenantMemberV1::new(tenant, MEMBER)).await;
    assert_eq!(member.call(GetUserTenantIdV1::new()).await, Some(tenant));
    owner.call(CreateServiceIdentityV1::new(tenant, SERVICE)).await;
    world.service.call(AssertServiceActiveV1::new(tenant, SERVICE)).await;
    let key = owner.call(RotateServiceKeyV1::new(tenant, SERVICE)).await;
    let issued = only(member.call(IssueDelegationTokenV1::new(SERVICE, vec!["dm:read".to_owned(), "dm:create".to_owned()])).await);

    let stored: DelegationTokens = world.operator.row("true").await;
    assert_eq!((stored.delegation_id, stored.key_id, stored.expires_at), (issued.delegation_id, key, issued.expires_at));
    assert_eq!((stored.last_used_at, stored.revoked_at), (None, None));
    let hash = world.operator.value(&format!("select encode(sha256('{}'), 'hex')", issued.token)).await;
    assert_eq!(hash, Ok(Some(stored.token_hash)), "only the SHA-256 of the token is stored");
    let text = world.operator.count(&format!("select count(*) from public.delegation_tokens as t where t::text like '%{}%'", issued.token)).await;
    assert_eq!(text, 0);

    let valid = only(world.service.call(validating(&issued.token)).await);
    assert_eq!((valid.delegation_id, valid.tenant_id, valid.user_id), (issued.delegation_id, tenant, MEMBER));
    assert_eq!((valid.service_id.as_str(), valid.expires_at), (SERVICE, issued.expires_at));
    assert_eq!(valid.scopes, ["dm:read", "dm:create"]);
    let used: DelegationTokens = world.operator.row("true").await;
    assert!(used.last_used_at.is_some_and(|used| used >= stored.issued_at), "the use is noted");

    assert!(member.call(RevokeDelegationV1::new(issued.delegation_id)).await);
    assert_eq!(world.service.refused(validating(&issued.token)).await, "token_revoked");
    let ended: DelegationTokens = world.operator.row("true").await;
    assert_eq!(ended.last_used_at, used.last_used_at, "a refusal is no use");
    assert!(!member.call(RevokeDelegationV1::new(issued.delegation_id)).await, "revoked already");
    assert_eq!(world.operator.row::<DelegationTokens>("true").await.revoked_at, ended.revoked_at, "the first revocation stands");
}

/// Whatever ends a token ends it from the next validation on, with an error of its own.
pub async fn what_ends_a_token(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let token = team.token().await.token;
    for (change, back, error) in [
        ("public.delegation_tokens set revoked_at = now()", "public.delegation_tokens set revoked_at = null", "token_revoked"),
        ("public.delegation_tokens set expires_at = now()", "public.delegation_tokens set expires_at = now() + interval '1 hour'", "token_expired"),
        ("public.service_keys set revoked_at = now()", "public.service_keys set revoked_at = null", "signing_key_not_active"),
        ("public.service_keys set expires_at = now()", "public.service_keys set expires_at = null", "signing_key_not_active"),
        ("public.service_keys set not_before = now() + interval '1 s'", "public.service_keys set not_before = now()", "signing_key_not_active"),
        ("public.delegations set revoked_at = now()", "public.delegations set revoked_at = null", "delegation_not_active"),
        ("public.delegations set expires_at = now()", "public.delegations set expires_at = null", "delegation_not_active"),
        ("public.delegations set scopes = array['calls:answer']", "public.delegations set scopes = array['dm:read']", "delegation_not_active"),
        ("public.service_identities set status = 'suspended'", "public.service_identities set status = 'active'", "delegation_not_active"),
        ("public.tenants set status = 'suspended'", "public.tenants set status = 'active'", "delegation_not_active"),
        (
            "public.tenant_members set role = 'guest' where role = 'member'",
            "public.tenant_members set role = 'member' where user_id = 'MEMBER'",
            "delegation_not_active",
        ),
    ] {
        world.operate(&format!("update {change}")).await;
        assert_eq!(world.service.refused(validating(&token)).await, error, "{change}");
        world.operate(&format!("update {}", back.replace("MEMBER", &MEMBER.to_string()))).await;
        world.service.call(validating(&token)).await;
    }
    world.operate(&format!("delete from public.tenant_members where user_id = '{MEMBER}'")).await;
    assert_eq!(world.service.refused(validating(&token)).await, "delegation_not_active", "no member any more");
    // What a row hangs on takes the row with it: the token is then unknown.
    world.operate("delete from public.service_keys").await;
    assert_eq!(world.service.refused(validating(&token)).await, "token_invalid");
    assert_eq!(world.operator.count("select count(*) from public.delegation_tokens").await, 0);
}

/// Texts that are no token, or not the one that was issued.
pub async fn tampered_tokens(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let issued = team.token().await;
    let parts: Vec<&str> = issued.token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("a token has three parts") };
    let mut tampered = vec![
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "x".to_owned(),
        "a".repeat(16_385),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!("{}.{}", issued.token, signature),
        format!(" {}", issued.token),
        format!("{} ", issued.token),
        format!("{}\n", issued.token),
        format!("{}=", issued.token),
        issued.token.to_uppercase(),
        format!("{header}.{payload}.{}", signature.chars().rev().collect::<String>()),
        // {"alg":"none"}
        format!("eyJhbGciOiJub25lIn0.{payload}."),
        format!("eyJhbGciOiJub25lIn0.{payload}.{signature}"),
    ];
    // Each character of it is one that counts.
    for place in (0..issued.token.len()).step_by(13) {
        let mut bytes = issued.token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        tampered.push(String::from_utf8(bytes).expect("ASCII"));
    }
    for token in tampered {
        assert_eq!(world.service.refused(validating(&token)).await, "token_invalid", "{token:?}");
    }
    assert_eq!(world.service.refused_sql("validate_delegation_token_v1", "null").await, "token_invalid");
    world.service.call(validating(&issued.token)).await;

    // A token that is stored but was signed with another key, as after a forged row, is refused by its signature.
    let other = team.owner.call(RotateServiceKeyV1::new(team.tenant, SERVICE)).await;
    world.operate(&format!("update public.delegation_tokens set key_id = '{other}'")).await;
    assert_eq!(world.service.refused(validating(&issued.token)).await, "token_invalid");
    world.operate(&format!("update public.delegation_tokens set key_id = '{}'", team.key)).await;
    world.service.call(validating(&issued.token)).await;
    // A hash in the table does not replace the signature.
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let unsigned = format!("{header}.{payload}.{first}{}", &signature[1..]);
    world.operate(&format!("update public.delegation_tokens set token_hash = encode(sha256('{unsigned}'), 'hex')")).await;
    assert_eq!(world.service.refused(validating(&unsigned)).await, "token_invalid");
    world.operate(&format!("update public.delegation_tokens set token_hash = encode(sha256('{}'), 'hex')", issued.token)).await;
    world.service.call(validating(&issued.token)).await;
    // And so is one whose delegation has another user.
    world.operate(&format!("update public.delegations set user_id = '{OWNER}'")).await;
    assert_eq!(world.service.refused(validating(&issued.token)).await, "token_invalid");
}

async fn revoked_by(world: &World, team: &Team, session: &Session, may: bool) {
    let issued = team.token().await;
    let request = RevokeDelegationV1::new(issued.delegation_id);
    if may {
        assert!(session.call(request).await);
        assert_eq!(world.service.refused(validating(&issued.token)).await, "token_revoked");
    } else {
        assert_eq!(session.refused(request).await, "delegation_not_found", "others learn nothing of it");
        world.service.call(validating(&issued.token)).await;
    }
}

/// Who may revoke: the user, admins of the tenant, services and the operator; to anybody else it does not exist.
pub async fn who_may_revoke(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let foreign = team.stranger.call(CreateTenantV1::new("Other")).await;
    team.stranger.call(AssertTenantMemberV1::new(foreign).with_min_role("owner")).await;
    revoked_by(&world, &team, &team.guest, false).await;
    revoked_by(&world, &team, &team.stranger, false).await;
    for session in [&team.member, &team.admin, &team.owner, &world.service, &world.operator] {
        revoked_by(&world, &team, session, true).await;
    }
    // A member who is no admin may not revoke what others delegated.
    let owners = only(team.owner.call(team.issuing()).await);
    assert_eq!(team.member.refused(RevokeDelegationV1::new(owners.delegation_id)).await, "delegation_not_found");
    for session in [&team.owner, &world.service] {
        assert_eq!(session.refused(RevokeDelegationV1::new(Uuid::from_u128(9))).await, "delegation_not_found");
        assert_eq!(session.refused_sql("revoke_delegation_v1", "null").await, "delegation_not_found");
    }
    // Who has left the tenant, or whose tenant is suspended, may still take back what he gave.
    let issued = team.token().await;
    world.operate(&format!("delete from public.tenant_members where user_id = '{MEMBER}'; update public.tenants set status = 'suspended'")).await;
    assert!(team.member.call(RevokeDelegationV1::new(issued.delegation_id)).await);
}

/// A revocation ends all tokens of the delegation and no other.
pub async fn revoking_ends_its_tokens(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let first = team.token().await;
    let second = team.token().await;
    let owners = only(team.owner.call(team.issuing()).await);
    assert!(team.admin.call(RevokeDelegationV1::new(first.delegation_id)).await);
    for token in [&first.token, &second.token] {
        assert_eq!(world.service.refused(validating(token)).await, "token_revoked");
    }
    world.service.call(validating(&owners.token)).await;
    let row: Delegations = team.member.row("true").await;
    assert!(row.revoked_at.is_some());
    let third = team.token().await;
    assert_ne!(third.delegation_id, first.delegation_id);
    world.service.call(validating(&third.token)).await;
    assert_eq!(world.service.refused(validating(&first.token)).await, "token_revoked", "a new delegation revives no old token");
}
