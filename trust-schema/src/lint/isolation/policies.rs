//! The policies of a spec with a declared tenancy, each with what was decided.

use super::parents::{Parents, parents};
use super::{ColumnFacts, Comparable, Ground, Membership, Parent, Verdict, decide};
use crate::kinds::column::Column;
use crate::kinds::grant::Privilege;
use crate::kinds::policy::Command;
use crate::lint::Context;
use crate::lint::context::{PolicyView, TableView};
use crate::lint::expression::{self, Tree};
use crate::operations::Tenancy;

/// The commands with the privileges that they need.
const COMMANDS: [(Command, Privilege); 4] = [
    (Command::Select, Privilege::Select),
    (Command::Insert, Privilege::Insert),
    (Command::Update, Privilege::Update),
    (Command::Delete, Privilege::Delete),
];

/// One of a policy's two conditions.
#[derive(Clone, Copy)]
enum Part {
    Seen,
    Written,
}

impl Part {
    fn of<'p>(self, policy: &'p PolicyView<'_>) -> Option<&'p Tree> {
        match self {
            Part::Seen => policy.seen(),
            Part::Written => policy.new_rows(),
        }
    }
}

/// Every permissive policy for clients on a table whose rows name tenants or users, by its place in [`Context::policies`]; nothing where no
/// tenancy is declared.
pub fn of_policies(context: &Context<'_>) -> Vec<(usize, Verdict)> {
    let Some(tenancy) = context.surroundings.tenancy else { return Vec::new() };
    let memberships: Vec<Membership<'_>> = context.tables.iter().flat_map(|view| memberships(view, tenancy)).collect();
    let mut decided = Vec::new();
    for view in context.tables.iter().filter(|view| !tenancy.shared.contains(view.id)) {
        let policies = || view.policies.iter().filter_map(|place| Some((*place, context.policies.get(*place)?)));
        if policies().next().is_none() {
            continue;
        }
        let checks: Vec<Tree> = view.checks.iter().filter_map(|check| expression::tree(check.expression.text(), &view.table.name.name)).collect();
        let untrusted: Vec<&String> = context.surroundings.api_roles.iter().filter(|role| context.is_untrusted(role)).collect();
        let parents: Vec<Parents<'_>> = untrusted.iter().map(|role| parents(context, view, tenancy, role)).collect();
        let grounds: Vec<(&str, Ground<'_>, bool)> = untrusted
            .iter()
            .zip(&parents)
            .map(|(role, parents)| {
                let ground = Ground {
                    tenant: context.tenant_column(view),
                    users: users(view, tenancy),
                    columns: view.columns.iter().map(|column| (column.name.as_str(), facts(column))).collect(),
                    context: &tenancy.context,
                    memberships: &memberships,
                    checks: &checks,
                    parents: &parents.list,
                };
                (role.as_str(), ground, parents.complete)
            })
            .collect();
        if !grounds.iter().any(|(_, ground, _)| ground.tenant.is_some() || !ground.users.is_empty() || belongs_through(ground.parents)) {
            continue;
        }
        for (place, policy) in policies().filter(|(_, policy)| policy.policy.permissive) {
            decided.extend(of_policy(context, view, policy, &grounds).map(|verdict| (place, verdict)));
        }
    }
    decided
}

/// Whether rows belong to a tenant or user through one on which they hang.
fn belongs_through(parents: &[Parent<'_>]) -> bool {
    let mut named = parents.iter().filter(|parent| !parent.shared);
    named.any(|parent| parent.tenant.is_some() || !parent.users.is_empty() || belongs_through(&parent.parents))
}

/// The worst of a policy's commands and roles; `None` where no client can use it.
fn of_policy(context: &Context<'_>, view: &TableView<'_>, policy: &PolicyView<'_>, grounds: &[(&str, Ground<'_>, bool)]) -> Option<Verdict> {
    let roles = grounds.iter().filter(|(role, _, _)| policy.policy.roles.iter().any(|to| to == role || to == "public"));
    let mut worst = None;
    for (role, ground, complete) in roles {
        // What was decided already is most of what is asked: USING for two commands.
        let mut known: Vec<(Tree, Verdict)> = Vec::new();
        for (command, _) in COMMANDS.iter().filter(|(command, privilege)| policy.is_for(*command) && context.has(role, *privilege, view.id)) {
            let narrowing: Vec<&PolicyView<'_>> = context
                .policies_of(view)
                .filter(|other| !other.policy.permissive && other.is_for(*command))
                .filter(|other| other.policy.roles.iter().any(|to| to == role || to == "public"))
                .collect();
            let seen = (*command != Command::Insert).then_some(Part::Seen);
            let written = matches!(command, Command::Insert | Command::Update).then_some(Part::Written);
            for part in seen.into_iter().chain(written) {
                let verdict = match part.of(policy) {
                    None => Verdict::Undecided,
                    Some(tree) => {
                        // One that cannot be read may let everything pass, or nothing.
                        let narrowed = narrowing.iter().map(|other| part.of(other).cloned().unwrap_or_else(|| Tree::Other(Vec::new())));
                        let whole = Tree::And(std::iter::once(tree.clone()).chain(narrowed).collect());
                        match known.iter().find(|(tree, _)| *tree == whole) {
                            Some((_, verdict)) => verdict.clone(),
                            None => {
                                let verdict = decide(&whole, ground);
                                // Somebody else may own the row whom nobody looked at.
                                let verdict = if verdict == Verdict::Proved && !complete { Verdict::Undecided } else { verdict };
                                known.push((whole, verdict.clone()));
                                verdict
                            }
                        }
                    }
                };
                worst = match (worst, verdict) {
                    (Some(refuted @ Verdict::Refuted(_)), _) | (_, refuted @ Verdict::Refuted(_)) => Some(refuted),
                    (Some(Verdict::Undecided), _) | (_, Verdict::Undecided) => Some(Verdict::Undecided),
                    (_, Verdict::Proved) => Some(Verdict::Proved),
                };
            }
        }
    }
    worst
}

/// The columns that refer to the table of users.
pub(super) fn users<'c>(view: &TableView<'c>, tenancy: &Tenancy) -> Vec<&'c str> {
    let keys = view.foreign_keys.iter().filter(|key| tenancy.names_user(key));
    let own = view.primary_key.filter(|_| view.table.name == tenancy.users).into_iter().flat_map(|key| &key.columns);
    keys.flat_map(|key| &key.columns).chain(own).map(String::as_str).collect()
}

/// Where a table refers to tenants and to users, its rows say who belongs to which.
fn memberships<'c>(view: &TableView<'c>, tenancy: &Tenancy) -> Vec<Membership<'c>> {
    let tenants = view.foreign_keys.iter().filter(|key| tenancy.names_tenant(key));
    let unique = |tenant: &str, user: &str| view.is_unique(&[tenant, user]);
    let pairs = tenants.flat_map(|key| &key.columns).flat_map(|tenant| users(view, tenancy).into_iter().map(move |user| (tenant.as_str(), user)));
    // An author's name on a row of a tenant makes no member of him; a row for each pair does.
    pairs.filter(|(tenant, user)| unique(tenant, user)).map(|(tenant, user)| Membership { table: &view.table.name, tenant, user }).collect()
}

pub(super) fn facts(column: &Column) -> ColumnFacts {
    let sized = column.data_type.starts_with("character varying(") || column.data_type.starts_with("varchar(");
    let comparable = if sized { Some(Comparable::Text) } else { Comparable::of(&column.data_type) };
    // A collation can make different texts equal.
    ColumnFacts { comparable: comparable.filter(|_| column.collation.is_none()), not_null: column.not_null }
}
