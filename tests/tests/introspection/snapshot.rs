//! The fingerprint of what the Catalog does not model.

use tests::postgres;
use trust_schema::live::compare::{Expressions, compare};
use trust_schema::live::introspect::introspect;
use trust_schema::live::server::Regime;
use trust_schema::live::snapshot::snapshot;

/// What is made, what undoes it, and the line that must appear.
const MADE: &[(&str, &str, &str)] = &[
    ("create cast (text as public.mood) with inout", "drop cast (text as public.mood)", "cast text as public.mood"),
    (
        "create operator public.=== (leftarg = int, rightarg = int, function = int4eq)",
        "drop operator public.=== (int, int)",
        "operator public.===(integer,integer)",
    ),
    (
        "create operator family public.f using btree",
        "drop operator family public.f using btree",
        "operator family operator family public.f for access method btree",
    ),
    ("create event trigger t on ddl_command_end execute function public.e()", "drop event trigger t", "event trigger t"),
    ("create publication p for table public.t where (a > 1)", "drop publication p", "publication p"),
    ("create rule r as on delete to public.t do instead nothing", "drop rule r on public.t", "rule public.t.r"),
    ("create statistics public.s on a, b from public.t", "drop statistics public.s", "statistics public.s"),
    (
        "alter default privileges in schema public grant select on tables to public",
        "alter default privileges in schema public revoke select on tables from public",
        "default privileges postgres in public r",
    ),
    ("create role snapshot_role_MAJOR nologin", "drop role snapshot_role_MAJOR", "role snapshot_role_MAJOR"),
    ("grant pg_monitor to anon", "revoke pg_monitor from anon", "membership anon in pg_monitor"),
    (
        "alter role anon in database DATABASE set statement_timeout = '1s'",
        "alter role anon in database DATABASE reset statement_timeout",
        "setting anon in DATABASE",
    ),
    ("create text search configuration public.c (copy = english)", "drop text search configuration public.c", "text search configuration public.c"),
    ("create text search dictionary public.d (template = simple)", "drop text search dictionary public.d", "text search dictionary public.d"),
    ("create foreign data wrapper w; create server v foreign data wrapper w", "drop server v; drop foreign data wrapper w", "foreign server v"),
    ("select lo_create(4711)", "select lo_unlink(4711)", "large object 4711"),
    ("create aggregate public.total (int) (sfunc = int4pl, stype = int)", "drop aggregate public.total (int)", "aggregate public.total(integer)"),
    ("create procedure public.go() language sql as 'select 1'", "drop procedure public.go()", "procedure public.go()"),
    ("create table public.part partition of public.whole for values in (1)", "drop table public.part", "inheritance public.part"),
    ("create materialized view public.m as select 1 as one", "drop materialized view public.m", "materialized view public.m"),
    ("create type public.spans as range (subtype = int)", "drop type public.spans", "type public.spans"),
    ("alter table public.t set (fillfactor = 70)", "alter table public.t reset (fillfactor)", "storage options public.t"),
    ("alter table public.t replica identity full", "alter table public.t replica identity default", "replica identity public.t"),
    (
        "alter table public.t alter column b set storage external",
        "alter table public.t alter column b set storage extended",
        "column option public.t.b",
    ),
    ("alter table public.t disable trigger g", "alter table public.t enable trigger g", "trigger public.t.g"),
    (
        "alter table public.t add constraint late foreign key (a) references public.t (a) deferrable not valid",
        "alter table public.t drop constraint late",
        "constraint public.t.late",
    ),
    ("alter function public.e() cost 5", "alter function public.e() cost 100", "function option public.e()"),
    ("create extension citext schema extensions", "drop extension citext", "extension citext"),
    ("create collation public.k (provider = libc, locale = 'C')", "drop collation public.k", "collation public.k"),
    (
        "comment on extension plpgsql is null; comment on rule known on public.t is 'x'",
        "comment on rule known on public.t is null",
        "comment rule known on table public.t",
    ),
    (
        "grant execute on function pg_catalog.pg_ls_dir(text) to anon",
        "revoke execute on function pg_catalog.pg_ls_dir(text) from anon",
        "system object function pg_ls_dir(text)",
    ),
    ("grant create on database DATABASE to anon", "revoke create on database DATABASE from anon", "database DATABASE"),
    ("insert into public.t (a) values (1)", "truncate public.t", "rows public.t"),
    ("alter sequence public.q owned by public.t.a", "alter sequence public.q owned by none", "sequence public.q"),
    ("alter table public.t owner to sb_postgres", "alter table public.t owner to postgres", "owner relation public.t"),
];

const GROUND: &str = "create type public.mood as enum ('a'); create table public.t (a int unique, b text); create table public.whole (a int) partition by list (a);
    create function public.e() returns event_trigger language plpgsql as 'begin end';
    create function public.g() returns trigger language plpgsql as 'begin return new; end';
    create trigger g before update on public.t for each row execute function public.g();
    create rule known as on update to public.whole do instead nothing; create rule known as on update to public.t do also nothing; create sequence public.q";

#[tokio::test]
async fn leftovers_of_every_class_are_found() {
    for &major in postgres::majors() {
        let cluster = postgres::own_cluster(major);
        let database = cluster.supabase_database(Regime::Hardened, "leftovers").await.unwrap();
        let client = database.connect_as_administrator().await.unwrap();
        client.batch_execute(GROUND).await.unwrap();
        client.batch_execute("comment on extension plpgsql is null").await.unwrap();
        let filled = |text: &str| text.replace("MAJOR", &major.to_string()).replace("DATABASE", "leftovers");
        let run = async |sql: String| client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{major}: {sql}: {:?}", error.as_db_error()));
        let before = snapshot(&client).await.unwrap();
        for (make, _, _) in MADE {
            run(filled(make)).await;
        }
        let made = snapshot(&client).await.unwrap();
        let (_, new) = before.changes(&made);
        let names: Vec<String> = new.iter().map(|line| format!("{} {}", line.class, line.name)).collect();
        let unfound: Vec<String> = MADE.iter().map(|(_, _, line)| filled(line)).filter(|line| !names.contains(line)).collect();
        assert!(unfound.is_empty(), "PostgreSQL {major}: {unfound:#?} are not among {new:#?}");
        // Undone one by one: what is not undone yet is still told.
        for (left, (_, undo, line)) in MADE.iter().enumerate().rev() {
            run(filled(undo)).await;
            if left == MADE.len() / 2 {
                let half = snapshot(&client).await.unwrap();
                let (_, new) = before.changes(&half);
                let told = |line: &str| new.iter().any(|new| format!("{} {}", new.class, new.name) == line);
                assert!(!told(&filled(line)));
                assert!(MADE.iter().take(left).all(|(_, _, line)| told(&filled(line))), "PostgreSQL {major}: {new:#?}");
            }
        }
        let after = snapshot(&client).await.unwrap();
        assert_eq!(before.changes(&after), (Vec::new(), Vec::new()), "PostgreSQL {major}");
    }
}

/// What the Catalog models is not in the fingerprint, but for owners and rows.
#[tokio::test]
async fn what_is_modelled_is_not_repeated() {
    let (_, files) = crate::support::trust_lite();
    let database = postgres::database(postgres::any_major(), Regime::Legacy).await;
    let client = database.connect().await.unwrap();
    let administrator = database.connect_as_administrator().await.unwrap();
    let before = (introspect(&administrator, None).await.unwrap(), snapshot(&administrator).await.unwrap());
    for text in crate::support::migrations(&files) {
        client.batch_execute(text).await.unwrap();
    }
    let after = (introspect(&administrator, None).await.unwrap(), snapshot(&administrator).await.unwrap());
    assert!(compare(&before.0, &after.0, Expressions::Compared).len() > 100);
    let (gone, new) = before.1.changes(&after.1);
    assert_eq!(gone, Vec::<&trust_schema::live::snapshot::Line>::new());
    let classes: std::collections::BTreeSet<&str> = new.iter().map(|line| line.class.as_str()).collect();
    let allowed = ["owner", "rows", "sequence", "storage options", "function option"];
    assert!(classes.iter().all(|class| allowed.contains(class)), "{classes:?}");
}
