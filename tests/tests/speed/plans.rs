//! Plans as `auto_explain` and EXPLAIN write them.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tests::postgres;
use tokio_postgres::{AsyncMessage, Client, NoTls};

/// A session of the superuser in which every statement, however deep, is explained.
pub async fn explaining(major: u32, database: &str) -> (Client, Arc<Mutex<Vec<Value>>>) {
    let (client, mut connection) = postgres::cluster(major).config(database, "postgres").connect(NoTls).await.unwrap();
    let plans = Arc::new(Mutex::new(Vec::new()));
    let found = Arc::clone(&plans);
    tokio::spawn(async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            let Ok(AsyncMessage::Notice(notice)) = message else { continue };
            if let Some((_, plan)) = notice.message().split_once("plan:\n") {
                found.lock().unwrap().push(serde_json::from_str(plan).unwrap());
            }
        }
    });
    client
        .batch_execute(
            "load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
             set auto_explain.log_analyze = on; set auto_explain.log_buffers = on; set auto_explain.log_timing = off;
             set auto_explain.log_format = json; set auto_explain.log_level = notice;",
        )
        .await
        .unwrap();
    (client, plans)
}

/// Every node of a plan, the outermost first.
pub fn nodes(plan: &Value) -> Vec<&Value> {
    let mut found = vec![&plan["Plan"]];
    let mut next = 0;
    while let Some(node) = found.get(next).copied() {
        found.extend(node["Plans"].as_array().into_iter().flatten());
        next += 1;
    }
    found
}

/// The pages that a plan touched.
pub fn pages(plan: &Value) -> u64 {
    ["Shared Hit Blocks", "Shared Read Blocks"].iter().map(|key| plan["Plan"][key].as_u64().unwrap_or_default()).sum()
}

/// The tables that a plan reads from end to end.
pub fn sequential_scans(plan: &Value) -> Vec<&str> {
    nodes(plan).into_iter().filter(|node| node["Node Type"] == "Seq Scan").filter_map(|node| node["Relation Name"].as_str()).collect()
}
