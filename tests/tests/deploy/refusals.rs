//! What is refused before anything is changed: drift behind a plan, missing privileges, another platform, dangers that nobody has allowed.

use tests::postgres;
use trust_schema::live::deploy::hazards::HazardKind;
use trust_schema::live::deploy::{Allow, Options, apply, plan};
use trust_schema::live::server::{Platform, Regime, connect};

use crate::support::{Tally, connect_to, connection, database, deploy, deployed, difference, one_of, quick, reference, small, state, system};

/// Changes by hand, of many classes; each alone must be noticed.
const DRIFT: [&str; 14] = [
    "create table public.sneaked (id int)",
    "create function public.sneaked() returns int language sql as 'select 1'",
    "create schema sneaked",
    "create type public.sneaked as enum ('a')",
    "create view public.sneaked as select 1 as one",
    "create sequence public.sneaked",
    "alter table public.tenants add column sneaked int",
    "alter table public.tenants disable row level security",
    "drop policy members_read_their_tenants on public.tenants",
    "grant insert on public.tenants to anon",
    "create index sneaked on public.tenants (status)",
    "alter table public.tenants drop constraint tenants_status_check",
    "create or replace function trust_private.touch_updated_at() returns trigger language plpgsql security definer as 'begin return new; end'",
    "delete from supabase_migrations.schema_migrations where version = '20260224020004'",
];

#[tokio::test]
async fn a_change_behind_a_plan_is_noticed() {
    let cluster = postgres::cluster(postgres::any_major());
    let mut tally = Tally::new("drift between plan and apply, and between a plan that was looked at and a later run");
    let half = Options { to: Some("20260224020004".to_owned()), ..quick() };
    let template = async |database: &trust_schema::live::server::Scratch| {
        let half = Options { to: Some("20260224020004".to_owned()), ..quick() };
        deploy(&connection(&postgres::cluster(postgres::any_major()), database), system(), &half).await.expect("four migrations");
    };
    for (_, sql) in one_of(&DRIFT, 3) {
        let database = postgres::copy_of_template(postgres::any_major(), Regime::Hardened, "half", template).await;
        let direct = connection(&cluster, &database);
        let planned = plan::plan(&direct, system(), &quick()).await.expect("a plan");
        database.connect().await.expect("a session").batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let held = state(&database).await;
        let refused = apply::apply(&direct, system(), &quick(), &planned, &mut |_| {}).await;
        let mut problem = match refused {
            Err(stop) if stop.code == "changed-since-plan" => None,
            other => Some(format!("{other:?}")),
        };
        let later = Options { expect: Some(planned.fingerprint.clone()), ..quick() };
        let refused = plan::plan(&direct, system(), &later).await;
        if !refused.as_ref().is_err_and(|stop| stop.code == "changed-since-plan") {
            problem = Some(format!("a later run: {refused:?}"));
        }
        tally.add(sql, problem.or(difference(&held, &state(&database).await)));
    }
    // Nothing has changed: the fingerprint is the same, in another session with other settings.
    let database = postgres::copy_of_template(postgres::any_major(), Regime::Hardened, "half", template).await;
    let direct = connection(&cluster, &database);
    let planned = plan::plan(&direct, system(), &half).await.expect("a plan");
    let odd = format!(
        "{}&options=-c%20search_path%3Dauth%20-c%20datestyle%3DGerman%20-c%20intervalstyle%3Diso_8601",
        crate::support::url(&cluster, &database)
    );
    let same = Options { expect: Some(planned.fingerprint.clone()), ..quick() };
    let report = deploy(&connect_to(&odd), system(), &same).await;
    tally.add("nothing", (!report.as_ref().is_ok_and(|report| report.is_fine())).then(|| format!("{report:?}")));
    tally.finish();
}

#[tokio::test]
async fn a_role_without_the_privileges_is_refused() {
    let cluster = postgres::own_cluster(postgres::any_major());
    let database = database(&cluster, Regime::Hardened).await;
    let administrator = database.connect_as_administrator().await.expect("a session");
    administrator
        .batch_execute(&format!(
            "create role poor login; create role half login; grant create on database {} to half; grant usage, create on schema public to half;
             create role reader login; grant usage on schema public, auth, extensions to reader, half",
            database.name()
        ))
        .await
        .expect("roles");
    let before = state(&database).await;
    let mut tally = Tally::new("missing privileges");
    for (role, lacks) in [("poor", "CREATE on database"), ("half", "REFERENCES on auth.users"), ("reader", "CREATE on schema public")] {
        let url = format!("postgresql://{role}@/{}?host={}", database.name(), cluster.directory().display());
        let refused = deploy(&connect_to(&url), system(), &quick()).await;
        let problem = match refused {
            Err(stop) if stop.code == "missing-privilege" && stop.message.contains(lacks) => difference(&before, &state(&database).await),
            other => Some(format!("{other:?}")),
        };
        tally.add(role, problem);
    }
    // Somebody else owns what is to be changed.
    deploy(&connection(&cluster, &database), system(), &Options { to: Some("20260224020003".to_owned()), ..quick() })
        .await
        .expect("three migrations");
    administrator
        .batch_execute("grant usage on schema supabase_migrations to half; grant all on supabase_migrations.schema_migrations to half; grant references on auth.users to half; grant usage, create on schema trust_private to half")
        .await
        .expect("privileges");
    let url = format!("postgresql://half@/{}?host={}", database.name(), cluster.directory().display());
    let before = state(&database).await;
    let refused = deploy(&connect_to(&url), system(), &quick()).await;
    let problem = match refused {
        Err(stop) if stop.code == "missing-privilege" && stop.message.contains("on public.service_identities") => {
            difference(&before, &state(&database).await)
        }
        other => Some(format!("{other:?}")),
    };
    tally.add("not the owner", problem);
    tally.finish();
}

#[tokio::test]
async fn another_platform_is_refused() {
    let cluster = postgres::own_cluster(postgres::any_major());
    let plain = cluster.scratch(Platform::Plain, &[]).await.expect("a database");
    let url = format!("postgresql://postgres@/{}?host={}", plain.name(), cluster.directory().display());
    let refused = deploy(&connect_to(&url), system(), &quick()).await.expect_err("it is no Supabase project");
    assert_eq!(refused.code, "wrong-platform", "{refused}");
    // A project whose extension lies elsewhere.
    let database = database(&cluster, Regime::Hardened).await;
    let administrator = database.connect_as_administrator().await.expect("a session");
    administrator.batch_execute("drop extension pgcrypto").await.expect("dropped");
    let refused = deploy(&connection(&cluster, &database), system(), &quick()).await.expect_err("an extension is missing");
    assert_eq!(refused.code, "missing-extension", "{refused}");
    administrator.batch_execute("create extension pgcrypto schema extensions").await.expect("created");
    // Somebody has run the files by hand.
    let deployer = database.connect().await.expect("a session");
    deployer.batch_execute(&format!("begin;\n{}\ncommit", system().migrations[0].file.text)).await.expect("applied by hand");
    let refused = deploy(&connection(&cluster, &database), system(), &quick()).await.expect_err("it is there");
    assert_eq!(refused.code, "already-there", "{refused}");
    assert!(refused.message.contains("public.tenants"), "{refused}");
}

const EXISTING: &str = "create table public.kept (id int primary key, note text); alter table public.kept enable row level security;
    create policy floor on public.kept as restrictive using (true); insert into public.kept values (1, 'a');";

/// Statements on what is there, and what they need to be allowed.
const DANGERS: [(&str, Option<HazardKind>); 15] = [
    ("drop table public.kept;", Some(HazardKind::DataLoss)),
    ("alter table public.kept drop column note;", Some(HazardKind::DataLoss)),
    ("alter table public.kept drop if exists note;", Some(HazardKind::DataLoss)),
    ("truncate public.kept;", Some(HazardKind::DataLoss)),
    ("delete from public.kept;", Some(HazardKind::DataLoss)),
    ("do $$ begin execute 'truncate public.kept'; end $$;", Some(HazardKind::DataLoss)),
    ("alter table public.kept disable row level security;", Some(HazardKind::Access)),
    ("drop policy floor on public.kept;", Some(HazardKind::Access)),
    ("create policy more on public.kept using (true);", Some(HazardKind::Access)),
    ("grant select on public.kept to public;", Some(HazardKind::Access)),
    ("alter table public.kept add column more int;", Some(HazardKind::Lock)),
    ("create index kept_note_idx on public.kept (note);", Some(HazardKind::Lock)),
    ("create table public.more (id int references public.kept);", Some(HazardKind::Lock)),
    ("create table public.more (id int); grant select on public.more to public; drop table public.more;", None),
    ("alter table public.kept alter note drop default;", Some(HazardKind::Lock)),
];

#[tokio::test]
async fn dangers_are_shown_and_have_to_be_allowed() {
    let cluster = postgres::cluster(postgres::any_major());
    let mut tally = Tally::new("destructive and widening statements without leave");
    for (_, &(sql, kind)) in one_of(&DANGERS, 2) {
        let database = cluster.scratch(Platform::Plain, &[]).await.expect("a database");
        let url = format!("postgresql://postgres@/{}?host={}", database.name(), cluster.directory().display());
        let direct = connect_to(&url);
        deployed(&direct, &small(&[("migrations/1_kept.sql", EXISTING)])).await;
        let system = small(&[("migrations/1_kept.sql", EXISTING), ("migrations/2_danger.sql", sql)]);
        let planned = plan::plan(&direct, &system, &quick()).await.expect("a plan");
        let found: Vec<HazardKind> = planned.hazards.iter().map(|hazard| hazard.kind).collect();
        let mut problem = (found != kind.into_iter().collect::<Vec<_>>()).then(|| format!("{found:?}"));
        let outcome = apply::apply(&direct, &system, &quick(), &planned, &mut |_| {}).await;
        let refused = outcome.as_ref().is_err_and(|stop| stop.code == "not-allowed");
        if refused != kind.is_some_and(|kind| kind.needs().is_some()) {
            problem = Some(format!("{outcome:?}"));
        }
        if refused {
            let options = Options { allow: [Allow::DataLoss, Allow::Access].into(), ..quick() };
            let report = deploy(&direct, &system, &options).await;
            if !report.as_ref().is_ok_and(|report| report.is_fine()) {
                problem = Some(format!("allowed: {report:?}"));
            }
        }
        tally.add(sql, problem);
    }
    tally.finish();
}

/// The migrations of the workspace endanger nothing but a lock on a table of the platform.
#[tokio::test]
async fn new_objects_are_in_no_danger() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = database(&cluster, Regime::Legacy).await;
    let planned = plan::plan(&connection(&cluster, &database), system(), &quick()).await.expect("a plan");
    let found: Vec<(HazardKind, &str)> = planned.hazards.iter().map(|hazard| (hazard.kind, hazard.object.as_str())).collect();
    assert!(!found.is_empty() && found.iter().all(|found| *found == (HazardKind::Lock, "auth.users")), "{found:?}");
}

/// A migration that fails in the middle says where, and leaves nothing.
#[tokio::test]
async fn a_failing_statement_is_located() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = cluster.scratch(Platform::Plain, &[]).await.expect("a database");
    let url = format!("postgresql://postgres@/{}?host={}", database.name(), cluster.directory().display());
    let text = "create table public.one (id int);\n\n-- table public.two (two.toml)\nselect 1;\n  insert into public.one values ('x');\nselect 2;";
    for (text, line) in [(text.to_owned(), Some(5)), ("select 1;\nselect pg_advisory_unlock_all();".to_owned(), None)] {
        let report = deploy(&connect_to(&url), &small(&[("migrations/1_one.sql", &text)]), &quick()).await.expect("a report");
        let Some(line) = line else {
            // It gave the lock back: the next step must not go on without it, and this one has ended.
            assert!(report.is_fine(), "{report:#?}");
            continue;
        };
        let stop = report.stopped.expect("it fails");
        assert_eq!((stop.code, stop.place.as_ref().map(|place| (place.line, place.column))), ("statement-failed", Some((line, 3))), "{stop}");
        assert_eq!(stop.place.and_then(|place| place.object).as_deref(), Some("table public.two (two.toml)"));
        let administrator = database.connect_as_administrator().await.expect("a session");
        let there: bool = administrator.query_one("select to_regclass('public.one') is not null", &[]).await.expect("an answer").get(0);
        assert!(!there, "the first statement is still there");
    }
    let system = small(&[("migrations/2_one.sql", "select pg_advisory_unlock_all();"), ("migrations/3_two.sql", "create table public.two ();")]);
    let database = cluster.scratch(Platform::Plain, &[]).await.expect("a database");
    let url = format!("postgresql://postgres@/{}?host={}", database.name(), cluster.directory().display());
    let report = deploy(&connect_to(&url), &system, &quick()).await.expect("a report");
    assert_eq!(report.stopped.map(|stop| stop.code), Some("lock-lost"));
}

/// Everything holds on the newest version, too.
#[tokio::test]
async fn another_major_version_is_deployed_to() {
    let Some(&major) = postgres::majors().last().filter(|major| **major != postgres::any_major()) else { return };
    for regime in Regime::ALL {
        let reference = reference(major, regime).await;
        let cluster = postgres::cluster(major);
        let database = database(&cluster, regime).await;
        deployed(&connection(&cluster, &database), system()).await;
        assert_eq!(difference(reference.last(), &state(&database).await), None);
        let client = connect(&cluster.config(database.name(), "postgres")).await.expect("a session");
        let rows: i64 = client.query_one("select count(*) from supabase_migrations.schema_migrations", &[]).await.expect("a count").get(0);
        assert_eq!(usize::try_from(rows), Ok(system().migrations.len()));
    }
}
