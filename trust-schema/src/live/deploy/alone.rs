//! Statements that PostgreSQL refuses in a transaction: what an interrupted or failed one left behind, and how it is cleared away.

use tokio_postgres::Client;

use super::Stop;
use super::script::Alone;
use crate::sql::identifier::quote;

/// What is there of a statement's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing: it is to be run.
    Nothing,
    /// All of it.
    Whole,
    /// A part that is of no use; the statements that clear it away, or finish it.
    Part(Vec<String>),
    /// Something else of the same name.
    Other(String),
}

/// Looks for the result of a statement.
///
/// # Errors
/// What the server says.
pub async fn find(client: &Client, alone: &Alone) -> Result<Found, Stop> {
    match alone {
        Alone::CreateIndex { name, table, .. } => index(client, name, &qualified(table)).await,
        Alone::DropIndex { names } => {
            for name in names {
                let sql = "select to_regclass($1) is not null";
                let row = client.query_one(sql, &[&qualified(name)]).await.map_err(Stop::query("look for an index"))?;
                if row.try_get(0).map_err(Stop::query("look for an index"))? {
                    return Ok(Found::Nothing);
                }
            }
            Ok(Found::Whole)
        }
        Alone::Reindex => {
            // Copies that an interrupted run left behind; nobody else makes invalid indexes of these names.
            let sql = "select format('drop index concurrently %s', i.indexrelid::regclass) from pg_index i join pg_class c on c.oid = i.indexrelid
                       where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$' and pg_has_role(c.relowner, 'usage')";
            let rows = client.query(sql, &[]).await.map_err(Stop::query("look for invalid indexes"))?;
            let drops: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
            Ok(if drops.is_empty() { Found::Nothing } else { Found::Part(drops) })
        }
        Alone::Detach { table, partition } => {
            let sql = "select i.inhdetachpending from pg_inherits i where i.inhparent = to_regclass($1) and i.inhrelid = to_regclass($2)";
            let row = client.query_opt(sql, &[&qualified(table), &qualified(partition)]).await.map_err(Stop::query("look for a partition"))?;
            Ok(match row.map(|row| row.try_get(0)) {
                None => Found::Whole,
                Some(Ok(true)) => Found::Part(vec![format!("alter table {} detach partition {} finalize", qualified(table), qualified(partition))]),
                Some(_) => Found::Nothing,
            })
        }
        Alone::Vacuum | Alone::Backfill => Ok(Found::Nothing),
    }
}

async fn index(client: &Client, name: &str, table: &str) -> Result<Found, Stop> {
    let doing = "look for an index";
    let sql = "select c.relkind = 'i', i.indisvalid and i.indisready, i.indrelid = t.oid, format('drop index concurrently %I.%I', n.nspname, c.relname), c.oid::regclass::text
               from pg_class t join pg_namespace n on n.oid = t.relnamespace join pg_class c on c.relnamespace = n.oid and c.relname = $1
               left join pg_index i on i.indexrelid = c.oid where t.oid = to_regclass($2)";
    let Some(row) = client.query_opt(sql, &[&name, &table]).await.map_err(Stop::query(doing))? else { return Ok(Found::Nothing) };
    let flag = |place: usize| row.try_get::<_, Option<bool>>(place).map_err(Stop::query(doing)).map(Option::unwrap_or_default);
    let text = |place: usize| row.try_get::<_, String>(place).map_err(Stop::query(doing));
    Ok(match (flag(0)? && flag(2)?, flag(1)?) {
        (false, _) => Found::Other(format!("{} is there and no index of {table}", text(4)?)),
        (true, true) => Found::Whole,
        (true, false) => Found::Part(vec![text(3)?]),
    })
}

fn qualified(name: &[String]) -> String {
    name.iter().map(|part| quote(part).to_string()).collect::<Vec<_>>().join(".")
}
