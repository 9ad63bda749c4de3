//! Runs an evolution, and looks at what is there.

use tests::compile::{Compiled, compile, files};
use tokio_postgres::Client;
use trust_schema::catalog::{Catalog, Kind, Object};
use trust_schema::evolution::{Evolution, Intent, Manner, Part, evolve, evolve_as};
use trust_schema::live::compare::{Expressions, compare};
use trust_schema::live::introspect::introspect;
use trust_schema::live::snapshot::{Line, Snapshot, snapshot};

pub const PROJECT: &str = "[project]\nname = \"evolution\"\nplatform = \"supabase\"\nprivate_schema = \"private\"\n\n[schema.private]\n";
pub const REVOKE_FROM: &str = "PUBLIC, anon, authenticated, service_role";

/// Compiles a module; the diagnostics where it has errors.
pub fn compiled(module: &str) -> Result<Compiled, String> {
    let compiled = compile(files(&[("trust.toml", PROJECT), ("a.toml", module)]));
    if compiled.0.resolution.is_some() { Ok(compiled) } else { Err(compiled.full()) }
}

pub fn catalog(compiled: &Compiled) -> &Catalog {
    &compiled.0.resolution.as_ref().expect("it has no errors").catalog
}

/// The way from one Catalog to another.
pub fn way(before: &Catalog, after: &Catalog, manner: Manner) -> Result<Evolution, String> {
    evolve(before, after, REVOKE_FROM, manner).map_err(|stuck| format!("no order: {stuck:?}"))
}

/// As [`way`], in the way that somebody declared.
pub fn way_as(before: &Catalog, after: &Catalog, intent: &Intent, manner: Manner) -> Result<Evolution, String> {
    evolve_as(before, after, intent, REVOKE_FROM, manner).map_err(|stuck| format!("no order: {stuck:?}"))
}

/// All rows of all tables of a spec.
pub async fn rows(client: &Client) -> Vec<String> {
    let tables = "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  where c.relkind = 'r' and n.nspname in ('public', 'extra', 'store', 'inside', 'outside', 'beyond') order by 1";
    let mut all = Vec::new();
    for table in client.query(tables, &[]).await.expect("the tables") {
        let table: String = table.get(0);
        let query = format!("select coalesce(string_agg(to_jsonb(t)::text, '\n' order by to_jsonb(t)::text), '') from {table} t");
        all.push(format!("{table}\n{}", client.query_one(&query, &[]).await.expect("rows").get::<_, String>(0)));
    }
    all
}

/// The SQL of an evolution, for people.
pub fn text(evolution: &Evolution) -> String {
    let mut text = String::new();
    for part in &evolution.parts {
        text.push_str(if part.transactional { "-- one transaction\n" } else { "-- each by itself\n" });
        for statement in part.steps.iter().flat_map(|step| &step.statements) {
            text.push_str(&statement.sql);
            text.push('\n');
        }
    }
    text
}

/// Runs a part as its file would be run.
pub async fn run_part(client: &Client, part: &Part) -> Result<(), String> {
    if part.transactional {
        client.batch_execute("begin").await.map_err(told)?;
    }
    for statement in part.steps.iter().flat_map(|step| &step.statements) {
        client.batch_execute(&statement.sql).await.map_err(|error| format!("{}\n  in {}", told(error), statement.sql))?;
    }
    if part.transactional {
        client.batch_execute("commit").await.map_err(told)?;
    }
    Ok(())
}

fn told(error: tokio_postgres::Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| error.to_string(), |error| format!("{}: {} {}", error.code().code(), error.message(), error.detail().unwrap_or_default()))
}

/// What is there: the Catalog as PostgreSQL prints it, and everything else.
pub struct Found {
    pub catalog: Catalog,
    pub snapshot: Snapshot,
}

pub async fn found(client: &Client) -> Found {
    let read = introspect(client, None).await.expect("the Catalog is read");
    let snapshot = snapshot(client).await.expect("the rest is read");
    let mut catalog = Catalog::default();
    for (_, entry) in read.into_entries() {
        let mut object = entry.object.clone();
        // PostgreSQL cannot change the order of columns.
        if let Object::Column(column) = &mut object {
            column.position = 0;
        }
        catalog.insert(object, entry.needs.clone()).expect("once each");
    }
    Found { catalog, snapshot }
}

/// How two states differ; rows are no part of it.
pub fn differences(expected: &Found, actual: &Found) -> Vec<String> {
    let mut found: Vec<String> = compare(&expected.catalog, &actual.catalog, Expressions::Compared).iter().map(ToString::to_string).collect();
    let (gone, new) = expected.snapshot.changes(&actual.snapshot);
    // The databases have different names.
    let counts = |line: &&&Line| line.class != "rows" && !line.to_string().contains("scratch_");
    found.extend(gone.iter().filter(counts).map(|line| format!("gone: {line}")));
    found.extend(new.iter().filter(counts).map(|line| format!("new: {line}")));
    found
}

/// Everything from nothing, as the migrations do it.
pub async fn build(client: &Client, compiled: &Compiled) -> Result<(), String> {
    for (path, sql) in compiled.expect_sql().iter().filter(|(path, _)| path.starts_with("migrations/")) {
        client.batch_execute(&format!("begin; {sql}")).await.map_err(|error| format!("{path}: {}", told(error)))?;
        client.batch_execute("commit").await.map_err(told)?;
    }
    Ok(())
}

/// Rows in every table, with defaults wherever there are any.
pub async fn fill(client: &Client, catalog: &Catalog) {
    let is_renamed = catalog.objects().any(|object| matches!(object, Object::Enum(one) if one.values.iter().any(|value| value == "aa")));
    for object in catalog.objects().filter(|object| object.kind() == Kind::Table) {
        let Object::Table(table) = object else { continue };
        let named: Vec<_> = catalog
            .objects()
            .filter_map(|object| if let Object::Column(column) = object { Some(column) } else { None })
            .filter(|column| column.table == table.name && column.name != "b_id" && column.generated.is_none() && column.default.is_none())
            .collect();
        let pair = catalog.objects().find_map(|object| if let Object::Composite(pair) = object { Some(pair) } else { None });
        let pair = pair.map(|pair| {
            let values = pair.attributes.iter().map(|(_, data_type)| match data_type.as_str() {
                "integer" => "1",
                "text" => "'z'",
                "public.mail" | "public.address" => "'m'",
                _ if is_renamed => "'aa'",
                _ => "'a'",
            });
            format!("row({})", values.collect::<Vec<_>>().join(", "))
        });
        let values = named.iter().map(|column| match column.name.as_str() {
            "c5" | "kind_p" => pair.as_deref().unwrap_or("null"),
            "id" if table.name.name.as_ref() == "alpha" => "(select coalesce(max(id), 0) + 1 from public.alpha)",
            "id" => "(select coalesce(max(id), 0) + 1 from public.a)",
            "c1" | "d1" | "c6" => "'1'",
            "c2s" | "kinds" if is_renamed => "'{aa}'",
            "c2" | "kind" if is_renamed => "'aa'",
            "c2s" | "kinds" => "'{a}'",
            "c2" | "kind" => "'a'",
            "c4" | "kind_m" => "'m'",
            "c4s" => "'{m}'",
            _ => "null",
        });
        let (mut columns, mut values): (Vec<&str>, Vec<&str>) =
            named.iter().map(|column| column.name.as_str()).zip(values).filter(|(_, value)| *value != "null").unzip();
        if columns.is_empty() || !matches!(table.name.name.as_ref(), "a" | "alpha" | "b" | "beta") {
            continue;
        }
        for key in ["'77'", "'78'", "'79'"] {
            if matches!(table.name.name.as_ref(), "b" | "beta") {
                columns.retain(|column| *column != "b_id");
                values.truncate(columns.len());
                columns.push("b_id");
                values.push(key);
            }
            let sql = format!("insert into {} ({}) values ({})", table.name, columns.join(", "), values.join(", "));
            client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        }
    }
}
