//! Every identity reads every table in every way.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Id, Object};
use crate::kinds::grant::Privilege;
use crate::live::Error;
use crate::live::attack::field::{Field, Try};
use crate::live::attack::identity::{self, Identity};
use crate::live::attack::tables::Table;
use crate::live::attack::verdict::{Attempt, Verdict};
use crate::live::attack::world::{Row, Side};
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// What a role is granted on a table.
pub struct Granted {
    pub whole: Vec<Privilege>,
    /// On some column at least.
    pub partial: Vec<Privilege>,
    /// Columns that may be read, where not the whole row may.
    pub readable: Vec<String>,
}

pub fn granted(catalog: &Catalog, table: &Id, role: &str) -> Granted {
    let mut granted = Granted { whole: Vec::new(), partial: Vec::new(), readable: Vec::new() };
    for grantee in [role, "public"] {
        if let Some(Object::Grant(grant)) = catalog.get(&Id::grant(table, grantee)) {
            granted.whole.extend(grant.privileges.iter().copied());
            granted.partial.extend(grant.columns.values().flatten().copied());
            let readable = grant.columns.iter().filter(|(_, privileges)| privileges.contains(&Privilege::Select));
            granted.readable.extend(readable.map(|(column, _)| column.clone()));
        }
    }
    granted
}

/// SQL that finds a row by its primary key, or by all its columns where there is none.
pub fn is_row(table: &Table, row: &Row) -> String {
    let key: Vec<&String> = if table.primary_key.is_empty() { row.values.keys().collect() } else { table.primary_key.iter().collect() };
    let same = key.into_iter().map(|column| match row.values.get(column).and_then(Option::as_ref) {
        Some(value) => format!("t.{} = {}", quote(column), quoted(value)),
        None => format!("t.{} is null", quote(column)),
    });
    same.collect::<Vec<_>>().join(" and ")
}

/// Tries everything; `roles` are those of the API.
pub async fn attack(field: &Field<'_>, identities: &[Identity], attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    let has_tables = field.tables.all.iter().any(|table| field.focus.has(&table.id));
    let operator_sees = if has_tables { visible(field, &field.operator).await? } else { BTreeMap::new() };
    let mut owners: BTreeMap<(String, String), bool> = BTreeMap::new();
    for table in field.tables.all.iter().filter(|table| field.focus.has(&table.id)) {
        let victim = field.world.rows_of(&table.name, Some(Side::Foreign)).next();
        let rows: usize = field.world.rows.get(&table.name).map_or(0, Vec::len);
        let object = table.id.to_string();
        for identity in identities {
            let granted = granted(&field.resolution.catalog, &table.id, &identity.role);
            let usable = field.resolution.may_use_schema(&table.name.schema, &identity.role);
            let allowed = usable && (granted.whole.contains(&Privilege::Select) || !granted.readable.is_empty());
            // Claims do not change privileges: without them every form is for the first identity of a role, and the plainest for all.
            let first = identities.iter().find(|other| other.role == identity.role).is_some_and(|other| other == identity);
            for (form, statement) in forms(table, &granted, victim) {
                if (!allowed && !first && form != PLAIN) || (!identity.every_form && !PLAIN_FORMS.contains(&form)) {
                    continue;
                }
                let attempt = Try { identity, form, object: &object, statement: &statement };
                let (outcome, damage) = field.run(identity, &statement).await?;
                let verdict = if let Some(leak) = field.leak(identity, &outcome, &damage, named(&statement)) {
                    Verdict::Leak(leak)
                } else if !allowed {
                    match &outcome.error {
                        Some(said) if said.sqlstate == "42501" && operator_sees.get(&object).is_some_and(|seen| *seen == rows && rows > 0) => {
                            Verdict::Denied
                        }
                        Some(said) if said.sqlstate == "42501" => Verdict::Unreliable("the operator does not see the rows either".to_owned()),
                        Some(said) => Verdict::Unreliable(format!("stopped by something else: {}", said.message)),
                        None => Verdict::Leak("the role is not granted SELECT, and this is let through".to_owned()),
                    }
                } else if form == COUNT && outcome.succeeded() {
                    count(field, table, identity, &outcome)
                } else if table.shared || identity::is_trusted(&identity.role) {
                    Verdict::AsDeclared
                } else if form == EXPLAIN {
                    explained(&outcome.text())
                } else {
                    let key = (object.clone(), identity.role.clone());
                    let seen = match owners.get(&key) {
                        Some(seen) => *seen,
                        None => {
                            let seen = owner_sees(field, table, &identity.role).await?;
                            owners.insert(key, seen);
                            seen
                        }
                    };
                    if seen { Verdict::Denied } else { Verdict::Unreliable("no user of tenant B sees a row of tenant B either".to_owned()) }
                };
                attempts.push(attempt.end(verdict, &outcome));
            }
        }
    }
    views(field, identities, attempts).await
}

/// Every identity reads every view.
async fn views(field: &Field<'_>, identities: &[Identity], attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    for object in field.resolution.catalog.objects() {
        let Object::View(view) = object else { continue };
        let id = object.id();
        if !field.focus.has(&id) {
            continue;
        }
        for (form, statement) in
            [("SELECT from a view", format!("select * from {}", view.name)), ("count of a view", format!("select count(*) from {}", view.name))]
        {
            let control = field.session.attempt(&field.operator, &statement).await?;
            for identity in identities {
                let granted = granted(&field.resolution.catalog, &id, &identity.role);
                let readable = granted.whole.contains(&Privilege::Select) || !granted.readable.is_empty();
                let allowed = readable && field.resolution.may_use_schema(&view.name.schema, &identity.role);
                let attempt = Try { identity, form, object: &id.to_string(), statement: &statement };
                let (outcome, damage) = field.run(identity, &statement).await?;
                let verdict = match (&outcome.error, field.leak(identity, &outcome, &damage, &statement)) {
                    (_, Some(leak)) => Verdict::Leak(leak),
                    (None, None) if !allowed => Verdict::Leak("the role is not granted SELECT, and this is let through".to_owned()),
                    (Some(said), None) if said.sqlstate == "42501" && control.succeeded() => Verdict::Denied,
                    (Some(said), None) => Verdict::Unreliable(format!("stopped by something else: {}", said.message)),
                    (None, None) => Verdict::AsDeclared,
                };
                attempts.push(attempt.end(verdict, &outcome));
            }
        }
    }
    Ok(())
}

const PLAIN: &str = "SELECT";
/// Forms for identities that differ in nothing but their claims.
const PLAIN_FORMS: [&str; 4] = [PLAIN, COUNT, "SELECT by key", "error as an answer"];
const COUNT: &str = "count of all rows";
const EXPLAIN: &str = "EXPLAIN ANALYZE";

/// Every way to read.
fn forms(table: &Table, granted: &Granted, victim: Option<&Row>) -> Vec<(&'static str, String)> {
    let name = &table.name;
    let whole = granted.whole.contains(&Privilege::Select) || granted.readable.is_empty();
    let columns = if whole {
        table.columns.iter().map(|column| quote(&column.name).into_owned()).collect::<Vec<_>>().join(", ")
    } else {
        granted.readable.iter().map(|column| quote(column).into_owned()).collect::<Vec<_>>().join(", ")
    };
    let mut forms = vec![
        (PLAIN, format!("select {columns} from {name}")),
        (COUNT, format!("select count(*) from {name}")),
        ("SELECT as one value", format!("select json_agg(t) from (select {columns} from {name}) as t")),
        ("COPY TO", format!("copy (select {columns} from {name}) to stdout")),
        ("SELECT through a view of one's own", format!("create temp view own_view as select {columns} from {name}; select * from pg_temp.own_view")),
        (
            "SELECT through a function of one's own",
            format!(
                "create function pg_temp.own() returns setof text language plpgsql as $f$begin return query select t::text from (select {columns} from {name}) as t; end$f$; select pg_temp.own()"
            ),
        ),
        ("cursor", format!("declare c no scroll cursor for select {columns} from {name}; fetch all from c")),
        ("prepared statement", format!("deallocate all; prepare p as select {columns} from {name}; execute p; deallocate p")),
        ("SELECT without row-level security", format!("set local row_security = off; select {columns} from {name}")),
        ("TABLESAMPLE", format!("select {columns} from {name} tablesample bernoulli (100)")),
        ("SELECT in another search path", format!("set local search_path = pg_temp, {}; select {columns} from {name}", quote(&name.schema))),
        ("copy into a table of one's own", format!("create temp table own_copy as select {columns} from {name}; select * from pg_temp.own_copy")),
        (EXPLAIN, format!("explain (analyze, costs off, timing off, summary off) select {columns} from {name}")),
    ];
    if let Some(row) = victim {
        let is_row = is_row(table, row);
        forms.extend([
            ("SELECT by key", format!("select {columns} from {name} as t where {is_row}")),
            ("error as an answer", format!("select 1 / (case when exists (select from {name} as t where {is_row}) then 0 else 1 end)")),
        ]);
        // A function of the attacker's that is so cheap that PostgreSQL would ask it before the policy, if it were leakproof.
        let column = table.primary_key.first().or_else(|| row.values.keys().next());
        forms.extend(column.map(|column| {
            (
                "cheap function in WHERE",
                format!(
                    "create function pg_temp.peek(text) returns boolean language plpgsql cost 0.0000001 as $f$begin if $1 = {} then raise exception 'seen'; end if; return true; end$f$; select 1 from {name} as t where pg_temp.peek(t.{}::text)",
                    quoted(row.values.get(column).and_then(Option::as_deref).unwrap_or_default()),
                    quote(column)
                ),
            )
        }));
    }
    forms
}

/// What the statement names is no secret to whoever wrote it.
fn named(statement: &str) -> &str {
    statement
}

/// The count must be that of the rows that the identity may see, at most.
fn count(field: &Field<'_>, table: &Table, identity: &Identity, outcome: &crate::live::attack::session::Outcome) -> Verdict {
    if table.shared || identity::is_trusted(&identity.role) {
        return Verdict::AsDeclared;
    }
    let seen: Option<usize> = outcome.rows.first().and_then(|row| row.first()?.as_ref()?.parse().ok());
    let own = field.world.rows.get(&table.name).into_iter().flatten().filter(|row| row.side.is_some_and(|side| identity.sides.contains(&side)));
    let own = own.count();
    match seen {
        Some(seen) if seen > own => Verdict::Leak(format!("{seen} rows are counted, of which {own} at most are the attacker's to see")),
        Some(_) => Verdict::AsDeclared,
        None => Verdict::Unreliable("no count was returned".to_owned()),
    }
}

/// EXPLAIN ANALYZE tells whoever may run it how many rows a policy has hidden; PostgreSQL has no way to keep that back.
fn explained(text: &str) -> Verdict {
    if text.contains("Rows Removed") {
        Verdict::Inherent("EXPLAIN ANALYZE tells how many rows were filtered out: the API gateway must not offer plans".to_owned())
    } else {
        Verdict::AsDeclared
    }
}

/// Whether some user of tenant B sees a row of tenant B: the positive control of every row that others do not see.
async fn owner_sees(field: &Field<'_>, table: &Table, role: &str) -> Result<bool, Error> {
    let base = Identity::role(role, field.platform, &[Side::Foreign]);
    let granted = granted(&field.resolution.catalog, &table.id, role);
    let columns = if granted.whole.contains(&Privilege::Select) { "*".to_owned() } else { granted.readable.join(", ") };
    for user in &field.world.side(Side::Foreign).users {
        let identity = Identity::user(&base, "a user of tenant B", user, &[Side::Foreign]);
        let outcome = field.session.attempt(&identity, &format!("select {columns} from {}", table.name)).await?;
        if field.world.told(&outcome.text(), "").is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many rows of each table an identity sees.
async fn visible(field: &Field<'_>, identity: &Identity) -> Result<BTreeMap<String, usize>, Error> {
    let mut seen = BTreeMap::new();
    for table in &field.tables.all {
        let outcome = field.session.attempt(identity, &format!("select count(*) from {}", table.name)).await?;
        let count = outcome.rows.first().and_then(|row| row.first()?.as_ref()?.parse().ok());
        seen.extend(count.map(|count| (table.id.to_string(), count)));
    }
    Ok(seen)
}
