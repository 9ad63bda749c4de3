//! Ways to become somebody else, to change what guards others, and to look where no policy holds.

use crate::catalog::Object;
use crate::live::Error;
use crate::live::attack::field::{Field, Try};
use crate::live::attack::identity::Identity;
use crate::live::attack::session::Session;
use crate::live::attack::verdict::{Attempt, Verdict};
use crate::sql::identifier::quote;

/// Tries everything, in a session that logged in as the role itself.
pub async fn attack(field: &Field<'_>, identity: &Identity, attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    let raw = identity.raw();
    let administrator = Identity::administrator();
    for (form, object, statement) in statements(field, &raw) {
        let attempt = Try { identity: &raw, form, object: &object, statement: &statement };
        let (outcome, damage) = field.run(&raw, &statement).await?;
        let control = field.session.attempt(&administrator, &statement).await?;
        let verdict = match (&outcome.error, field.leak(&raw, &outcome, &damage, &statement)) {
            (_, Some(leak)) => Verdict::Leak(leak),
            (Some(_), None) if control.succeeded() => Verdict::Denied,
            (Some(said), None) => {
                let why = control.error.map(|said| said.message).unwrap_or_default();
                Verdict::Unreliable(format!("the superuser fails, too ({why}), so that this shows nothing: {}", said.message))
            }
            (None, None) => Verdict::Leak("this is let through".to_owned()),
        };
        attempts.push(attempt.end(verdict, &outcome));
    }
    session_authorization(field, identity, attempts).await?;
    for (form, statement) in LOOKS {
        let attempt = Try { identity: &raw, form, object: "catalog", statement };
        let (outcome, damage) = field.run(&raw, statement).await?;
        let verdict = field.leak(&raw, &outcome, &damage, statement).map_or(Verdict::AsDeclared, Verdict::Leak);
        attempts.push(attempt.end(verdict, &outcome));
    }
    Ok(())
}

/// SET SESSION AUTHORIZATION asks who logged in, so this needs a login of its own.
async fn session_authorization(field: &Field<'_>, identity: &Identity, attempts: &mut Vec<Attempt>) -> Result<(), Error> {
    let session = Session::of_role(field.scratch, &identity.role).await?;
    let superuser = "select usesuper from pg_user where usename = (select usename from pg_stat_activity where pid = pg_backend_pid())";
    if session.query(superuser, "ask who logged in").await?.into_iter().flatten().flatten().any(|answer| answer == "t") {
        // Behind a URL there is one login, a superuser's.
        return Ok(());
    }
    let statement = format!("set session authorization {}", quote(&field.operator.role));
    let outcome = session.run(&statement).await?;
    let object = format!("role {}", field.operator.role);
    let attempt = Try { identity, form: "SET SESSION AUTHORIZATION", object: &object, statement: &statement };
    let control = field.session.attempt(&Identity::administrator(), &statement).await?;
    let verdict = match &outcome.error {
        Some(said) if said.is_permission_denied() && control.succeeded() => Verdict::Denied,
        Some(said) => Verdict::Unreliable(format!("stopped by something else: {}", said.message)),
        None => Verdict::Leak("this is let through".to_owned()),
    };
    attempts.push(attempt.end(verdict, &outcome));
    Ok(())
}

/// What everybody may look at, and in which nothing of others may stand.
const LOOKS: [(&str, &str); 6] = [
    ("statistics", "select * from pg_stats where schemaname not in ('pg_catalog', 'information_schema')"),
    ("extended statistics", "select * from pg_stats_ext"),
    ("statistics of expressions", "select * from pg_stats_ext_exprs"),
    ("statements of others", "select query from pg_stat_activity"),
    ("comments", "select description from pg_description"),
    ("settings", "select name, setting from pg_settings where name like '%.%'"),
];

fn statements(field: &Field<'_>, raw: &Identity) -> Vec<(&'static str, String, String)> {
    let me = quote(&raw.role).into_owned();
    let mut all: Vec<(&'static str, String, String)> = Vec::new();
    let mut roles: Vec<&str> = field.resolution.project.api_roles.iter().map(String::as_str).filter(|role| *role != raw.role).collect();
    roles.push(&field.operator.role);
    for role in roles.into_iter().filter(|role| *role != "administrator") {
        let quoted = quote(role);
        let object = format!("role {role}");
        all.extend([
            ("SET ROLE", object.clone(), format!("set role {quoted}")),
            ("set_config of the role", object.clone(), format!("select set_config('role', '{role}', false)")),
            ("ALTER ROLE", object.clone(), format!("alter role {quoted} login password 'own'")),
            ("GRANT of a role", object.clone(), format!("grant {quoted} to pg_monitor")),
            ("REASSIGN OWNED", object.clone(), format!("reassign owned by {quoted} to {me}")),
            ("default privileges of others", object, format!("alter default privileges for role {quoted} grant all on tables to public")),
        ]);
    }
    for object in field.resolution.catalog.objects() {
        let id = object.id().to_string();
        match object {
            Object::Function(function) => {
                let signature = function.signature();
                all.extend([
                    ("ALTER FUNCTION", id.clone(), format!("alter function {signature} security invoker")),
                    ("GRANT on a function", id.clone(), format!("alter function {signature} owner to {me}")),
                    ("DROP FUNCTION", id, format!("drop function {signature} cascade")),
                ]);
            }
            Object::Policy(policy) => {
                all.push(("DROP POLICY", id.clone(), format!("drop policy {} on {}", quote(&policy.name), policy.table)));
                all.push(("ALTER POLICY", id, format!("alter policy {} on {} to public", quote(&policy.name), policy.table)));
            }
            Object::Enum(enumeration) => all.push(("ALTER TYPE", id, format!("alter type {} add value 'own'", enumeration.name))),
            Object::View(view) => all.push(("DROP VIEW", id, format!("drop view {} cascade", view.name))),
            Object::Trigger(trigger) => all.push(("DROP TRIGGER", id, format!("drop trigger {} on {}", quote(&trigger.name), trigger.table))),
            Object::Schema(schema) => {
                let name = quote(&schema.name);
                all.push(("CREATE in a schema", id.clone(), format!("create table {name}.own_table (a int)")));
                all.push(("GRANT on a schema", id, format!("alter schema {name} owner to {me}")));
            }
            _ => {}
        }
    }
    let mut schemas: Vec<&str> = field.tables.all.iter().map(|table| &*table.name.schema).collect();
    schemas.sort_unstable();
    schemas.dedup();
    for schema in schemas {
        let name = quote(schema);
        all.push((
            "function of one's own",
            format!("schema {schema}"),
            format!("create function {name}.own_function() returns int language sql as 'select 1'"),
        ));
        all.push(("DROP SCHEMA", format!("schema {schema}"), format!("drop schema {name} cascade")));
    }
    let server = [
        ("CREATE ROLE", "create role own_role superuser"),
        ("CREATE SCHEMA", "create schema own_schema"),
        ("ALTER EXTENSION", "alter extension plpgsql update"),
        (
            "event trigger",
            "create function pg_temp.e() returns event_trigger language plpgsql as $$begin end$$; create event trigger own on ddl_command_end execute function pg_temp.e()",
        ),
        ("ALTER DATABASE", "do $$ begin execute format('alter database %I set row_security = off', current_database()); end $$"),
        ("read a file of the server", "select pg_read_file('PG_VERSION')"),
        ("list a folder of the server", "select pg_ls_dir('.')"),
        ("COPY from a file", "create temp table own_lines (l text); copy own_lines from program 'echo 1'"),
        ("large object from a file", "select lo_import('/etc/hostname')"),
        ("passwords", "select rolpassword from pg_authid"),
        ("statistics as stored", "select * from pg_statistic limit 1"),
        ("session_replication_role", "set session_replication_role = replica"),
        ("publication", "create publication own for all tables"),
    ];
    all.extend(server.map(|(form, statement)| (form, "server".to_owned(), statement.to_owned())));
    all
}
