//! The statements inside the functions.

use serde_json::Value;
use tests::benchmark;
use trust_schema::live::server::Scratch;

use crate::plans::{self, explaining};
use crate::{FEW, MANY};

/// Calls from which the cheapest is taken: the first of a session reads the catalog, and the first five of each statement are planned anew,
/// for which the planner looks at the ends of indexes.
const CALLS: u32 = 8;
/// Pages by which one look-up may grow between the two sizes: an index of 100 000 rows is two levels higher than one of 100, and finds its
/// row on a page of its own.
const PAGES_FOR_EACH_LOOK_UP: u64 = 3;

/// What a call did at its cheapest.
struct Cost {
    pages: u64,
    /// Statements, their scans and the indexes that they keep up.
    look_ups: u64,
    sequential: Vec<String>,
    statements: usize,
}

async fn cost(major: u32, database: &Scratch, name: &str, script: &str, rows: u32) -> Cost {
    let (client, found) = explaining(major, database.name()).await;
    client.batch_execute("set session authorization authenticator").await.unwrap();
    let mut costs = Vec::new();
    for call in 0..CALLS {
        found.lock().unwrap().clear();
        // Numbers that lie apart, each in the first and the last hundredth of the rows.
        let number = if call % 2 == 0 { 1 + call } else { rows - 1 - call };
        client.batch_execute(&benchmark::with_number(script, number)).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        // Notices stand in the stream in front of the end of the statement that they belong to.
        let seen = found.lock().unwrap().clone();
        costs.push(summary(&seen));
    }
    costs.into_iter().min_by_key(|cost| cost.pages).unwrap()
}

fn summary(plans: &[Value]) -> Cost {
    let scans =
        |plan: &Value| plans::nodes(plan).iter().filter(|node| node["Relation Name"].is_string() || node["Index Name"].is_string()).count() as u64;
    // A row written goes into each index of its table: up to seven here, of which each is one look-up.
    let writes = |plan: &Value| plans::nodes(plan).iter().filter(|node| node["Node Type"] == "ModifyTable").count() as u64 * 7;
    Cost {
        // The outermost statement counts what those within it touch.
        pages: plans.iter().map(plans::pages).max().unwrap_or_default(),
        look_ups: plans.iter().map(|plan| scans(plan) + writes(plan)).sum(),
        sequential: plans.iter().flat_map(|plan| plans::sequential_scans(plan)).map(str::to_owned).collect(),
        statements: plans.len(),
    }
}

/// Tables that stay as small as they are, whatever the number of users.
const SMALL: &[&str] = &["encryption_keys"];

fn problems(name: &str, few: &Cost, many: &Cost) -> Vec<String> {
    let mut problems = Vec::new();
    for table in many.sequential.iter().filter(|table| !SMALL.contains(&table.as_str())) {
        problems.push(format!("{name} reads all of {table}"));
    }
    let bound = few.pages + PAGES_FOR_EACH_LOOK_UP * many.look_ups;
    if many.pages > bound {
        problems.push(format!("{name} touches {} pages among {FEW} rows and {} among {MANY}: more than {bound}", few.pages, many.pages));
    }
    problems
}

pub async fn hold(major: u32, few: &Scratch, many: &Scratch) {
    let mut found = Vec::new();
    let mut statements = 0;
    for (name, script) in benchmark::scripts() {
        let (small, large) = (cost(major, few, name, script, FEW).await, cost(major, many, name, script, MANY).await);
        println!("{major} {name}: {} → {} pages, {} statements, {} look-ups", small.pages, large.pages, large.statements, large.look_ups);
        assert!(large.statements > 1, "{name}: nothing but {} statements was explained", large.statements);
        statements += large.statements;
        found.extend(problems(name, &small, &large));
    }
    assert!(found.is_empty(), "{major}: {}", found.join("\n"));
    println!("{major}: {statements} plans of functions");
}

/// The check reports what it is there for.
pub async fn report_a_missing_index(major: u32, few: &Scratch, many: &Scratch) {
    let administrator = many.connect_as_administrator().await.unwrap();
    administrator.batch_execute("drop index public.tenant_members_user_id_idx").await.unwrap();
    let (name, script) = benchmark::scripts().find(|(name, _)| *name == "get_user_tenant_id_v1").unwrap();
    let found = problems(name, &cost(major, few, name, script, FEW).await, &cost(major, many, name, script, MANY).await);
    assert!(found.iter().any(|problem| problem.contains("pages among")), "{major}: {found:?}");
    administrator.batch_execute("create index tenant_members_user_id_idx on public.tenant_members (user_id)").await.unwrap();
}
