//! Every statement form against every table and sequence, as every role of the API: what is not granted is refused by privilege, and what is granted
//! stays away from the rows of others.

use super::reading::{Granted, granted, is_row};
use crate::kinds::grant::Privilege;
use crate::live::Error;
use crate::live::attack::field::{Field, Try};
use crate::live::attack::identity::{self, Identity};
use crate::live::attack::session::Outcome;
use crate::live::attack::tables::Table;
use crate::live::attack::verdict::{Attempt, Verdict};
use crate::live::attack::world::{Row, Side};
use crate::sql::identifier::quote;
use crate::sql::quoted::quoted;

/// A statement, and the privileges that it needs; none for what only an owner may do.
struct Form {
    name: &'static str,
    statement: String,
    needs: Option<Vec<Privilege>>,
    /// Whether one of them is enough.
    one_is_enough: bool,
}

/// Tries everything.
pub async fn attack(field: &Field<'_>, identities: &[Identity], attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    for table in field.tables.all.iter().filter(|table| field.focus.has(&table.id)) {
        let object = table.id.to_string();
        let forms = forms(field, table);
        for form in &forms {
            let control = field.session.attempt(&field.operator, &form.statement).await?;
            for identity in identities {
                let granted = granted(&field.resolution.catalog, &table.id, &identity.role);
                let usable = field.resolution.may_use_schema(&table.name.schema, &identity.role);
                let attempt = Try { identity, form: form.name, object: &object, statement: &form.statement };
                let (outcome, damage) = field.run(identity, &form.statement).await?;
                let verdict = judge(field, identity, form, usable.then_some(&granted), &outcome, &damage, &control);
                attempts.push(attempt.end(verdict, &outcome));
            }
        }
        for sequence in table.columns.iter().filter_map(|column| column.identity_sequence.as_ref()) {
            self::sequence(field, identities, &sequence.to_string(), attempts).await?;
        }
    }
    Ok(())
}

fn judge(
    field: &Field<'_>,
    identity: &Identity,
    form: &Form,
    granted: Option<&Granted>,
    outcome: &Outcome,
    damage: &[String],
    control: &Outcome,
) -> Verdict {
    let trusted = identity::is_trusted(&identity.role);
    let may = granted.is_some_and(|granted| {
        let has = |need: &Privilege| granted.whole.contains(need) || granted.partial.contains(need);
        form.needs.as_ref().is_some_and(|needs| if form.one_is_enough { needs.iter().any(has) } else { needs.iter().all(has) })
    });
    if !(trusted && may)
        && let Some(leak) = field.leak(identity, outcome, damage, &form.statement)
    {
        return Verdict::Leak(leak);
    }
    if may {
        return if outcome.affected == 0 || !outcome.succeeded() { Verdict::Denied } else { Verdict::AsDeclared };
    }
    match &outcome.error {
        Some(said) if said.is_permission_denied() => match &control.error {
            // What a key, a check or an append-only table refuses has passed the privileges.
            Some(control) if control.is_permission_denied() || (control.sqlstate.starts_with("42") && control.sqlstate != "42501") => {
                Verdict::Unreliable(format!("the operator fails, too: {}", control.message))
            }
            _ => Verdict::Denied,
        },
        Some(said) => Verdict::Unreliable(format!("stopped by something else: {}", said.message)),
        None => Verdict::Leak("the role lacks the privilege, and this is let through".to_owned()),
    }
}

fn forms(field: &Field<'_>, table: &Table) -> Vec<Form> {
    use Privilege::{Delete, Insert, References, Select, Trigger, Truncate, Update};
    let name = &table.name;
    let owner = |form: &'static str, statement: String| Form { name: form, statement, needs: None, one_is_enough: false };
    let form = |form: &'static str, statement: String, needs: &[Privilege]| Form {
        name: form,
        statement,
        needs: Some(needs.to_vec()),
        one_is_enough: false,
    };
    let side = if table.shared { None } else { Some(Side::Foreign) };
    let victim = field.world.rows_of(name, side).next();
    let mine = field.world.rows_of(name, Some(Side::Own)).next();
    let Some(column) = table.columns.iter().find(|column| column.generated.is_none() && column.identity.is_none()) else { return Vec::new() };
    let quoted_column = quote(&column.name);
    let mut forms = vec![
        form("UPDATE without WHERE", format!("update {name} set {quoted_column} = {quoted_column}"), &[Update, Select]),
        form("DELETE without WHERE", format!("delete from {name}"), &[Delete]),
        form("TRUNCATE", format!("truncate {name} cascade"), &[Truncate]),
        form("INSERT of defaults", format!("insert into {name} default values"), &[Insert]),
        Form {
            name: "LOCK",
            statement: format!("lock table {name} in access exclusive mode"),
            needs: Some(vec![Update, Delete, Truncate, Privilege::Maintain]),
            one_is_enough: true,
        },
        form("SELECT FOR UPDATE", format!("select 1 from {name} for update"), &[Select, Update]),
        form("SELECT FOR KEY SHARE", format!("select 1 from {name} for key share"), &[Select, Update]),
        form(
            "trigger of one's own",
            format!("create trigger own before insert on {name} execute function suppress_redundant_updates_trigger()"),
            &[Trigger],
        ),
        owner("ALTER TABLE DISABLE ROW LEVEL SECURITY", format!("alter table {name} disable row level security")),
        owner("ALTER TABLE NO FORCE ROW LEVEL SECURITY", format!("alter table {name} no force row level security")),
        owner("CREATE POLICY", format!("create policy own on {name} using (true)")),
        owner("ALTER TABLE ADD COLUMN", format!("alter table {name} add column own_column text")),
        owner("ALTER TABLE OWNER", format!("alter table {name} owner to session_user")),
        owner("ALTER TABLE DISABLE TRIGGER", format!("alter table {name} disable trigger user")),
        owner("CREATE INDEX", format!("create index on {name} ({quoted_column})")),
        owner("CREATE RULE", format!("create rule own as on insert to {name} do also nothing")),
        owner("COMMENT", format!("comment on table {name} is 'mine'")),
        owner("DROP TABLE", format!("drop table {name} cascade")),
        owner("RENAME", format!("alter table {name} rename to own_name")),
    ];
    // A GRANT of what one may not grant is a mere warning to whoever has any privilege.
    let nothing_granted = "do $$ begin raise insufficient_privilege using message = 'permission denied: nothing was granted'; end $$";
    forms.push(owner(
        "GRANT",
        format!(
            "grant select on {name} to public; do $d$ begin if not exists (select from pg_class as c, aclexplode(c.relacl) as a where c.oid = {}::regclass and a.grantee = 0) then execute {}; end if; end $d$",
            quoted(&name.to_string()),
            quoted(nothing_granted)
        ),
    ));
    if !table.primary_key.is_empty() {
        let columns = table.primary_key.iter().map(|column| quote(column).into_owned()).collect::<Vec<_>>().join(", ");
        let types: Vec<String> = table
            .primary_key
            .iter()
            .filter_map(|key| table.column(key))
            .map(|column| format!("{} {}", quote(&column.name), column.data_type))
            .collect();
        // In the table's own schema: a temporary table may refer to temporary tables only.
        let there = &name.schema;
        let unlogged = if table.unlogged { "unlogged " } else { "" };
        forms.push(form(
            "foreign key of one's own",
            format!("create {unlogged}table {}.own_child ({}, foreign key ({columns}) references {name})", quote(there), types.join(", ")),
            &[References],
        ));
    }
    if let Some(row) = victim {
        forms.extend(against(field, table, row, mine, &quoted_column));
    }
    forms
}

/// Forms that aim at a row of tenant B, or at one of nobody.
fn against(field: &Field<'_>, table: &Table, row: &Row, mine: Option<&Row>, column: &str) -> Vec<Form> {
    use Privilege::{Delete, Insert, Select, Update};
    let name = &table.name;
    let form = |form: &'static str, statement: String, needs: &[Privilege]| Form {
        name: form,
        statement,
        needs: Some(needs.to_vec()),
        one_is_enough: false,
    };
    let is_victim = is_row(table, row);
    let settable = |name: &String| table.column(name).is_some_and(|column| column.generated.is_none() && column.identity.is_none());
    let pairs: Vec<(String, String)> = row
        .values
        .iter()
        .filter(|(name, value)| value.is_some() && settable(name))
        .map(|(name, value)| (quote(name).into_owned(), quoted(value.as_deref().unwrap_or_default())))
        .collect();
    let columns: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    let values: Vec<&str> = pairs.iter().map(|(_, value)| value.as_str()).collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    let mut forms = vec![
        form("INSERT of a row of others", format!("insert into {name} ({columns}) values ({values})"), &[Insert]),
        form("INSERT ON CONFLICT DO NOTHING", format!("insert into {name} ({columns}) values ({values}) on conflict do nothing"), &[Insert]),
        form("UPDATE by key", format!("update {name} as t set {column} = {column} where {is_victim}"), &[Update, Select]),
        form("DELETE by key", format!("delete from {name} as t where {is_victim}"), &[Delete, Select]),
        form("MERGE", format!("merge into {name} as t using (select 1) as s on {is_victim} when matched then delete"), &[Delete, Select]),
        form(
            "UPDATE FROM a CTE",
            format!("with x as (update {name} as t set {column} = {column} where {is_victim} returning 1) select count(*) from x"),
            &[Update, Select],
        ),
    ];
    if !table.primary_key.is_empty() {
        let key = table.primary_key.iter().map(|column| quote(column).into_owned()).collect::<Vec<_>>().join(", ");
        let identity = table.primary_key.iter().any(|key| !settable(key));
        if !identity {
            forms.push(form(
                "INSERT ON CONFLICT DO UPDATE",
                format!("insert into {name} ({columns}) values ({values}) on conflict ({key}) do update set {column} = excluded.{column}"),
                &[Insert, Update, Select],
            ));
        }
    }
    if let (Some(tenant), Some(mine)) = (field.tables.owner_column(table, &field.tables.tenancy.tenants), mine)
        && let (Some(Some(theirs)), Some(Some(own))) = (row.values.get(&tenant), mine.values.get(&tenant))
    {
        let tenant = quote(&tenant).into_owned();
        forms.extend([
            form(
                "UPDATE that gives a row to others",
                format!("update {name} as t set {tenant} = {} where {}", quoted(theirs), is_row(table, mine)),
                &[Update, Select],
            ),
            form(
                "UPDATE that takes a row of others",
                format!("update {name} as t set {tenant} = {} where {is_victim}", quoted(own)),
                &[Update, Select],
            ),
        ]);
    }
    forms
}

/// What the API roles try with a sequence behind an identity column.
async fn sequence(field: &Field<'_>, identities: &[Identity], name: &str, attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    let forms = [
        ("nextval", format!("select nextval({})", quoted(name))),
        ("setval", format!("select setval({}, 1, false)", quoted(name))),
        ("SELECT from the sequence", format!("select last_value from {name}")),
        ("ALTER SEQUENCE", format!("alter sequence {name} increment by 2")),
    ];
    let object = format!("sequence {name}");
    for (form, statement) in &forms {
        // Nothing undoes what is done to a sequence: the control asks for the privilege, the attempt is made.
        let control = format!(
            "select has_sequence_privilege({0}, 'usage') and has_sequence_privilege({0}, 'select') and has_sequence_privilege({0}, 'update')",
            quoted(name)
        );
        let control = field.session.attempt(&field.operator, &control).await?;
        let entitled = control.text().trim() == "t";
        for identity in identities {
            let attempt = Try { identity, form, object: &object, statement };
            let (outcome, damage) = field.run(identity, statement).await?;
            let verdict = match &outcome.error {
                _ if !damage.is_empty() => Verdict::Leak(damage.join(", ")),
                Some(said) if said.is_permission_denied() && entitled => Verdict::Denied,
                Some(said) => Verdict::Unreliable(format!("{}; entitled operator: {entitled}", said.message)),
                None => Verdict::Leak("no role of the API needs the sequence, and this is let through".to_owned()),
            };
            attempts.push(attempt.end(verdict, &outcome));
        }
    }
    Ok(())
}
