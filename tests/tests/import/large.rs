//! A large schema: partitions, functions and triggers, views on views, row-level security. With `TRUST_IMPORT_TABLES=1050` it has the size of
//! GitLab's.

use std::fmt::Write;

use tests::postgres;
use trust_schema::import::Became;

use crate::{dump, support};

/// Enough for blocks of privileges and defaults to be cut into several.
const TABLES: usize = 260;

fn tables() -> usize {
    std::env::var("TRUST_IMPORT_TABLES").map_or(TABLES, |tables| tables.parse().expect("TRUST_IMPORT_TABLES is a number"))
}

const WORDS: [&str; 14] =
    ["project", "merge", "issue", "ci", "user", "group", "namespace", "package", "vulnerability", "audit", "epic", "note", "deploy", "runner"];

/// The statements that make it.
fn sql(tables: usize) -> String {
    let mut sql = String::from(
        "set check_function_bodies = off; create role large_reader; create schema partitions; create type state as enum ('opened', 'closed', 'merged'); create domain slug as text constraint slug_check check (value ~ '^[a-z-]+$');\n",
    );
    let name = |number: usize| {
        format!(
            "{}_{}",
            WORDS[number % WORDS.len()],
            ["items", "events", "links", "settings", "tokens"][number / WORDS.len() % 5].to_owned() + &(number / 70).to_string()
        )
    };
    for number in 0..tables {
        let table = name(number);
        let parent = name(number / 3);
        writeln!(
            sql,
            "create table {table} (id bigserial primary key, parent_id bigint{}, title text not null default '' check (char_length(title) <= 255), state state not null default 'opened', slug slug, payload jsonb not null default '{{}}'::jsonb, amount numeric(10,2), active boolean default true not null, created_at timestamptz not null default now(), updated_at timestamptz not null default now());
             create index index_{table}_on_parent on {table} (parent_id) where parent_id is not null; create unique index index_{table}_on_title on {table} (lower(title), state); comment on column {table}.payload is 'Payload of {table}.';",
            if number > 0 { format!(" references {parent} on delete cascade") } else { String::new() },
        )
        .unwrap();
        if number % 7 == 0 {
            writeln!(sql, "alter table {table} enable row level security; create policy readers on {table} for select to large_reader using (active and (state <> 'closed'::state or amount is null)); grant select on {table} to large_reader;").unwrap();
        }
        if number % 3 == 0 {
            writeln!(sql, "create function touch_{number}() returns trigger language plpgsql as $$ begin new.updated_at := now(); perform 1 from {table} where id = new.id; return new; end $$; create trigger touch before update on {table} for each row execute function touch_{number}();").unwrap();
        }
        if number % 10 == 0 {
            writeln!(sql, "create view view_{number} as select t.id, t.title, p.title as parent_title from {table} t join {parent} p on p.id = t.parent_id where t.active;\ncreate view view_{number}_count as select parent_title, count(*) as items from view_{number} group by parent_title;").unwrap();
        }
        if number % 50 == 0 {
            writeln!(
                sql,
                "create table log_{number} (id bigint not null, at timestamptz not null, what text, primary key (id, at)) partition by range (at);"
            )
            .unwrap();
            for month in 1..=6 {
                writeln!(
                    sql,
                    "create table partitions.log_{number}_{month} partition of log_{number} for values from ('2024-0{month}-01') to ('2024-0{}-01');",
                    month + 1
                )
                .unwrap();
            }
            writeln!(sql, "create index on log_{number} (what);").unwrap();
        }
    }
    sql
}

#[tokio::test]
async fn many_tables_come_back() {
    let tables = tables();
    let major = if postgres::majors().contains(&15) { 15 } else { postgres::any_major() };
    let (original, copy) = (postgres::plain_database(major).await, postgres::plain_database(major).await);
    support::run(&original, &sql(tables)).await;
    let begun = std::time::Instant::now();
    let imported = support::comes_back(major, &original, &copy, "large").await;
    eprintln!(
        "{} objects in the words of the spec, {} raw blocks, {} files, in {:?}",
        imported.modelled,
        imported.raw,
        imported.files.len(),
        begun.elapsed()
    );
    let left: Vec<&str> = imported.findings.iter().filter(|finding| finding.became == Became::Left).map(|finding| finding.object.as_str()).collect();
    assert!(left.is_empty(), "{left:#?}");
    assert!(imported.modelled > tables * 6, "{}", imported.modelled);
    assert!(imported.files.iter().filter(|file| file.path.ends_with(".toml")).count() > WORDS.len());
    dump::same(major, &original, &copy, "large");
}
