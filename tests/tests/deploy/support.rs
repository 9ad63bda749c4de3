//! The system that is deployed, databases to deploy it to, and the states that a clean deployment goes through.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tests::postgres;
use tokio_postgres::Client;
use trust_schema::build;
use trust_schema::catalog::Catalog;
use trust_schema::compile::Compilation;
use trust_schema::emit::Files;
use trust_schema::live::deploy::apply::{self, Report};
use trust_schema::live::deploy::connection::Connection;
use trust_schema::live::deploy::conninfo::Surroundings;
use trust_schema::live::deploy::migration::{self, System};
use trust_schema::live::deploy::{Options, Stop, plan};
use trust_schema::live::introspect::introspect;
use trust_schema::live::server::{Cluster, DEPLOYER, Platform, Regime, Scratch};
use trust_schema::live::snapshot::{Snapshot, snapshot};
use trust_schema::resolve::Resolution;

/// The spec of the workspace, compiled once.
pub fn compiled() -> &'static (Resolution, Files) {
    static COMPILED: LazyLock<(Resolution, Files)> = LazyLock::new(|| {
        let compilation = build::compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")).expect("the spec can be read");
        (compilation.resolution.expect("a resolution"), compilation.outputs.expect("outputs"))
    });
    &COMPILED
}

/// What a compilation gives to deploy.
pub fn system_of(compilation: &Compilation) -> System {
    let told: Vec<String> = compilation.diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect();
    let (Some(resolution), Some(outputs)) = (&compilation.resolution, &compilation.outputs) else { panic!("{told:#?}") };
    migration::system(resolution, outputs.clone()).unwrap_or_else(|stop| panic!("{stop}"))
}

/// What is deployed.
pub fn system() -> &'static System {
    static SYSTEM: LazyLock<System> =
        LazyLock::new(|| migration::system(&compiled().0, compiled().1.clone()).unwrap_or_else(|stop| panic!("{stop}")));
    &SYSTEM
}

/// A system of hand-written migrations, by their file names; of no platform.
pub fn small(migrations: &[(&str, &str)]) -> System {
    let mut files = Files(migrations.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect());
    System {
        name: "small".to_owned(),
        platform: trust_schema::kinds::project::Platform::Postgresql,
        migrations: migration::migrations(&mut files).unwrap_or_else(|stop| panic!("{stop}")),
        verification: None,
        full_rollback: None,
        partial_rollback: None,
        kill_switch: None,
        kill_switches: Vec::new(),
        roles: Vec::new(),
        extensions: Vec::new(),
        catalog: Catalog::default(),
    }
}

/// Whether every case of every fault is to be run.
pub fn is_full() -> bool {
    std::env::var_os("TRUST_DEPLOY_FULL").is_some()
}

/// All of them in a full run, otherwise so many, evenly spread.
pub fn thinned(all: usize, about: usize) -> Vec<usize> {
    if is_full() {
        return (1..=all).collect();
    }
    (0..about.min(all)).map(|number| (2 * number + 1) * all / (2 * about.min(all)) + 1).collect()
}

/// As [`thinned`], for faults that cost more: about ten times as many in a full run.
pub fn spread(all: usize, about: usize) -> Vec<usize> {
    let count = if is_full() { about * 10 } else { about };
    (0..count).map(|number| (2 * number + 1) * all / (2 * count) + 1).collect()
}

/// The major version on which a case is run: in a full run all in turn, out of step with what else takes turns; otherwise the oldest.
pub fn in_turn(number: usize) -> u32 {
    let majors = postgres::majors();
    let place = if is_full() { number / 4 % majors.len() } else { 0 };
    majors.get(place).copied().unwrap_or_else(postgres::any_major)
}

/// Every one of a list in a full run, otherwise one of so many.
pub fn one_of<T>(list: &[T], many: usize) -> impl Iterator<Item = (usize, &T)> {
    list.iter().enumerate().filter(move |(number, _)| is_full() || number % many == 0)
}

/// How many runs of a fault there were, and what went wrong.
pub struct Tally {
    row: &'static str,
    runs: usize,
    wrong: Vec<String>,
    begun: std::time::Instant,
}

impl Tally {
    pub fn new(row: &'static str) -> Tally {
        Tally { row, runs: 0, wrong: Vec::new(), begun: std::time::Instant::now() }
    }

    pub fn add(&mut self, case: impl std::fmt::Display, problem: Option<String>) {
        self.runs += 1;
        self.wrong.extend(problem.map(|problem| format!("{case}: {problem}")));
    }

    /// Prints the figures; nothing may have gone wrong, and something must have been run.
    pub fn finish(self) {
        eprintln!(
            "fault matrix: {}: {} runs, {} survived, {} wrong ({:.1} s)",
            self.row,
            self.runs,
            self.runs - self.wrong.len(),
            self.wrong.len(),
            self.begun.elapsed().as_secs_f64()
        );
        assert!(self.wrong.is_empty(), "{}:\n{}", self.row, self.wrong.join("\n"));
        assert!(self.runs > 0, "{}: nothing was run", self.row);
    }
}

/// A new database, for the deployer.
pub async fn database(cluster: &Cluster, regime: Regime) -> Scratch {
    cluster.scratch(Platform::Supabase(regime), &[]).await.unwrap_or_else(|error| panic!("{error}"))
}

pub fn url(cluster: &Cluster, database: &Scratch) -> String {
    format!("postgresql://{DEPLOYER}@/{}?host={}", database.name(), cluster.directory().display())
}

/// The deployer's way to a database.
pub fn connection(cluster: &Cluster, database: &Scratch) -> Connection {
    connect_to(&url(cluster, database))
}

pub fn connect_to(url: &str) -> Connection {
    Connection::find(Some(url), &Surroundings::default()).unwrap_or_else(|stop| panic!("{stop}"))
}

/// Options that wait no longer than a test should.
pub fn quick() -> Options {
    Options { lock_timeout: Duration::from_millis(200), wait: Duration::from_secs(30), patience: Duration::from_secs(30), ..Options::default() }
}

/// Options that give up at once.
pub fn once() -> Options {
    Options { attempts: 1, ..quick() }
}

/// Plans and applies.
pub async fn deploy(connection: &Connection, system: &System, options: &Options) -> Result<Report, Stop> {
    let planned = plan::plan(connection, system, options).await?;
    apply::apply(connection, system, options, &planned, &mut |_| {}).await
}

/// As [`deploy`], where nothing may fail.
pub async fn deployed(connection: &Connection, system: &System) -> Report {
    let report = deploy(connection, system, &quick()).await.unwrap_or_else(|stop| panic!("{stop}"));
    assert!(report.is_fine(), "{report:#?}");
    report
}

/// What a database holds, without the tables of history.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub objects: BTreeMap<String, String>,
    pub snapshot: Snapshot,
    /// Versions and names of history.
    pub history: Vec<(String, String)>,
}

const HISTORY: &str = "supabase_migrations";

pub async fn state(database: &Scratch) -> State {
    let administrator = database.connect_as_administrator().await.expect("a session");
    state_of(&administrator).await
}

pub async fn state_of(administrator: &Client) -> State {
    let catalog = introspect(administrator, None).await.unwrap_or_else(|error| panic!("{error}"));
    let mut snapshot = snapshot(administrator).await.unwrap_or_else(|error| panic!("{error}"));
    // A copy has another name, which the lines of the database itself name; roles are the whole cluster's, which tests share.
    snapshot.lines.retain(|line| {
        !["database", "setting", "role", "membership"].contains(&line.class.as_str())
            && !line.to_string().contains(HISTORY)
            && !line.detail.starts_with("tablespace")
    });
    let objects = catalog
        .iter()
        .filter(|(id, _)| !id.to_string().contains(HISTORY))
        .map(|(id, entry)| (id.to_string(), serde_json::to_string(&entry.object).expect("JSON")))
        .collect();
    State { objects, snapshot, history: rows(administrator).await }
}

async fn rows(administrator: &Client) -> Vec<(String, String)> {
    let there = administrator.query_one("select to_regclass('supabase_migrations.schema_migrations') is not null", &[]).await.expect("an answer");
    if !there.get::<_, bool>(0) {
        return Vec::new();
    }
    let sql = "select version, name from supabase_migrations.schema_migrations order by version";
    administrator.query(sql, &[]).await.expect("rows").iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// The first few differences, for messages.
pub fn difference(expected: &State, found: &State) -> Option<String> {
    if expected == found {
        return None;
    }
    let mut told = Vec::new();
    if expected.history != found.history {
        told.push(format!("history is {:?} instead of {:?}", found.history, expected.history));
    }
    for id in expected.objects.keys().chain(found.objects.keys()).collect::<BTreeSet<_>>() {
        if expected.objects.get(id) != found.objects.get(id) {
            told.push(format!("{id}: {:?} instead of {:?}", found.objects.get(id), expected.objects.get(id)));
        }
    }
    let (gone, new) = expected.snapshot.changes(&found.snapshot);
    told.extend(gone.iter().map(|line| format!("gone: {line}")).chain(new.iter().map(|line| format!("new: {line}"))));
    told.truncate(5);
    Some(told.join("; "))
}

/// What client roles may do: every privilege, tables without row-level security, and policies.
const ACCESS: &str = "
    with clients as (select 0::oid as oid, 'PUBLIC' as name union all select oid, rolname::text from pg_roles where rolname in ('anon', 'authenticated', 'service_role')),
    spaces as (select oid, nspname from pg_namespace where nspname in ('public', 'trust_private')),
    granted (object, acl) as (
        select 'relation ' || c.oid::regclass, coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::\"char\", c.relowner))
        from pg_class c join spaces s on s.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S')
        union all select 'column ' || a.attrelid::regclass || '.' || a.attname, a.attacl
        from pg_attribute a join pg_class c on c.oid = a.attrelid join spaces s on s.oid = c.relnamespace where a.attacl is not null
        union all select 'function ' || p.oid::regprocedure, coalesce(p.proacl, acldefault('f', p.proowner)) from pg_proc p join spaces s on s.oid = p.pronamespace
        union all select 'schema ' || n.nspname, coalesce(n.nspacl, acldefault('n', n.nspowner)) from pg_namespace n join spaces s on s.oid = n.oid
        union all select 'type ' || t.oid::regtype, coalesce(t.typacl, acldefault('T', t.typowner)) from pg_type t join spaces s on s.oid = t.typnamespace where t.typtype in ('e', 'd', 'c') and not exists (select from pg_class c where c.oid = t.typrelid and c.relkind <> 'c')
    )
    select object || ': ' || a.privilege_type || ' for ' || clients.name from granted cross join aclexplode(acl) a join clients on clients.oid = a.grantee
    union all select 'no row-level security on ' || c.oid::regclass from pg_class c join spaces s on s.oid = c.relnamespace where c.relkind in ('r', 'p') and not c.relrowsecurity
    union all select 'policy ' || p.polname || ' on ' || p.polrelid::regclass || ' ' || p.polcmd::text || coalesce(pg_get_expr(p.polqual, p.polrelid), '') from pg_policy p where p.polpermissive
    union all select 'nothing restricts ' || p.polrelid::regclass from pg_policy p group by p.polrelid having bool_and(p.polpermissive)";

pub async fn access(administrator: &Client) -> BTreeSet<String> {
    administrator.query(ACCESS, &[]).await.unwrap_or_else(|error| panic!("{error:?}")).iter().map(|row| row.get(0)).collect()
}

/// The states of a clean deployment: before it, and after each migration; and what clients may do in the end.
pub struct Reference {
    pub states: Vec<State>,
    pub access: BTreeSet<String>,
}

impl Reference {
    pub fn last(&self) -> &State {
        self.states.last().expect("states")
    }

    /// Whether a database is at one recorded step, and clients may do no more than in the end; and which step.
    pub async fn step(&self, database: &Scratch) -> Result<usize, String> {
        let administrator = database.connect_as_administrator().await.expect("a session");
        let found = state_of(&administrator).await;
        let wider: Vec<String> = access(&administrator).await.difference(&self.access).take(3).cloned().collect();
        let step = found.history.len();
        match self.states.get(step).map(|expected| difference(expected, &found)) {
            None => Err(format!("history has {step} rows")),
            Some(Some(difference)) => Err(format!("not at step {step}: {difference}")),
            Some(None) if !wider.is_empty() => Err(format!("at step {step} clients may do more than in the end: {wider:?}")),
            Some(None) => Ok(step),
        }
    }
}

/// The reference of a major version and a regime, made once.
pub async fn reference(major: u32, regime: Regime) -> Arc<Reference> {
    type Slots = Mutex<BTreeMap<(u32, Regime), Arc<tokio::sync::OnceCell<Arc<Reference>>>>>;
    static REFERENCES: OnceLock<Slots> = OnceLock::new();
    let slot = {
        let mut slots = REFERENCES.get_or_init(Slots::default).lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((major, regime)).or_default())
    };
    let made = slot.get_or_init(|| async {
        let cluster = postgres::cluster(major);
        let database = database(&cluster, regime).await;
        let connection = connection(&cluster, &database);
        let administrator = database.connect_as_administrator().await.expect("a session");
        let mut states = vec![state_of(&administrator).await];
        let mut seen = Vec::new();
        for migration in &system().migrations {
            let options = Options { to: Some(migration.version.clone()), ..quick() };
            let report = deploy(&connection, system(), &options).await.unwrap_or_else(|stop| panic!("{stop}"));
            assert!(report.is_fine() && report.applied.len() == 1, "{report:#?}");
            states.push(state_of(&administrator).await);
            seen.push(access(&administrator).await);
        }
        let last = seen.last().expect("states").clone();
        for (step, access) in seen.iter().enumerate() {
            let wider: Vec<&String> = access.difference(&last).collect();
            assert!(wider.is_empty(), "after migration {} clients may do more than in the end: {wider:?}", step + 1);
        }
        Arc::new(Reference { states, access: last })
    });
    Arc::clone(made.await)
}

/// The problem of a run that was cut short: the step must be recorded, and the next run must lead to the end.
pub async fn converges(reference: &Reference, connection: &Connection, database: &Scratch) -> Option<String> {
    if let Err(problem) = reference.step(database).await {
        return Some(problem);
    }
    match deploy(connection, system(), &quick()).await {
        Ok(report) if report.is_fine() => {}
        Ok(report) => return Some(format!("the second run: {report:?}")),
        Err(stop) => return Some(format!("the second run: {stop}")),
    }
    difference(reference.last(), &state(database).await)
}
