//! The proof on one database, stage by stage.

use std::cell::RefCell;
use std::time::Instant;

use tokio_postgres::Client;

use super::state::{self, State};
use super::{Attempt, Event, Problem, RegimeProof, Stage, StageProof, access, locate, raw, stages, unmodelled};
use crate::catalog::{Catalog, Object};
use crate::emit::Files;
use crate::kinds::Kind;
use crate::live::Error;
use crate::live::compare::{Expressions, compare, readable, together};
use crate::live::deploy::script::{self, Manner, Statement};
use crate::live::server::Scratch;
use crate::resolve::Resolution;
use crate::sql::identifier::quote;

/// Why nothing can follow migrations that fail.
pub const NOT_APPLIED: &str = "the migrations could not be applied";
/// Why nothing can follow rollbacks that fail.
pub const NOT_ROLLED_BACK: &str = "the rollback of the migrations did not lead back to the start";

/// What a stage found so far.
#[derive(Default)]
pub struct Findings {
    pub checks: u64,
    pub problems: Vec<Problem>,
    pub not_run: Vec<String>,
    pub attempts: Vec<Attempt>,
}

/// What all stages share.
pub struct Ground<'a> {
    pub scratch: &'a Scratch,
    /// Reads everything.
    pub administrator: Client,
    /// Runs the files.
    pub deployer: Client,
    pub resolution: &'a Resolution,
    pub files: &'a Files,
}

/// The states of the database: the first is empty, each other one is that after a migration.
type States = Vec<State>;

pub async fn run(
    platform: &str,
    scratch: &Scratch,
    resolution: &Resolution,
    files: &Files,
    report: &RefCell<&mut dyn FnMut(Event)>,
) -> Result<RegimeProof, Error> {
    let begun = Instant::now();
    let ground = Ground { scratch, administrator: scratch.connect_as_administrator().await?, deployer: scratch.connect().await?, resolution, files };
    let tell = |event: Event| {
        if let Ok(mut report) = report.try_borrow_mut() {
            report(event);
        }
    };
    let mut proof = RegimeProof { platform: platform.to_owned(), stages: Vec::new(), attempts: Vec::new(), made_by_raw: Vec::new(), milliseconds: 0 };
    let mut states: States = Vec::new();
    let mut expected = Catalog::default();
    for stage in Stage::ALL {
        tell(Event::Begun { platform: platform.to_owned(), stage });
        let mut findings = Findings::default();
        let unapplied = proof
            .stages
            .iter()
            .any(|done| matches!(done.stage, Stage::Apply | Stage::Reapply) && (!done.problems.is_empty() || !done.not_run.is_empty()));
        let unrolled = proof.stages.iter().any(|done| done.stage == Stage::Rollback && (!done.problems.is_empty() || !done.not_run.is_empty()));
        if unapplied {
            findings.not_run.push(NOT_APPLIED.to_owned());
        } else if unrolled && stage > Stage::Rollback {
            findings.not_run.push(NOT_ROLLED_BACK.to_owned());
        } else {
            match stage {
                Stage::Apply => {
                    prepare(&ground.administrator, resolution).await?;
                    expected = apply(&ground, &mut states, &mut proof.made_by_raw, &mut findings).await?;
                }
                Stage::Catalog => catalog(&ground, &expected, &states, &mut proof.made_by_raw, &mut findings).await?,
                Stage::Verify => stages::verify(&ground, &mut findings).await?,
                Stage::Smoke => stages::smoke(&ground, states.last(), &mut findings).await?,
                Stage::Operations => stages::operations(&ground, states.last(), &mut findings).await?,
                Stage::Access => access::attempt(&ground, &mut findings).await?,
                Stage::Rollback => rollback(&ground, &states, &mut findings).await?,
                Stage::Reapply => reapply(&ground, states.last(), &mut findings).await?,
                Stage::FullRollback => full_rollback(&ground, states.first(), &mut findings).await?,
            }
        }
        proof.attempts.append(&mut findings.attempts);
        let result = StageProof { stage, checks: findings.checks, problems: findings.problems, not_run: findings.not_run };
        tell(Event::Ended { platform: platform.to_owned(), result: result.clone() });
        proof.stages.push(result);
    }
    proof.milliseconds = begun.elapsed().as_millis();
    Ok(proof)
}

/// Applies all migrations to an empty database.
///
/// # Errors
/// Where one fails.
pub async fn run_migrations(scratch: &Scratch, resolution: &Resolution, files: &Files) -> Result<(), Error> {
    prepare(&scratch.connect_as_administrator().await?, resolution).await?;
    let deployer = scratch.connect().await?;
    for module in &resolution.modules {
        let path = format!("migrations/{}.sql", module.migration);
        let Some((_, text)) = files.iter().find(|(known, _)| *known == path) else { continue };
        let alone = alone(&path, text);
        let alone = alone.as_ref().map(|statements| statements.iter().map(|statement| statement.text.as_str()).collect());
        // Three messages: nothing in the file can be taken for a part of ours.
        for part in alone.unwrap_or_else(|| vec!["begin", text, "commit"]) {
            deployer.batch_execute(part).await.map_err(Error::query(format!("apply {path}")))?;
        }
    }
    Ok(())
}

/// Extensions that the platform must bring, where the emulation does not bring them.
async fn prepare(administrator: &Client, resolution: &Resolution) -> Result<(), Error> {
    for object in resolution.catalog.objects() {
        if let Object::Extension(extension) = object {
            let (name, schema) = (quote(&extension.name), quote(&extension.schema));
            let sql = format!("create schema if not exists {schema}; create extension if not exists {name} schema {schema}");
            administrator.batch_execute(&sql).await.map_err(Error::query(format!("install the extension {name}")))?;
        }
    }
    Ok(())
}

/// The statements of a file that PostgreSQL refuses to run in a transaction; what cannot be read is left to it.
fn alone(path: &str, text: &str) -> Option<Vec<Statement>> {
    let statements = script::statements(path, text).ok()?;
    statements.iter().any(|statement| statement.manner != Manner::Together).then_some(statements)
}

/// Runs a file's text as the deployer, in one transaction unless PostgreSQL refuses that.
///
/// # Errors
/// The problem, with its place.
pub async fn run_file(client: &Client, file: &str, text: &str, end: &str) -> Result<Option<Problem>, Error> {
    if let Some(statements) = alone(file, text) {
        for statement in statements {
            if let Err(error) = client.batch_execute(&statement.text).await {
                return Ok(Some(locate::problem(client, file, text, &error).await));
            }
        }
        return Ok(None);
    }
    let transaction = "select pg_catalog.pg_current_xact_id_if_assigned()::text";
    client.batch_execute("begin; select pg_catalog.pg_current_xact_id()").await.map_err(Error::query("begin a transaction"))?;
    let before: Option<String> = value(client, transaction).await?;
    if let Err(error) = client.batch_execute(text).await {
        client.batch_execute("rollback").await.map_err(Error::query("roll back"))?;
        return Ok(Some(locate::problem(client, file, text, &error).await));
    }
    if before != value(client, transaction).await? {
        client.batch_execute("rollback").await.map_err(Error::query("roll back"))?;
        let message = "the file ends the transaction in which it is run, so a failure behind that leaves half of it in force";
        return Ok(Some(Problem { place: locate::transaction_control(file, text), ..Problem::new(file, message) }));
    }
    match client.batch_execute(end).await {
        Ok(()) => Ok(None),
        Err(error) => {
            client.batch_execute("rollback").await.map_err(Error::query("roll back"))?;
            Ok(Some(Problem::new(file, format!("at the end of the transaction: {}", locate::told(&error)))))
        }
    }
}

async fn value(client: &Client, sql: &str) -> Result<Option<String>, Error> {
    let row = client.query_one(sql, &[]).await.map_err(Error::query("ask for the state of the session"))?;
    row.try_get(0).map_err(Error::query("ask for the state of the session"))
}

/// The text of a file, or a note that it is missing.
pub fn file<'f>(files: &'f Files, path: &str, findings: &mut Findings) -> Option<&'f str> {
    let text = files.iter().find(|(known, _)| *known == path).map(|(_, text)| text);
    if text.is_none() {
        findings.not_run.push(format!("there is no file {path}"));
    }
    text
}

/// Applies the migrations, keeps each state, and says what the Catalog should be: the empty database, the spec, and what raw SQL made.
async fn apply(ground: &Ground<'_>, states: &mut States, made_by_raw: &mut Vec<String>, findings: &mut Findings) -> Result<Catalog, Error> {
    let empty = state::state(&ground.administrator).await?;
    let mut expected = together(&empty.catalog, &ground.resolution.catalog);
    states.push(empty);
    for (module, steps) in ground.resolution.modules.iter().zip(&ground.resolution.plan().migrations) {
        let path = format!("migrations/{}.sql", module.migration);
        let Some(text) = file(ground.files, &path, findings) else { break };
        findings.checks += 1;
        if let Some(problem) = run_file(&ground.deployer, &path, text, "commit").await? {
            findings.problems.push(problem);
            break;
        }
        let after = state::state(&ground.administrator).await?;
        // The compiler does not read raw SQL: what is new in its migration and not of the spec is taken to be its work, and told.
        if steps.iter().any(|id| id.kind() == Kind::Raw) {
            for (id, entry) in
                after.catalog.iter().filter(|(id, _)| !expected.contains(id)).map(|(id, entry)| (id.clone(), entry.clone())).collect::<Vec<_>>()
            {
                made_by_raw.push(id.to_string());
                let _ = expected.insert(entry.object, entry.needs);
            }
        }
        states.push(after);
    }
    Ok(expected)
}

/// Compares what there is with what the spec says, and looks for what the Catalog has no word for.
async fn catalog(
    ground: &Ground<'_>,
    expected: &Catalog,
    states: &States,
    made_by_raw: &mut Vec<String>,
    findings: &mut Findings,
) -> Result<(), Error> {
    let (Some(empty), Some(applied)) = (states.first(), states.last()) else { return Ok(()) };
    findings.checks += u64::try_from(readable(expected)).unwrap_or(u64::MAX) + 1;
    let differences = compare(expected, &applied.catalog, Expressions::Masked);
    findings.problems.extend(differences.iter().map(|difference| Problem::new(difference.object().to_string(), difference.to_string())));
    let raws = expected.iter().filter(|(id, _)| made_by_raw.contains(&id.to_string()));
    findings.problems.extend(raws.filter_map(|(id, entry)| raw::problem(id, &entry.object)));
    let owner = value(&ground.deployer, "select current_user::text").await?.unwrap_or_default();
    let lines = unmodelled::lines(&empty.snapshot, &applied.snapshot, &ground.resolution.catalog, &owner);
    if ground.resolution.catalog.objects().any(|object| object.kind() == Kind::Raw) {
        made_by_raw.extend(lines.into_iter().map(|(_, line)| line.to_string()));
    } else {
        findings.problems.extend(lines.into_iter().map(unmodelled::problem));
    }
    Ok(())
}

/// Rolls back migration by migration, last first. After a step that leads elsewhere the others would only repeat it.
async fn rollback(ground: &Ground<'_>, states: &States, findings: &mut Findings) -> Result<(), Error> {
    for (module, before) in ground.resolution.modules.iter().zip(states).rev() {
        let path = format!("rollback/{}.sql", module.migration);
        let Some(text) = file(ground.files, &path, findings) else { break };
        findings.checks += 2;
        if let Some(problem) = run_file(&ground.deployer, &path, text, "commit").await? {
            findings.problems.push(problem);
            break;
        }
        let after = state::state(&ground.administrator).await?;
        let mut problems = state::problems(before, &after, &path);
        // What has been validated stays so.
        problems.retain(|problem| !(problem.message.contains(": gone: constraint") && problem.message.ends_with("NOT VALID unproved")));
        if !problems.is_empty() {
            findings.problems.extend(problems);
            break;
        }
    }
    Ok(())
}

async fn reapply(ground: &Ground<'_>, applied: Option<&State>, findings: &mut Findings) -> Result<(), Error> {
    for module in &ground.resolution.modules {
        let path = format!("migrations/{}.sql", module.migration);
        let Some(text) = file(ground.files, &path, findings) else { return Ok(()) };
        findings.checks += 1;
        if let Some(problem) = run_file(&ground.deployer, &path, text, "commit").await? {
            findings.problems.push(problem);
            return Ok(());
        }
    }
    compare_with(ground, applied, "the second run of the migrations", findings).await
}

async fn full_rollback(ground: &Ground<'_>, empty: Option<&State>, findings: &mut Findings) -> Result<(), Error> {
    let path = "rollback/full.sql";
    let Some(text) = file(ground.files, path, findings) else { return Ok(()) };
    findings.checks += 1;
    match run_file(&ground.deployer, path, text, "commit").await? {
        Some(problem) => findings.problems.push(problem),
        None => compare_with(ground, empty, path, findings).await?,
    }
    Ok(())
}

/// Compares the database with what it was.
pub async fn compare_with(ground: &Ground<'_>, before: Option<&State>, during: &str, findings: &mut Findings) -> Result<(), Error> {
    let Some(before) = before else { return Ok(()) };
    findings.checks += 1;
    findings.problems.extend(state::problems(before, &state::state(&ground.administrator).await?, during));
    Ok(())
}
