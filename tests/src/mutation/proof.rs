//! Migrations that lack a protection, applied to a project of Supabase that grants everything by itself: what the proof's comparison with the
//! Catalog and the generated verification say of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use trust_schema::catalog::Catalog;
use trust_schema::live::compare::{Expressions, compare, together};
use trust_schema::live::introspect::introspect;
use trust_schema::live::server::{Cluster, Platform, Regime};

use super::mutants::{Change, Mutant};
use super::system::{Stage, System};

/// Proves the migrations of one system.
pub struct Prover<'s> {
    system: &'s System,
    cluster: Arc<Cluster>,
    expected: Catalog,
}

const PLATFORM: Platform = Platform::Supabase(Regime::Legacy);

fn told<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

impl<'s> Prover<'s> {
    /// # Errors
    /// What the server said.
    pub async fn new(system: &'s System, cluster: Arc<Cluster>) -> Result<Prover<'s>, String> {
        let empty = cluster.scratch(PLATFORM, &[]).await.map_err(told)?;
        let client = empty.connect_as_administrator().await.map_err(told)?;
        let base = introspect(&client, None).await.map_err(told)?;
        Ok(Prover { system, cluster, expected: together(&base, &system.resolution.catalog) })
    }

    /// What the proof says of the migrations with one change, or with none.
    ///
    /// # Errors
    /// Where a query of ours fails.
    pub async fn try_out(&self, mutant: Option<&Mutant>) -> Result<(Stage, BTreeSet<String>), String> {
        let scratch = self.cluster.scratch(PLATFORM, &[]).await.map_err(told)?;
        let deployer = scratch.connect().await.map_err(told)?;
        for (path, sql) in self.system.outputs.iter().filter(|(path, _)| path.starts_with("migrations/")) {
            let changed = match mutant.map(|mutant| &mutant.change) {
                Some(Change::Migration { path: changed, edit }) if changed == path => edit.apply(sql),
                _ => sql.to_owned(),
            };
            if crate::compile::apply(&deployer, path, &changed).await.is_err() {
                return Ok((Stage::Refused, BTreeSet::from(["PostgreSQL: the migration fails".to_owned()])));
            }
        }
        let mut told_by = BTreeSet::new();
        let administrator = scratch.connect_as_administrator().await.map_err(told)?;
        let actual = introspect(&administrator, None).await.map_err(told)?;
        for difference in compare(&self.expected, &actual, Expressions::Masked) {
            told_by.insert(format!("prove: a {} differs", difference.object().kind().word()));
        }
        if let Some(assertion) = self.system.outputs.0.get("verification/assert.sql")
            && deployer.batch_execute(assertion).await.is_err()
        {
            told_by.insert("verification/assert.sql".to_owned());
        }
        drop((deployer, administrator));
        scratch.close().await.map_err(told)?;
        Ok((if told_by.is_empty() { Stage::Withstands } else { Stage::Proof }, told_by))
    }
}
