//! With 100 000 rows, a monitor over a big table reads what it counts through an index.

use serde_json::Value;
use tests::postgres;
use tokio_postgres::Client;
use trust_schema::live::server::Regime;

use crate::support::deployed;

const ROWS: &str = "
insert into public.risk_events (actor_type, actor_id, event_type, created_at)
select 'ip', (n % 1000)::text, 'x', now() - n * interval '2 minutes' from generate_series(1, 100000) as n;
insert into trust_private.rate_limit_counters (action, actor_type, actor_id, denied, last_denied_at)
select 'dm:create', 'device', n::text, 1, case when n % 100 = 0 then now() - n * interval '1 minute' end from generate_series(1, 100000) as n;
analyze public.risk_events, trust_private.rate_limit_counters";

/// The nodes of a plan that read a whole table.
fn scans(plan: &Value, found: &mut Vec<String>) {
    if plan["Node Type"] == "Seq Scan" {
        found.push(plan["Relation Name"].as_str().unwrap_or_default().to_owned());
    }
    for below in plan["Plans"].as_array().into_iter().flatten() {
        scans(below, found);
    }
}

async fn whole_tables(client: &Client, view: &str) -> Vec<String> {
    let row = client.query_one(&format!("explain (format json) select * from trust_private.{view}"), &[]).await.unwrap();
    let plan: Value = row.get(0);
    let mut found = Vec::new();
    scans(&plan[0]["Plan"], &mut found);
    found
}

#[tokio::test]
async fn monitors_use_indexes() {
    let system = deployed(postgres::any_major(), Regime::Hardened).await;
    for statement in ROWS.split(';') {
        system.deployer.batch_execute(statement).await.unwrap();
    }
    for view in ["monitor_risk_event_rate", "monitor_rate_limit_hits"] {
        assert_eq!(whole_tables(&system.deployer, view).await, Vec::<String>::new(), "{view}");
    }
    // Tables that are empty here are scanned; the big one is not.
    let scanned = whole_tables(&system.deployer, "monitor_retention_lag").await;
    assert!(!scanned.contains(&"risk_events".to_owned()), "{scanned:?}");
    // Without the index the figures would need the scan: the test can fail.
    system.deployer.batch_execute("drop index trust_private.rate_limit_counters_last_denied_at_idx").await.unwrap();
    assert_eq!(whole_tables(&system.deployer, "monitor_rate_limit_hits").await, ["rate_limit_counters"]);
}
