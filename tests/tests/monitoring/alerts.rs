//! Every alert is false on a quiet system, and true once its cause is there.

use tests::postgres;
use tokio_postgres::Client;
use trust_schema::live::server::Regime;

use crate::figures::traffic;
use crate::spec::monitoring;
use crate::support::{deployed, scrape, scrape_until, text, yaml};

/// An alert's metric, and what brings it about.
const CAUSES: &[(&str, &str)] = &[
    (
        "trust_lite_delegation_token_growth_firing",
        "insert into public.delegation_tokens (tenant_id, delegation_id, service_id, key_id, token_hash, jti, expires_at)
         select t.tenant_id, t.delegation_id, t.service_id, t.key_id, encode(sha256(n::text::bytea), 'hex'), gen_random_uuid(), t.expires_at
         from (select * from public.delegation_tokens limit 1) as t, generate_series(1, 9998) as n",
    ),
    (
        "trust_lite_risk_event_rate_firing",
        "insert into public.risk_events (actor_type, actor_id, event_type) select 'ip', '192.0.2.9', 'x' from generate_series(1, 1001)",
    ),
    (
        "trust_lite_trust_score_distribution_firing{risk_tier=\"D\"}",
        "insert into public.trust_profiles (actor_type, actor_id, trust_score, risk_tier) select 'device', n::text, 3, 'D' from generate_series(1, 100) as n",
    ),
    (
        "trust_lite_rate_limit_hits_firing{action=\"dm:create\"}",
        "insert into trust_private.rate_limit_counters (action, actor_type, actor_id, denied, last_denied_at)
         select 'dm:create', 'device', n::text, 1, now() from generate_series(1, 100) as n",
    ),
    (
        "trust_lite_retention_lag_firing{table_name=\"risk_events\"}",
        "insert into public.risk_events (actor_type, actor_id, event_type, created_at) values ('ip', '192.0.2.9', 'x', now() - interval '367 days')",
    ),
];

#[tokio::test]
async fn every_alert_is_provoked() {
    let system = deployed(postgres::any_major(), Regime::Hardened).await;
    let exporter = system.database.connect_as(&system.role).await.unwrap();
    traffic(&system).await;
    let quiet = scrape(&exporter).await;
    let firing = |samples: &crate::support::Samples| -> Vec<String> {
        samples
            .iter()
            .filter(|(key, value)| key.contains("_firing") && !key.contains("firing_rows") && **value == 1.0)
            .map(|(key, _)| key.clone())
            .collect()
    };
    // This server has no pg_cron: that is the one thing to tell.
    let jobs = ["phase1_retention", "phase1_upkeep"].map(|job| format!("trust_lite_schedule_health_firing{{job_name=\"{job}\"}}"));
    assert_eq!(firing(&quiet), jobs);

    let mut provoked: Vec<String> = jobs.to_vec();
    for (metric, cause) in CAUSES {
        assert_ne!(quiet.get(*metric), Some(&1.0), "{metric}");
        system.deployer.batch_execute(cause).await.unwrap_or_else(|error| panic!("{metric}: {error:?}"));
        provoked.push((*metric).to_owned());
        provoked.sort();
        assert_eq!(firing(&scrape(&exporter).await), provoked, "after\n{cause}");
    }
    // Requests that the API's gateway would send, all of which fail.
    let metric = "trust_lite_transaction_failures_firing";
    let client = system.database.connect_as("anon").await.unwrap();
    for _ in 0..120 {
        client.batch_execute("select public.create_tenant_v1('x')").await.unwrap_err();
    }
    drop(client);
    let failing = scrape_until(&exporter, |samples| samples[metric] == 1.0).await;
    assert!(failing["trust_lite_transaction_failures_rolled_back"] >= 120.0);
    assert!(failing["trust_lite_transaction_failures_failure_share"] > 0.05);
    provoked.push(metric.to_owned());

    // Nothing is left out: each rule looks at a metric that was provoked here, or at the exporter itself.
    let rules = yaml(monitoring("alerts.yaml"));
    let mut unprovoked = Vec::new();
    for rule in rules["groups"][0]["rules"].as_array().unwrap() {
        let expression = text(&rule["expr"]);
        if !provoked.iter().any(|metric| expression.contains(&format!("({})", metric.split('{').next().unwrap()))) {
            unprovoked.push(text(&rule["alert"]));
        }
    }
    assert_eq!(unprovoked, ["TrustLiteMonitoringMissing", "TrustLiteFunctionsUntracked"]);
}

/// The tables of pg_cron 1.4 as far as the monitor reads them, without the extension: what they hold is up to this test.
const CRON: &str = "
create schema cron;
create table cron.job (jobid bigint primary key, jobname name, active boolean, username text, database text);
create table cron.job_run_details (runid bigint primary key, jobid bigint, status text, start_time timestamptz, end_time timestamptz);
grant usage on schema cron to public;
grant select on all tables in schema cron to public;
insert into cron.job
select n, j, true, (select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'trust_private'), current_database()
from unnest(array['phase1_retention', 'phase1_upkeep']) with ordinality as t (j, n);
insert into cron.job_run_details values
  (1, 1, 'succeeded', now() - interval '2 hours', now() - interval '2 hours'),
  (2, 2, 'succeeded', now() - interval '4 minutes', now() - interval '4 minutes');";

#[tokio::test]
async fn the_schedule_is_watched() {
    let system = deployed(postgres::any_major(), Regime::Hardened).await;
    let exporter = system.database.connect_as(&system.role).await.unwrap();
    let health = async |exporter: &Client| {
        let samples = scrape(exporter).await;
        ["phase1_retention", "phase1_upkeep"].map(|job| samples[&format!("trust_lite_schedule_health_firing{{job_name=\"{job}\"}}")])
    };
    assert_eq!(health(&exporter).await, [1.0, 1.0], "without pg_cron");
    system.administrator.batch_execute(CRON).await.unwrap();
    assert_eq!(health(&exporter).await, [0.0, 0.0], "both jobs succeed");
    for (change, expected) in [
        ("insert into cron.job_run_details values (3, 2, 'failed', now(), now())", [0.0, 1.0]),
        ("delete from cron.job_run_details where runid = 3", [0.0, 0.0]),
        ("update cron.job_run_details set end_time = now() - interval '27 hours' where runid = 1", [1.0, 0.0]),
        ("update cron.job_run_details set end_time = now() - interval '31 minutes' where runid = 2", [1.0, 1.0]),
        ("update cron.job_run_details set end_time = now()", [0.0, 0.0]),
        ("update cron.job set active = false where jobid = 1", [1.0, 0.0]),
        ("update cron.job set database = 'other', active = true", [1.0, 1.0]),
    ] {
        system.administrator.batch_execute(change).await.unwrap();
        assert_eq!(health(&exporter).await, expected, "{change}");
    }
}
