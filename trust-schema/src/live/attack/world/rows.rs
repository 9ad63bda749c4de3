//! Rows for every table, made from columns, keys and checks alone: what a check refuses is varied until it is accepted.

use std::collections::BTreeMap;

use super::values::{array, candidates, names_word};
use super::{Side, World};
use crate::kinds::column::Column;
use crate::live::Error;
use crate::live::attack::session::Session;
use crate::live::attack::tables::{Table, Tables};
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// Rows of a table that holds neither tenants nor members.
const ROWS: usize = 4;
/// Refused rows after which a table is given up.
const TRIES: usize = 400;

type Values = BTreeMap<String, String>;

/// Fills all tables for all sides. A table that takes no row is named in `empty`.
pub async fn fill(session: &Session, tables: &Tables, world: &mut World, empty: &mut Vec<String>) -> Result<(), Error> {
    users(session, tables, world).await?;
    let mut made: BTreeMap<(Side, String), Vec<Values>> = BTreeMap::new();
    for side in Side::ALL {
        for table in tables.all.iter().filter(|table| !table.shared) {
            let mut rows: Vec<Values> = Vec::new();
            let refers_to_users = table.name == tables.tenancy.users || table.foreign_keys.iter().any(|key| key.references == tables.tenancy.users);
            let mut people = world.side(side).users.clone();
            if matches!(side, Side::Own | Side::Third) && refers_to_users {
                people.push(world.member_of_two.clone());
            }
            let wanted = match () {
                () if table.name == tables.tenancy.tenants => 1,
                () if refers_to_users => people.len(),
                () => ROWS,
            };
            let mut said = String::new();
            for number in 0..wanted {
                let person = people.get(number % people.len().max(1)).cloned().unwrap_or_default();
                let row = Maker { session, tables, table, world, side, made: &made, person: &person, number };
                match row.make().await? {
                    Ok(values) => rows.push(values),
                    Err(why) => said = why,
                }
            }
            if rows.is_empty() && side != Side::Third {
                empty.push(format!("{}: no row could be made for tenant {}: {said}", table.name, side.word()));
            }
            let tenants = table.name == tables.tenancy.tenants;
            made.insert((side, table.name.to_string()), rows);
            if tenants {
                world.note_new_tenants(session, tables, side).await?;
            }
        }
    }
    Ok(())
}

/// Others' table of users gets what a foreign key needs.
async fn users(session: &Session, tables: &Tables, world: &World) -> Result<(), Error> {
    let users = &tables.tenancy.users;
    if tables.get(users).is_some() {
        return Ok(());
    }
    let key = tables.all.iter().flat_map(|table| &table.foreign_keys).find(|key| key.references == *users);
    let Some(column) = key.and_then(|key| key.referenced_columns.first()) else { return Ok(()) };
    let people = Side::ALL
        .into_iter()
        .flat_map(|side| &world.side(side).users)
        .chain(Side::ALL.into_iter().map(|side| &world.side(side).newcomer))
        .chain([&world.member_of_two, &world.stranger]);
    let values: Vec<String> = people.map(|user| format!("({})", quoted(user))).collect();
    let sql = format!("insert into {users} ({}) values {}", quote(column), values.join(", "));
    session.execute(&sql, "make users").await
}

struct Maker<'a> {
    session: &'a Session,
    tables: &'a Tables,
    table: &'a Table,
    world: &'a World,
    side: Side,
    made: &'a BTreeMap<(Side, String), Vec<Values>>,
    person: &'a str,
    number: usize,
}

impl Maker<'_> {
    /// One row, with all its columns as text; or why there is none.
    async fn make(&self) -> Result<Result<Values, String>, Error> {
        let Some(mut fixed) = self.keys() else { return Ok(Err("the tables to which it refers have no fitting rows".to_owned())) };
        if self.table.name == self.tables.tenancy.users
            && let Some(key) = self.table.primary_key.first()
        {
            fixed.insert(key.clone(), self.person.to_owned());
        }
        let mut choices: BTreeMap<String, (Vec<String>, usize)> = BTreeMap::new();
        for column in self.table.columns.iter().filter(|column| !fixed.contains_key(&column.name) && self.names_it(column)) {
            let values = self.values(column);
            if values.is_empty() && column.not_null && column.default.is_none() {
                return Ok(Err(format!("no value of the type {} is known for {}", column.data_type, column.name)));
            }
            if !values.is_empty() {
                choices.insert(column.name.clone(), (values, 0));
            }
        }
        let mut said = String::new();
        for _ in 0..TRIES {
            let chosen = choices.iter().filter_map(|(name, (values, place))| values.get(*place).map(|value| (name.clone(), value.clone())));
            let values: Values = fixed.clone().into_iter().chain(chosen).collect();
            match self.insert(&values).await? {
                Ok(row) => return Ok(Ok(row)),
                Err((constraint, message)) => {
                    said = message;
                    if !advance(self.table, constraint.as_deref(), &mut choices) {
                        break;
                    }
                }
            }
        }
        Ok(Err(said))
    }

    /// Values to try. An array named like a column of a shared table, but for the plural, holds its values.
    fn values(&self, column: &Column) -> Vec<String> {
        let mut values = Vec::new();
        if column.data_type.ends_with("[]")
            && let Some(singular) = column.name.strip_suffix('s')
        {
            let shared = self.tables.all.iter().filter(|table| table.shared && table.primary_key.iter().any(|key| key == singular));
            let elements = shared.flat_map(|table| self.world.rows.get(&table.name)).flatten().filter_map(|row| row.values.get(singular)?.clone());
            values.extend(elements.map(|element| array(std::slice::from_ref(&element))));
        }
        values.extend(candidates(self.tables, self.table, &column.name, self.world.side(self.side), self.number));
        values
    }

    /// Whether the row names the column. Defaults serve the first row; later ones take every value of a list in turn.
    fn names_it(&self, column: &Column) -> bool {
        if column.generated.is_some() || column.identity.is_some() || (!column.not_null && column.default.is_none()) {
            return false;
        }
        let listed = self.tables.labels.contains_key(&column.data_type)
            || self.table.checks.iter().any(|check| check.expression.text().contains('\'') && names_word(check.expression.text(), &column.name));
        column.default.is_none() || (self.number > 0 && (listed || self.table.primary_key.contains(&column.name)))
    }

    /// The columns of foreign keys: each leads to a row of the same side, and keys that share columns agree.
    fn keys(&self) -> Option<Values> {
        let mut fixed = Values::new();
        // Longer keys first: they decide what shorter ones share.
        let mut keys: Vec<_> = self.table.foreign_keys.iter().filter(|key| key.references != self.table.name).collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.columns.len()));
        for key in keys {
            let pairs = || key.columns.iter().zip(&key.referenced_columns);
            if key.references == self.tables.tenancy.users && self.tables.get(&key.references).is_none() {
                fixed.extend(key.columns.first().map(|column| (column.clone(), self.person.to_owned())));
                continue;
            }
            let parents = self.made.get(&(self.side, key.references.to_string()));
            let Some(parents) = parents.filter(|parents| !parents.is_empty()) else {
                let optional = key.columns.iter().all(|column| self.table.column(column).is_some_and(|column| !column.not_null));
                if optional {
                    continue;
                }
                return None;
            };
            let fits = |parent: &&Values| pairs().all(|(here, there)| fixed.get(here).is_none_or(|value| parent.get(there) == Some(value)));
            let parent = parents.iter().cycle().skip(self.number % parents.len()).take(parents.len()).find(fits)?;
            let values: Vec<(String, String)> = pairs().filter_map(|(here, there)| Some((here.clone(), parent.get(there)?.clone()))).collect();
            fixed.extend(values);
        }
        Some(fixed)
    }

    async fn insert(&self, values: &Values) -> Result<Result<Values, (Option<String>, String)>, Error> {
        let columns: Vec<_> = values.keys().map(|column| quote(column)).collect();
        let literals: Vec<String> = values.values().map(|value| quoted(value)).collect();
        let all: Vec<String> = self.table.columns.iter().map(|column| format!("{}::text", quote(&column.name))).collect();
        let into = if values.is_empty() { "default values".to_owned() } else { format!("({}) values ({})", columns.join(", "), literals.join(", ")) };
        let sql = format!("insert into {} {into} returning {}", self.table.name, all.join(", "));
        self.session.execute("begin", "begin a transaction").await?;
        let outcome = self.session.run(&sql).await?;
        match (outcome.error, outcome.rows.into_iter().next()) {
            (None, Some(row)) => {
                self.session.keep().await?;
                let names = self.table.columns.iter().map(|column| column.name.clone());
                Ok(Ok(names.zip(row).filter_map(|(name, value)| Some((name, value?))).collect()))
            }
            (error, _) => {
                self.session.end().await?;
                let message = error.map(|said| said.message).unwrap_or_default();
                // `… violates check constraint "name"`: the name is the last thing between quotes.
                let constraint = message.rsplit('"').nth(1).map(str::to_owned);
                Ok(Err((constraint, message)))
            }
        }
    }
}

/// The next combination of values for the columns that a constraint is about; false where there is none.
fn advance(table: &Table, constraint: Option<&str>, choices: &mut BTreeMap<String, (Vec<String>, usize)>) -> bool {
    let check = table.checks.iter().find(|check| Some(check.name.as_str()) == constraint);
    let about = |column: &str| check.is_none_or(|check| names_word(check.expression.text(), column));
    for (name, (values, place)) in choices.iter_mut() {
        if !about(name) {
            continue;
        }
        if *place + 1 < values.len() {
            *place += 1;
            return true;
        }
        *place = 0;
    }
    false
}
