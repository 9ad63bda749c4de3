//! Migrations that lack a protection, applied to a project of Supabase that grants everything by itself: what the proof's comparison with the
//! Catalog and the generated verification say of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use trust_schema::catalog::Catalog;
use trust_schema::live::compare::{Expressions, compare, together};
use trust_schema::live::introspect::introspect;
use trust_schema::live::server::{Cluster, Regime};
use trust_schema::live::snapshot::{Snapshot, snapshot};

use super::database::{platform, roles};
use super::mutants::{Change, Mutant};
use super::system::{Stage, System};

/// Proves the migrations of one system.
pub struct Prover<'s> {
    system: &'s System,
    cluster: Arc<Cluster>,
    expected: Catalog,
    /// Everything else that the migrations make.
    fingerprint: Snapshot,
}

fn told<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

impl<'s> Prover<'s> {
    /// # Errors
    /// What the server said.
    pub async fn new(system: &'s System, cluster: Arc<Cluster>) -> Result<Prover<'s>, String> {
        let empty = cluster.scratch(platform(system, Regime::Legacy), &roles(system)).await.map_err(told)?;
        let client = empty.connect_as_administrator().await.map_err(told)?;
        let base = introspect(&client, None).await.map_err(told)?;
        drop((client, empty));
        let mut prover = Prover { system, cluster, expected: together(&base, &system.resolution.catalog), fingerprint: Snapshot::default() };
        let made = prover.make(None).await?.ok_or("the migrations of the original fail")?;
        prover.fingerprint = made.1;
        Ok(prover)
    }

    /// The state that the migrations lead to, and whether the generated verification fails; none where one of them fails.
    async fn make(&self, mutant: Option<&Mutant>) -> Result<Option<(Catalog, Snapshot, bool)>, String> {
        let scratch = self.cluster.scratch(platform(self.system, Regime::Legacy), &roles(self.system)).await.map_err(told)?;
        let deployer = scratch.connect().await.map_err(told)?;
        for (path, sql) in self.system.outputs.iter().filter(|(path, _)| path.starts_with("migrations/")) {
            let changed = match mutant.map(|mutant| &mutant.change) {
                Some(Change::Migration { path: changed, edit }) if changed == path => edit.apply(sql),
                _ => sql.to_owned(),
            };
            if crate::compile::apply(&deployer, path, &changed).await.is_err() {
                return Ok(None);
            }
        }
        let administrator = scratch.connect_as_administrator().await.map_err(told)?;
        let actual = introspect(&administrator, None).await.map_err(told)?;
        let mut fingerprint = snapshot(&administrator).await.map_err(told)?;
        // The database itself has another name each time.
        fingerprint.lines.retain(|line| !line.name.contains(scratch.name()));
        let assertion = self.system.outputs.0.get("verification/assert.sql");
        let mut fails = false;
        if let Some(assertion) = assertion {
            fails = deployer.batch_execute(assertion).await.is_err();
        }
        drop((deployer, administrator));
        scratch.close().await.map_err(told)?;
        Ok(Some((actual, fingerprint, fails)))
    }

    /// What the proof says of the migrations with one change.
    ///
    /// # Errors
    /// Where a query of ours fails.
    pub async fn try_out(&self, mutant: &Mutant) -> Result<(Stage, BTreeSet<String>), String> {
        let Some((actual, fingerprint, fails)) = self.make(Some(mutant)).await? else {
            return Ok((Stage::Refused, BTreeSet::from(["PostgreSQL: the migration fails".to_owned()])));
        };
        let differences = compare(&self.expected, &actual, Expressions::Masked);
        let mut by: BTreeSet<String> =
            differences.iter().map(|difference| format!("prove: a {} differs", difference.object().kind().word())).collect();
        if fails {
            by.insert("verification/assert.sql".to_owned());
        }
        Ok(match (by.is_empty(), fingerprint == self.fingerprint) {
            (false, _) => (Stage::Proof, by),
            (true, true) => (Stage::Same, by),
            (true, false) => (Stage::Withstands, by),
        })
    }
}
