//! The partial rollback: rows and access that go while tables and functions stay.

use std::collections::BTreeSet;

use trust_macros::Spec;

use super::Section;
use super::kill_switch::{RevocationSpec, revocation};
use crate::names::{Declaring, Lowering};
use crate::operations::PartialRollback;
use crate::spec::{Entries, Text, Words};

/// A step of the partial rollback.
#[derive(Debug, Clone, Spec)]
pub struct PartialRollbackSpec {
    /// What it undoes, and what users then see.
    pub summary: Text,
    /// Tables to empty.
    #[spec(default)]
    pub truncate: Words,
    /// Access to take away.
    #[spec(default)]
    pub revoke: Vec<RevocationSpec>,
}

impl Section for Entries<PartialRollbackSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, _) in self.iter() {
            declaring.operation("partial rollback", name);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let mut needs = BTreeSet::new();
            let tables = spec.truncate.iter().filter_map(|table| Some(lowering.own_table_reference(table, &mut needs)?.id.clone())).collect();
            let revocations = spec.revoke.iter().filter_map(|revoke| revocation(revoke, lowering)).collect();
            let rollback = PartialRollback { name: name.value.clone(), summary: spec.summary.value.clone(), truncate: tables, revocations };
            lowering.operations().partial_rollbacks.push(rollback);
        }
    }
}
