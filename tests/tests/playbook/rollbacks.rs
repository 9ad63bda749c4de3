//! The full, the partial and each migration's rollback, with data, with traffic, and where others depend on what they drop.

use std::time::Duration;

use trust_schema::live::server::Regime;

use crate::support::{Populated, file, migrations, populated, run, state};
use crate::traffic::{self, Seen};

/// After a function, a table, a type or a schema is gone.
const UNDEFINED: [&str; 5] = ["42883", "42P01", "42704", "3F000", "vanished"];

/// Runs a file with traffic before, during and after it.
async fn with_traffic(ground: &Populated, path: &str) -> Seen {
    let deployer = ground.database.connect().await.expect("a session");
    let traffic = traffic::start(&ground.database, &ground.people).await;
    let text = file(path);
    let outcome = tokio::time::timeout(Duration::from_secs(90), run(&deployer, &text)).await.expect("it waits for ever");
    let seen = traffic.stop().await;
    eprintln!("{path}: {:?}", seen.iter().map(|(key, (count, _))| (key.as_str(), *count)).collect::<Vec<_>>());
    outcome.unwrap_or_else(|error| panic!("{path}: {error:?}"));
    seen
}

#[tokio::test]
async fn a_full_rollback_with_traffic_leaves_what_there_was() {
    for regime in Regime::ALL {
        let ground = populated(regime).await;
        let seen = with_traffic(&ground, "rollback/full.sql").await;
        traffic::expect_only(&seen, &UNDEFINED, "full rollback");
        assert!(UNDEFINED.iter().any(|code| seen.contains_key(*code)), "nobody noticed: {seen:#?}");
        assert_eq!(state(&ground.database).await, ground.before, "{regime}");
    }
}

#[tokio::test]
async fn every_migration_rolls_back_with_traffic() {
    let ground = populated(Regime::Hardened).await;
    for (place, name) in migrations().iter().rev().enumerate() {
        let seen = with_traffic(&ground, &format!("rollback/{name}")).await;
        // The last migrations rolled back leave no function that could succeed.
        if place < 3 {
            traffic::expect_only(&seen, &UNDEFINED, name);
        } else {
            assert!(seen.keys().all(|key| ["ok", "declared"].contains(&key.as_str()) || UNDEFINED.contains(&key.as_str())), "{name}: {seen:#?}");
        }
    }
    assert_eq!(state(&ground.database).await, ground.before);
}

#[tokio::test]
async fn a_partial_rollback_with_traffic_leaves_the_schema_and_other_tables() {
    for regime in Regime::ALL {
        let ground = populated(regime).await;
        let held = state(&ground.database).await;
        let deployer = ground.database.connect().await.expect("a session");
        // Without traffic first: every other row must stay.
        run(&deployer, &file("rollback/partial.sql")).await.expect("partial rollback");
        let mut after = state(&ground.database).await;
        for table in ["rate_limit_configs", "scope_definitions"] {
            assert_eq!(after.rows.insert(table.to_owned(), held.rows[table].clone()).as_deref(), Some("0 "), "{table}");
        }
        assert_eq!(after.rows, held.rows, "{regime}");
        // What differs in the catalog is the access that it takes away, and nothing else.
        let differences: Vec<String> =
            held.catalog.iter().filter(|(id, entry)| after.catalog.get(id) != Some(&entry.object)).map(|(id, _)| id.to_string()).collect();
        assert_eq!(differences, ["grant table public.trust_profiles to authenticated"], "{regime}");
        // What it says undoes it.
        for line in file("rollback/partial.sql").lines().filter_map(|line| line.strip_prefix("-- To undo it: ")) {
            deployer.batch_execute(line).await.expect("undone");
        }
        run(&deployer, &file(&format!("migrations/{}", migrations().last().expect("a migration")))).await.expect("the seeds again");
        assert_eq!(state(&ground.database).await.catalog, held.catalog, "{regime}");

        let seen = with_traffic(&ground, "rollback/partial.sql").await;
        traffic::expect_only(&seen, &["42501"], "partial rollback");
        assert!(seen.contains_key("declared"), "nobody noticed that no scope is declared: {seen:#?}");
    }
}

/// Objects of others that need ours.
const DEPENDENTS: [(&str, &str); 5] = [
    ("create view crm.tenant_names as select name from public.tenants", "drop view crm.tenant_names"),
    ("create table crm.plans (tenant_id uuid references public.tenants (tenant_id))", "drop table crm.plans"),
    ("create table crm.levels (tier public.risk_tier)", "drop table crm.levels"),
    ("create function crm.tier_of(p public.actor_type) returns int language sql as 'select 1'", "drop function crm.tier_of(public.actor_type)"),
    ("create view crm.mine as select * from public.notes where public.get_user_tenant_id_v1() is not null", "drop view crm.mine"),
];

#[tokio::test]
async fn a_rollback_refuses_where_others_depend_on_it() {
    let ground = populated(Regime::Legacy).await;
    let administrator = ground.database.connect_as_administrator().await.expect("a session");
    let deployer = ground.database.connect().await.expect("a session");
    for (create, drop) in DEPENDENTS {
        administrator.batch_execute(create).await.unwrap_or_else(|error| panic!("{create}: {error:?}"));
        let held = state(&ground.database).await;
        let error = run(&deployer, &file("rollback/full.sql")).await.expect_err(create);
        let code = error.code().map(|code| code.code().to_owned());
        // A foreign key is found when the table that it refers to is dropped, everything else likewise.
        assert_eq!(code.as_deref(), Some("2BP01"), "{create}: {error:?}");
        assert_eq!(state(&ground.database).await, held, "{create}");
        administrator.batch_execute(drop).await.unwrap_or_else(|error| panic!("{drop}: {error:?}"));
    }
    run(&deployer, &file("rollback/full.sql")).await.expect("nothing depends on it now");
    assert_eq!(state(&ground.database).await, ground.before);
}

/// A session that keeps a table: the rollback waits for it a little at a time, lets others work meanwhile, and goes on when it ends.
#[tokio::test]
async fn a_rollback_lets_a_long_transaction_end_and_others_work() {
    let ground = populated(Regime::Hardened).await;
    let long = ground.database.connect_as("service_role").await.expect("a session");
    long.batch_execute("begin; select count(*) from public.tenants").await.expect("a long transaction");
    let deployer = ground.database.connect().await.expect("a session");
    let text = file("rollback/full.sql");
    let rollback = tokio::spawn(async move { run(&deployer, &text).await });
    let other = ground.database.connect_as("service_role").await.expect("a session");
    for _ in 0..20 {
        other.query("select count(*) from public.tenants", &[]).await.expect("others go on working");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!rollback.is_finished());
    long.batch_execute("commit").await.expect("the end");
    tokio::time::timeout(Duration::from_secs(70), rollback).await.expect("it ends").expect("a task").expect("it succeeds");
    assert_eq!(state(&ground.database).await, ground.before);
}
