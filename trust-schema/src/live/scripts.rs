//! Runs scripts that others wrote on a throw-away database that looks like a Supabase project, and reads what they made.
//!
//! They are run as the role that stands for `postgres`, which is no superuser; extensions alone are installed by the superuser, as Supabase does
//! it. All the same, only scripts should be run that would be run on a server of one's own.

mod fails;
mod statement;

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::server::{DEPLOYER, Platform, Regime, Scratch, Target};
use super::{Error, database, introspect};
use crate::diagnostic::{Diagnostic, codes};
use crate::lint::database::Database;
use crate::scripts::{Project, Routine, State, Statement};
use crate::source::Span;
use statement::Kind;

const SERVICES: &str = include_str!("../../fixtures/supabase_services.sql");
const VECTOR: &str = include_str!("../../fixtures/extension_vector.sql");

/// Roles of Supabase that migrations name besides those of the API.
const PLATFORM_ROLES: &[&str] = &[
    "dashboard_user",
    "pgbouncer",
    "supabase_admin",
    "supabase_auth_admin",
    "supabase_functions_admin",
    "supabase_read_only_user",
    "supabase_realtime_admin",
    "supabase_replication_admin",
    "supabase_storage_admin",
];

/// What became of the scripts in one regime.
pub struct Outcome {
    /// What the database held in the end, or why a script failed.
    pub result: Result<State, Box<Diagnostic>>,
    /// Extensions that were left out.
    pub left_out: Vec<Diagnostic>,
    /// Objects of which nothing is said, since the Catalog has no word for them or for their form.
    pub not_checked: Vec<String>,
}

/// What is found in scripts.
pub struct Checked {
    pub diagnostics: Vec<Diagnostic>,
    /// Objects of which nothing is said, since the Catalog has no word for them or for their form.
    pub not_checked: Vec<String>,
    /// All scripts ran, so that everything was looked at.
    pub is_complete: bool,
}

/// Runs the scripts in each regime of Supabase, and tells what is wrong with what they made.
///
/// # Errors
/// As [`run`].
pub async fn check(target: &Target, project: &Project, regimes: &[Regime], begin: &mut dyn FnMut(Regime)) -> Result<Checked, Error> {
    let mut checked = Checked { diagnostics: Vec::new(), not_checked: Vec::new(), is_complete: true };
    let mut states = Vec::new();
    for (place, regime) in regimes.iter().enumerate() {
        begin(*regime);
        let outcome = run(target, project, *regime).await?;
        // Extensions that are left out, and what cannot be read, are the same in each.
        if place == 0 {
            checked.diagnostics.extend(outcome.left_out);
            checked.not_checked = outcome.not_checked;
        }
        match outcome.result {
            Ok(state) => states.push(state),
            // Of a project of which half is there, nothing is said.
            Err(failure) => {
                checked.diagnostics.push(*failure);
                checked.is_complete = false;
                break;
            }
        }
    }
    if checked.is_complete {
        checked.diagnostics.extend(crate::scripts::lint(project, &states));
    }
    crate::diagnostic::sort(&mut checked.diagnostics);
    Ok(checked)
}

/// Runs the scripts in one regime of Supabase.
///
/// # Errors
/// [`Error`], where there is no database or it cannot be read; a script that fails is a diagnostic.
pub async fn run(target: &Target, project: &Project, regime: Regime) -> Result<Outcome, Error> {
    let ran = ran(target, project, regime, async |client| Ok((introspect::readable(client, None).await?.0, facts(client).await?))).await?;
    let mut not_checked = Vec::new();
    let result = match &ran.failure {
        Some(failure) => Err(Box::new(failure.clone())),
        None => {
            let administrator = &ran.administrator;
            let (after, unread) = introspect::readable(administrator, None).await?;
            not_checked = unread;
            not_checked.extend(unmodelled(administrator).await?);
            let (routines, types) = (routines(administrator).await?, types(administrator).await?);
            let (before, database_before) = ran.before.clone();
            let database = [database_before, facts(administrator).await?];
            Ok(State { before, after, database, routines, types, only: only(regime) })
        }
    };
    let left_out = ran.left_out.clone();
    ran.forget(target).await?;
    Ok(Outcome { result, left_out, not_checked })
}

/// A database in which scripts have run.
pub(super) struct Ran<B> {
    scratch: Scratch,
    pub(super) administrator: Client,
    /// What was there before.
    pub(super) before: B,
    roles_before: BTreeSet<String>,
    pub(super) failure: Option<Diagnostic>,
    pub(super) left_out: Vec<Diagnostic>,
}

impl<B> Ran<B> {
    /// Drops the database, and the roles that the scripts made in the whole cluster.
    pub(super) async fn forget(self, target: &Target) -> Result<(), Error> {
        let made: Vec<String> = role_names(&self.administrator).await?.difference(&self.roles_before).cloned().collect();
        drop(self.administrator);
        forget(target, self.scratch, &made).await
    }
}

/// Runs the scripts in one regime of Supabase. The database stays.
pub(super) async fn ran<B>(
    target: &Target,
    project: &Project,
    regime: Regime,
    look: impl AsyncFnOnce(&Client) -> Result<B, Error>,
) -> Result<Ran<B>, Error> {
    let roles: Vec<&str> = PLATFORM_ROLES.iter().copied().filter(|role| project.sources.iter().any(|(_, file)| file.text.contains(role))).collect();
    let scratch = target.scratch(Platform::Supabase(regime), &roles).await?;
    let administrator = scratch.connect_as_administrator().await?;
    administrator.batch_execute(SERVICES).await.map_err(Error::query("emulate the services of Supabase"))?;
    let before = look(&administrator).await?;
    let roles_before = role_names(&administrator).await?;
    let mut runner = Runner { project, scratch: &scratch, administrator: &administrator, left_out: Vec::new(), vector_is_emulated: false };
    let failure = runner.run().await?;
    let left_out = runner.left_out;
    Ok(Ran { scratch, administrator, before, roles_before, failure, left_out })
}

/// What is said of a finding of one regime.
fn only(regime: Regime) -> String {
    match regime {
        Regime::Legacy => {
            "only where Supabase grants new objects to the API roles by itself, as in projects made before 2026-05-30 (`--regime legacy`)".to_owned()
        }
        Regime::Hardened => "only where Supabase grants new objects to nobody by itself, as in newer projects (`--regime hardened`)".to_owned(),
    }
}

/// Drops the database, and the roles that the scripts made in the whole cluster.
async fn forget(target: &Target, scratch: Scratch, roles: &[String]) -> Result<(), Error> {
    scratch.close().await?;
    if roles.is_empty() {
        return Ok(());
    }
    let other = target.scratch(Platform::Plain, &[]).await?;
    let client = other.connect_as_administrator().await?;
    for role in roles {
        let sql = format!("drop role if exists {}", crate::sql::identifier::quote(role));
        client.batch_execute(&sql).await.map_err(Error::query("drop a role that the scripts made"))?;
    }
    drop(client);
    Ok(other.close().await?)
}

struct Runner<'r> {
    project: &'r Project,
    scratch: &'r Scratch,
    administrator: &'r Client,
    /// Extensions that were left out.
    left_out: Vec<Diagnostic>,
    vector_is_emulated: bool,
}

impl Runner<'_> {
    /// Runs all scripts; the failure where one fails.
    async fn run(&mut self) -> Result<Option<Diagnostic>, Error> {
        for script in self.project.statements.chunk_by(|a, b| a.file == b.file) {
            if let Some(failure) = self.script(script).await? {
                return Ok(Some(failure));
            }
        }
        Ok(None)
    }

    async fn script(&mut self, statements: &[Statement]) -> Result<Option<Diagnostic>, Error> {
        let client = self.scratch.connect().await?;
        // As the Supabase CLI does it, but for what cannot be in a transaction.
        let in_transaction = !statements.iter().any(|statement| statement::forbids_transaction(self.project.text(statement)));
        if in_transaction {
            client.batch_execute("begin").await.map_err(Error::query("begin a transaction"))?;
        }
        for statement in statements {
            if let Some(failure) = self.statement(&client, statement, in_transaction).await? {
                return Ok(Some(failure));
            }
        }
        if in_transaction
            && let Err(error) = client.batch_execute("commit").await
            && let Some(last) = statements.last()
        {
            return Ok(Some(fails::told(&error, last.span())));
        }
        Ok(None)
    }

    async fn statement(&mut self, client: &Client, statement: &Statement, in_transaction: bool) -> Result<Option<Diagnostic>, Error> {
        let text = self.project.text(statement);
        match statement::kind(text) {
            Kind::Extension { name, schema } => self.extension(client, statement, &name, schema.as_deref(), in_transaction).await.map(|()| None),
            Kind::Ignored => Ok(None),
            Kind::VectorIndex if self.vector_is_emulated => Ok(None),
            Kind::ByPlatform => {
                self.publish(client, in_transaction).await?;
                let failed = self.administrator.batch_execute(text).await.err();
                Ok(failed.map(|error| self.failure(&error, statement, &[])))
            }
            Kind::Ordinary | Kind::VectorIndex => {
                let (sent, replaced) = statement::with_deployer(text, self.scratch.name());
                // What is set may be known to another version only; nothing depends on it, and the transaction has to go on.
                let may_fail = statement::is_setting(text);
                if may_fail && in_transaction {
                    client.batch_execute("savepoint setting").await.map_err(Error::query("set a savepoint"))?;
                }
                let Err(error) = client.batch_execute(&sent).await else { return Ok(None) };
                if may_fail && fails::is_unknown_setting(&error) {
                    if in_transaction {
                        client.batch_execute("rollback to setting").await.map_err(Error::query("go back to a savepoint"))?;
                    }
                    return Ok(None);
                }
                Ok(Some(self.failure(&error, statement, &replaced)))
            }
        }
    }

    /// Makes what a script did so far visible to the administrator, who goes on for it.
    async fn publish(&self, client: &Client, in_transaction: bool) -> Result<(), Error> {
        if in_transaction {
            client.batch_execute("commit; begin").await.map_err(Error::query("begin a transaction again"))?;
        }
        // Names mean there what they mean here.
        let doing = || Error::query("copy the search path");
        let path: String = client.query_one("select current_setting('search_path')", &[]).await.and_then(|row| row.try_get(0)).map_err(doing())?;
        self.administrator.execute("select set_config('search_path', $1, false)", &[&path]).await.map_err(doing())?;
        Ok(())
    }

    /// On Supabase whoever deploys may install the extensions of a list.
    async fn extension(
        &mut self,
        client: &Client,
        statement: &Statement,
        name: &str,
        schema: Option<&str>,
        in_transaction: bool,
    ) -> Result<(), Error> {
        if statement::EMULATED_EXTENSIONS.contains(&name) {
            return Ok(());
        }
        self.publish(client, in_transaction).await?;
        if let Err(error) = self.administrator.batch_execute(self.project.text(statement)).await {
            if name == "vector" && !self.vector_is_emulated {
                let schema = format!("{}.", crate::sql::identifier::quote(schema.unwrap_or("public")));
                self.administrator
                    .batch_execute(&VECTOR.replace("extensions.", &schema))
                    .await
                    .map_err(Error::query("emulate the extension vector"))?;
                self.vector_is_emulated = true;
                return Ok(());
            }
            let message = format!("the extension `{name}` cannot be installed on this server, so the scripts are run without it");
            let diagnostic = Diagnostic::warning(&codes::EXTENSION_MISSING, message, self.head(statement));
            let diagnostic = diagnostic.here(super::error::message(&error));
            self.left_out.push(
                diagnostic
                    .help("what uses it will fail; name a server that has it: `--database-url`, or TRUST_SCHEMA_PG_BIN for a folder of binaries"),
            );
        }
        Ok(())
    }

    fn head(&self, statement: &Statement) -> Span {
        statement::head(self.project.text(statement), statement)
    }

    fn failure(&self, error: &tokio_postgres::Error, statement: &Statement, replaced: &[statement::Replaced]) -> Diagnostic {
        let text = self.project.text(statement);
        let place = fails::place(error, text, statement, replaced).unwrap_or_else(|| self.head(statement));
        let mut diagnostic = fails::told(error, place);
        for left_out in &self.left_out {
            diagnostic = diagnostic.help(format!("perhaps because {}", left_out.message));
        }
        diagnostic
    }
}

/// What the Catalog has no word for.
async fn facts(client: &Client) -> Result<Database, Error> {
    client.batch_execute("set search_path = pg_catalog").await.map_err(Error::query("set the search path"))?;
    database::read(client).await
}

/// Bodies that the scripts made and nothing looks into.
async fn unmodelled(client: &Client) -> Result<Vec<String>, Error> {
    let sql = "select 'the body of procedure ' || p.oid::regprocedure as what from pg_proc p \
         where p.prokind = 'p' and p.proowner = (select r.oid from pg_roles r where r.rolname = $1) \
         union all select 'the body of function ' || p.oid::regprocedure || ' in ' || l.lanname from pg_proc p join pg_language l on l.oid = p.prolang \
         where l.lanname not in ('sql', 'plpgsql', 'internal', 'c') and p.proowner = (select r.oid from pg_roles r where r.rolname = $1) order by what";
    let doing = || Error::query("read what no rule looks at");
    client.batch_execute("set search_path = pg_catalog").await.map_err(doing())?;
    let rows = client.query(sql, &[&DEPLOYER]).await.map_err(doing())?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(doing())
}

async fn role_names(client: &Client) -> Result<BTreeSet<String>, Error> {
    names(client, "select rolname::text from pg_roles").await
}

/// The names of all types.
async fn types(client: &Client) -> Result<BTreeSet<String>, Error> {
    names(client, "select distinct typname::text from pg_type").await
}

async fn names(client: &Client, sql: &str) -> Result<BTreeSet<String>, Error> {
    let rows = client.query(sql, &[]).await.map_err(Error::query("read names"))?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(Error::query("read names"))
}

/// Every function outside of PostgreSQL's own schemas.
async fn routines(client: &Client) -> Result<Vec<Routine>, Error> {
    let sql = "select n.nspname::text, p.proname::text, coalesce(p.proargnames, '{}')::text[], \
         p.pronargs::int - p.pronargdefaults::int - (p.provariadic <> 0)::int, case when p.provariadic = 0 then p.pronargs::int end, \
         p.proowner <> (select r.oid from pg_roles r where r.rolname = $1), p.provolatile = 'v' \
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname not in ('pg_catalog', 'information_schema')";
    let doing = || Error::query("read the functions");
    let rows = client.query(sql, &[&DEPLOYER]).await.map_err(doing())?;
    let routine = |row: &tokio_postgres::Row| -> Result<Routine, tokio_postgres::Error> {
        let count = |number: i32| usize::try_from(number).unwrap_or_default();
        let arguments: Vec<String> = row.try_get(2)?;
        Ok(Routine {
            schema: row.try_get(0)?,
            name: row.try_get(1)?,
            arguments: arguments.into_iter().filter(|name| !name.is_empty()).collect(),
            minimum: count(row.try_get(3)?),
            maximum: row.try_get::<_, Option<i32>>(4)?.map(count),
            is_foreign: row.try_get(5)?,
            is_volatile: row.try_get(6)?,
        })
    };
    rows.iter().map(routine).collect::<Result<_, _>>().map_err(doing())
}
