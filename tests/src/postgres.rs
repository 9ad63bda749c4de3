//! Servers for the tests on real PostgreSQL: one cluster for each test binary and major version, one database for each test.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use trust_schema::live::server::{
    Cluster, Environment, Found, Installing, NEWEST_MAJOR, OLDEST_MAJOR, OLDEST_READ_MAJOR, Platform, Regime, Request, Scratch, Server, find,
    installed_majors, package,
};

/// Narrows the major versions to test, as in `15` or `15,17`.
pub const MAJORS: &str = "TRUST_SCHEMA_TEST_MAJORS";

/// The machine the tests run on, read once.
pub fn environment() -> &'static Environment {
    static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(Environment::read);
    &ENVIRONMENT
}

/// Every major version to test: all that are covered, and what else the machine has; fewer where `TRUST_SCHEMA_TEST_MAJORS`
/// says so.
///
/// # Panics
/// Where the variable is not a list of major versions.
pub fn majors() -> &'static [u32] {
    static ALL: LazyLock<Vec<u32>> = LazyLock::new(|| {
        if let Ok(list) = std::env::var(MAJORS) {
            eprintln!("{MAJORS}={list}: the other major versions of PostgreSQL are not tested");
            let majors: Vec<u32> = list
                .split(',')
                .map(|major| major.trim().parse().unwrap_or_else(|_| panic!("{MAJORS}={list} is no list of major versions")))
                .collect();
            return majors;
        }
        let mut majors: Vec<u32> = (OLDEST_MAJOR..=NEWEST_MAJOR).collect();
        // Those that are merely read have tests of their own.
        let others = installed_majors(environment()).unwrap_or_else(|error| panic!("{error}"));
        majors.extend(others.into_iter().filter(|&major| major > NEWEST_MAJOR));
        majors.sort_unstable();
        majors.dedup();
        majors
    });
    &ALL
}

/// The oldest version that is read, where there is a package of it: nothing is deployed to it, and it has tests of its own.
pub fn oldest_read() -> Option<u32> {
    let there = package(&environment().platform, OLDEST_READ_MAJOR).map(|_| OLDEST_READ_MAJOR);
    if there.is_none() {
        eprintln!("PostgreSQL {OLDEST_READ_MAJOR}: not run: there is no package for {}", environment().platform);
    }
    there
}

/// The oldest of [`majors`], for what does not depend on the version.
pub fn any_major() -> u32 {
    majors().first().copied().unwrap_or(OLDEST_MAJOR)
}

/// A server of each of [`majors`], installed where the machine has none.
///
/// # Panics
/// Where a server can neither be found nor installed, with what to type.
pub fn servers() -> Vec<Server> {
    majors().iter().map(|&major| server(major)).collect()
}

/// The server of one major version.
///
/// # Panics
/// As [`servers`].
pub fn server(major: u32) -> Server {
    static FOUND: Mutex<BTreeMap<u32, Server>> = Mutex::new(BTreeMap::new());
    // Held during an install: a second test would fetch the same package once more.
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = found.get(&major) {
        return server.clone();
    }
    let request = Request { url: None, major: Some(major), installing: Installing::Allowed, environment: environment() };
    match find(&request, &mut |line| eprintln!("{line}")) {
        Ok(Found::Server(server)) => found.entry(major).or_insert(server).clone(),
        Ok(Found::Url(_)) => panic!("no URL was given"),
        Err(error) => panic!("{error}"),
    }
}

/// The cluster of this test binary for a major version. It is never dropped: it ends with the process.
///
/// # Panics
/// Where it does not start.
pub fn cluster(major: u32) -> Arc<Cluster> {
    type Slots = Mutex<BTreeMap<u32, Arc<OnceLock<Arc<Cluster>>>>>;
    static CLUSTERS: Slots = Mutex::new(BTreeMap::new());
    let slot = {
        let mut clusters = CLUSTERS.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(clusters.entry(major).or_default())
    };
    let cluster = slot.get_or_init(|| Arc::new(own_cluster(major)));
    Arc::clone(cluster)
}

/// A cluster for one test: for those that change roles, which belong to a whole cluster.
///
/// # Panics
/// Where it does not start.
pub fn own_cluster(major: u32) -> Cluster {
    Cluster::start(&server(major), environment()).unwrap_or_else(|error| panic!("{error}"))
}

/// A new database that looks like a new Supabase project, dropped with the value returned.
///
/// # Panics
/// Where it cannot be made.
pub async fn database(major: u32, regime: Regime) -> Scratch {
    let made = cluster(major).scratch(Platform::Supabase(regime), &[]).await;
    made.unwrap_or_else(|error| panic!("{error}"))
}

/// A copy of the template of a name, which `prepare` makes from a new Supabase project when it is asked for first. The copy is
/// dropped with the value returned; the template ends with the cluster. `prepare` must leave no session behind.
///
/// # Panics
/// Where either cannot be made.
pub async fn copy_of_template(major: u32, regime: Regime, template: &'static str, prepare: impl AsyncFnOnce(&Scratch)) -> Scratch {
    type Slots = Mutex<BTreeMap<(u32, Regime, &'static str), Arc<tokio::sync::OnceCell<Scratch>>>>;
    static TEMPLATES: Slots = Mutex::new(BTreeMap::new());
    let slot = {
        let mut templates = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(templates.entry((major, regime, template)).or_default())
    };
    let original = slot
        .get_or_init(|| async {
            let original = database(major, regime).await;
            prepare(&original).await;
            original
        })
        .await;
    cluster(major).copy(original).await.unwrap_or_else(|error| panic!("{error}"))
}

/// A new database of a plain server, dropped with the value returned.
///
/// # Panics
/// Where it cannot be made.
pub async fn plain_database(major: u32) -> Scratch {
    let made = cluster(major).scratch(Platform::Plain, &[]).await;
    made.unwrap_or_else(|error| panic!("{error}"))
}
