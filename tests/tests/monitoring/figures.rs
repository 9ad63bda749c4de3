//! The figures after real traffic, through the generated client.

use tests::postgres;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Transaction};
use trust_lite::enums::ActorType;
use trust_lite::functions::{
    CalculateTrustScoreV1, CreateServiceIdentityV1, CreateTenantV1, EnforceRateLimitV1, IssueDelegationTokenV1, RecordRiskEventV1, RotateServiceKeyV1,
};
use trust_schema::live::server::Regime;
use uuid::Uuid;

use crate::spec::outputs;
use crate::support::{Deployed, deployed, queries, scrape, scrape_until};

/// A transaction with the claims of a user, as PostgREST opens it.
async fn signed_in(client: &mut Client, user: Uuid) -> Transaction<'_> {
    let transaction = client.transaction().await.unwrap();
    let claims = format!("{{\"sub\": \"{user}\", \"role\": \"authenticated\"}}");
    transaction.execute("select set_config('request.jwt.claims', $1, true)", &[&claims]).await.unwrap();
    transaction
}

/// A tenant with a service; three tokens; four events of one actor; a limit that is exceeded once.
pub async fn traffic(system: &Deployed) {
    let user = Uuid::from_u128(7);
    system.administrator.execute("insert into auth.users (id) values ($1)", &[&user]).await.unwrap();
    let key = "insert into trust_private.encryption_keys (key_id, secret) values ('default', gen_random_uuid()::text || gen_random_uuid()::text) on conflict (key_id) do nothing";
    system.deployer.batch_execute(key).await.unwrap();
    let mut authenticated = system.database.connect_as("authenticated").await.unwrap();
    let transaction = signed_in(&mut authenticated, user).await;
    let tenant = CreateTenantV1::new("Observed").call(&transaction).await.unwrap();
    transaction.commit().await.unwrap();
    let transaction = signed_in(&mut authenticated, user).await;
    CreateServiceIdentityV1::new(tenant, "watcher").call(&transaction).await.unwrap();
    transaction.commit().await.unwrap();
    let service = system.database.connect_as("service_role").await.unwrap();
    let transaction = signed_in(&mut authenticated, user).await;
    RotateServiceKeyV1::new(tenant, "watcher").call(&transaction).await.unwrap();
    transaction.commit().await.unwrap();
    for _ in 0..3 {
        let transaction = signed_in(&mut authenticated, user).await;
        IssueDelegationTokenV1::new("watcher", vec!["dm:read".to_owned()]).call(&transaction).await.unwrap();
        transaction.commit().await.unwrap();
    }
    for _ in 0..4 {
        RecordRiskEventV1::new(ActorType::Ip, "192.0.2.1", "failed_login").with_weight("5".parse().unwrap()).call(&service).await.unwrap();
    }
    CalculateTrustScoreV1::new(ActorType::Ip, "192.0.2.1").call(&service).await.unwrap();
    // Tier B has a burst of 40.
    assert!(EnforceRateLimitV1::new("dm:create", ActorType::Ip, "192.0.2.7").with_cost(40).call(&service).await.unwrap());
    assert!(!EnforceRateLimitV1::new("dm:create", ActorType::Ip, "192.0.2.7").with_cost(40).call(&service).await.unwrap());
}

#[tokio::test]
async fn the_exporter_sees_what_happened() {
    for regime in Regime::ALL {
        let system = deployed(postgres::any_major(), regime).await;
        let exporter = system.database.connect_as(&system.role).await.unwrap();
        let before = scrape(&exporter).await;
        assert_eq!(before["trust_lite_risk_event_rate_events_last_minute"], 0.0);
        assert_eq!(before["trust_lite_database_functions_tracked"], 1.0);
        traffic(&system).await;
        let calls = |function: &str| format!("trust_lite_function_calls_total{{schema_name=\"public\",function_name=\"{function}\"}}");
        let table = |metric: &str, table: &str| format!("trust_lite_table_{metric}{{schema_name=\"public\",table_name=\"{table}\"}}");
        let recorded = calls("record_risk_event_v1");
        let inserted = table("inserted_rows_total", "risk_events");
        let after = scrape_until(&exporter, |samples| samples[&recorded] == 4.0 && samples[&inserted] == 4.0).await;
        for (key, expected) in [
            ("trust_lite_risk_event_rate_events_last_minute".to_owned(), 4.0),
            ("trust_lite_risk_event_rate_firing".to_owned(), 0.0),
            ("trust_lite_delegation_token_growth_tokens_last_hour".to_owned(), 3.0),
            ("trust_lite_rate_limit_hits_actors_denied_last_hour{action=\"dm:create\"}".to_owned(), 1.0),
            ("trust_lite_rate_limit_hits_denials_of_these_actors{action=\"dm:create\"}".to_owned(), 1.0),
            ("trust_lite_retention_lag_overdue_rows{table_name=\"risk_events\"}".to_owned(), 0.0),
            ("trust_lite_monitor_rows{monitor=\"retention_lag\"}".to_owned(), 3.0),
            ("trust_lite_monitor_firing_rows{monitor=\"retention_lag\"}".to_owned(), 0.0),
            (calls("issue_delegation_token_v1"), 3.0),
            (calls("enforce_rate_limit_v1"), 2.0),
            (calls("purge_risk_events_v1"), 0.0),
            (table("inserted_rows_total", "delegation_tokens"), 3.0),
            (table("live_rows", "tenants"), 1.0),
        ] {
            assert_eq!(after.get(&key), Some(&expected), "{key}: {after:#?}");
        }
        let scored: f64 =
            after.iter().filter(|(key, _)| key.starts_with("trust_lite_trust_score_distribution_profiles{")).map(|(_, value)| value).sum();
        let profiles: i64 = system.deployer.query_one("select count(*) from public.trust_profiles", &[]).await.unwrap().get(0);
        assert_eq!(scored, profiles as f64);
        assert!(profiles > 0);
        assert!(after[&recorded.replace("calls_total", "seconds_total")] > 0.0);
        assert!(after[&table("size_bytes", "risk_events")] > before[&table("size_bytes", "risk_events")]);
        assert!(after["trust_lite_retention_lag_oldest_timestamp_seconds{table_name=\"risk_events\"}"].is_nan(), "there is no oldest row");
    }
}

#[tokio::test]
async fn every_query_runs_on_every_version_as_its_role_and_for_no_client() {
    for &major in postgres::majors() {
        let system = deployed(major, Regime::Legacy).await;
        let exporter = system.database.connect_as(&system.role).await.unwrap();
        let samples = scrape(&exporter).await;
        let tables = samples.keys().filter(|key| key.starts_with("trust_lite_table_size_bytes{")).count();
        let declared: i64 =
            system.deployer.query_one("select count(*) from pg_tables where schemaname in ('public', 'trust_private')", &[]).await.unwrap().get(0);
        assert_eq!(tables as i64, declared, "PostgreSQL {major}: every table is measured");
        // Nothing beyond the monitors: no table, and no other function of the private schema.
        for statement in ["select from public.delegation_tokens", "select from trust_private.encryption_keys", "select trust_private.run_upkeep()"] {
            let refused = exporter.batch_execute(statement).await.unwrap_err();
            assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{statement}: {refused}");
        }
        let private: Vec<_> = queries().iter().filter(|query| query.sql.contains("trust_private.monitor_")).collect();
        assert_eq!(private.len(), 8, "the overview and seven monitors");
        for role in ["anon", "authenticated", "service_role"] {
            let client = system.database.connect_as(role).await.unwrap();
            for query in &private {
                let refused = client.query(&query.sql, &[]).await.unwrap_err();
                assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{role}, {}: {refused}", query.name);
            }
        }
        // The grants of role.sql change nothing that the verification looks at, and stand in the way of no rollback.
        system.deployer.batch_execute(&outputs().0["verification/assert.sql"]).await.unwrap();
        system.deployer.batch_execute(&outputs().0["rollback/full.sql"]).await.unwrap();
    }
}
