//! Noninterference: what a user of tenant A sees does not depend on what tenant B holds, and what he does leaves it as it is.
//!
//! The same random statements run twice, from the same state but for the rows of tenant B, which are taken away or changed before the second run. Both
//! runs are undone. Every answer must be the same, rows, counts and errors.

use fastrand::Rng;
use serde::Serialize;

use super::canonical;
use super::field::{Field, Try};
use super::identity::Identity;
use super::session::Outcome;
use super::verdict::{Attempt, Verdict};
use super::world::{Call, Dictionary, Side, callable, side_expression, unknown_like};
use crate::kinds::ObjectKind;
use crate::kinds::function::Function;
use crate::kinds::grant::Privilege;
use crate::live::Error;
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// Statements of one sequence.
const LENGTH: usize = 12;

/// What was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Twins {
    pub sequences: u64,
    pub statements: u64,
    /// Statements that succeeded in the first run: the others say less.
    pub succeeded: u64,
    pub differences: u64,
}

/// How tenant B differs in the second run.
#[derive(Debug, Clone, Copy)]
enum Change {
    Removed,
    Altered,
}

/// Runs `sequences` pairs with random statements that `seed` decides.
pub async fn run(field: &Field<'_>, users: &[Identity], sequences: u64, seed: u64, attempts: &mut Vec<Attempt>) -> Result<Twins, Error> {
    let mut twins = Twins::default();
    if users.is_empty() {
        return Ok(twins);
    }
    let mut random = Rng::with_seed(seed);
    // On the same ground the whole attack has shown already that the changes show.
    for change in [Change::Removed, Change::Altered].into_iter().filter(|_| field.focus.is_everything()) {
        attempts.push(control(field, change).await?);
    }
    for number in 0..sequences {
        let change = if number % 2 == 0 { Change::Removed } else { Change::Altered };
        let Some(user) = random.choice(users) else { break };
        let statements: Vec<String> = (0..LENGTH).filter_map(|_| statement(field, user, &mut random)).collect();
        twins.sequences += 1;
        twins.statements += statements.len() as u64;
        let (mut first, damage) = play(field, user, &statements, None).await?;
        let (mut second, _) = play(field, user, &statements, Some(change)).await?;
        if differing(&first, &second).is_some() {
            // Time passes between two runs: what it alone has changed does not repeat itself.
            (first, _) = play(field, user, &statements, None).await?;
            (second, _) = play(field, user, &statements, Some(change)).await?;
        }
        twins.succeeded += first.iter().filter(|outcome| outcome.succeeded()).count() as u64;
        let mut leak = |place: usize, why: String| {
            twins.differences += 1;
            let statement = statements.get(..=place).unwrap_or_default().join(";\n");
            let outcome = first.get(place).cloned().unwrap_or_default();
            let attempt = Try { identity: user, form: "twin run", object: "noninterference", statement: &statement };
            attempts.push(attempt.end(Verdict::Leak(why), &outcome));
        };
        if let Some(damage) = damage.first() {
            leak(statements.len().saturating_sub(1), damage.clone());
        }
        if let Some(place) = differing(&first, &second) {
            let said = |all: &[Outcome]| all.get(place).map(|outcome| outcome.text().trim().to_owned()).unwrap_or_default();
            leak(place, format!("the answer depends on tenant B, {}: {} / {}", change.word(), said(&first), said(&second)));
        }
    }
    Ok(twins)
}

impl Change {
    fn word(self) -> &'static str {
        match self {
            Change::Removed => "whose rows were removed",
            Change::Altered => "whose rows were altered",
        }
    }
}

/// The first statement whose answers differ.
fn differing(first: &[Outcome], second: &[Outcome]) -> Option<usize> {
    first.iter().zip(second).position(|(a, b)| canonical_answer(a) != canonical_answer(b))
}

fn canonical_answer(outcome: &Outcome) -> (Vec<String>, u64) {
    let row = |row: &Vec<Option<String>>| {
        row.iter().map(|value| value.as_deref().map_or_else(|| "null".to_owned(), canonical::text)).collect::<Vec<_>>().join("|")
    };
    let mut rows: Vec<String> = outcome.rows.iter().map(row).collect();
    rows.sort_unstable();
    rows.extend(outcome.error.as_ref().map(|said| canonical::text(&format!("{} {} {} {}", said.sqlstate, said.message, said.detail, said.hint))));
    (rows, outcome.affected)
}

/// The statements in one transaction, which is undone.
async fn play(field: &Field<'_>, user: &Identity, statements: &[String], change: Option<Change>) -> Result<(Vec<Outcome>, Vec<String>), Error> {
    field.session.begin(&Identity::administrator()).await?;
    if let Some(change) = change {
        apply(field, change).await?;
    }
    field.session.take_on(user).await?;
    let mut outcomes = Vec::with_capacity(statements.len());
    for statement in statements {
        outcomes.push(field.session.run_in_savepoint(statement).await?);
    }
    field.session.as_administrator().await?;
    // After a change of ours the rows of tenant B are no longer what they were.
    let damage = if change.is_none() { field.world.damage(&field.session, field.tables).await? } else { Vec::new() };
    field.session.end().await?;
    field.set_sequences_back().await?;
    Ok((outcomes, damage))
}

/// Takes away or changes the rows of tenant B, past triggers and keys. Users stay: accounts are the platform's.
async fn apply(field: &Field<'_>, change: Change) -> Result<(), Error> {
    field.session.execute("set local session_replication_role = replica", "pass triggers").await?;
    for table in field.tables.all.iter().rev().filter(|table| !table.shared && table.name != field.tables.tenancy.users) {
        let of_b = format!("{} = 'B'", side_expression(field.tables, table));
        if matches!(change, Change::Altered) {
            for column in table.columns.iter().filter(|column| !table.indexed.contains(&column.name) && column.generated.is_none()) {
                let name = quote(&column.name);
                if table.foreign_keys.iter().any(|key| key.columns.contains(&column.name)) {
                    continue;
                }
                let Some(other) = other_value(field, &column.data_type, &name) else { continue };
                // What a check refuses stays as it is.
                field.session.run_in_savepoint(&format!("update {} as t set {name} = {other} where {of_b}", table.name)).await?;
            }
        }
    }
    if matches!(change, Change::Removed) {
        // Sides are told by keys, so children go first.
        for table in field.tables.all.iter().rev().filter(|table| !table.shared && table.name != field.tables.tenancy.users) {
            let sql = format!("delete from {} as t where {} = 'B'", table.name, side_expression(field.tables, table));
            field.session.execute(&sql, "take the rows of tenant B away").await?;
        }
    }
    field.session.execute("set local session_replication_role = origin", "heed triggers again").await
}

/// SQL for a value other than a column's own.
fn other_value(field: &Field<'_>, data_type: &str, column: &str) -> Option<String> {
    if let Some(last) = field.tables.labels.get(data_type).and_then(|labels| labels.last()) {
        return Some(quoted(last));
    }
    match data_type.split('(').next().unwrap_or(data_type) {
        "boolean" => Some(format!("not {column}")),
        "integer" | "bigint" | "smallint" | "numeric" | "double precision" | "real" => Some(format!("{column} + 1")),
        "timestamp with time zone" | "timestamptz" => Some(format!("coalesce({column}, now()) - interval '400 days'")),
        "text" => Some(format!("{column} || 'x'")),
        "jsonb" => Some(format!("{column} || '{{\"altered\": true}}'")),
        _ => None,
    }
}

/// The changes must show to somebody who sees tenant B, or no difference would ever be found.
async fn control(field: &Field<'_>, change: Change) -> Result<Attempt, Error> {
    let operator = Identity::administrator();
    let statements: Vec<String> = field.tables.all.iter().map(|table| format!("select * from {}", table.name)).collect();
    let (first, _) = play(field, &operator, &statements, None).await?;
    let (second, _) = play(field, &operator, &statements, Some(change)).await?;
    let statement = format!("every table, with tenant B {}", change.word());
    let attempt = Try { identity: &operator, form: "twin run: control", object: "noninterference", statement: &statement };
    let differs = first.iter().zip(&second).any(|(a, b)| a.rows != b.rows);
    let verdict = if differs { Verdict::AsDeclared } else { Verdict::Unreliable("the change of tenant B shows nowhere".to_owned()) };
    Ok(attempt.end(verdict, &Outcome::default()))
}

fn statement(field: &Field<'_>, user: &Identity, random: &mut Rng) -> Option<String> {
    if random.u8(..10) < 6 {
        let functions: Vec<&Function> = callable(field.resolution, &user.role).filter(|function| field.focus.has(&function.id())).collect();
        if let Some(function) = random.choice(functions) {
            return Some(call(field, function, random).sql());
        }
    }
    let table = random.choice(field.tables.all.iter().filter(|table| field.focus.has(&table.id)).collect::<Vec<_>>())?;
    let column = random.choice(&table.columns)?;
    let side = random.choice([Some(Side::Own), Some(Side::Foreign), None])?;
    let rows: Vec<_> = field.world.rows_of(&table.name, side).collect();
    let value = random.choice(rows).and_then(|row| row.values.get(&column.name).cloned().flatten());
    let name = quote(&column.name);
    let predicate = value.map_or_else(|| format!("{name} is null"), |value| format!("{name}::text = {}", quoted(&value)));
    let granted = super::forms::reading::granted(&field.resolution.catalog, &table.id, &user.role);
    let readable = granted.whole.contains(&Privilege::Select);
    Some(match random.u8(..if readable { 9 } else { 5 }) {
        0 => format!("update {} set {name} = {name} where {predicate}", table.name),
        1 => format!("delete from {} where {predicate}", table.name),
        2 => format!("insert into {} default values", table.name),
        3 => format!("select count(*) from {}", table.name),
        4 | 5 => format!("select * from {} where {predicate}", table.name),
        6 => format!("select {name}, count(*) from {} group by {name}", table.name),
        7 => format!("select min({name}::text), max({name}::text) from {}", table.name),
        _ => format!("select * from {}", table.name),
    })
}

/// A call with values of anybody, and of nobody.
fn call(field: &Field<'_>, function: &Function, random: &mut Rng) -> Call {
    let mut call = Call { function: function.id(), name: function.name.to_string(), arguments: Vec::new() };
    // Half of the calls start from one that has succeeded.
    let known = field.controls.iter().filter(|((_, called, _), _)| *called == call.function).map(|(_, (_, call))| call.clone());
    let known: Vec<Call> = known.collect();
    if random.bool()
        && let Some(known) = random.choice(known)
    {
        call = known;
    }
    for argument in &function.arguments {
        let given = call.arguments.iter().any(|known| known.name == argument.name);
        if (given && random.u8(..4) > 0) || (argument.default.is_some() && random.bool()) {
            continue;
        }
        let side = random.choice([Side::Own, Side::Own, Side::Foreign]).unwrap_or(Side::Own);
        let dictionary = Dictionary { tables: field.tables, world: field.world, side, caller: Side::Own };
        let Some(mut value) = random.choice(dictionary.values(&argument.name, &argument.data_type)) else { continue };
        if random.u8(..8) == 0 {
            value = unknown_like(&value).unwrap_or(value);
        }
        call = call.with(&argument.name, &argument.data_type, &value);
    }
    call
}
