//! The world in which attacks happen: three tenants with users, rows in every table, and a life of calls behind them.
//!
//! Everything in it is made from the Catalog. A row belongs to the side whose tenant or user its foreign keys lead to, and where they lead to none,
//! to the side that it names.

mod calls;
mod life;
mod rows;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::session::Session;
use super::tables::{Table, Tables};
use crate::catalog::QualifiedName;
use crate::live::Error;
use crate::sql::quoted::quoted;

pub use calls::{Call, Dictionary};
pub use life::{Controls, callable, live};
pub use values::unknown_like;

/// A tenant with everything that is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Tenant A: the attackers'.
    Own,
    /// Tenant B: the victim.
    Foreign,
    /// Tenant C, which shares a member with A.
    Third,
}

impl Side {
    pub const ALL: [Side; 3] = [Side::Own, Side::Foreign, Side::Third];

    /// Its name in the database's notes.
    pub fn word(self) -> &'static str {
        match self {
            Side::Own => "A",
            Side::Foreign => "B",
            Side::Third => "C",
        }
    }

    fn of_word(word: &str) -> Option<Side> {
        Side::ALL.into_iter().find(|side| side.word() == word)
    }
}

/// One side's names.
#[derive(Debug, Clone)]
pub struct Names {
    /// Stands in every value that is made for it, so that its rows are known where no key tells.
    pub tag: String,
    pub users: Vec<String>,
    /// A user who is nowhere yet: whoever adds people adds this one.
    pub newcomer: String,
    pub tenants: Vec<String>,
}

/// A row, as text.
#[derive(Debug, Clone)]
pub struct Row {
    /// None where the row is nobody's.
    pub side: Option<Side>,
    pub values: BTreeMap<String, Option<String>>,
}

/// The world as it stands.
#[derive(Debug)]
pub struct World {
    sides: [Names; 3],
    /// A member of tenants A and C.
    pub member_of_two: String,
    /// A user without a tenant.
    pub stranger: String,
    /// By table.
    pub rows: BTreeMap<QualifiedName, Vec<Row>>,
    /// What functions returned, by the name of the column.
    pub harvest: BTreeMap<String, Vec<(Side, String)>>,
    /// Values that occur in rows of tenant B and nowhere else.
    pub secrets: BTreeSet<String>,
}

/// Users of each tenant: one for each of a few roles that memberships can have.
const USERS: usize = 5;
/// Shorter values are no secrets: they may occur by chance.
const SHORTEST_SECRET: usize = 8;
/// Where the attack keeps its notes, out of everybody's reach.
pub const NOTES: &str = "trust_schema_attack";

impl World {
    /// Users and rows; functions have not been called yet.
    ///
    /// # Errors
    /// Where a query of ours fails. Tables that stay empty are told in `empty`.
    pub async fn make(session: &Session, tables: &Tables, empty: &mut Vec<String>) -> Result<World, Error> {
        let names = |_: Side| Names {
            tag: Uuid::new_v4().simple().to_string().chars().take(12).collect(),
            users: (0..USERS).map(|_| Uuid::new_v4().to_string()).collect(),
            newcomer: Uuid::new_v4().to_string(),
            tenants: Vec::new(),
        };
        let mut world = World {
            sides: Side::ALL.map(names),
            member_of_two: Uuid::new_v4().to_string(),
            stranger: Uuid::new_v4().to_string(),
            rows: BTreeMap::new(),
            harvest: BTreeMap::new(),
            secrets: BTreeSet::new(),
        };
        session
            .execute(
                &format!(
                    "create schema {NOTES}; create table {NOTES}.names (id text primary key, side text not null, kind text not null);
                     create table {NOTES}.baseline (relation text not null, hash text not null, side text)"
                ),
                "make room for notes",
            )
            .await?;
        for side in Side::ALL {
            let names = world.side(side);
            let mut notes: Vec<(&str, &str)> = names.users.iter().map(|user| (user.as_str(), "user")).collect();
            notes.extend([(names.newcomer.as_str(), "user"), (names.tag.as_str(), "tag")]);
            world.note(session, side, &notes).await?;
        }
        world.note(session, Side::Own, &[(&world.member_of_two, "user")]).await?;
        // Shared rows are there already: what refers to them needs them.
        world.learn(session, tables).await?;
        rows::fill(session, tables, &mut world, empty).await?;
        world.learn(session, tables).await?;
        Ok(world)
    }

    pub fn side(&self, side: Side) -> &Names {
        match side {
            Side::Own => &self.sides[0],
            Side::Foreign => &self.sides[1],
            Side::Third => &self.sides[2],
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut Names {
        match side {
            Side::Own => &mut self.sides[0],
            Side::Foreign => &mut self.sides[1],
            Side::Third => &mut self.sides[2],
        }
    }

    /// The rows of a table that belong to a side.
    pub fn rows_of(&self, table: &QualifiedName, side: Option<Side>) -> impl Iterator<Item = &Row> {
        self.rows.get(table).into_iter().flatten().filter(move |row| row.side == side)
    }

    async fn note(&self, session: &Session, side: Side, names: &[(&str, &str)]) -> Result<(), Error> {
        let values: Vec<String> = names.iter().map(|(id, kind)| format!("({}, {}, {})", quoted(id), quoted(side.word()), quoted(kind))).collect();
        let sql = format!("insert into {NOTES}.names values {} on conflict do nothing", values.join(", "));
        session.execute(&sql, "note names").await
    }

    /// Tenants that were made since the last time belong to the side that made them.
    pub async fn note_new_tenants(&mut self, session: &Session, tables: &Tables, side: Side) -> Result<(), Error> {
        let Some(table) = tables.get(&tables.tenancy.tenants) else { return Ok(()) };
        let Some(key) = table.primary_key.first() else { return Ok(()) };
        let key = crate::sql::identifier::quote(key);
        let sql = format!(
            "insert into {NOTES}.names select t.{key}::text, {}, 'tenant' from {} as t
             where t.{key}::text not in (select id from {NOTES}.names) returning id",
            quoted(side.word()),
            table.name
        );
        let new = session.query(&sql, "note new tenants").await?;
        let new = new.into_iter().flatten().flatten();
        self.side_mut(side).tenants.extend(new);
        Ok(())
    }

    /// Reads all rows, and from them what is a secret of tenant B; notes the rows as the baseline of integrity.
    pub async fn learn(&mut self, session: &Session, tables: &Tables) -> Result<(), Error> {
        self.rows.clear();
        for table in &tables.all {
            let columns = table.columns.iter().map(|column| format!("t.{}::text", crate::sql::identifier::quote(&column.name)));
            let columns: Vec<String> = std::iter::once(side_expression(tables, table)).chain(columns).collect();
            let sql = format!("select {} from {} as t order by t.ctid desc", columns.join(", "), table.name);
            let rows = session.query(&sql, "read the rows").await?;
            let rows = rows.into_iter().map(|row| {
                let mut values = row.into_iter();
                let side = values.next().flatten().and_then(|word| Side::of_word(&word));
                Row { side, values: table.columns.iter().map(|column| column.name.clone()).zip(values).collect() }
            });
            self.rows.insert(table.name.clone(), rows.collect());
        }
        let of = |foreign: bool| -> BTreeSet<String> {
            let rows = self.rows.values().flatten().filter(|row| (row.side == Some(Side::Foreign)) == foreign);
            let values = rows.flat_map(|row| row.values.values()).flatten();
            values.filter(|value| value.len() >= SHORTEST_SECRET && looks_unique(value)).cloned().collect()
        };
        let mut secrets: BTreeSet<String> = of(true);
        let others = of(false);
        secrets.retain(|secret| !others.contains(secret));
        self.secrets = secrets;
        let sql = format!("truncate {NOTES}.baseline; insert into {NOTES}.baseline {}", now(tables));
        session.execute(&sql, "note the rows").await
    }

    /// What an attempt has done to rows that are not the attacker's: changed, removed, or added to tenant B. Asked in the attempt's own transaction.
    pub async fn damage(&self, session: &Session, tables: &Tables) -> Result<Vec<String>, Error> {
        let sql = format!(
            "with now as ({})
             select b.relation || ': a row of ' || coalesce('tenant ' || b.side, 'nobody') || ' was changed or removed' from {NOTES}.baseline as b
             where b.side is distinct from 'A' and not exists (select from now as n where n.relation = b.relation and n.hash = b.hash)
             union
             select n.relation || ': a row of tenant ' || n.side || ' was added or changed' from now as n
             where n.side in ('B', 'C') and not exists (select from {NOTES}.baseline as b where b.relation = n.relation and b.hash = n.hash)",
            now(tables)
        );
        let rows = session.query(&sql, "look for damage").await?;
        Ok(rows.into_iter().flatten().flatten().collect())
    }

    /// The secrets of tenant B that a text tells, besides those that the attacker named himself.
    pub fn told<'w>(&'w self, text: &str, named: &str) -> Option<&'w str> {
        self.secrets.iter().map(String::as_str).find(|secret| text.contains(*secret) && !named.contains(*secret))
    }
}

/// Times repeat by chance: rows made in one transaction share them.
fn looks_unique(value: &str) -> bool {
    !value.get(..5).is_some_and(|year| year.ends_with('-') && year.bytes().take(4).all(|byte| byte.is_ascii_digit()))
}

/// Every row's hash and side.
fn now(tables: &Tables) -> String {
    let all = tables.all.iter().map(|table| {
        format!(
            "select {} as relation, md5(t::text) as hash, {} as side from {} as t",
            quoted(&table.name.to_string()),
            side_expression(tables, table),
            table.name
        )
    });
    all.collect::<Vec<_>>().join(" union all ")
}

/// SQL for the side of row `t`.
pub fn side_expression(tables: &Tables, table: &Table) -> String {
    if table.shared {
        return "null::text".to_owned();
    }
    // What a key says decides, also where it names a tenant that was not there before.
    for owners in [&tables.tenancy.tenants, &tables.tenancy.users] {
        if let Some(owner) = tables.owner_expression(table, owners, "t") {
            return format!("(select w.side from {NOTES}.names as w where w.id = ({owner})::text)");
        }
    }
    format!("(select w.side from {NOTES}.names as w where position(w.id in t::text) > 0 order by w.side limit 1)")
}
