//! A database at one moment: its Catalog and everything else.

use std::collections::HashSet;

use tokio_postgres::Client;

use super::Problem;
use crate::catalog::Catalog;
use crate::live::compare::{Difference, Expressions, compare};
use crate::live::introspect::{self, BEGIN};
use crate::live::snapshot::{self, Line, Snapshot};
use crate::live::{Error, joined};

/// Everything that can be read of a database.
#[derive(Debug, Clone)]
pub struct State {
    pub catalog: Catalog,
    pub snapshot: Snapshot,
}

enum Part {
    Catalog(Catalog),
    Snapshot(Snapshot),
}

/// Reads a database, as a superuser where possible.
pub async fn state(client: &Client) -> Result<State, Error> {
    client.batch_execute(BEGIN).await.map_err(Error::query("begin to read the database"))?;
    let parts = joined::all([true, false].map(|catalog| async move {
        if catalog { introspect::read(client, None).await.map(Part::Catalog) } else { snapshot::read(client).await.map(Part::Snapshot) }
    }))
    .await;
    client.batch_execute("rollback").await.map_err(Error::query("end reading the database"))?;
    let mut state = State { catalog: Catalog::default(), snapshot: Snapshot::default() };
    for part in parts {
        match part? {
            Part::Catalog(catalog) => state.catalog = catalog,
            Part::Snapshot(snapshot) => state.snapshot = snapshot,
        }
    }
    Ok(state)
}

/// How a database differs from what it was. Both were printed by the same server, so expressions count.
pub fn problems(before: &State, after: &State, during: &str) -> Vec<Problem> {
    let mut differences = compare(&before.catalog, &after.catalog, Expressions::Compared);
    // A column that comes back stands behind the others: PostgreSQL moves none.
    differences.retain(|difference| !matches!(difference, Difference::Changed { attribute, .. } if attribute == "position"));
    let mut problems: Vec<Problem> =
        differences.iter().map(|difference| Problem::new(difference.object().to_string(), format!("after {during}: {difference}"))).collect();
    // An object that the Catalog misses has an owner and rows that are missed, too: said once.
    let told: HashSet<String> = differences
        .iter()
        .filter(|difference| !matches!(difference, Difference::Changed { .. }))
        .map(|difference| bare(difference.object().name()))
        .collect();
    let follows = |line: &Line| match line.class.as_str() {
        "rows" => told.contains(&bare(&line.name)),
        "owner" => line.name.split_once(' ').is_some_and(|(_, name)| told.contains(&bare(name))),
        _ => false,
    };
    let (gone, new) = before.snapshot.changes(&after.snapshot);
    for (lines, what) in [(gone, "gone"), (new, "not there before")] {
        problems.extend(
            lines
                .into_iter()
                .filter(|line| !follows(line))
                .map(|line| Problem::new(format!("{} {}", line.class, line.name), format!("after {during}: {what}: {line}"))),
        );
    }
    problems
}

/// Names of functions are printed with and without spaces between their arguments.
fn bare(name: &str) -> String {
    name.replace(' ', "")
}
