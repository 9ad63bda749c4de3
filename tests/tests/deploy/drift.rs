//! Drift: nothing is found on an untouched database, every change by hand is, and what is said to mend it does.

use std::path::Path;
use std::sync::LazyLock;

use tests::postgres;
use tests::sabotage::SABOTAGES;
use trust_schema::build;
use trust_schema::compile::Compilation;
use trust_schema::live::deploy::connection::Connection;
use trust_schema::live::drift::{Expected, Reading, Subject, Verdict, What, build as build_expected, compare, look, look_beside};
use trust_schema::live::server::{Platform, Regime, Scratch, Target};

use crate::support::{Tally, connect_to, connection, deployed, is_full, one_of, system, url};

fn compilation() -> &'static Compilation {
    static COMPILED: LazyLock<Compilation> =
        LazyLock::new(|| build::compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")).expect("the spec can be read"));
    &COMPILED
}

pub fn subject(with_others: bool) -> Subject<'static> {
    let resolution = compilation().resolution.as_ref().expect("a resolution");
    Subject { system: system(), resolution, sources: &compilation().sources, with_others, baseline: false }
}

async fn template(database: &Scratch) {
    let cluster = postgres::cluster(postgres::any_major());
    deployed(&connection(&cluster, database), system()).await;
}

pub async fn full_database(regime: Regime) -> Scratch {
    postgres::copy_of_template(postgres::any_major(), regime, "drift", template).await
}

/// Verifies, with what was built for another database of the same version where that is there.
async fn verify(connection: &Connection, expected: &mut Option<Expected>, with_others: bool) -> Verdict {
    let subject = subject(with_others);
    let seen = look(connection, &subject).await.unwrap_or_else(|stop| panic!("{stop}"));
    if expected.is_none() {
        let target = Target::Cluster(Box::new(postgres::own_cluster(seen.server.major)));
        *expected = Some(build_expected(&seen, &target, &subject).await.unwrap_or_else(|stop| panic!("{stop}")));
    }
    compare(seen, expected.as_ref().expect("built"), &subject)
}

/// A change, what it is and of which object, and whether the SQL that is said to mend it leads back.
pub const CHANGES: &[(&str, What, &str, bool)] = &[
    // Tables and columns.
    ("alter table public.tenants disable row level security", What::Changed, "table public.tenants", true),
    ("alter table public.tenants force row level security", What::Changed, "table public.tenants", true),
    ("alter table trust_private.encryption_keys set unlogged", What::Changed, "table trust_private.encryption_keys", true),
    ("alter table public.tenants add column extra int", What::Added, "column public.tenants.extra", true),
    ("alter table public.tenants drop column updated_at cascade", What::Removed, "column public.tenants.updated_at", false),
    ("alter table public.tenants alter column status set default 'suspended'", What::Changed, "column public.tenants.status", true),
    ("alter table public.tenants alter column status drop default", What::Changed, "column public.tenants.status", true),
    ("alter table public.tenants alter column name drop not null", What::Changed, "column public.tenants.name", true),
    ("alter table public.tenants alter column name type varchar(200)", What::Changed, "column public.tenants.name", true),
    ("create table trust_private.extra (id int primary key)", What::Added, "table trust_private.extra", true),
    ("create table public.extra (id int)", What::Added, "table public.extra", true),
    // Constraints and indexes.
    ("alter table public.tenants drop constraint tenants_name_check", What::Removed, "check constraint public.tenants.tenants_name_check", true),
    ("alter table public.tenants add constraint extra check (name <> '')", What::Added, "check constraint public.tenants.extra", true),
    ("alter table public.tenants add constraint extra unique (name)", What::Added, "unique constraint public.tenants.extra", true),
    (
        "alter table public.delegations drop constraint delegations_user_id_fkey",
        What::Removed,
        "foreign key public.delegations.delegations_user_id_fkey",
        true,
    ),
    ("create index extra on public.tenants (lower(name))", What::Added, "index public.extra", true),
    ("drop index public.tenant_members_user_id_idx", What::Removed, "index public.tenant_members_user_id_idx", true),
    // Functions.
    ("alter function trust_private.my_tenant_ids() security invoker", What::Changed, "function trust_private.my_tenant_ids()", true),
    ("alter function trust_private.my_tenant_ids() set search_path = public", What::Changed, "function trust_private.my_tenant_ids()", true),
    ("alter function trust_private.my_tenant_ids() volatile", What::Changed, "function trust_private.my_tenant_ids()", true),
    (
        "create or replace function trust_private.touch_updated_at() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as 'begin return new; end'",
        What::Changed,
        "function trust_private.touch_updated_at()",
        true,
    ),
    ("create function public.extra() returns int language sql return 1", What::Added, "function public.extra()", true),
    ("drop function public.get_trust_tier_v1", What::Removed, "function public.get_trust_tier_v1", true),
    // Triggers and policies.
    ("drop trigger touch_updated_at on public.tenants", What::Removed, "trigger public.tenants.touch_updated_at", true),
    (
        "create trigger extra before update on public.tenants for each row execute function trust_private.touch_updated_at()",
        What::Added,
        "trigger public.tenants.extra",
        true,
    ),
    ("drop policy members_read_their_tenants on public.tenants", What::Removed, "policy public.tenants.members_read_their_tenants", true),
    ("create policy open on public.tenants using (true)", What::Added, "policy public.tenants.open", true),
    (
        "alter policy members_read_their_tenants on public.tenants using (true)",
        What::Changed,
        "policy public.tenants.members_read_their_tenants",
        true,
    ),
    ("alter policy members_read_their_tenants on public.tenants to public", What::Changed, "policy public.tenants.members_read_their_tenants", true),
    // Privileges: of tables, columns, sequences, functions, schemas, types; default ones.
    ("grant insert on public.tenants to authenticated", What::Changed, "grant table public.tenants to authenticated", true),
    ("grant select on public.tenants to public", What::Added, "grant table public.tenants to public", true),
    ("grant update (name) on public.tenants to authenticated", What::Changed, "grant table public.tenants to authenticated", true),
    ("revoke select on public.tenants from authenticated", What::Removed, "grant table public.tenants to authenticated", true),
    ("grant usage on sequence public.risk_events_event_id_seq to anon", What::Added, "grant sequence public.risk_events_event_id_seq to anon", true),
    (
        "grant execute on function trust_private.my_tenant_ids() to public",
        What::Added,
        "grant function trust_private.my_tenant_ids() to public",
        true,
    ),
    ("grant usage on schema trust_private to anon", What::Added, "grant schema trust_private to anon", true),
    ("grant usage on type public.risk_tier to anon", What::Added, "grant enum public.risk_tier to anon", true),
    // Types and comments.
    ("alter type public.risk_tier add value 'E'", What::Changed, "enum public.risk_tier", true),
    ("create type public.extra as enum ('a')", What::Added, "enum public.extra", true),
    ("create domain trust_private.extra as text", What::Added, "domain trust_private.extra", true),
    ("create sequence public.extra", What::Added, "sequence public.extra", true),
    ("comment on column public.tenants.name is 'x'", What::Changed, "comment column public.tenants.name", true),
    ("comment on schema trust_private is null", What::Removed, "comment schema trust_private", true),
    // What the Catalog has no word for.
    ("create rule extra as on insert to public.tenants do instead nothing", What::Added, "rule public.tenants.extra", true),
    ("create statistics public.extra on name, status from public.tenants", What::Added, "statistics public.extra", true),
    ("alter table public.tenants set (fillfactor = 50)", What::Added, "storage options public.tenants", true),
    ("alter table public.tenants disable trigger touch_updated_at", What::Added, "trigger public.tenants.touch_updated_at", true),
    ("create materialized view public.extra as select 1 as one", What::Added, "materialized view public.extra", true),
];

#[tokio::test]
async fn every_change_by_hand_is_found_and_mended() {
    let cluster = postgres::cluster(postgres::any_major());
    let mut tally = Tally::new("drift: changes by hand, found, named, mended");
    let mut expected = None;
    let mut mended = 0;
    for (number, (sql, what, object, mends)) in one_of(CHANGES, 5) {
        let database = full_database(Regime::ALL[number % 2]).await;
        let direct = connection(&cluster, &database);
        let administrator = database.connect_as_administrator().await.expect("a session");
        let deployer = database.connect().await.expect("a session");
        deployer.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let verdict = verify(&direct, &mut expected, false).await;
        let named = verdict.drifts.iter().find(|drift| drift.what == *what && drift.object.starts_with(object));
        let mut problem = match named {
            None => Some(format!("not found: {:?}", verdict.drifts.iter().map(|drift| (drift.what, drift.object.as_str())).collect::<Vec<_>>())),
            Some(drift) if drift.adopt.is_empty() => Some("nothing to adopt".to_owned()),
            // What is removed or changed has a place in the spec, where the spec has a word for it.
            Some(drift) if *what != What::Added && *mends && drift.place.is_none() => Some("no place".to_owned()),
            Some(_) => None,
        };
        if *mends && problem.is_none() {
            for statement in verdict.drifts.iter().flat_map(|drift| &drift.mend) {
                if let Err(error) = administrator.batch_execute(&format!("set role sb_postgres; {statement}")).await {
                    problem = Some(format!("{statement}: {error:?}"));
                }
            }
            let again = verify(&direct, &mut expected, false).await;
            if !again.is_fine() && problem.is_none() {
                problem = Some(format!("after mending: {:?} {:?}", again.drifts, again.verification.failures));
            }
            mended += 1;
        }
        tally.add(sql, problem);
    }
    eprintln!("drift: {mended} mended by the SQL that was told");
    tally.finish();
}

#[tokio::test]
async fn an_untouched_database_has_not_drifted() {
    let majors = if is_full() { postgres::majors().to_vec() } else { vec![postgres::any_major()] };
    for major in majors {
        let cluster = postgres::cluster(major);
        let mut expected = None;
        for regime in Regime::ALL {
            let database = crate::support::database(&cluster, regime).await;
            deployed(&connection(&cluster, &database), system()).await;
            let odd = "-c%20search_path%3Dauth%20-c%20datestyle%3DGerman%20-c%20intervalstyle%3Diso_8601%20-c%20quote_all_identifiers%3Don%20-c%20timezone%3DAsia%2FTokyo\
                       %20-c%20bytea_output%3Descape%20-c%20default_transaction_isolation%3Dserializable%20-c%20extra_float_digits%3D-5";
            let odd = odd.replace(char::is_whitespace, "").replace('\\', "");
            for url in [url(&cluster, &database), format!("{}&options={odd}", url(&cluster, &database))] {
                let verdict = verify(&connect_to(&url), &mut expected, false).await;
                assert!(verdict.is_fine() && verdict.compared > 400 && verdict.verification.checks > 20, "{major} {regime}: {verdict:#?}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_written_and_a_read_only_database_can_be_verified() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = full_database(Regime::Hardened).await;
    let administrator = database.connect_as_administrator().await.expect("a session");
    let writes = "select xact_commit from pg_stat_database where false union all select pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    let before: i64 = administrator.query_one(writes, &[]).await.expect("a number").get(0);
    let closed = format!("{}&options=-c%20default_transaction_read_only%3Don", url(&cluster, &database));
    let subject = subject(false);
    look(&connect_to(&closed), &subject).await.unwrap_or_else(|stop| panic!("{stop}"));
    let role = "create role reader login";
    // Roles belong to the cluster, which other tests share.
    let _ = administrator.batch_execute(role).await;
    let reader = format!("postgresql://reader@/{}?host={}", database.name(), cluster.directory().display());
    let refused = look(&connect_to(&reader), &subject).await.err().map(|stop| stop.code);
    assert_eq!(refused, Some("missing-privilege"), "history cannot be read");
    let after: i64 = administrator.query_one(writes, &[]).await.expect("a number").get(0);
    // Other tests write on the same cluster: only that no transaction of ours had a number can be said where they do not.
    assert!(after >= before);
}

/// Structure and checks are read beside each other where the server lets us, else one after the other.
#[tokio::test]
async fn a_database_with_room_for_one_session_is_verified() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = full_database(Regime::Hardened).await;
    let elsewhere = cluster.scratch(Platform::Plain, &[]).await.expect("another database");
    let administrator = elsewhere.connect_as_administrator().await.expect("a session");
    for room in [1, 2, 0] {
        administrator.batch_execute(&format!("alter database {} connection limit {room}", database.name())).await.expect("it is limited");
        let seen = look(&connection(&cluster, &database), &subject(false)).await;
        match room {
            0 => assert_eq!(seen.err().map(|stop| stop.code), Some("no-connection")),
            _ => drop(seen.unwrap_or_else(|stop| panic!("room for {room}: {stop}"))),
        }
    }
}

/// A database that is on the way: what is not applied yet is not missed.
#[tokio::test]
async fn what_is_not_applied_yet_is_not_missed() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = crate::support::database(&cluster, Regime::Legacy).await;
    let direct = connection(&cluster, &database);
    let half = trust_schema::live::deploy::Options { to: Some("20260224020003".to_owned()), ..crate::support::quick() };
    crate::support::deploy(&direct, system(), &half).await.expect("three migrations");
    let verdict = verify(&direct, &mut None, false).await;
    assert!(verdict.is_fine() && verdict.pending.len() == 5, "{verdict:#?}");
    // Read before the rest is applied, and looked at afterwards: nothing of the rest is missed.
    let reading = Reading::begin(&direct);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    deployed(&direct, system()).await;
    let subject = subject(false);
    let seen = look_beside(reading, &subject).await.unwrap_or_else(|stop| panic!("{stop}"));
    let target = Target::Cluster(Box::new(postgres::own_cluster(seen.server.major)));
    let expected = build_expected(&seen, &target, &subject).await.unwrap_or_else(|stop| panic!("{stop}"));
    let verdict = compare(seen, &expected, &subject);
    assert!(verdict.is_fine() && verdict.pending.is_empty(), "{verdict:#?}");
}

#[tokio::test]
async fn history_and_rows_and_owners_drift_too() {
    let cluster = postgres::cluster(postgres::any_major());
    let mut expected = None;
    for (sql, fits) in [
        (
            "update supabase_migrations.schema_migrations set name = 'x' where version = '20260224020001'",
            (|verdict: &Verdict| verdict.history.as_ref().is_some_and(|stop| stop.code == "history-tampered")) as fn(&Verdict) -> bool,
        ),
        ("delete from public.scope_definitions where scope = 'admin:users'", |verdict| {
            verdict.verification.failures.iter().any(|failure| failure.contains("scope_definitions"))
        }),
        ("set role sb_postgres; alter default privileges in schema trust_private grant execute on functions to anon", |verdict| {
            verdict.verification.failures.iter().any(|failure| failure.contains("default privileges: expected none for others"))
        }),
        // Most of ours belong to a role of clients.
        ("reassign owned by sb_postgres to anon", |verdict| {
            let owners = verdict.drifts.iter().filter(|drift| drift.attribute.as_deref() == Some("owner"));
            owners.filter(|drift| drift.expected.is_none()).count() > 20
        }),
        ("alter function public.get_trust_tier_v1 owner to other_owner", |verdict| {
            verdict.drifts.iter().any(|drift| drift.attribute.as_deref() == Some("owner") && drift.object.contains("get_trust_tier_v1"))
        }),
    ] {
        let database = full_database(Regime::Hardened).await;
        let administrator = database.connect_as_administrator().await.expect("a session");
        let _ = administrator.batch_execute("create role other_owner").await;
        administrator.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let verdict = verify(&connection(&cluster, &database), &mut expected, false).await;
        assert!(!verdict.is_fine() && fits(&verdict), "{sql}: {verdict:#?}");
    }
}

/// What `verification/verify.sql` finds, a comparison finds, too, with the few checks that are left to it.
#[tokio::test]
async fn every_sabotage_is_told() {
    let cluster = postgres::cluster(postgres::any_major());
    let mut expected = None;
    let mut untold = Vec::new();
    for (sabotage, ..) in SABOTAGES.iter().step_by(if is_full() { 1 } else { 6 }) {
        let database = full_database(Regime::Hardened).await;
        let administrator = database.connect_as_administrator().await.expect("a session");
        administrator.batch_execute("set role sb_postgres").await.expect("the owner");
        administrator.batch_execute(sabotage).await.unwrap_or_else(|error| panic!("{sabotage}: {error:?}"));
        if verify(&connection(&cluster, &database), &mut expected, false).await.is_fine() {
            untold.push(sabotage);
        }
    }
    assert!(untold.is_empty(), "{untold:#?}");
}

/// Objects of others beside ours, where that is meant.
#[tokio::test]
async fn others_may_have_objects_beside_ours() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = full_database(Regime::Hardened).await;
    let direct = connection(&cluster, &database);
    let administrator = database.connect_as_administrator().await.expect("a session");
    administrator
        .batch_execute("create table public.notes (id int primary key); create schema crm; create table crm.customers (id int)")
        .await
        .expect("objects of others");
    let mut expected = None;
    let strict = verify(&direct, &mut expected, false).await;
    let found: Vec<&str> = strict.drifts.iter().map(|drift| drift.object.as_str()).collect();
    assert!(found.contains(&"table public.notes") && strict.drifts.iter().all(|drift| drift.of_others), "{found:?}");
    assert!(verify(&direct, &mut expected, true).await.is_fine());
    // Whoever calls ours may get theirs.
    let overload = "function public.validate_scopes_v1(integer)";
    let create = format!("create {overload} returns integer language sql return 1");
    administrator.batch_execute(&create).await.expect("an overload");
    let verdict = verify(&direct, &mut expected, true).await;
    assert_eq!(verdict.drifts.iter().map(|drift| drift.object.as_str()).collect::<Vec<_>>(), [overload]);
    administrator.batch_execute(&format!("drop {overload}")).await.expect("a drop");
    // What they do to ours is drift all the same.
    administrator.batch_execute("alter table public.tenants add column theirs int").await.expect("a column");
    let verdict = verify(&direct, &mut expected, true).await;
    assert_eq!(verdict.drifts.iter().map(|drift| drift.object.as_str()).collect::<Vec<_>>(), ["column public.tenants.theirs"]);
}

/// A plain database works as well.
#[tokio::test]
async fn a_database_of_another_platform_has_lost_everything() {
    let cluster = postgres::cluster(postgres::any_major());
    let plain = cluster.scratch(Platform::Plain, &[]).await.expect("a database");
    let there = connect_to(&format!("postgresql://postgres@/{}?host={}", plain.name(), cluster.directory().display()));
    let verdict = verify(&there, &mut None, false).await;
    assert!(verdict.drifts.iter().filter(|drift| drift.what == What::Removed).count() > 300, "{}", verdict.drifts.len());
}
