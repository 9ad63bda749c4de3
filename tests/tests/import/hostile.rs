//! Names and texts that somebody chose to break what reads them.

use proptest::prelude::{Strategy, any, prop};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tests::postgres;
use trust_schema::live::server::Regime;

use crate::support;

const ODD: &[&str] = &[
    "\"",
    "\"\"",
    "'",
    "''",
    "\\",
    "$$",
    "$function$",
    "$raw$",
    ";",
    "--",
    "/*",
    "*/",
    "\n",
    "\t",
    "\r",
    "é",
    "名前",
    "\u{202E}",
    "\u{200F}",
    "\u{1}",
    "'''",
    "\"\"\"",
    "]",
    "[table.x]",
    "=",
    "#",
    "{",
    "}",
    ".",
    " ",
    "select",
    "table",
    "user",
    "order",
    "public",
    "E'",
    ":x",
    ":'x'",
    "\\gexec",
    "$1",
    "${x}",
    "%s",
    "%I",
    "\u{feff}",
    "\u{2028}",
];

/// A name that PostgreSQL takes.
fn name() -> impl Strategy<Value = String> {
    let part = proptest::prop_oneof![prop::sample::select(ODD).prop_map(str::to_owned), "[a-zA-Z_]{1,4}"];
    prop::collection::vec(part, 1..6).prop_map(|parts| {
        let mut name: String = parts.concat();
        while name.len() > 50 {
            name.pop();
        }
        name
    })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Statements with names and texts drawn anew.
fn sql(runner: &mut TestRunner) -> String {
    let mut number = 0;
    let mut draw = || name().new_tree(runner).unwrap().current();
    let mut unique = || {
        number += 1;
        format!("{}{number}", draw())
    };
    let mut sql = String::new();
    let schema = quoted(&unique());
    sql.push_str(&format!("create schema {schema};\n"));
    for _ in 0..6 {
        let (ty, first, second) = (quoted(&unique()), unique(), unique());
        sql.push_str(&format!("create type {schema}.{ty} as enum ({}, {});\n", text(&first), text(&second)));
        let (table, key, column, other, check, index) =
            (quoted(&unique()), quoted(&unique()), quoted(&unique()), quoted(&unique()), quoted(&unique()), quoted(&unique()));
        sql.push_str(&format!(
            "create table {schema}.{table} ({key} integer primary key, {column} text not null default {}, {other} {schema}.{ty} default {}, constraint {check} check ({column} <> {}));
             create index {index} on {schema}.{table} (lower({column})) where {column} <> {};
             comment on table {schema}.{table} is {}; comment on column {schema}.{table}.{column} is {};\n",
            text(&unique()), text(&first), text(&unique()), text(&unique()), text(&unique()), text(&unique())
        ));
        let (child, reference, policy, view, function, body) =
            (quoted(&unique()), quoted(&unique()), quoted(&unique()), quoted(&unique()), quoted(&unique()), unique());
        sql.push_str(&format!(
            "create table {schema}.{child} ({key} integer constraint {reference} references {schema}.{table} on delete cascade);
             alter table {schema}.{child} enable row level security; create policy {policy} on {schema}.{child} for select to authenticated using ({key}::text <> {});
             create view {schema}.{view} as select {column} from {schema}.{table} where {column} <> {};
             create function {schema}.{function}({column} text default {}) returns text language sql as {};
             grant select on {schema}.{child} to authenticated, service_role; grant select ({column}) on {schema}.{table} to anon;
             create rule {policy} as on delete to {schema}.{table} do instead nothing; create statistics {schema}.{index} on {key}, {column} from {schema}.{table};\n",
            text(&unique()), text(&unique()), text(&unique()), text(&format!("select {}::text", text(&body)))
        ));
    }
    sql
}

#[tokio::test]
async fn no_name_and_no_text_breaks_an_import() {
    let seeds: u8 = std::env::var("TRUST_IMPORT_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(3);
    for seed in 0..seeds {
        let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
        let major = postgres::majors()[usize::from(seed) % postgres::majors().len()];
        let (original, copy) = (postgres::database(major, Regime::Hardened).await, postgres::database(major, Regime::Hardened).await);
        support::run(&original, &sql(&mut runner)).await;
        let imported = support::comes_back(major, &original, &copy, &format!("hostile_{seed}")).await;
        let left: Vec<_> = imported.findings.iter().filter(|finding| finding.became == trust_schema::import::Became::Left).collect();
        assert!(left.is_empty(), "{left:#?}");
        crate::dump::same(major, &original, &copy, "hostile");
    }
    let _ = any::<u8>();
}
