//! How many rows a rollback would destroy, or take something off, table by table.

use serde::Serialize;
use tokio_postgres::Client;

use super::Stop;
use super::hazards::{self, Loss};
use super::migration::Script;
use super::naming::Names;
use super::script::{self, Reader};
use crate::live::error::message;
use crate::sql::casts;
use crate::sql::identifier::quote;
use crate::sql::type_name::TypeName;

/// Counting ends here: whoever reads the number knows enough.
const ENOUGH: i64 = 1_000_000;

/// What would go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stake {
    /// The table, with the column where only that goes, or its values lose something, as they are called now.
    pub object: String,
    /// None where it cannot be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<i64>,
    /// For people: `12 rows`, `more than 1000000 rows`, or why there is no number.
    pub told: String,
}

/// Counts what the statements of these files, one behind the other, would destroy. Nothing is changed, and what is empty is not listed.
///
/// # Errors
/// Where a file cannot be read.
pub async fn count(client: &Client, scripts: &[&Script]) -> Result<Vec<Stake>, Stop> {
    let mut names = Names::default();
    let mut stakes: Vec<Stake> = Vec::new();
    for script in scripts {
        for statement in script::statements(&script.path, &script.text)? {
            let tokens = script::tokens(&statement.text);
            let reader = Reader { text: &statement.text, tokens: &tokens };
            if reader.is(0, "do") && hazards::opaque_loss(&reader) {
                stakes.push(Stake::uncounted(script.path.clone(), "a DO block whose rows cannot be counted"));
            }
            for (loss, name) in hazards::lost(&reader) {
                if hazards::cascades(&reader) {
                    add(&mut stakes, Stake::uncounted(name.join("."), "whatever depends on it goes, too, and cannot be counted"));
                } else if matches!(loss, Loss::Rows(_)) && names.differ(&name) {
                    add(&mut stakes, Stake::uncounted(name.join("."), "rows go that cannot be counted: it, or a column of it, has another name now"));
                } else if let Some((table, loss)) = now(&names, &name, loss) {
                    let object = match &loss {
                        Loss::Column(column) | Loss::Reduced { column, .. } => format!("{}.{column}", table.join(".")),
                        Loss::Whole | Loss::Rows(_) => table.join("."),
                    };
                    let has_to_be_there = !reader.has("if") && (!reader.is(0, "drop") || reader.is(1, "table"));
                    match kind(client, &table).await?.as_deref() {
                        Some("r" | "p" | "f") => one(client, object, &table, &loss).await?.into_iter().for_each(|stake| add(&mut stakes, stake)),
                        // Schemas are dropped only where they are empty; views and indexes hold no rows of their own.
                        Some(_) => {}
                        None if has_to_be_there => {
                            add(&mut stakes, Stake::uncounted(object, "its rows cannot be counted: there is no table of that name now"));
                        }
                        None => {}
                    }
                }
            }
            names.follow(&reader);
        }
    }
    Ok(stakes)
}

/// Of what is at stake several times, most counts.
fn add(stakes: &mut Vec<Stake>, stake: Stake) {
    let weight = |stake: &Stake| stake.rows.unwrap_or(i64::MAX);
    match stakes.iter_mut().find(|known| known.object == stake.object) {
        Some(known) if weight(known) >= weight(&stake) => {}
        Some(known) => *known = stake,
        None => stakes.push(stake),
    }
}

impl Stake {
    fn uncounted(object: String, told: &str) -> Stake {
        Stake { object, rows: None, told: told.to_owned() }
    }
}

/// A table, and what it loses, as they are called now; `None` where they are not there yet.
fn now(names: &Names, name: &[String], loss: Loss) -> Option<(Vec<String>, Loss)> {
    let table = names.table(name)?;
    let column = |column: String| names.column(&table, &column);
    let loss = match loss {
        Loss::Column(name) => Loss::Column(column(name)?),
        Loss::Reduced { column: name, from, to } => Loss::Reduced { column: column(name)?, from, to },
        Loss::Whole | Loss::Rows(_) => loss,
    };
    Some((table, loss))
}

fn quoted(name: &[String]) -> String {
    name.iter().map(|part| quote(part).to_string()).collect::<Vec<_>>().join(".")
}

/// What kind of relation has a name (`pg_class.relkind`); `None` where there is none.
async fn kind(client: &Client, name: &[String]) -> Result<Option<String>, Stop> {
    let kind = "select relkind::text from pg_class where oid = to_regclass($1)";
    let row = client.query_opt(kind, &[&quoted(name)]).await.map_err(Stop::query("look a table up"))?;
    Ok(row.and_then(|row| row.try_get(0).ok()))
}

/// What is at stake of one table.
async fn one(client: &Client, object: String, name: &[String], loss: &Loss) -> Result<Option<Stake>, Stop> {
    let quoted = quoted(name);
    if let Loss::Column(column) = loss {
        let generated = "select attgenerated <> '' from pg_attribute where attrelid = to_regclass($1) and attname = $2";
        let row = client.query_opt(generated, &[&quoted, column]).await.map_err(Stop::query("look a column up"))?;
        // It is made of others, and nobody wrote it.
        if row.is_some_and(|row| row.try_get(0).unwrap_or(false)) {
            return Ok(None);
        }
    }
    let from = match loss {
        Loss::Whole => quoted,
        Loss::Column(column) => format!("{quoted} where {} is not null", quote(column)),
        Loss::Rows(rest) => delete_as_query(rest),
        Loss::Reduced { column, from, to } => format!("{quoted} where {}", reduces(&quote(column), from, to)),
    };
    let sql = format!("select count(*) from (select 1 from {from} limit {}) as counted", ENOUGH + 1);
    // Policies must not hide rows from the count: then it fails, and that is said. Nor does it depend on how the session writes values.
    let settings = "set local row_security = off; set local statement_timeout = '60s'; set local extra_float_digits = 1; set local datestyle = 'iso, ymd'; \
                    set local intervalstyle = 'postgres'";
    client.batch_execute(&format!("begin read only; {settings}")).await.map_err(Stop::query("count rows"))?;
    let counted = client.query_one(&sql, &[]).await;
    client.batch_execute("rollback").await.map_err(Stop::query("end the count of rows"))?;
    Ok(match counted {
        Ok(row) => {
            let rows: i64 = row.try_get(0).map_err(Stop::query("count rows"))?;
            let told = if rows > ENOUGH { format!("more than {ENOUGH} rows") } else { format!("{rows} row{}", if rows == 1 { "" } else { "s" }) };
            let told = match loss {
                Loss::Reduced { from, to, .. } if casts::is_text(from) => {
                    format!("{told} with values that are written otherwise once they were {to}")
                }
                Loss::Reduced { from, to, .. } => format!("{told} with values that {to} holds less exactly than {from}"),
                _ => told,
            };
            (rows > 0).then_some(Stake { object, rows: Some(rows), told })
        }
        Err(error) => Some(Stake { object, rows: None, told: format!("its rows cannot be counted: {}", message(&error)) }),
    })
}

/// The condition that a value is another one once it was cast to a type and back.
fn reduces(value: &str, from: &TypeName, to: &TypeName) -> String {
    if casts::exists(to, from) != Some(true) {
        return format!("{value} is not null");
    }
    match from.name.as_str() {
        // Of a domain over it, too, or of an array of one, which have no equality of their own.
        "numeric" => format!("{value}::{to}::{from} is distinct from {value}::{from}"),
        // How it is spaced is nothing that anybody loses.
        "json" if !from.is_array() => {
            let spaceless = |value: &str| format!("regexp_replace({value}::text, '\\s', '', 'g')");
            format!("{} is distinct from {}", spaceless(&format!("{value}::{to}")), spaceless(value))
        }
        // Not all types have an equality that tells values apart.
        _ => format!("{value}::{to}::{from}::text is distinct from {value}::{from}::text"),
    }
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
