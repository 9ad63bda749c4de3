//! Sessions that call functions all the time through the generated client, and what they see.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::Client;
use trust_lite::Error;
use trust_lite::enums::ActorType;
use trust_lite::functions::{
    CalculateTrustScoreV1, CreateTenantV1, EnforceRateLimitV1, GetTrustTierV1, IssueDelegationTokenV1, RecordRiskEventV1, RotateServiceKeyV1,
    ValidateDelegationTokenV1,
};
use trust_schema::live::server::Scratch;

use crate::people::{People, SERVICE, signed_in};

/// Sessions of users, and as many of services.
const PAIRS: usize = 4;

/// What calls ended with: `ok`, `declared`, or a SQLSTATE; how often, and the message of one.
pub type Seen = BTreeMap<String, (u64, String)>;

/// Traffic that runs until it is stopped.
pub struct Traffic {
    stop: Arc<AtomicBool>,
    sessions: Vec<JoinHandle<Seen>>,
}

/// Starts the sessions, and lets each make some calls.
pub async fn start(database: &Scratch, people: &People) -> Traffic {
    let stop = Arc::new(AtomicBool::new(false));
    let mut sessions = Vec::new();
    for number in 0..PAIRS {
        let user = database.connect_as("authenticated").await.expect("a session");
        let service = database.connect_as("service_role").await.expect("a session");
        sessions.push(tokio::spawn(user_session(user, people.clone(), number, Arc::clone(&stop))));
        sessions.push(tokio::spawn(service_session(service, people.clone(), number, Arc::clone(&stop))));
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    Traffic { stop, sessions }
}

impl Traffic {
    /// Lets the sessions go on for a while, ends them, and says what they saw.
    pub async fn stop(self) -> Seen {
        tokio::time::sleep(Duration::from_millis(150)).await;
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Seen::new();
        for session in self.sessions {
            let seen = tokio::time::timeout(Duration::from_secs(60), session).await.expect("a session hangs").expect("a session");
            for (outcome, (count, message)) in seen {
                let entry = all.entry(outcome).or_insert((0, message));
                entry.0 += count;
            }
        }
        all
    }
}

fn note<T>(seen: &mut Seen, what: &str, outcome: Result<T, Error>) {
    let (key, message) = match outcome {
        Ok(_) => ("ok".to_owned(), String::new()),
        Err(error) if error.declared().is_some() => ("declared".to_owned(), format!("{what}: {error}")),
        Err(Error::Database(error)) => {
            let code = error.code().map_or("no SQLSTATE", |code| code.code()).to_owned();
            let message = error.as_db_error().map_or_else(|| error.to_string(), |error| error.to_string());
            // PostgreSQL locks neither types nor functions while it looks a call up: what goes in between has a number and no name any more.
            let code = if code == "XX000" && message.contains("cache lookup failed for") { "vanished".to_owned() } else { code };
            (code, format!("{what}: {message:?}"))
        }
        Err(error) => ("unknown".to_owned(), error.to_string()),
    };
    seen.entry(key).or_insert((0, message)).0 += 1;
}

/// Every call in a transaction of its own, as PostgREST makes it.
async fn user_session(mut client: Client, people: People, number: usize, stop: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen::new();
    let mut round = number;
    while !stop.load(Ordering::Relaxed) {
        round += 1;
        let person = round % people.users.len();
        let (user, tenant) = (people.users[person], people.tenants[person]);
        let transaction = match signed_in(&mut client, user).await {
            Ok(transaction) => transaction,
            Err(error) => {
                note::<()>(&mut seen, "begin", Err(Error::Database(error)));
                break;
            }
        };
        let outcome = match round % 4 {
            0 => CreateTenantV1::new("more").call(&transaction).await.map(drop),
            1 => GetTrustTierV1::new().call(&transaction).await.map(drop),
            2 => RotateServiceKeyV1::new(tenant, SERVICE).call(&transaction).await.map(drop),
            _ => {
                let call = IssueDelegationTokenV1::new(SERVICE, vec!["dm:read".to_owned()]).with_tenant_id(tenant);
                call.call(&transaction).await.map(drop)
            }
        };
        let outcome = match outcome {
            Ok(()) => transaction.commit().await.map_err(Error::Database),
            Err(error) => transaction.rollback().await.map_err(Error::Database).and(Err(error)),
        };
        note(&mut seen, ["tenant", "tier", "rotate", "issue"][round % 4], outcome);
    }
    seen
}

async fn service_session(client: Client, people: People, number: usize, stop: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen::new();
    let mut round = number;
    while !stop.load(Ordering::Relaxed) {
        round += 1;
        let actor = people.users[(round / 4) % people.users.len()].to_string();
        match round % 4 {
            0 => note(&mut seen, "event", RecordRiskEventV1::new(ActorType::User, &actor, "ping").call(&client).await),
            1 => note(&mut seen, "score", CalculateTrustScoreV1::new(ActorType::User, &actor).call(&client).await),
            2 => note(&mut seen, "limit", EnforceRateLimitV1::new("dm:create", ActorType::User, &actor).call(&client).await),
            _ => {
                let token = &people.tokens[(round / 4) % people.tokens.len()];
                note(&mut seen, "validate", ValidateDelegationTokenV1::new(token).call(&client).await);
            }
        }
    }
    seen
}

/// Fails where anybody saw something else than success, a declared error, or one of these SQLSTATEs.
pub fn expect_only(seen: &Seen, allowed: &[&str], during: &str) {
    assert!(seen.get("ok").is_some_and(|(count, _)| *count > 0), "{during}: no call succeeded: {seen:#?}");
    let unexpected: Vec<_> = seen.iter().filter(|(key, _)| !["ok", "declared"].contains(&key.as_str()) && !allowed.contains(&key.as_str())).collect();
    assert!(unexpected.is_empty(), "{during}: {unexpected:#?}");
}
