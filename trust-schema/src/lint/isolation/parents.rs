//! The rows on which the rows of a table hang, by its foreign keys.

use super::policies::{facts, users};
use super::{Parent, Shown};
use crate::kinds::grant::Privilege;
use crate::kinds::policy::Command;
use crate::lint::Context;
use crate::lint::context::TableView;
use crate::lint::expression;
use crate::operations::Tenancy;

/// How many keys one behind the other are followed.
const DEPTH: usize = 3;

/// Those of a table, as a role sees them.
pub fn parents<'c>(context: &'c Context<'_>, view: &'c TableView<'_>, tenancy: &'c Tenancy, role: &str) -> Vec<Parent<'c>> {
    to_depth(context, view, tenancy, role, DEPTH)
}

fn to_depth<'c>(context: &'c Context<'_>, view: &'c TableView<'_>, tenancy: &'c Tenancy, role: &str, depth: usize) -> Vec<Parent<'c>> {
    let mut parents = Vec::new();
    for key in view.foreign_keys.iter().filter(|_| depth > 0) {
        let Some(there) = context.table(&key.references) else { continue };
        let pairs = key.columns.iter().zip(&key.referenced_columns);
        parents.push(Parent {
            table: &there.table.name,
            key: pairs.map(|(own, there)| (own.as_str(), there.as_str())).collect(),
            tenant: context.tenant_column(there),
            users: users(there, tenancy),
            shared: context.is_shared(there),
            columns: there.columns.iter().map(|column| (column.name.as_str(), facts(column))).collect(),
            checks: there.checks.iter().filter_map(|check| expression::tree(check.expression.text(), &there.table.name.name)).collect(),
            shown: shown(context, there, role),
            parents: to_depth(context, there, tenancy, role, depth - 1),
        });
    }
    parents
}

/// Which rows a sub-query of the role shows.
fn shown<'c>(context: &'c Context<'_>, view: &'c TableView<'_>, role: &str) -> Shown<'c> {
    // Without the privilege the query fails, whatever else it asks.
    if !context.has(role, Privilege::Select, view.id) {
        return Shown::Unknown;
    }
    if !view.table.row_level_security {
        return Shown::All;
    }
    let (mut permissive, mut restrictive) = (Vec::new(), Vec::new());
    for policy in context.policies_of(view).filter(|policy| policy.is_for(Command::Select)) {
        if policy.policy.roles.iter().any(|to| to == role || to == "public") {
            let list = if policy.policy.permissive { &mut permissive } else { &mut restrictive };
            list.push(policy.seen());
        }
    }
    Shown::Policies { permissive, restrictive }
}
