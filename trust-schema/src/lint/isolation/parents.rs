//! The rows on which the rows of a table hang, by its foreign keys.

use super::policies::{facts, users};
use super::{Parent, Shown};
use crate::kinds::constraint::foreign_key::ForeignKey;
use crate::kinds::grant::Privilege;
use crate::kinds::policy::Command;
use crate::lint::Context;
use crate::lint::context::TableView;
use crate::lint::expression;
use crate::operations::Tenancy;

/// How many keys one behind the other are followed.
const DEPTH: usize = 3;
/// How many rows are looked at on which one row hangs: tables with many keys lead to many tables with many keys.
const MAXIMUM: usize = 40;

/// The rows on which a row hangs.
pub struct Parents<'c> {
    pub list: Vec<Parent<'c>>,
    /// Whether these are all to whom the row can belong: otherwise nothing is proved of it.
    pub complete: bool,
}

/// Those of a table, as a role sees them.
pub fn parents<'c>(context: &'c Context<'_>, view: &'c TableView<'_>, tenancy: &'c Tenancy, role: &'c str) -> Parents<'c> {
    let mut walk = Walk { context, tenancy, role, left: MAXIMUM, complete: true, path: Vec::new() };
    let list = walk.of(view, true);
    Parents { list, complete: walk.complete }
}

struct Walk<'c, 'a> {
    context: &'c Context<'a>,
    tenancy: &'c Tenancy,
    role: &'c str,
    left: usize,
    complete: bool,
    path: Vec<&'c ForeignKey>,
}

impl<'c, 'a> Walk<'c, 'a> {
    /// `belongs`: whether the row belongs to those on which it hangs.
    fn of(&mut self, view: &'c TableView<'a>, belongs: bool) -> Vec<Parent<'c>> {
        let belongs = belongs && self.context.tenant_column(view).is_none();
        let mut parents = Vec::new();
        for key in &view.foreign_keys {
            let Some(there) = self.context.table(&key.references) else { continue };
            // A key that leads to its own table leads to no other tenant than the first step does.
            if self.path.iter().any(|known| std::ptr::eq(*known, *key)) {
                continue;
            }
            if self.left == 0 || self.path.len() >= DEPTH {
                self.complete &= !belongs;
                continue;
            }
            self.left -= 1;
            self.path.push(key);
            let further = self.of(there, belongs);
            self.path.pop();
            let pairs = key.columns.iter().zip(&key.referenced_columns);
            parents.push(Parent {
                table: &there.table.name,
                key: pairs.map(|(own, there)| (own.as_str(), there.as_str())).collect(),
                tenant: self.context.tenant_column(there),
                users: users(there, self.tenancy),
                shared: self.context.is_shared(there),
                columns: there.columns.iter().map(|column| (column.name.as_str(), facts(column))).collect(),
                checks: there.checks.iter().filter_map(|check| expression::tree(check.expression.text(), &there.table.name.name)).collect(),
                shown: shown(self.context, there, self.role),
                parents: further,
            });
        }
        parents
    }
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
