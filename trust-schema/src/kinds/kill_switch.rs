//! Kill switches: what turns a capability off at once, without a deployment.

use std::collections::BTreeSet;

use trust_macros::Spec;

use super::Section;
use super::literal::Literal;
use crate::catalog::Id;
use crate::diagnostic::{Diagnostic, codes};
use crate::names::{Declaring, Lowering, Relation, Scope};
use crate::operations::{Assignment, KillSwitch, Revocation};
use crate::spec::{Entries, SqlText, Text, Words};
use crate::sql::identifier::quote;

/// A kill switch.
#[derive(Debug, Clone, Spec)]
pub struct KillSwitchSpec {
    /// What it turns off, and what users then see.
    pub summary: Text,
    /// Columns to set.
    #[spec(default)]
    pub set: Vec<AssignmentSpec>,
    /// Access to take away.
    #[spec(default)]
    pub revoke: Vec<RevocationSpec>,
}

/// Columns of a table to set.
#[derive(Debug, Clone, Spec)]
pub struct AssignmentSpec {
    /// The table.
    pub table: Text,
    /// Column = value.
    pub values: Entries<Literal>,
    /// SQL that selects the rows; all by default.
    #[spec(key = "where")]
    pub condition: Option<SqlText>,
}

/// Access to take away: to a function or to a table.
#[derive(Debug, Clone, Spec)]
pub struct RevocationSpec {
    /// A function whose EXECUTE is revoked.
    pub function: Option<Text>,
    /// A table of which everything is revoked.
    pub table: Option<Text>,
    /// The roles that lose it.
    pub from: Words,
}

impl Section for Entries<KillSwitchSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, _) in self.iter() {
            declaring.operation("kill switch", name);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let assignments = spec.set.iter().filter_map(|set| assignment(set, lowering)).collect();
            let revocations = spec.revoke.iter().filter_map(|revoke| revocation(revoke, lowering)).collect();
            let switch = KillSwitch { name: name.value.clone(), summary: spec.summary.value.clone(), assignments, revocations };
            lowering.operations().kill_switches.push(switch);
        }
    }
}

fn assignment(spec: &AssignmentSpec, lowering: &mut Lowering<'_>) -> Option<Assignment> {
    let mut needs = BTreeSet::new();
    let relation: &Relation = lowering.own_table_reference(&spec.table, &mut needs)?;
    let mut sets = Vec::new();
    for (column, value) in spec.values.iter() {
        let expression = lowering.column_value(relation, column, value, &Scope::Row(relation), &mut needs)?;
        sets.push((quote(&column.value).into_owned(), expression.text().to_owned()));
    }
    let condition = match &spec.condition {
        Some(condition) => Some(lowering.expression(&condition.0, &Scope::Row(relation), &mut needs)?.text().to_owned()),
        None => None,
    };
    // Without a condition, rows that are off already stay untouched, so that the switch can be thrown again at no cost.
    let changed = sets.iter().map(|(column, value)| format!("{column} IS DISTINCT FROM {value}")).collect::<Vec<_>>().join(" OR ");
    let condition = condition.map_or(changed, |condition| format!("({condition})"));
    Some(Assignment { table: relation.name.clone(), values: sets, condition })
}

/// Resolves a revocation; also used by the partial rollback.
pub fn revocation(spec: &RevocationSpec, lowering: &mut Lowering<'_>) -> Option<Revocation> {
    let mut needs = BTreeSet::new();
    let target: Id = match (&spec.function, &spec.table) {
        (Some(function), None) => lowering.single_function(function)?,
        (None, Some(table)) => {
            let relation = lowering.table_reference(table, &mut needs)?;
            if relation.external {
                let message = format!("table `{}` belongs to the platform", relation.name);
                lowering.report(Diagnostic::error(&codes::NOT_OURS, message, table.span));
                return None;
            }
            relation.id.clone()
        }
        (Some(both), Some(_)) => {
            lowering
                .report(Diagnostic::error(&codes::CONTRADICTION, "a revocation names a function and a table", both.span).help("write two of them"));
            return None;
        }
        (None, None) => {
            let span = spec.from.first().map(|role| role.span)?;
            lowering.report(Diagnostic::error(&codes::MISSING_KEY, "a revocation names a `function` or a `table`", span));
            return None;
        }
    };
    let roles = spec.from.iter().filter_map(|role| lowering.role(role)).collect();
    Some(Revocation { target, roles })
}
