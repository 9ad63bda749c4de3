//! Row-level security: what a policy asks about the caller is asked once, and rows are found by an index.

use serde_json::Value;
use tokio_postgres::Client;
use trust_schema::live::server::Scratch;

use crate::plans;

/// The user of the benchmarks' number 7.
const USER: &str = "00000000-0000-0000-0000-000000000007";

/// Every table with a policy under which users read: schema and name, and whether the policy asks who is calling.
const TABLES: &str = "select format('%I.%I', n.nspname, c.relname), bool_or(pg_get_expr(p.polqual, p.polrelid) ~ '\\(')
    from pg_policy as p join pg_class as c on c.oid = p.polrelid join pg_namespace as n on n.oid = c.relnamespace
    where p.polcmd in ('r', '*') and (p.polroles = '{0}' or 'authenticated'::regrole = any (p.polroles)) group by 1 order by 1";

async fn plan(client: &mut Client, table: &str) -> Value {
    let transaction = client.transaction().await.unwrap();
    let request = format!(
        "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{{\"sub\": \"{USER}\", \"role\": \"authenticated\"}}', true)"
    );
    transaction.batch_execute(&request).await.unwrap();
    let row =
        transaction.query_one(&format!("explain (analyze, buffers, verbose, timing off, format json) select * from {table}"), &[]).await.unwrap();
    let mut plans: Vec<Value> = serde_json::from_value(row.get(0)).unwrap();
    plans.remove(0)
}

fn problems(table: &str, asks: bool, plan: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let mut asked = 0;
    for node in plans::nodes(plan) {
        let name = node["Subplan Name"].as_str().unwrap_or_default();
        if name.starts_with("SubPlan") {
            problems.push(format!("{table}: {name} is run for each row"));
        }
        if name.starts_with("InitPlan") {
            asked += 1;
            if node["Actual Loops"].as_f64() != Some(1.0) {
                problems.push(format!("{table}: {name} is run {} times", node["Actual Loops"]));
            }
        }
        // What stands in a condition of a scan is evaluated with every row of it.
        for key in ["Filter", "Index Cond", "Recheck Cond", "Join Filter", "Hash Cond"] {
            let condition = node[key].as_str().unwrap_or_default();
            if ["current_setting", "auth.", "trust_private."].iter().any(|call| condition.contains(call)) && node["Relation Name"].is_string() {
                problems.push(format!("{table}: {key} {condition} asks for every row"));
            }
        }
    }
    if asks {
        if asked == 0 {
            problems.push(format!("{table}: nothing is asked once"));
        }
        problems.extend(plans::sequential_scans(plan).iter().map(|scanned| format!("{table}: {scanned} is read from end to end")));
        if plan["Plan"]["Actual Rows"].as_f64().is_none_or(|rows| !(1.0..=10.0).contains(&rows)) {
            problems.push(format!("{table}: {} rows instead of a few", plan["Plan"]["Actual Rows"]));
        }
        let pages = plans::pages(plan);
        if pages > 60 {
            problems.push(format!("{table}: {pages} pages"));
        }
    }
    problems
}

async fn all(many: &Scratch) -> (usize, Vec<String>) {
    let administrator = many.connect_as_administrator().await.unwrap();
    let tables = administrator.query(TABLES, &[]).await.unwrap();
    let mut client = many.connect_as("authenticator").await.unwrap();
    let mut found = Vec::new();
    for row in &tables {
        let (table, asks): (String, bool) = (row.get(0), row.get(1));
        // The first of a session reads the catalog.
        plan(&mut client, &table).await;
        let plan = plan(&mut client, &table).await;
        println!("{table}: {} pages, asks: {asks}", plans::pages(&plan));
        found.extend(problems(&table, asks, &plan));
    }
    (tables.len(), found)
}

pub async fn hold(major: u32, many: &Scratch) {
    let (tables, found) = all(many).await;
    assert!(tables >= 7, "{major}: policies of {tables} tables");
    assert!(found.is_empty(), "{major}: {}", found.join("\n"));
}

/// The check reports what it is there for.
pub async fn report_mutants(major: u32, many: &Scratch) {
    let administrator = many.connect_as_administrator().await.unwrap();
    let mutants = [
        ("drop index public.delegations_user_id_idx", "is read from end to end"),
        ("alter policy users_read_their_delegations on public.delegations using (user_id = auth.uid())", "asks for every row"),
        (
            "alter policy users_read_their_delegations on public.delegations using (tenant_id in (select trust_private.my_tenant_ids()) and (select user_id = auth.uid()))",
            "is run for each row",
        ),
    ];
    for (mutant, expected) in mutants {
        administrator.batch_execute(mutant).await.unwrap();
        let (_, found) = all(many).await;
        assert!(found.iter().any(|problem| problem.contains(expected)), "{major}: {mutant}: {found:?}");
    }
}
