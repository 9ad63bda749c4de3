//! What is measured of every system, from PostgreSQL's own statistics. Anybody may read these, so no object has to be made for them.

use super::model::{Metric, MetricKind, Query, Unit, Watched, values};
use crate::catalog::Object;
use crate::emit::contract::callers;
use crate::resolve::Resolution;
use crate::sql::quoted::quoted;

fn metric(column: &str, help: &str, kind: MetricKind, unit: Unit) -> Metric {
    Metric { column: column.to_owned(), help: help.to_owned(), kind, unit }
}

/// The database as a whole.
pub fn database(prefix: &str) -> Query {
    use MetricKind::{Counter, Gauge};
    let sql = "\
select
  pg_catalog.pg_database_size(d.datid)::double precision as size_bytes,
  d.numbackends::double precision as sessions,
  d.xact_commit::double precision as commits_total,
  d.xact_rollback::double precision as rollbacks_total,
  d.deadlocks::double precision as deadlocks_total,
  (pg_catalog.current_setting('track_functions') <> 'none')::integer::double precision as functions_tracked
from pg_catalog.pg_stat_database as d
where d.datname = pg_catalog.current_database()";
    Query {
        name: format!("{prefix}_database"),
        summary: "The whole database, everything else in it included.".to_owned(),
        sql: sql.to_owned(),
        labels: Vec::new(),
        metrics: vec![
            metric("size_bytes", "Size of the database.", Gauge, Unit::Bytes),
            metric("sessions", "Sessions that are connected.", Gauge, Unit::Number),
            metric("commits_total", "Transactions committed.", Counter, Unit::Number),
            metric("rollbacks_total", "Transactions rolled back: each request of an API that fails is one.", Counter, Unit::Number),
            metric("deadlocks_total", "Deadlocks that PostgreSQL ended.", Counter, Unit::Number),
            metric("functions_tracked", "Whether track_functions is on, without which calls of functions are not counted.", Gauge, Unit::YesOrNo),
        ],
    }
}

/// Sizes and counts of all tables of the spec.
pub fn tables(prefix: &str, resolution: &Resolution) -> Option<Query> {
    use MetricKind::{Counter, Gauge};
    let tables = resolution.catalog.objects().filter_map(|object| match object {
        Object::Table(table) => Some((&*table.name.schema, &*table.name.name)),
        _ => None,
    });
    let list = values(tables);
    if list.is_empty() {
        return None;
    }
    // A table that is missing has no row here: its series ends, and the dashboard shows that.
    let sql = format!(
        "\
select
  t.schema_name as schema_name,
  t.table_name as table_name,
  coalesce(pg_catalog.pg_total_relation_size(s.relid), 0)::double precision as size_bytes,
  coalesce(pg_catalog.pg_indexes_size(s.relid), 0)::double precision as indexes_bytes,
  s.n_live_tup::double precision as live_rows,
  s.n_dead_tup::double precision as dead_rows,
  s.n_tup_ins::double precision as inserted_rows_total,
  s.n_tup_upd::double precision as updated_rows_total,
  s.n_tup_del::double precision as deleted_rows_total,
  s.seq_tup_read::double precision as scanned_rows_total
from (values
  {list}
) as t (schema_name, table_name)
join pg_catalog.pg_stat_all_tables as s on s.schemaname = t.schema_name and s.relname = t.table_name"
    );
    Some(Query {
        name: format!("{prefix}_table"),
        summary: "Every table of the spec.".to_owned(),
        sql,
        labels: vec!["schema_name".to_owned(), "table_name".to_owned()],
        metrics: vec![
            metric("size_bytes", "Size of the table with its indexes and long values.", Gauge, Unit::Bytes),
            metric("indexes_bytes", "Size of the indexes of the table.", Gauge, Unit::Bytes),
            metric("live_rows", "Rows of the table, as PostgreSQL's statistics estimate them.", Gauge, Unit::Number),
            metric("dead_rows", "Rows that vacuum has still to remove.", Gauge, Unit::Number),
            metric("inserted_rows_total", "Rows inserted.", Counter, Unit::Number),
            metric("updated_rows_total", "Rows updated.", Counter, Unit::Number),
            metric("deleted_rows_total", "Rows deleted.", Counter, Unit::Number),
            metric("scanned_rows_total", "Rows read by scans of the whole table.", Counter, Unit::Number),
        ],
    })
}

/// Calls of the functions that clients may call.
pub fn functions(prefix: &str, resolution: &Resolution) -> Option<Query> {
    use MetricKind::Counter;
    let callers = callers(resolution);
    let mut functions: Vec<(&str, &str)> = callers
        .keys()
        .filter_map(|id| match resolution.catalog.get(id) {
            Some(Object::Function(function)) => Some((&*function.name.schema, &*function.name.name)),
            _ => None,
        })
        .collect();
    // Functions of one name differ in their arguments only: one series for all.
    functions.sort_unstable();
    functions.dedup();
    let list = values(functions.into_iter());
    if list.is_empty() {
        return None;
    }
    let sql = format!(
        "\
select
  f.schema_name as schema_name,
  f.function_name as function_name,
  coalesce(sum(s.calls), 0)::double precision as calls_total,
  (coalesce(sum(s.total_time), 0) / 1000)::double precision as seconds_total,
  (coalesce(sum(s.self_time), 0) / 1000)::double precision as self_seconds_total
from (values
  {list}
) as f (schema_name, function_name)
left join pg_catalog.pg_stat_user_functions as s on s.schemaname = f.schema_name and s.funcname = f.function_name
group by f.schema_name, f.function_name"
    );
    Some(Query {
        name: format!("{prefix}_function"),
        summary: "Every function that clients may call. PostgreSQL counts the calls that return; those that fail, the gateway alone knows."
            .to_owned(),
        sql,
        labels: vec!["schema_name".to_owned(), "function_name".to_owned()],
        metrics: vec![
            metric("calls_total", "Calls that returned, where track_functions is on.", Counter, Unit::Number),
            metric("seconds_total", "Time spent in the function and in what it called.", Counter, Unit::Seconds),
            metric("self_seconds_total", "Time spent in the function itself.", Counter, Unit::Seconds),
        ],
    })
}

/// One row for each monitor, whether it has rows or not: a series that is missing is a monitor that does not work.
pub fn overview(prefix: &str, monitors: &[Watched]) -> Option<Query> {
    let counts: Vec<String> = monitors
        .iter()
        .map(|monitor| {
            // Exactly the condition of the spec: nothing is translated.
            let firing = monitor.alert.as_ref().map_or_else(|| "0".to_owned(), |alert| format!("count(*) filter (where ({}))", alert.when));
            format!(
                "select {}::text as monitor, count(*)::double precision as rows, ({firing})::double precision as firing_rows from {}",
                quoted(&monitor.title),
                monitor.view
            )
        })
        .collect();
    if counts.is_empty() {
        return None;
    }
    Some(Query {
        name: format!("{prefix}_monitor"),
        summary: "Every monitor of the spec.".to_owned(),
        sql: counts.join("\nunion all\n"),
        labels: vec!["monitor".to_owned()],
        metrics: vec![
            metric("rows", "Rows that the monitor shows.", MetricKind::Gauge, Unit::Number),
            metric("firing_rows", "Rows for which the alert is true.", MetricKind::Gauge, Unit::Number),
        ],
    })
}
