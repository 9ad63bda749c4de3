//! How many rows a rollback would destroy, table by table.

use serde::Serialize;
use tokio_postgres::Client;

use super::Stop;
use super::hazards::{self, Loss};
use super::migration::Script;
use super::script::{self, Reader};
use crate::live::error::message;
use crate::sql::identifier::quote;

/// Counting ends here: whoever reads the number knows enough.
const ENOUGH: i64 = 1_000_000;

/// Rows that would go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stake {
    /// The table, with the column where only that goes.
    pub object: String,
    /// None where it cannot be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<i64>,
    /// For people: `12 rows`, `more than 1000000 rows`, or why there is no number.
    pub told: String,
}

/// Counts what the statements of these files would destroy. Nothing is changed, and what is empty is not listed.
///
/// # Errors
/// Where a file cannot be read.
pub async fn count(client: &Client, scripts: &[&Script]) -> Result<Vec<Stake>, Stop> {
    let mut stakes: Vec<Stake> = Vec::new();
    for script in scripts {
        for statement in script::statements(&script.path, &script.text)? {
            let tokens = script::tokens(&statement.text);
            let reader = Reader { text: &statement.text, tokens: &tokens };
            if reader.is(0, "do") && hazards::opaque_loss(&reader) {
                stakes.push(Stake { object: script.path.clone(), rows: None, told: "a DO block whose rows cannot be counted".to_owned() });
            }
            let Some((loss, names)) = hazards::lost(&reader) else { continue };
            for name in names {
                let object = match &loss {
                    Loss::Column(column) | Loss::Reduced { column, .. } => format!("{}.{column}", name.join(".")),
                    Loss::Whole | Loss::Rows(_) => name.join("."),
                };
                if stakes.iter().any(|stake| stake.object == object) {
                    continue;
                }
                stakes.extend(one(client, object, &name, &loss).await?);
            }
        }
    }
    Ok(stakes)
}

async fn one(client: &Client, object: String, name: &[String], loss: &Loss) -> Result<Option<Stake>, Stop> {
    let quoted = name.iter().map(|part| quote(part).to_string()).collect::<Vec<_>>().join(".");
    let kind = "select relkind::text from pg_class where oid = to_regclass($1)";
    let row = client.query_opt(kind, &[&quoted]).await.map_err(Stop::query("look a table up"))?;
    let kind: Option<String> = row.and_then(|row| row.try_get(0).ok());
    // Schemas are dropped only where they are empty; views and indexes hold no rows of their own.
    if !kind.is_some_and(|kind| ["r", "p", "f"].contains(&kind.as_str())) {
        return Ok(None);
    }
    let from = match loss {
        Loss::Whole => quoted,
        Loss::Column(column) => format!("{quoted} where {} is not null", quote(column)),
        Loss::Rows(rest) => delete_as_query(rest),
        Loss::Reduced { column, from, to } => {
            let value = quote(column);
            // Not all types have an equality that tells values apart; but numbers are written in several ways.
            let text = if from.name == "numeric" { "" } else { "::text" };
            format!("{quoted} where {value}::{to}::{from}{text} is distinct from {value}{text}")
        }
    };
    let sql = format!("select count(*) from (select 1 from {from} limit {}) as counted", ENOUGH + 1);
    // Policies must not hide rows from the count: then it fails, and that is said.
    client
        .batch_execute("begin read only; set local row_security = off; set local statement_timeout = '60s'")
        .await
        .map_err(Stop::query("count rows"))?;
    let counted = client.query_one(&sql, &[]).await;
    client.batch_execute("rollback").await.map_err(Stop::query("end the count of rows"))?;
    Ok(match counted {
        Ok(row) => {
            let rows: i64 = row.try_get(0).map_err(Stop::query("count rows"))?;
            let told = if rows > ENOUGH { format!("more than {ENOUGH} rows") } else { format!("{rows} row{}", if rows == 1 { "" } else { "s" }) };
            let told = match loss {
                Loss::Reduced { from, to, .. } => format!("{told} with values that {to} holds less exactly than {from}"),
                _ => told,
            };
            (rows > 0).then_some(Stake { object, rows: Some(rows), told })
        }
        Err(error) => Some(Stake { object, rows: None, told: format!("its rows cannot be counted: {}", message(&error)) }),
    })
}

/// `DELETE FROM t AS a USING b WHERE c` as what stands behind `FROM` of a query.
fn delete_as_query(rest: &str) -> String {
    let tokens = script::tokens(rest);
    let reader = Reader { text: rest, tokens: &tokens };
    let (mut text, mut depth) = (rest.to_owned(), 0_usize);
    for (place, token) in tokens.iter().enumerate() {
        match token.kind {
            crate::sql::lexer::TokenKind::LeftParenthesis => depth += 1,
            crate::sql::lexer::TokenKind::RightParenthesis => depth = depth.saturating_sub(1),
            _ if depth == 0 && reader.is(place, "returning") => {
                text.truncate(token.start);
                break;
            }
            _ => {}
        }
    }
    let using = reader.position("using").and_then(|place| tokens.get(place)).filter(|token| token.end <= text.len());
    if let Some(token) = using {
        text.replace_range(token.range(), ",");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delete_can_be_counted() {
        assert_eq!(delete_as_query("a.b AS t USING (values (1)) as s (x) WHERE t.x = s.x"), "a.b AS t , (values (1)) as s (x) WHERE t.x = s.x");
        assert_eq!(delete_as_query("a where b = 'using' returning c"), "a where b = 'using' ");
    }
}
