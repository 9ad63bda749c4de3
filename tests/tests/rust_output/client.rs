//! The generated client of Trust-lite, called on PostgreSQL in both regimes of Supabase.

use std::error::Error as Cause;

use tests::postgres;
use tokio_postgres::{Client, Transaction};
use trust_lite::enums::{ActorType, RiskTier};
use trust_lite::functions::{
    AssertTenantMemberV1, CalculateTrustScoreV1, CleanupPhase1RetentionV1, CleanupPhase1RetentionV1Row, CreateTenantV1, GetTrustTierV1,
    GetUserTenantIdV1, RecordRiskEventV1,
};
use trust_lite::tables::{RiskEvents, Tenants};
use trust_lite::{Error, MatchesTable};
use trust_schema::emit::{Files, sql};
use trust_schema::live::server::Regime;
use uuid::Uuid;

use crate::spec;

type Outcome = Result<(), Box<dyn Cause>>;

/// A struct by hand, checked against a generated constant.
#[derive(MatchesTable)]
#[matches(trust_lite::tables::RISK_EVENTS)]
#[allow(dead_code)]
struct Event {
    event_id: i64,
    actor_type: ActorType,
    request_id: Option<String>,
}

/// The migrations of Trust-lite, in the order of their names.
fn migrations() -> Vec<String> {
    let resolved = spec::compile(&spec::workspace().join("spec"));
    let resolution = resolved.resolution.expect("it has compiled");
    let mut files = Files::default();
    sql::migration::emit(&sql::Surroundings::new(&resolution, &resolved.sources), &mut files);
    files.0.into_values().collect()
}

#[tokio::test]
async fn the_client_calls_trust_lite() -> Outcome {
    let migrations = migrations();
    assert!(!migrations.is_empty());
    for regime in Regime::ALL {
        let database = postgres::database(postgres::any_major(), regime).await;
        let deployer = database.connect().await?;
        for migration in &migrations {
            deployer.batch_execute(&format!("begin;\n{migration}\ncommit;")).await?;
        }
        let user = Uuid::from_u128(7);
        let administrator = database.connect_as_administrator().await?;
        administrator.execute("insert into auth.users (id) values ($1)", &[&user]).await?;

        let mut authenticated = database.connect_as("authenticated").await?;
        let mut service = database.connect_as("service_role").await?;
        a_user_has_a_tenant(&mut authenticated, user).await?;
        a_service_records_events(&mut service).await?;
        errors_are_variants(&mut authenticated, user).await?;
    }
    Ok(())
}

/// A transaction with the claims of a user, as PostgREST opens it.
async fn signed_in(client: &mut Client, user: Uuid) -> Result<Transaction<'_>, tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    let claims = format!("{{\"sub\": \"{user}\", \"role\": \"authenticated\"}}");
    transaction.execute("select set_config('request.jwt.claims', $1, true)", &[&claims]).await?;
    Ok(transaction)
}

async fn a_user_has_a_tenant(client: &mut Client, user: Uuid) -> Outcome {
    let transaction = signed_in(client, user).await?;
    assert_eq!(GetUserTenantIdV1::new().call(&transaction).await?, None);
    let tenant = CreateTenantV1::new("Ünïcode & Söhne").call(&transaction).await?;
    assert_eq!(GetUserTenantIdV1::new().call(&transaction).await?, Some(tenant));
    AssertTenantMemberV1::new(tenant).with_min_role("owner").call(&transaction).await?;
    assert_eq!(GetTrustTierV1::new().call(&transaction).await?, RiskTier::B);

    let query = format!("select {} from public.tenants", Tenants::SELECT_LIST);
    let rows = transaction.query(&query, &[]).await?;
    let tenants: Vec<Tenants> = rows.iter().map(Tenants::try_from).collect::<Result<_, _>>()?;
    let found: Vec<_> = tenants.iter().map(|row| (row.tenant_id, row.name.as_str(), row.status.as_str())).collect();
    assert_eq!(found, [(tenant, "Ünïcode & Söhne", "active")]);
    transaction.commit().await?;
    Ok(())
}

async fn a_service_records_events(client: &mut Client) -> Outcome {
    let transaction = client.transaction().await?;
    let event = RecordRiskEventV1::new(ActorType::Ip, "192.0.2.1", "failed_login")
        .with_weight("12.5".parse()?)
        .with_meta(serde_json::json!({"path": "/login"}))
        .with_request_id("r1");
    let id = event.call(&transaction).await?;
    assert_eq!(event.call(&transaction).await?, id, "a request id is recorded once");
    let row = RecordRiskEventV1::new(ActorType::Ip, "192.0.2.1", "other").call(&transaction).await?;
    assert_ne!(row, id);

    let query = format!("select {} from public.risk_events where event_id = $1", RiskEvents::SELECT_LIST);
    let row = RiskEvents::try_from(&transaction.query_one(&query, &[&id]).await?)?;
    assert_eq!((row.actor_type, row.actor_id.as_str(), row.event_type.as_str()), (ActorType::Ip, "192.0.2.1", "failed_login"));
    assert_eq!((row.weight, row.meta, row.request_id.as_deref()), ("12.50".parse()?, Some(serde_json::json!({"path": "/login"})), Some("r1")));

    let score = CalculateTrustScoreV1::new(ActorType::Ip, "192.0.2.1").call(&transaction).await?;
    assert!(score > rust_decimal::Decimal::ZERO, "{score}");
    let tier = GetTrustTierV1::new().with_actor_type(ActorType::Ip).with_actor_id("192.0.2.1").call(&transaction).await?;
    assert!(RiskTier::ALL.contains(&tier));
    let purged = CleanupPhase1RetentionV1::new().call(&transaction).await?;
    assert_eq!(purged, CleanupPhase1RetentionV1Row { tokens_purged: 0, keys_purged: 0, events_purged: 0 });
    transaction.commit().await?;
    Ok(())
}

async fn errors_are_variants(client: &mut Client, user: Uuid) -> Outcome {
    let transaction = signed_in(client, user).await?;
    let error = CreateTenantV1::new(" ").call(&transaction).await.expect_err("the name is blank");
    assert_eq!(error.declared().map(|declared| (declared.sqlstate, declared.status)), Some(("PT400", 400)));
    let Error::InvalidTenantName(raised) = error else { return Err(error.into()) };
    assert_eq!(raised.detail.as_deref(), Some("A name has 1 to 200 characters and is not blank."));
    transaction.rollback().await?;

    let transaction = client.transaction().await?;
    let error = CreateTenantV1::new("x").call(&transaction).await.expect_err("nobody is signed in");
    assert!(matches!(error, Error::ActorContextRequired(_)), "{error}");
    transaction.rollback().await?;

    let transaction = signed_in(client, user).await?;
    let error = RecordRiskEventV1::new(ActorType::Ip, "192.0.2.1", "x").call(&transaction).await.expect_err("users record no events");
    let Error::Database(error) = error else { return Err(error.into()) };
    assert_eq!(error.code().map(|state| state.code()), Some("42501"), "permission denied");
    Ok(())
}
