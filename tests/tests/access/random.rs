//! Random databases: roles with memberships, grants, revokes and policies drawn at random. Each is read into a Catalog, and what is computed
//! from that must be what PostgreSQL answers. `TRUST_SCHEMA_ACCESS_CASES` runs more of them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tests::postgres::{majors, plain_database};
use tokio_postgres::Client;
use trust_schema::access::access;
use trust_schema::catalog::Object;
use trust_schema::kinds::role::{Owner, Role};
use trust_schema::live::introspect;

use crate::attempts;
use crate::oracle::Compared;

/// Databases on each major version.
const CASES: u32 = 60;

/// What there is before chance begins. Objects belong to `maker`.
const SKELETON: &str = "
    create schema a authorization maker;
    create schema b authorization maker;
    set local role maker;
    create type a.e as enum ('x');
    create domain b.d as integer;
    create sequence a.s;
    create table a.t (x integer, y integer, z integer);
    create table b.u (i integer generated always as identity, x integer, y integer);
    create view a.v with (security_invoker = true) as select t.x, u.y from a.t t join b.u u on u.x = t.x;
    create view b.w as select t.x, t.y from a.t t;
    create function a.f() returns integer language sql return 1;
    create function b.g(p integer) returns integer language sql security definer set search_path = '' return p;
    reset role;";

/// What is granted and revoked: the words in front of the object, the object, and the privileges that it knows.
const TARGETS: &[(&str, &[&str])] = &[
    ("table a.t", TABLE),
    ("table b.u", TABLE),
    ("table a.v", TABLE),
    ("table b.w", TABLE),
    ("sequence a.s", &["select", "usage", "update"]),
    ("schema a", &["usage", "create"]),
    ("schema b", &["usage", "create"]),
    ("function a.f()", &["execute"]),
    ("function b.g(integer)", &["execute"]),
    ("type a.e", &["usage"]),
    ("type b.d", &["usage"]),
];
const TABLE: &[&str] = &["select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain"];
const COLUMNS: &[(&str, &[&str])] = &[("a.t", &["x", "y", "z"]), ("b.u", &["x", "y"]), ("a.v", &["x", "y"]), ("b.w", &["x", "y"])];
const COLUMN: &[&str] = &["select", "insert", "update", "references"];
const PREDEFINED: &[&str] = &["pg_read_all_data", "pg_write_all_data", "pg_maintain"];
const COMMANDS: &[&str] = &["all", "select", "insert", "update", "delete"];
const ROLES: usize = 5;

/// A role: its attributes, and of which of the roles before it, and of PostgreSQL's own, it is a member.
#[derive(Debug, Clone)]
struct Drawn {
    login: bool,
    inherits: bool,
    bypasses: bool,
    members: u8,
    predefined: u8,
}

/// One statement. Numbers are places, taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    Grant { target: usize, privilege: usize, grantee: usize, option: bool },
    GrantColumn { relation: usize, column: usize, privilege: usize, grantee: usize },
    Revoke { target: usize, privilege: usize, grantee: usize },
    Defaults { grantee: usize },
    RowSecurity { table: usize, force: bool },
    Policy { table: usize, command: usize, permissive: bool, grantees: u8 },
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let rare = || prop::bool::weighted(0.15);
    (any::<bool>(), prop::bool::weighted(0.7), rare(), any::<u8>(), (rare(), 0..8_u8)).prop_map(
        |(login, inherits, bypasses, members, (some, which))| Drawn { login, inherits, bypasses, members, predefined: if some { which } else { 0 } },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let place = || 0..64_usize;
    prop_oneof![
        6 => (place(), place(), place(), prop::bool::weighted(0.2)).prop_map(|(target, privilege, grantee, option)| Step::Grant { target, privilege, grantee, option }),
        3 => (place(), place(), place(), place()).prop_map(|(relation, column, privilege, grantee)| Step::GrantColumn { relation, column, privilege, grantee }),
        2 => (place(), place(), place()).prop_map(|(target, privilege, grantee)| Step::Revoke { target, privilege, grantee }),
        1 => place().prop_map(|grantee| Step::Defaults { grantee }),
        2 => (place(), any::<bool>()).prop_map(|(table, force)| Step::RowSecurity { table, force }),
        3 => (place(), place(), prop::bool::weighted(0.7), any::<u8>()).prop_map(|(table, command, permissive, grantees)| Step::Policy { table, command, permissive, grantees }),
    ]
}

fn pick<T>(list: &[T], place: usize) -> &T {
    &list[place % list.len()]
}

fn role(place: usize) -> String {
    format!("r{place}")
}

/// A role or PUBLIC.
fn grantee(place: usize) -> String {
    if place % (ROLES + 1) == ROLES { "public".to_owned() } else { role(place % (ROLES + 1)) }
}

fn predefined(major: u32, bits: u8) -> impl Iterator<Item = &'static str> {
    let known = PREDEFINED.iter().enumerate().filter(move |(place, name)| bits >> place & 1 == 1 && (major >= 17 || **name != "pg_maintain"));
    known.map(|(_, name)| *name)
}

fn roles(major: u32, all: &[Drawn]) -> (String, Vec<Role>) {
    let (mut sql, mut roles) = (String::new(), Vec::new());
    for (place, drawn) in all.iter().enumerate() {
        let name = role(place);
        let word = |is: bool, word: &str| if is { word.to_owned() } else { format!("no{word}") };
        let attributes = [word(drawn.login, "login"), word(drawn.inherits, "inherit"), word(drawn.bypasses, "bypassrls")].join(" ");
        sql.push_str(&format!("create role {name} {attributes};\n"));
        let mut member_of: BTreeSet<String> = (0..place).filter(|other| drawn.members >> other & 1 == 1).map(role).collect();
        member_of.extend(predefined(major, drawn.predefined).map(str::to_owned));
        member_of.iter().for_each(|other| sql.push_str(&format!("grant {other} to {name};\n")));
        roles.push(Role { name, login: drawn.login, bypasses_row_security: drawn.bypasses, member_of, inherits: drawn.inherits });
    }
    (sql, roles)
}

fn statement(place: usize, step: &Step, major: u32) -> String {
    let known = |privilege: &str| major >= 17 || privilege != "maintain";
    match step {
        Step::Grant { target, privilege, grantee: to, option } => {
            let (target, privileges) = pick(TARGETS, *target);
            let privilege = Some(*pick(privileges, *privilege)).filter(|privilege| known(privilege)).unwrap_or("select");
            let to = grantee(*to);
            // PUBLIC cannot be given it to pass on.
            let option = if *option && to != "public" { " with grant option" } else { "" };
            format!("grant {privilege} on {target} to {to}{option};\n")
        }
        Step::GrantColumn { relation, column, privilege, grantee: to } => {
            let (relation, columns) = pick(COLUMNS, *relation);
            format!("grant {} ({}) on {relation} to {};\n", pick(COLUMN, *privilege), pick(columns, *column), grantee(*to))
        }
        Step::Revoke { target, privilege, grantee: from } => {
            let (target, privileges) = pick(TARGETS, *target);
            let privilege = Some(*pick(privileges, *privilege)).filter(|privilege| known(privilege)).unwrap_or("all");
            format!("revoke {privilege} on {target} from {};\n", grantee(*from))
        }
        // What is made afterwards has what the defaults say.
        Step::Defaults { grantee: to } => format!(
            "alter default privileges for role maker in schema b grant select on tables to {};\nset local role maker; create table b.n{place} (x integer); reset role;\n",
            grantee(*to)
        ),
        Step::RowSecurity { table, force } => {
            let table = pick(&["a.t", "b.u"], *table);
            let force = if *force { format!("alter table {table} force row level security;") } else { String::new() };
            format!("alter table {table} enable row level security; {force}\n")
        }
        Step::Policy { table, command, permissive, grantees } => {
            let to: Vec<String> = (0..=ROLES).filter(|place| grantees >> place & 1 == 1).map(grantee).collect();
            let to = if to.is_empty() { "public".to_owned() } else { to.join(", ") };
            let command = *pick(COMMANDS, *command);
            let condition = if command == "insert" { "with check (true)" } else { "using (true)" };
            let kind = if *permissive { "permissive" } else { "restrictive" };
            format!("create policy p{place} on {} as {kind} for {command} to {to} {condition};\n", pick(&["a.t", "b.u"], *table))
        }
    }
}

/// Makes one database in a transaction, compares, and undoes it.
async fn compare(client: &Client, major: u32, owner: &Drawn, all: &[Drawn], steps: &[Step]) -> Result<usize, String> {
    let (role_sql, roles) = roles(major, all);
    let bypass = if owner.bypasses { " bypassrls" } else { "" };
    let member_of: BTreeSet<String> = (0..ROLES).filter(|place| owner.members >> place & 1 == 1).map(role).collect();
    let mut sql = format!("begin;\n{role_sql}create role maker{bypass};\n");
    member_of.iter().for_each(|other| sql.push_str(&format!("grant {other} to maker;\n")));
    sql.push_str(SKELETON);
    steps.iter().enumerate().for_each(|(place, step)| sql.push_str(&statement(place, step, major)));
    sql.push_str("set local search_path = pg_catalog;");
    client.batch_execute(&sql).await.map_err(|error| format!("{error:?}\n{sql}"))?;
    let schemas = ["a".to_owned(), "b".to_owned()];
    let mut catalog = introspect::read(client, Some(&schemas)).await.map_err(|error| format!("{error:?}\n{sql}"))?;
    for role in roles {
        catalog.insert(Object::Role(role), BTreeSet::new()).map_err(|id| format!("{id} is read from the server"))?;
    }
    let access = access(&catalog, &Owner { bypasses_row_security: owner.bypasses, member_of });
    let compared = Compared { catalog: &catalog, access: &access, owner: Some("maker"), major };
    let (asked, mut wrong) = compared.disagreements(client).await;
    attempts::prepare(client).await;
    let (tried, failed) = compared.failed_attempts(client).await;
    wrong.extend(failed);
    client.batch_execute("rollback").await.map_err(|error| format!("{error:?}"))?;
    if wrong.is_empty() { Ok(asked + tried) } else { Err(format!("{}\n{sql}", wrong.join("\n"))) }
}

#[test]
fn random_databases_are_as_computed() {
    let cases = std::env::var("TRUST_SCHEMA_ACCESS_CASES").ok().map_or(CASES, |text| text.parse().expect("a number"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for &major in majors() {
        let scratch = runtime.block_on(plain_database(major));
        let client = runtime.block_on(scratch.connect_as_administrator()).expect("a connection");
        let answers = AtomicUsize::new(0);
        // The same cases in every run of the suite, others on each version.
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&major.to_le_bytes());
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let strategy = (drawn(), prop::collection::vec(drawn(), ROLES), prop::collection::vec(step(), 0..40));
        let outcome = runner.run(&strategy, |(owner, all, steps)| {
            let compared = runtime.block_on(compare(&client, major, &owner, &all, &steps));
            // A case that failed leaves its transaction open.
            let compared = compared.inspect_err(|_| drop(runtime.block_on(client.batch_execute("rollback"))));
            answers.fetch_add(compared.map_err(TestCaseError::fail)?, Ordering::Relaxed);
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!("on {major}: {failure}");
        }
        let answers = answers.into_inner();
        println!("PostgreSQL {major}: {cases} databases, {answers} answers, 0 disagreements");
        assert!(answers > cases as usize * 1_000, "only {answers} answers were compared");
    }
}
