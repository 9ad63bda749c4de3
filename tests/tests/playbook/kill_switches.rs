//! Kill switches with traffic: they hold for everybody at once, and can be undone.

use std::time::Duration;

use trust_lite::Error;
use trust_lite::enums::{ActorType, EnforcementLevel};
use trust_lite::functions::{EnforceRateLimitV1, IssueDelegationTokenV1, SetEnforcementLevelV1, ValidateDelegationTokenV1};
use trust_schema::live::server::Regime;

use crate::people::{SERVICE, signed_in};
use crate::support::{Populated, file, populated, run, state};
use crate::traffic;

fn off(levels: &str) -> bool {
    levels.split(',').all(|level| level.ends_with(" E0"))
}

async fn throw(ground: &Populated, name: &str) {
    let deployer = ground.database.connect().await.expect("a session");
    let traffic = traffic::start(&ground.database, &ground.people).await;
    let text = file(&format!("rollback/{name}.sql"));
    let outcome = tokio::time::timeout(Duration::from_secs(60), run(&deployer, &text)).await.expect("it waits for ever");
    let seen = traffic.stop().await;
    eprintln!("{name}: {:?}", seen.iter().map(|(key, (count, _))| (key.as_str(), *count)).collect::<Vec<_>>());
    outcome.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    traffic::expect_only(&seen, &["42501"], name);
}

async fn issue(ground: &Populated, person: usize) -> Result<String, Error> {
    let mut client = ground.database.connect_as("authenticated").await.expect("a session");
    let transaction = signed_in(&mut client, ground.people.users[person]).await.expect("a transaction");
    let call = IssueDelegationTokenV1::new(SERVICE, vec!["dm:read".to_owned()]).with_tenant_id(ground.people.tenants[person]);
    let issued = call.call(&transaction).await?;
    transaction.commit().await.expect("committed");
    Ok(issued[0].token.clone())
}

#[tokio::test]
async fn rate_limiting_is_off_for_everybody() {
    let ground = populated(Regime::Legacy).await;
    let service = ground.database.connect_as("service_role").await.expect("a session");
    let ask = async |cost: i32| {
        let actor = ground.people.users[0].to_string();
        EnforceRateLimitV1::new("media:upload", ActorType::User, actor).with_cost(cost).call(&service).await.expect("an answer")
    };
    assert!(!ask(1000).await);
    let deployer = ground.database.connect().await.expect("a session");
    let printed = printed(&deployer, "kill_switches/rate_limiting").await;
    assert!(ask(1000).await);
    deployer.batch_execute(&printed).await.unwrap_or_else(|error| panic!("{printed}: {error:?}"));
    assert!(!ask(1000).await);
    throw(&ground, "kill_switches/rate_limiting").await;
    assert!(ask(1000).await);
}

#[tokio::test]
async fn enforcement_is_off_for_everybody() {
    let ground = populated(Regime::Hardened).await;
    let service = ground.database.connect_as("service_role").await.expect("a session");
    let deployer = ground.database.connect().await.expect("a session");
    let levels = async || {
        let sql = "select string_agg(actor_id || ' ' || enforcement_level, ',' order by actor_id) from public.trust_profiles";
        deployer.query_one(sql, &[]).await.expect("levels").get::<_, String>(0)
    };
    let held = levels().await;
    assert!(held.contains(" E4") && held.contains(" E1"));
    assert!(matches!(issue(&ground, 1).await, Err(Error::ActorSuspended(_))));
    // The undo is what the file printed when it was thrown: nothing changes levels in between.
    let printed = printed(&deployer, "kill_switches/enforcement").await;
    assert!(off(&levels().await));
    issue(&ground, 1).await.expect("nobody is suspended");
    deployer.batch_execute(&printed).await.unwrap_or_else(|error| panic!("{printed}: {error:?}"));
    assert_eq!(levels().await, held);
    throw(&ground, "kill_switches/enforcement").await;
    assert!(off(&levels().await));
    // It holds until somebody sets a level again.
    let actor = ground.people.users[1].to_string();
    SetEnforcementLevelV1::new(ActorType::User, actor, EnforcementLevel::E4, "again").call(&service).await.expect("a level");
    assert!(matches!(issue(&ground, 1).await, Err(Error::ActorSuspended(_))));
}

#[tokio::test]
async fn issuing_is_refused_and_tokens_stay_valid() {
    for regime in Regime::ALL {
        let ground = populated(regime).await;
        let held = state(&ground.database).await.catalog;
        throw(&ground, "kill_switches/delegation_tokens").await;
        let Err(Error::Database(error)) = issue(&ground, 2).await else { panic!("{regime}: issuing goes on") };
        assert_eq!(error.code().map(|code| code.code()), Some("42501"));
        let service = ground.database.connect_as("service_role").await.expect("a session");
        // Rotation by the traffic gives a key an end, a day ahead.
        ValidateDelegationTokenV1::new(&ground.people.tokens[1]).call(&service).await.expect("still valid");
        undo(&ground, "kill_switches/delegation_tokens").await;
        assert_eq!(state(&ground.database).await.catalog, held, "{regime}");
    }
}

#[tokio::test]
async fn all_at_once_and_again() {
    let ground = populated(Regime::Legacy).await;
    throw(&ground, "kill_switch").await;
    let deployer = ground.database.connect().await.expect("a session");
    let held = state(&ground.database).await.rows;
    assert_eq!(printed(&deployer, "kill_switch").await, "", "thrown again it changes nothing");
    assert_eq!(state(&ground.database).await.rows, held);
    assert!(matches!(issue(&ground, 2).await, Err(Error::Database(_))));
}

/// Runs a switch and gives back the statements that it prints, which undo it.
async fn printed(deployer: &tokio_postgres::Client, name: &str) -> String {
    let messages = deployer.simple_query(&format!("begin;{};commit", file(&format!("rollback/{name}.sql")))).await.expect("thrown");
    let lines = messages.iter().filter_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs what stands in the file as a comment.
async fn undo(ground: &Populated, name: &str) {
    let deployer = ground.database.connect().await.expect("a session");
    for line in file(&format!("rollback/{name}.sql")).lines().filter_map(|line| line.strip_prefix("-- To undo it: ")) {
        deployer.batch_execute(line).await.unwrap_or_else(|error| panic!("{line}: {error:?}"));
    }
}
