//! What a system answers, and what it does to its rows: asked twice, of a system and of one that was changed, the answers show what the change does.
//!
//! Everything that a function may be told is tried: what succeeded, values of others, of nobody, NULL and blank ones; every column of every row is
//! made NULL and what another row has; rows are deleted. Each is undone.

use std::collections::BTreeMap;

use super::canonical;
use super::field::Field;
use super::forms::reading::is_row;
use super::ground::{Focus, Ground};
use super::identity::Identity;
use super::session::Outcome;
use super::tables::Table;
use super::world::{Call, Dictionary, NOTES, Side, callable, unknown_like};
use crate::catalog::{Id, Object};
use crate::kinds::ObjectKind;
use crate::kinds::function::{Function, Returns};
use crate::live::Error;
use crate::live::server::Scratch;
use crate::resolve::Resolution;
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// Calls of one function by one identity.
const CALLS: usize = 8;
/// Calls with the values of somebody else.
const FOREIGN: usize = 3;
/// Values of each argument that stand in for its own.
const VALUES: usize = 5;
/// Rows of one table that are changed.
const ROWS: usize = 2;

/// SQLSTATE of a statement that the server has cancelled because it took too long.
const CANCELLED: &str = "57014";

/// What was answered to whom; without what differs from run to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub object: Id,
    pub identity: String,
    pub statement: String,
    pub answer: String,
    /// Whether the server's `statement_timeout` ended it.
    pub is_endless: bool,
}

/// Asks everything in the focus; every statement is undone. What does not end is the last that is asked: everything else would not end either.
///
/// # Errors
/// Where a query of ours fails.
pub async fn answers(ground: &Ground, scratch: &Scratch, resolution: &Resolution, focus: &Focus) -> Result<Vec<Answer>, Error> {
    let field = ground.field(scratch, resolution, focus).await?;
    let names = Names::new(&field);
    let mut answers = Vec::new();
    // Helpers first: where one of them changed, it says so itself.
    for object in resolution.catalog.objects() {
        let Object::Function(function) = object else { continue };
        let is_trigger = matches!(&function.returns, Returns::Type(data_type) if data_type == "trigger");
        if !is_trigger && focus.has(&function.id()) {
            ask(&field, &names, &field.operator, function, &mut answers).await?;
        }
    }
    for identity in &ground.identities(resolution, focus).every {
        for function in callable(resolution, &identity.role).filter(|function| focus.has(&function.id())) {
            ask(&field, &names, identity, function, &mut answers).await?;
        }
        for table in field.tables.all.iter().filter(|table| focus.has(&table.id)) {
            if answers.last().is_some_and(|last| last.is_endless) {
                return Ok(answers);
            }
            let statement = format!("select * from {}", table.name);
            answers.push(answer(&field, &names, &table.id, identity, &statement).await?);
        }
    }
    for table in field.tables.all.iter().filter(|table| focus.has(&table.id)) {
        for statement in changes(&field, table) {
            if answers.last().is_some_and(|last| last.is_endless) {
                return Ok(answers);
            }
            answers.push(answer(&field, &names, &table.id, &field.operator, &statement).await?);
        }
    }
    Ok(answers)
}

async fn ask(field: &Field<'_>, names: &Names, identity: &Identity, function: &Function, answers: &mut Vec<Answer>) -> Result<(), Error> {
    let id = function.id();
    for statement in calls(field, identity, function) {
        if answers.last().is_some_and(|last| last.is_endless) {
            break;
        }
        answers.push(answer(field, names, &id, identity, &statement).await?);
    }
    Ok(())
}

async fn answer(field: &Field<'_>, names: &Names, object: &Id, identity: &Identity, statement: &str) -> Result<Answer, Error> {
    field.session.begin(identity).await?;
    let outcome = field.session.run(statement).await?;
    let mut answer = said(&outcome);
    let mut now = String::new();
    if outcome.succeeded() {
        field.session.as_administrator().await?;
        // What is checked at the end of a transaction is checked now.
        let late = field.session.run_in_savepoint("set constraints all immediate").await?;
        answer.push_str(&said(&late));
        for (place, row) in field.session.query(&effect(field), "read what was done").await?.into_iter().enumerate() {
            let line = row.into_iter().flatten().collect::<Vec<_>>().join(" ");
            // The first row is the time of the transaction: what is new differs from what is old in each run.
            if place == 0 {
                now = line;
            } else {
                answer.push_str(&line);
                answer.push('\n');
            }
        }
    }
    field.session.end().await?;
    if outcome.succeeded() {
        field.set_sequences_back().await?;
    }
    Ok(Answer {
        object: object.clone(),
        identity: identity.name.clone(),
        statement: statement.to_owned(),
        answer: names.canonical(&answer, &now),
        is_endless: outcome.error.as_ref().is_some_and(|said| said.sqlstate == CANCELLED),
    })
}

fn said(outcome: &Outcome) -> String {
    let mut rows: Vec<String> =
        outcome.rows.iter().map(|row| row.iter().map(|value| value.as_deref().unwrap_or("null")).collect::<Vec<_>>().join(" ")).collect();
    rows.sort_unstable();
    let error = outcome.error.as_ref().map(|said| format!("{} {}\n", said.sqlstate, said.message)).unwrap_or_default();
    format!("{} {}\n{error}", rows.join("\n"), outcome.affected)
}

/// A query of the rows that are new or gone.
fn effect(field: &Field<'_>) -> String {
    let parts = field.tables.all.iter().map(|table| {
        let name = quoted(&table.name.to_string());
        format!(
            "select {name} || ' + ' || t::text as line from {} as t where md5(t::text) not in (select hash from {NOTES}.baseline where relation = {name})
             union all select {name} || ' - ' || count(*) from {NOTES}.baseline as b where relation = {name} and not exists (select from {} as t where md5(t::text) = b.hash)",
            table.name, table.name
        )
    });
    format!(
        "select line from (select '' || now() as line, 0 as place union all select line, 1 from ({}) as lines) as all_lines order by place, line",
        parts.collect::<Vec<_>>().join(" union all ")
    )
}

/// What a function is told: what succeeded, with each argument in turn left out, NULL, blank, of nobody, and of somebody else.
fn calls(field: &Field<'_>, identity: &Identity, function: &Function) -> Vec<String> {
    let dictionary = |side: Side| Dictionary { tables: field.tables, world: field.world, side, caller: Side::Own };
    let mine = dictionary(Side::Own);
    let known = |side: Side| field.controls.iter().find(|((of, called, role), _)| *of == side && *called == function.id() && *role == identity.role);
    let known_to_anybody = || field.controls.iter().find(|((of, called, _), _)| *of == Side::Own && *called == function.id());
    let own = known(Side::Own).or_else(known_to_anybody).map(|(_, (_, call))| call.clone());
    let foreign = known(Side::Foreign).map(|(_, (_, call))| call.clone());
    let mut calls: Vec<String> = own.iter().chain(&foreign).map(Call::sql).collect();
    calls.extend(mine.calls(function).iter().take(CALLS).map(Call::sql));
    calls.extend(dictionary(Side::Foreign).calls(function).iter().take(FOREIGN).map(Call::sql));
    let base = own.or_else(|| mine.calls(function).into_iter().next());
    if let Some(base) = base {
        for argument in &function.arguments {
            let name = quote(&argument.name);
            let others: Vec<String> = base
                .arguments
                .iter()
                .filter(|known| known.name != argument.name)
                .map(|known| format!("{} => {}", quote(&known.name), quoted(&known.value)))
                .collect();
            let with = |value: &str| {
                format!(
                    "select * from {}({})",
                    base.name,
                    others.iter().cloned().chain([format!("{name} => {value}")]).collect::<Vec<_>>().join(", ")
                )
            };
            let own = base.arguments.iter().find(|known| known.name == argument.name).map(|known| known.value.clone());
            calls.push(with("null"));
            calls.extend(own.as_deref().and_then(unknown_like).map(|value| with(&quoted(&value))));
            for side in [Side::Own, Side::Foreign] {
                calls.extend(dictionary(side).values(&argument.name, &argument.data_type).iter().take(VALUES).map(|value| with(&quoted(value))));
            }
            calls.extend(odd(&argument.data_type).iter().map(|value| with(&quoted(value))));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    calls.retain(|call| seen.insert(call.clone()));
    calls
}

/// Values at the edges of a type.
fn odd(data_type: &str) -> &'static [&'static str] {
    match data_type {
        "text" => &["", " ", "user", "owner", "member", "A.b:c", "not a name!"],
        "text[]" => &["{}", "{NULL}", "{user}", "{service}", "{x,x}"],
        "integer" | "bigint" | "smallint" | "numeric" => &["-1", "0", "1", "2", "100", "101", "100000000"],
        "timestamp with time zone" | "timestamptz" => &["-infinity", "infinity", "2001-01-01"],
        "interval" => &["-1 second", "0", "1 hour", "10 years"],
        "jsonb" | "json" => &["{}", "[]", "null", "1"],
        "uuid" => &["00000000-0000-0000-0000-000000000000"],
        "bytea" => &["", "\\x00ff"],
        _ => &[],
    }
}

/// Changes of rows that keys, checks, triggers and references have to judge.
fn changes(field: &Field<'_>, table: &Table) -> Vec<String> {
    let name = &table.name;
    let own: Vec<_> = field.world.rows.get(name).into_iter().flatten().collect();
    let mut statements = vec![
        format!("delete from {name}"),
        format!("truncate {name}"),
        format!("update {name} set {0} = {0}", table.columns.first().map_or_else(|| "ctid".into(), |column| quote(&column.name))),
    ];
    for (place, row) in own.iter().enumerate().take(ROWS) {
        let at = is_row(table, row);
        statements.push(format!("delete from {name} as t where {at}"));
        for column in table.columns.iter().filter(|column| column.generated.is_none()) {
            let quoted_column = quote(&column.name);
            let mut values = vec!["null".to_owned()];
            let other = own.get((place + 1) % own.len()).and_then(|other| other.values.get(&column.name).cloned().flatten());
            values.extend(other.map(|value| quoted(&value)));
            values.extend(odd(&column.data_type).iter().map(|value| quoted(value)));
            for value in values {
                statements.push(format!("update {name} as t set {quoted_column} = {value} where {at}"));
                if place == 0 {
                    statements.push(copy(table, &at, &column.name, &value, false));
                    statements.push(copy(table, &at, &column.name, &value, true));
                }
            }
        }
    }
    statements
}

/// The row once more with another value of one column; on request with a key of its own, so that the key does not stop what the value would not.
fn copy(table: &Table, at: &str, column: &str, value: &str, with_new_key: bool) -> String {
    let kept = table.columns.iter().filter(|kept| kept.generated.is_none() && (kept.name == column || kept.identity.is_none()));
    let kept = kept.map(|kept| quote(&kept.name).into_owned()).collect::<Vec<_>>().join(", ");
    let mut set = vec![format!("{} = {value}", quote(column))];
    let refers = |name: &String| table.foreign_keys.iter().any(|key| key.columns.contains(name));
    let keys = table.columns.iter().filter(|key| {
        key.name != column && table.indexed.contains(&key.name) && key.generated.is_none() && key.identity.is_none() && !refers(&key.name)
    });
    for key in keys.filter(|_| with_new_key) {
        let name = quote(&key.name);
        match key.data_type.as_str() {
            "text" => set.push(format!("{name} = {name} || 'x'")),
            "uuid" => set.push(format!("{name} = '11111111-1111-4111-8111-111111111111'")),
            _ => {}
        }
    }
    format!(
        "create temp table own_copy as select {kept} from {0} as t where {at}; update pg_temp.own_copy set {1}; insert into {0} ({kept}) overriding system value select {kept} from pg_temp.own_copy",
        table.name,
        set.join(", ")
    )
}

/// Names of the world that are the same in each run, by what stands for them.
struct Names(BTreeMap<String, String>);

impl Names {
    fn new(field: &Field<'_>) -> Names {
        let mut names = BTreeMap::new();
        for side in Side::ALL {
            let known = field.world.side(side);
            for (kind, all) in [("user", &known.users), ("tenant", &known.tenants)] {
                names.extend(all.iter().enumerate().map(|(number, name)| (name.clone(), format!("{kind}_{}{number}", side.word()))));
            }
            names.insert(known.newcomer.clone(), format!("newcomer_{}", side.word()));
        }
        names.insert(field.world.member_of_two.clone(), "member_of_two".to_owned());
        names.insert(field.world.stranger.clone(), "stranger".to_owned());
        // Every other key of a row that was there before.
        for (table, rows) in &field.world.rows {
            for (number, row) in rows.iter().enumerate() {
                for value in row.values.values().flatten().filter(|value| value.len() == 36) {
                    names.entry(value.clone()).or_insert_with(|| format!("{}_{number}", table.name));
                }
            }
        }
        Names(names)
    }

    fn canonical(&self, answer: &str, now: &str) -> String {
        let answer = if now.is_empty() { answer.to_owned() } else { answer.replace(now, "NOW") };
        let answer = answer.as_str();
        let mut text = String::with_capacity(answer.len());
        let mut rest = answer;
        // Names are uuids: words of 36 characters.
        while let Some(start) = rest.find(|character: char| character.is_ascii_hexdigit()) {
            text.push_str(rest.get(..start).unwrap_or_default());
            let tail = rest.get(start..).unwrap_or_default();
            if let Some(known) = tail.get(..36).and_then(|word| self.0.get(word)) {
                text.push_str(known);
                rest = tail.get(36..).unwrap_or_default();
            } else {
                let end = tail.find(|character: char| !character.is_ascii_hexdigit()).unwrap_or(tail.len());
                text.push_str(tail.get(..end).unwrap_or_default());
                rest = tail.get(end..).unwrap_or_default();
            }
        }
        text.push_str(rest);
        canonical::text(&text)
    }
}
