//! Who may call and read what.

use std::collections::BTreeSet;

use trust_lite::enums::{ActorType, EnforcementLevel, RiskTier};
use trust_lite::functions::*;
use trust_lite::tables::*;
use trust_schema::live::server::API_ROLES;
use uuid::Uuid;

use crate::coverage;
use crate::support::{Cell, MEMBER, OWNER, SERVICE, STRANGER, Session, Statement, Table, World, name_of};

/// A call of every function, of which the guards refuse whoever may not make it.
fn samples() -> Vec<Box<dyn Statement>> {
    let tenant = Uuid::from_u128(1);
    vec![
        Box::new(AssertTenantMemberV1::new(tenant)),
        Box::new(GetUserTenantIdV1::new()),
        Box::new(CreateTenantV1::new("x")),
        Box::new(AddTenantMemberV1::new(tenant, MEMBER)),
        Box::new(ValidateScopesV1::new(vec!["dm:read".to_owned()])),
        Box::new(PurgeServiceKeysV1::new()),
        Box::new(AssertServiceActiveV1::new(tenant, SERVICE)),
        Box::new(CreateServiceIdentityV1::new(tenant, SERVICE)),
        Box::new(RotateServiceKeyV1::new(tenant, SERVICE)),
        Box::new(GetServiceKeyV1::new(tenant, SERVICE, "key")),
        Box::new(PurgeDelegationTokensV1::new()),
        Box::new(PurgeRiskEventsV1::new()),
        Box::new(RecordRiskEventV1::new(ActorType::Ip, "192.0.2.1", "x")),
        Box::new(CalculateTrustScoreV1::new(ActorType::Ip, "192.0.2.1")),
        Box::new(GetTrustTierV1::new()),
        Box::new(SetEnforcementLevelV1::new(ActorType::Ip, "192.0.2.1", EnforcementLevel::E1, "x")),
        Box::new(EnforceRateLimitV1::new("dm:create", ActorType::Ip, "192.0.2.1")),
        Box::new(IssueDelegationTokenV1::new(SERVICE, vec!["dm:read".to_owned()])),
        Box::new(ValidateDelegationTokenV1::new("x.y.z")),
        Box::new(RevokeDelegationV1::new(tenant)),
        Box::new(CleanupPhase1RetentionV1::new()),
    ]
}

pub async fn anon_executes_nothing(cell: Cell) {
    let world = World::open(cell).await;
    let anon = world.session("anon").await.with_claims(format!("{{\"sub\": \"{OWNER}\", \"role\": \"service_role\"}}"));
    for sample in samples() {
        assert_eq!(anon.refused_statement(&*sample).await, "42501", "{}", sample.function());
    }
}

pub async fn roles_execute_what_the_contract_says(cell: Cell) {
    let world = World::open(cell).await;
    let samples = samples();
    let sampled: BTreeSet<String> = samples.iter().map(|sample| sample.function()).collect();
    let callable = coverage::callable();
    assert_eq!(sampled, callable.iter().map(|(name, _)| name.clone()).collect(), "there is a sample of every function");
    for role in API_ROLES {
        let session = world.session(role).await;
        for sample in &samples {
            let granted = callable.iter().any(|(name, roles)| *name == sample.function() && roles.iter().any(|granted| granted == role));
            if !granted {
                assert_eq!(session.refused_statement(&**sample).await, "42501", "{role} calls {}", sample.function());
            }
        }
    }
}

pub async fn without_an_actor_nothing_runs(cell: Cell) {
    let world = World::open(cell).await;
    let callable = coverage::callable();
    let users: Vec<_> = samples()
        .into_iter()
        .filter(|sample| callable.iter().any(|(name, roles)| *name == sample.function() && roles.iter().any(|role| role == "authenticated")))
        .collect();
    assert!(!users.is_empty());
    let malformed = [
        "",
        "{}",
        "not json",
        "[]",
        "null",
        "{\"sub\": null}",
        "{\"sub\": \"\"}",
        "{\"sub\": \"admin\"}",
        "{\"sub\": 7}",
        "{\"sub\": {\"sub\": \"a0000000-0000-4000-8000-000000000001\"}}",
        "{\"sub\": \"a0000000-0000-4000-8000-000000000001' or true --\"}",
        "{\"sub\": \"{a0000000-0000-4000-8000-000000000001}\"}",
        "{\"user_id\": \"a0000000-0000-4000-8000-000000000001\"}",
    ];
    for claims in malformed {
        let session = world.session("authenticated").await.with_claims(claims);
        for sample in &users {
            assert_eq!(session.refused_statement(&**sample).await, "actor_context_required", "{} with {claims:?}", sample.function());
        }
    }

    // The older setting of the gateway contradicts the newer one.
    let session = world.user(OWNER).await;
    session.client().batch_execute(&format!("set request.jwt.claim.sub = '{STRANGER}'")).await.expect("a setting");
    assert_eq!(session.refused(CreateTenantV1::new("x")).await, "actor_context_required");

    // The owner under SET ROLE is no operator, and nobody else either.
    let changed = world.another_operator().await;
    changed.client().batch_execute("set role sb_postgres").await.expect("the operator becomes himself");
    for sample in samples() {
        assert_eq!(changed.refused_statement(&*sample).await, "actor_context_required", "{}", sample.function());
    }
}

pub async fn claims_raise_no_role(cell: Cell) {
    let world = World::open(cell).await;
    for role in ["service_role", "postgres", "sb_postgres"] {
        let claims = format!("{{\"sub\": \"{MEMBER}\", \"role\": \"{role}\"}}");
        let session = world.session("authenticated").await.with_claims(claims);
        assert_eq!(session.refused(PurgeRiskEventsV1::new()).await, "42501");
        assert_eq!(session.refused(GetTrustTierV1::new().with_actor_id(OWNER.to_string())).await, "actor_mismatch");
        assert_eq!(session.refused(GetUserTenantIdV1::new().with_user_id(OWNER)).await, "actor_mismatch");
        assert_eq!(session.call(GetTrustTierV1::new()).await, RiskTier::B, "the user stays a user");
    }
    // A service role with the claims of a user is a service.
    let service = world.session("service_role").await.with_claims(format!("{{\"sub\": \"{MEMBER}\", \"role\": \"authenticated\"}}"));
    assert_eq!(service.refused(GetTrustTierV1::new()).await, "actor_context_required", "a service is nobody to ask about");
    assert_eq!(service.call(GetTrustTierV1::new().with_actor_id(OWNER.to_string())).await, RiskTier::B);
}

pub async fn the_operator_passes_as_a_service(cell: Cell) {
    let world = World::open(cell).await;
    let operator = &world.operator;
    operator.call(RecordRiskEventV1::new(ActorType::Org, "acme", "x")).await;
    operator.call(CalculateTrustScoreV1::new(ActorType::Org, "acme")).await;
    operator.call(SetEnforcementLevelV1::new(ActorType::Org, "acme", EnforcementLevel::E1, "x")).await;
    assert!(operator.call(EnforceRateLimitV1::new("dm:create", ActorType::Org, "acme")).await);
    operator.call(ValidateScopesV1::new(vec!["dm:read".to_owned()])).await;
    operator.call(CleanupPhase1RetentionV1::new()).await;
    assert_eq!(operator.call(GetUserTenantIdV1::new().with_user_id(OWNER)).await, None);

    // He is no user, and does not become one by claims.
    assert_eq!(operator.refused(CreateTenantV1::new("x")).await, "actor_context_required");
    let claiming = world.another_operator().await.with_claims(format!("{{\"sub\": \"{OWNER}\"}}"));
    assert_eq!(claiming.refused(CreateTenantV1::new("x")).await, "actor_context_required");
    assert_eq!(claiming.refused(GetTrustTierV1::new()).await, "actor_context_required");
}

/// How many rows a session sees, or the error.
async fn seen<T: Table>(session: &Session) -> String {
    match session.rows::<T>("true").await {
        Ok(rows) => rows.len().to_string(),
        Err(error) => name_of(&error),
    }
}

pub async fn readers_see_their_rows(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    team.token().await;
    team.stranger.call(CreateTenantV1::new("Elsewhere")).await;
    for actor in [MEMBER, OWNER] {
        world.service.call(RecordRiskEventV1::new(ActorType::User, actor.to_string(), "x")).await;
        world.service.call(CalculateTrustScoreV1::new(ActorType::User, actor.to_string())).await;
    }
    // An actor of another kind with the id of a user is not that user.
    world.service.call(CalculateTrustScoreV1::new(ActorType::Device, MEMBER.to_string())).await;
    world.operate("update public.rate_limit_configs set enabled = false where tier = 'A'").await;
    let anon = world.session("anon").await;

    macro_rules! seen {
        ($table:ident: $owner:expr, $admin:expr, $member:expr, $guest:expr, $stranger:expr, $service:expr) => {
            let sessions = [&team.owner, &team.admin, &team.member, &team.guest, &team.stranger, &world.service];
            let expected = [$owner, $admin, $member, $guest, $stranger, $service];
            for (number, (session, expected)) in sessions.iter().zip(expected).enumerate() {
                assert_eq!(seen::<$table>(session).await, expected.to_string(), "{} by session {number}", $table::NAME);
            }
            assert_eq!(seen::<$table>(&anon).await, "42501", "{} by anon", $table::NAME);
        };
    }
    seen!(Tenants: 1, 1, 1, 1, 1, 2);
    seen!(TenantMembers: 4, 4, 4, 4, 1, 5);
    seen!(ScopeDefinitions: 9, 9, 9, 9, 9, 9);
    seen!(ServiceIdentities: 1, 1, 0, 0, 0, 1);
    seen!(ServiceKeys: "42501", "42501", "42501", "42501", "42501", "42501");
    seen!(Delegations: 0, 0, 1, 0, 0, 1);
    seen!(DelegationTokens: "42501", "42501", "42501", "42501", "42501", "42501");
    seen!(TrustProfiles: 1, 0, 1, 0, 0, 3);
    seen!(RiskEvents: "42501", "42501", "42501", "42501", "42501", "2");
    seen!(RateLimitConfigs: 9, 9, 9, 9, 9, 12);
    seen!(RateLimitCounters: "42501", "42501", "42501", "42501", "42501", "42501");
}
