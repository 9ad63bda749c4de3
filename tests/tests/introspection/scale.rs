//! A large database.

use std::process::Command;
use std::time::Instant;

use tests::postgres;
use trust_schema::catalog::Kind;
use trust_schema::live::introspect::introspect;
use trust_schema::live::server::Regime;

const TABLES: usize = 1_000;

/// The figures are printed with `--nocapture`; the bound is only there to catch a query that has become quadratic.
#[tokio::test]
async fn a_thousand_tables_are_read_quickly() {
    let major = postgres::any_major();
    let database = postgres::database(major, Regime::Legacy).await;
    let client = database.connect().await.unwrap();
    let table = "create table public.%1$I (id bigint generated always as identity primary key, tenant uuid not null, name text not null default 'x' check (name <> ''), at timestamptz default now(), unique (tenant, name));
        alter table public.%1$I enable row level security; create policy own on public.%1$I for select to authenticated using (tenant = (select auth.uid()));
        create index on public.%1$I (tenant, lower(name)); comment on table public.%1$I is 'A table.'; comment on column public.%1$I.name is 'A name.'";
    client
        .batch_execute(&format!("do $do$ begin for i in 1..{TABLES} loop execute format($sql${table}$sql$, 't' || i); end loop; end $do$"))
        .await
        .unwrap();
    client.batch_execute("analyze").await.unwrap();
    let mut times = Vec::new();
    for _ in 0..3 {
        let begun = Instant::now();
        let catalog = introspect(&client, None).await.unwrap();
        times.push(begun.elapsed());
        assert_eq!(catalog.iter().filter(|(id, _)| id.kind() == Kind::Policy).count(), TABLES);
        assert_eq!(catalog.iter().filter(|(id, _)| id.kind() == Kind::Index).count(), TABLES);
        assert!(catalog.len() > TABLES * 15);
    }
    eprintln!("introspection of {TABLES} tables: {times:?}");
    let cluster = postgres::cluster(major);
    let begun = Instant::now();
    let dump = Command::new(cluster.server().binaries.join("pg_dump"))
        .arg("--schema-only")
        .arg("-h")
        .arg(cluster.directory())
        .args(["-U", "postgres", "-d", database.name()])
        .output();
    match dump {
        Ok(output) if output.status.success() => eprintln!("pg_dump --schema-only: {:?}, {} bytes", begun.elapsed(), output.stdout.len()),
        other => eprintln!("pg_dump could not be run: {:?}", other.map(|output| String::from_utf8_lossy(&output.stderr).into_owned())),
    }
    assert!(times.iter().min().unwrap().as_secs() < 30, "{times:?}");
}
