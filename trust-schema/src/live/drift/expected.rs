//! What a database should hold: the migrations, run on a throw-away database, and what they have changed of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Held, Subject, held};
use crate::catalog::{Catalog, Id};
use crate::live::deploy::Stop;
use crate::live::deploy::migration::Migration;
use crate::live::prove;
use crate::live::server::{Platform, Regime, Target};
use crate::live::snapshot::Line;
use crate::sql::identifier::quote;

/// What a database should hold.
#[derive(Debug, Serialize, Deserialize)]
pub struct Expected {
    /// Everything that the throw-away database held in the end.
    pub(super) catalog: Catalog,
    /// What the migrations have made or changed.
    pub(super) own: BTreeSet<Id>,
    /// The same of what the Catalog has no word for.
    pub(super) lines: BTreeSet<Line>,
    /// All of those.
    pub(super) all_lines: BTreeSet<Line>,
}

pub(super) async fn build(target: &Target, subject: &Subject<'_>, migrations: &[&Migration]) -> Result<Expected, Stop> {
    // Both regimes of Supabase end in the same privileges.
    let platform = match subject.system.platform {
        crate::kinds::project::Platform::Supabase => Platform::Supabase(Regime::Hardened),
        crate::kinds::project::Platform::Postgresql => Platform::Plain,
    };
    let no_scratch = |error: crate::live::server::Error| Stop::new("no-scratch-database", error.to_string());
    let scratch = target.scratch(platform, &prove::roles(subject.resolution)).await.map_err(no_scratch)?;
    let administrator = scratch.connect_as_administrator().await.map_err(no_scratch)?;
    for (name, schema) in &subject.system.extensions {
        let (name, schema) = (quote(name), quote(schema));
        let sql = format!("create schema if not exists {schema}; create extension if not exists {name} schema {schema}");
        administrator.batch_execute(&sql).await.map_err(Stop::query("install an extension"))?;
    }
    let before = held(&administrator).await?;
    let deployer = scratch.connect().await.map_err(no_scratch)?;
    for migration in migrations {
        if migration.is_one_transaction() {
            for part in ["begin", &migration.file.text, "commit"] {
                deployer.batch_execute(part).await.map_err(Stop::query(&format!("run {}", migration.file.path)))?;
            }
            continue;
        }
        for statement in &migration.statements {
            deployer.batch_execute(&statement.text).await.map_err(Stop::query(&format!("run {}", migration.file.path)))?;
        }
    }
    let after = held(&administrator).await?;
    drop((administrator, deployer));
    scratch.close().await.map_err(no_scratch)?;
    Ok(what_changed(&before, after, subject))
}

fn what_changed(before: &Held, after: Held, subject: &Subject<'_>) -> Expected {
    // What the platform brings counts where the spec names it.
    let is_own = |id: &Id, object| before.catalog.get(id) != Some(object) || subject.resolution.catalog.contains(id);
    let own = after.catalog.iter().filter(|(id, entry)| is_own(id, &entry.object)).map(|(id, _)| id.clone()).collect();
    let lines = after.lines.difference(&before.lines).cloned().collect();
    Expected { catalog: after.catalog, own, lines, all_lines: after.lines }
}
