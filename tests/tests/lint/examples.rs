//! Every rule finds its bad example and is silent about its good one: in the spec, and in the database that the spec makes.

use std::collections::BTreeSet;

use tests::compile::{Compiled, release};
use tests::postgres::{any_major, database};
use trust_schema::catalog::Catalog;
use trust_schema::lint::{Context, Example, Rule, Surroundings, rules, run};
use trust_schema::live::server::Regime;
use trust_schema::live::{self, introspect};
use trust_schema::resolve::resolve_after;

/// What stands before the table of the examples in no schema of theirs, and has no comment.
const ALWAYS: &str = "table public.notes";

fn found(rule: &Rule, context: &Context<'_>) -> Vec<String> {
    let found = run(context, |other| std::ptr::eq(other, rule));
    let about = found.into_iter().filter(|found| found.rule.name() != "table-without-comment" || found.finding.object.to_string() != ALWAYS);
    about.map(|found| found.finding.message).collect()
}

/// What is wrong with what a rule says of an example.
fn wrong(rule: &Rule, is_bad: bool, found: &[String], place: &str) -> Option<String> {
    match (is_bad, found.is_empty()) {
        (true, true) => Some(format!("{}: nothing found in the bad example, {place}", rule.name())),
        (false, false) => Some(format!("{}: found in the good example, {place}: {found:?}", rule.name())),
        _ => None,
    }
}

fn examples(rule: &Rule) -> [(bool, Example); 2] {
    [(true, rule.bad), (false, rule.good)]
}

#[test]
fn every_rule_finds_its_bad_example_and_not_its_good_one() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let scratch = database(any_major(), Regime::Hardened).await;
        let client = scratch.connect().await.expect("the deployer connects");
        super::platform(&scratch).await;
        // The others are the platform's.
        let schemas = ["public", "private", "hidden", "storage"].map(str::to_owned);
        let mut problems = Vec::new();
        for rule in rules::all() {
            for (is_bad, example) in examples(rule) {
                let mut script = example.sql();
                if let Some(files) = example.files() {
                    let released = example.released().map(|files| release(&trust_schema::compile::compile(files)));
                    let compiled = Compiled(resolve_after(files, released));
                    let Some(resolution) = &compiled.0.resolution else {
                        problems.push(format!("{}: an example does not compile:\n{}", rule.name(), compiled.full()));
                        continue;
                    };
                    let context = Context::new(&resolution.catalog, Surroundings::of(resolution));
                    problems.extend(wrong(rule, is_bad, &found(rule, &context), "as a spec"));
                    script =
                        compiled.sql().map(|files| files.iter().filter(|(path, _)| path.starts_with("migrations/")).map(|(_, text)| text).collect());
                    // Rows of seeds, what raw blocks are for, what tenants are, and what was released, no catalog tells.
                    if matches!(example, Example::Tenancy(_) | Example::Shared(_) | Example::Pending(_))
                        || resolution.catalog.iter().any(|(id, _)| matches!(id.kind().word(), "seed" | "raw"))
                    {
                        continue;
                    }
                }
                let Some(script) = script else { continue };
                client.batch_execute("begin").await.expect("a transaction begins");
                if let Err(error) = client.batch_execute(&script).await {
                    problems.push(format!("{}: an example does not run: {}", rule.name(), error.as_db_error().map_or("", |error| error.message())));
                } else {
                    client.batch_execute("set local search_path = pg_catalog").await.expect("the search path is set");
                    let catalog: Catalog = introspect::read(&client, Some(if script.contains("storage.") { &schemas } else { &schemas[..3] }))
                        .await
                        .expect("the database is read");
                    let facts = live::database::read(&client).await.expect("the rest of the database is read");
                    let context = Context::new(&catalog, Surroundings { database: Some(&facts), ..Surroundings::supabase() });
                    problems.extend(wrong(rule, is_bad, &found(rule, &context), "as a database"));
                }
                client.batch_execute("rollback").await.expect("the transaction ends");
            }
        }
        assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    });
}

#[test]
fn codes_and_names_are_unique_and_in_order() {
    let ids: Vec<&str> = rules::all().map(Rule::id).collect();
    let names: BTreeSet<&str> = rules::all().map(Rule::name).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert_eq!(names.len(), ids.len());
}
