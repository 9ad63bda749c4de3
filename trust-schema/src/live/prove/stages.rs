//! The generated checks: verification, smoke tests, kill switches and partial rollbacks.

use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::Problem;
use super::locate;
use super::run::{Findings, Ground, compare_with, file, run_file};
use super::state::State;
use crate::live::Error;

const VERIFY: &str = crate::emit::verification::WHOLE;
const ASSERT: &str = "verification/assert.sql";
const SMOKE: &str = "verification/smoke/";

/// Runs the verification: queries of which every row must have passed, and the same as an assertion.
pub async fn verify(ground: &Ground<'_>, findings: &mut Findings) -> Result<(), Error> {
    let Some(text) = file(ground.files, VERIFY, findings) else { return Ok(()) };
    verify_file(ground, VERIFY, text, findings).await?;
    // What was released is verified by what it was then.
    let released = ground.resolution.pending.as_ref().map_or(0, |pending| pending.released.release.migrations.len());
    for module in ground.resolution.modules.iter().skip(released) {
        let path = format!("verification/{}.sql", module.migration);
        if let Some((_, text)) = ground.files.iter().find(|(known, _)| *known == path) {
            verify_file(ground, &path, text, findings).await?;
        }
    }
    if let Some((_, text)) = ground.files.iter().find(|(known, _)| *known == ASSERT) {
        findings.checks += 1;
        findings.problems.extend(run_file(&ground.deployer, ASSERT, text, "rollback").await?);
    }
    Ok(())
}

async fn verify_file(ground: &Ground<'_>, path: &str, text: &str, findings: &mut Findings) -> Result<(), Error> {
    let messages = match ground.deployer.simple_query(text).await {
        Ok(messages) => messages,
        Err(error) => {
            findings.problems.push(locate::problem(&ground.deployer, path, text, &error).await);
            return Ok(());
        }
    };
    let before = findings.checks;
    let rows = messages.iter().filter_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None });
    for row in rows {
        findings.checks += 1;
        let value = |column: &str| text_of(row, column);
        // Anything but a plain yes is a no.
        if value("passed") != "t" {
            let message = format!("{path}: {}: expected {}, found {}", value("check"), value("expected"), value("actual"));
            findings.problems.push(Problem::new(value("object"), message));
        }
    }
    if findings.checks == before && path == VERIFY {
        findings.problems.push(Problem::new(path, "it checked nothing"));
    }
    Ok(())
}

/// A value by the name of its column; the driver's own look-up panics on an unknown one.
fn text_of(row: &SimpleQueryRow, column: &str) -> String {
    let place = row.columns().iter().position(|known| known.name() == column);
    place.and_then(|place| row.try_get(place).ok().flatten()).unwrap_or("nothing").to_owned()
}

/// Runs the smoke tests, each by itself, and compares the database with what it was.
pub async fn smoke(ground: &Ground<'_>, applied: Option<&State>, findings: &mut Findings) -> Result<(), Error> {
    let tests: Vec<(&str, &str)> = ground.files.iter().filter(|(path, _)| path.starts_with(SMOKE) && path.ends_with(".sql")).collect();
    let declared = ground.resolution.operations.smoke_tests.len();
    if tests.len() < declared {
        findings.not_run.push(format!("there are {} files in {SMOKE} for {declared} smoke tests", tests.len()));
    }
    for (path, text) in &tests {
        findings.checks += 1;
        if let Err(error) = ground.deployer.batch_execute(text).await {
            // Outside of a transaction a failing block undoes itself; inside of one the session would be lost.
            ground.deployer.batch_execute("rollback").await.map_err(Error::query("roll back"))?;
            let place = Some(locate::place(path, text, 0));
            findings.problems.push(Problem { place, ..Problem::new(*path, locate::told(&error)) });
        }
    }
    if tests.is_empty() { Ok(()) } else { compare_with(ground, applied, "the smoke tests", findings).await }
}

/// Runs kill switches and the partial rollback in transactions that are rolled back.
pub async fn operations(ground: &Ground<'_>, applied: Option<&State>, findings: &mut Findings) -> Result<(), Error> {
    let operations = &ground.resolution.operations;
    let wanted = [("kill_switch.sql", operations.kill_switches.is_empty()), ("partial.sql", operations.partial_rollbacks.is_empty())];
    let mut run = false;
    for (name, none_declared) in wanted {
        // Beside the file of all there may be one for each, in a folder of its own.
        let each = format!("/{}es/", name.trim_end_matches(".sql"));
        let found: Vec<(&str, &str)> =
            ground.files.iter().filter(|(path, _)| path.rsplit('/').next() == Some(name) || path.contains(&each)).collect();
        if found.is_empty() && !none_declared {
            findings.not_run.push(format!("there is no file {name}"));
        }
        for (path, text) in found {
            run = true;
            findings.checks += 1;
            findings.problems.extend(run_file(&ground.deployer, path, text, "rollback").await?);
        }
    }
    if run { compare_with(ground, applied, "kill switches and partial rollbacks that were rolled back", findings).await } else { Ok(()) }
}
