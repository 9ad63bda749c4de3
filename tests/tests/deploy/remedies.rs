//! What PostgreSQL does not simply replace: changed and removed by hand, and mended by the SQL that is told, with everything that stands on it.

use std::path::Path;

use tests::postgres;
use trust_schema::build;
use trust_schema::live::deploy::migration;
use trust_schema::live::drift::{Subject, What, build as build_expected, compare, look};
use trust_schema::live::server::{Platform, Target};

use crate::support::{Tally, connect_to, deployed, one_of};

/// Changes by hand, what each is, and of which object.
const CHANGES: &[(&str, What, &str)] = &[
    // Values of enums: one more, in between, one less, another order, with a column, its default and a view.
    ("alter type public.mood add value 'awful'", What::Changed, "enum public.mood"),
    ("alter type public.mood add value 'fine' after 'good'", What::Changed, "enum public.mood"),
    ("alter type public.mood rename value 'so so' to 'middling'", What::Changed, "enum public.mood"),
    (
        "drop view public.titles; alter table public.notes alter feeling drop default, alter feeling type text; drop type public.mood;
         create type public.mood as enum ('bad', 'good'); alter table public.notes alter feeling type public.mood using feeling::public.mood;
         alter table public.notes alter feeling set default 'good'",
        What::Changed,
        "enum public.mood",
    ),
    // Other types.
    ("alter domain public.positive drop constraint positive_check", What::Changed, "domain public.positive"),
    ("alter domain public.positive set default 7", What::Changed, "domain public.positive"),
    (
        "alter table public.places drop home; alter type public.address alter attribute number type text; alter table public.places add home public.address",
        What::Changed,
        "composite type public.address",
    ),
    ("alter type public.address add attribute town text cascade", What::Changed, "composite type public.address"),
    ("alter sequence public.tickets increment 7 maxvalue 1000 cycle", What::Changed, "sequence public.tickets"),
    ("drop sequence public.tickets", What::Removed, "sequence public.tickets"),
    // Columns: types under a view, a key, a check and a generated column.
    ("drop view public.titles; alter table public.notes alter title type text", What::Changed, "column public.notes.title"),
    ("alter table public.notes alter size drop expression", What::Changed, "column public.notes.size"),
    ("alter table public.notes alter id add generated always as identity", What::Changed, "column public.notes.id"),
    // Keys and constraints.
    (
        "alter table public.notes drop constraint notes_title_key; alter table public.notes add constraint notes_title_key unique (title, id)",
        What::Changed,
        "unique constraint public.notes.notes_title_key",
    ),
    ("alter table public.notes drop constraint notes_title_key", What::Removed, "unique constraint public.notes.notes_title_key"),
    ("alter table public.marks drop constraint marks_pkey", What::Removed, "primary key public.marks.marks_pkey"),
    (
        "alter table public.marks drop constraint marks_note_id_fkey; alter table public.marks add constraint marks_note_id_fkey foreign key (note_id) references public.notes",
        What::Changed,
        "foreign key public.marks.marks_note_id_fkey",
    ),
    // Views.
    (
        "create or replace view public.titles with (security_invoker = true) as select id, title, feeling from public.notes",
        What::Changed,
        "view public.titles",
    ),
    ("alter view public.titles set (security_invoker = false)", What::Changed, "view public.titles"),
    ("drop view public.titles", What::Removed, "view public.titles"),
    // What the Catalog has no word for.
    ("drop rule quiet on public.marks", What::Removed, "rule public.marks.quiet"),
    ("drop statistics private.together", What::Removed, "statistics private.together"),
    ("drop materialized view private.summary", What::Removed, "materialized view private.summary"),
    ("alter table public.marks reset (fillfactor)", What::Removed, "storage options public.marks"),
    ("alter table public.marks set (fillfactor = 50)", What::Removed, "storage options public.marks"),
    ("alter table public.notes alter title set storage external", What::Added, "column option public.notes.title"),
    ("alter table public.notes alter title set statistics 0", What::Added, "column option public.notes.title"),
    ("alter table public.notes alter title set (n_distinct = 5), alter title set compression pglz", What::Added, "column option public.notes.title"),
    ("alter table public.marks alter note_id reset (n_distinct)", What::Removed, "column option public.marks.note_id"),
    ("alter table public.marks alter note_id set (n_distinct = 3)", What::Removed, "column option public.marks.note_id"),
    ("alter table public.marks alter note_id set storage plain, alter note_id set statistics 7", What::Added, "column option public.marks.note_id"),
    ("alter function private.counted() cost 5 parallel safe leakproof", What::Added, "function option private.counted()"),
    ("alter function private.counted() rows 1000", What::Removed, "function option private.counted()"),
    ("alter table private.logged detach partition private.logged_first", What::Removed, "inheritance private.logged_first"),
    (
        "alter table private.logged detach partition private.logged_first; alter table private.logged attach partition private.logged_first for values from (1) to (11)",
        What::Removed,
        "inheritance private.logged_first",
    ),
    ("alter table private.child no inherit private.parent", What::Removed, "inheritance private.child"),
    ("alter table private.grandchild inherit private.child", What::Added, "inheritance private.grandchild"),
    ("alter table public.notes replica identity full", What::Added, "replica identity public.notes"),
    ("alter view public.titles alter title set default 'x'", What::Added, "view column default public.titles.title"),
    ("create aggregate private.extra (integer) (sfunc = int4pl, stype = integer)", What::Added, "aggregate private.extra(integer)"),
    ("create procedure private.extra() language sql as 'select 1'", What::Added, "procedure private.extra()"),
    ("create type private.extra as range (subtype = integer)", What::Added, "type private.extra"),
    ("create index extra on private.summary (notes)", What::Added, "index on materialized view private.extra"),
];

#[tokio::test]
async fn what_is_not_simply_replaced_is_mended() {
    let compilation = build::compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/drift")).expect("the spec can be read");
    let (resolution, outputs) = (compilation.resolution.as_ref().expect("a resolution"), compilation.outputs.as_ref());
    let outputs = outputs.unwrap_or_else(|| panic!("{:#?}", compilation.diagnostics));
    let system = migration::system(resolution, outputs.clone()).unwrap_or_else(|stop| panic!("{stop}"));
    let subject = Subject { system: &system, resolution, sources: &compilation.sources, with_others: false, baseline: false };
    let major = postgres::any_major();
    let cluster = postgres::cluster(major);
    let original = cluster.scratch(Platform::Plain, &[]).await.expect("a database");
    let url = |name: &str| format!("postgresql://postgres@/{name}?host={}", cluster.directory().display());
    deployed(&connect_to(&url(original.name())), &system).await;
    let mut expected = None;
    let mut tally = Tally::new("drift: what is not simply replaced, mended");
    for (sql, what, object) in one_of(CHANGES, 8).map(|(_, change)| change) {
        let database = cluster.copy(&original).await.expect("a copy");
        let there = connect_to(&url(database.name()));
        let client = database.connect_as_administrator().await.expect("a session");
        client
            .batch_execute("insert into public.notes (id, title) values (1, 'one'), (2, 'two'); insert into public.marks values (1)")
            .await
            .expect("rows");
        client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let seen = look(&there, &subject).await.unwrap_or_else(|stop| panic!("{stop}"));
        if expected.is_none() {
            let target = Target::Cluster(Box::new(postgres::own_cluster(major)));
            expected = Some(build_expected(&seen, &target, &subject).await.unwrap_or_else(|stop| panic!("{stop}")));
        }
        let built = expected.as_ref().expect("built");
        let verdict = compare(seen, built, &subject);
        let named = verdict.drifts.iter().any(|drift| drift.what == *what && drift.object.starts_with(object));
        let mut problem = (!named).then(|| format!("not found: {:?}", verdict.drifts.iter().map(|drift| &drift.object).collect::<Vec<_>>()));
        for statement in verdict.drifts.iter().flat_map(|drift| &drift.mend) {
            if let Err(error) = client.batch_execute(statement).await {
                problem.get_or_insert(format!("{statement}: {error:?}"));
            }
        }
        let again = compare(look(&there, &subject).await.unwrap_or_else(|stop| panic!("{stop}")), built, &subject);
        if !again.is_fine() {
            let told: Vec<&String> = verdict.drifts.iter().flat_map(|drift| &drift.mend).collect();
            problem.get_or_insert(format!("after mending by {told:#?}: {:?} {:?}", again.drifts, again.verification.failures));
        }
        let rows: i64 =
            client.query_one("select (select count(*) from public.notes) + (select count(*) from public.marks)", &[]).await.expect("rows").get(0);
        if rows != 3 {
            problem.get_or_insert(format!("{rows} rows are left"));
        }
        tally.add(sql, problem);
    }
    tally.finish();
}
