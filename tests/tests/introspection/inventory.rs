//! The inventory: every object of every catalog is found, named, and made again by its statements.

use std::collections::BTreeSet;

use tests::postgres;
use trust_schema::import::inventory::{Fate, Key};
use trust_schema::live::inventory::inventory;
use trust_schema::live::server::Regime;

const OBJECTS: &str = include_str!("one_of_each.sql");

/// What was made, as class and name, and what must be among its statements.
const FOUND: &[(&str, &str, &str)] = &[
    ("schema", "app", "CREATE SCHEMA app"),
    ("table", "app.plain", "CREATE TABLE app.plain"),
    ("partitioned table", "app.parted", "PARTITION BY RANGE (at)"),
    ("partition", "app.parted_2024", "CREATE TABLE app.parted_2024"),
    ("attachment of a partition", "app.parted_2024", "ATTACH PARTITION app.parted_2024 FOR VALUES FROM"),
    ("table", "app.child", "INHERITS (app.plain)"),
    ("table", "app.typed", "OF app.pair"),
    ("foreign table", "app.remote", "SERVER far"),
    ("exclusion constraint", "no_overlap on app.booking", "EXCLUDE USING gist"),
    ("foreign key", "child_late on app.child", "DEFERRABLE INITIALLY DEFERRED"),
    ("index", "app.plain_lower", "lower(b)"),
    ("trigger", "watch on app.plain", "REFERENCING NEW TABLE AS fresh"),
    ("rule", "quiet on app.plain", "DO INSTEAD NOTHING"),
    ("policy", "own on app.plain", "TO PUBLIC"),
    ("statistics", "app.plain_stats", "CREATE STATISTICS app.plain_stats"),
    ("materialized view", "app.sums", "CREATE MATERIALIZED VIEW app.sums"),
    ("view", "app.rows", "CREATE VIEW app.rows"),
    ("view option", "app.rows", "RESET (security_barrier)"),
    ("sequence", "app.counter", "CREATE SEQUENCE app.counter"),
    ("owner of a sequence", "app.counter", "OWNED BY app.plain.a"),
    ("default", "for app.plain.b", "SET DEFAULT 'x'"),
    ("options", "app.plain", "SET (fillfactor='70')"),
    ("column option", "app.b", "SET STORAGE EXTERNAL"),
    ("replica identity", "app.plain", "REPLICA IDENTITY FULL"),
    ("row-level security", "app.plain", "ENABLE ROW LEVEL SECURITY"),
    ("enum", "app.mood", "'sad'"),
    ("domain", "app.positive", "CHECK"),
    ("composite type", "app.pair", "AS (x integer"),
    ("range type", "app.spans", "MULTIRANGE_TYPE_NAME = app.spanses"),
    ("shell type", "app.shell", "CREATE TYPE app.shell"),
    ("function", "app.double(integer)", "CREATE OR REPLACE FUNCTION app.double"),
    ("procedure", "app.go()", "CREATE OR REPLACE PROCEDURE app.go"),
    ("aggregate", "app.total(integer)", "SFUNC = int4pl"),
    ("collation", "app.german", "CREATE COLLATION app.german"),
    ("conversion", "app.latin", "CREATE CONVERSION app.latin"),
    ("operator", "app.===(integer,integer)", "CREATE OPERATOR app.==="),
    ("operator family", "app.family USING btree", "CREATE OPERATOR FAMILY"),
    ("operator class", "app.class USING btree", "FUNCTION 1"),
    ("text search configuration", "app.words", "ADD MAPPING FOR asciiword"),
    ("text search dictionary", "app.terms", "TEMPLATE = pg_catalog.simple"),
    ("text search parser", "app.parser", "START = prsd_start"),
    ("text search template", "app.template", "LEXIZE = dsimple_lexize"),
    ("cast", "(pg_catalog.text AS app.mood)", "WITH INOUT"),
    ("language", "plmine", "CREATE LANGUAGE plmine"),
    ("transform", "for ", "CREATE TRANSFORM FOR integer"),
    ("access method", "mine", "TYPE TABLE"),
    ("event trigger", "on_end", "ON ddl_command_end"),
    ("publication", "news", "CREATE PUBLICATION news"),
    ("publication of a table", "app.plain in publication news", "ADD TABLE ONLY app.plain"),
    ("publication of a schema", "app in publication all_of_app", "ADD TABLES IN SCHEMA app"),
    ("foreign data wrapper", "wrap", "CREATE FOREIGN DATA WRAPPER wrap"),
    ("foreign server", "far", "FOREIGN DATA WRAPPER wrap"),
];
/// Found by name, and no statement can make them in a migration.
const TOLD: &[(&str, &str)] =
    &[("subscription", "feed"), ("user mapping", "public on server far"), ("large object", "4711"), ("default privileges", "")];

#[tokio::test]
async fn every_object_of_every_class_is_found_by_name() {
    for &major in postgres::majors() {
        let database = postgres::database(major, Regime::Hardened).await;
        let client = database.connect_as_administrator().await.unwrap();
        client.batch_execute(OBJECTS).await.unwrap_or_else(|error| panic!("{major}: {:?}", error.as_db_error()));
        let read = inventory(&client).await.unwrap_or_else(|error| panic!("{major}: {error}"));
        let labels: Vec<String> = read.items.iter().map(|item| format!("{}: {}", item.label(), item.up.as_deref().unwrap_or_default())).collect();
        let mut missing = Vec::new();
        for (class, name, statement) in FOUND {
            let found = read.items.iter().any(|item| {
                (item.label() == format!("{class} {name}") || (*class == "transform" && item.class == "transform"))
                    && item.up.as_ref().is_some_and(|up| up.contains(statement))
            });
            missing.extend((!found).then(|| format!("{class} {name} with {statement}")));
        }
        for (class, name) in TOLD {
            let found =
                read.items.iter().any(|item| item.class == *class && item.label().contains(name) && !matches!(item.fate, Fate::Object | Fate::Part));
            missing.extend((!found).then(|| format!("{class} {name}")));
        }
        assert!(
            missing.is_empty(),
            "PostgreSQL {major}: {missing:#?} are not among:
{}",
            labels.join(
                "
"
            )
        );
        // No password, wherever it was written.
        assert!(labels.iter().all(|label| !label.contains("geheim")), "{labels:#?}");
        let told: Vec<String> = read.told.iter().map(|told| format!("{} {}", told.class, told.name)).collect();
        for wanted in ["setting of a role or database every role", "privileges of PostgreSQL's own objects function pg_ls_dir(text)"] {
            assert!(told.iter().any(|told| told.starts_with(wanted)), "PostgreSQL {major}: no {wanted} among {told:#?}");
        }
        // An observer that knows nothing of classes: every row of every catalog with numbers of its own.
        let known: BTreeSet<Key> = read.items.iter().map(|item| item.key.clone()).collect();
        let catalogs = client
            .query("select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'oid' where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and not c.relisshared", &[])
            .await
            .unwrap();
        let mut once = BTreeSet::new();
        let twice: Vec<&trust_schema::import::inventory::Item> = read.items.iter().filter(|item| !once.insert(&item.key)).collect();
        assert!(twice.is_empty(), "PostgreSQL {major}: {twice:#?}");
        let mut rows = 0;
        for catalog in catalogs {
            let catalog: String = catalog.get(0);
            // Values of enums are no objects.
            if catalog == "pg_enum" {
                continue;
            }
            let sql = format!(
                "select o.oid::int8 from pg_catalog.{catalog} o where o.oid >= 16384 and not exists (
                     with recursive owned (classid, objid) as (
                         select d.classid, d.objid from pg_depend d where d.deptype = 'e'
                         union select d.classid, d.objid from pg_depend d join owned w on d.refclassid = w.classid and d.refobjid = w.objid and d.deptype in ('i', 'a'))
                     select from owned w where w.classid = 'pg_catalog.{catalog}'::regclass and w.objid = o.oid)"
            );
            for row in client.query(&sql, &[]).await.unwrap() {
                let key = Key::object(catalog.clone(), row.get(0));
                rows += 1;
                let what: String =
                    client.query_one(&format!("select pg_describe_object('{catalog}'::regclass, {}, 0)", key.oid), &[]).await.unwrap().get(0);
                assert!(known.contains(&key), "PostgreSQL {major}: nothing is said of {what} ({catalog})");
            }
        }
        assert!(rows > 120, "{rows}");
    }
}
