//! `[tenancy] floor`: the restrictive policies that stand beneath all others.
//!
//! Permissive policies add up, so each new one could open rows of other tenants; a restrictive one holds whatever is added.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Expression, Id, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::Kind;
use crate::kinds::policy::{Command, Policy};
use crate::names::{Names, Output};
use crate::sql::identifier::quote;

/// The name of each of these policies.
const NAME: &str = "tenant_floor";

/// A table of tenants: the column that names one, and the roles whom its permissive policies let in.
#[derive(Default)]
struct Floored {
    column: Option<String>,
    roles: BTreeSet<String>,
}

/// Adds the policy to every table that names a tenant and lets clients in, unless it is `shared`.
pub fn add(names: &Names, output: &mut Output, diagnostics: &mut Vec<Diagnostic>) {
    let Some(tenancy) = &output.operations.tenancy else { return };
    let Some(floor) = &tenancy.floor else { return };
    let bypassing: BTreeSet<&str> = names.bypassing_roles().collect();
    let mut tables: BTreeMap<&QualifiedName, Floored> = BTreeMap::new();
    for object in output.catalog.objects() {
        match object {
            Object::PrimaryKey(key) if key.table == tenancy.tenants => tables.entry(&key.table).or_default().column = key.columns.first().cloned(),
            Object::ForeignKey(key) if tenancy.names_tenant(key) && key.table != tenancy.tenants => {
                let column = &mut tables.entry(&key.table).or_default().column;
                // Of several, the first is the one that rules and reports take, too.
                *column = column.take().or_else(|| key.columns.first().cloned());
            }
            Object::Policy(policy) if policy.permissive => {
                let roles = policy.roles.iter().filter(|role| !bypassing.contains(role.as_str()));
                tables.entry(&policy.table).or_default().roles.extend(roles.cloned());
            }
            _ => {}
        }
    }
    let policies: Vec<Policy> = tables
        .into_iter()
        .filter(|(table, floored)| !floored.roles.is_empty() && !tenancy.shared.contains(&Id::of(Kind::Table, table)))
        .filter_map(|(table, floored)| {
            let using = Expression::checked(format!("{} = any (array(select {}()))", quote(&floored.column?), floor.name));
            Some(Policy {
                table: table.clone(),
                name: NAME.to_owned(),
                command: Command::All,
                permissive: false,
                roles: floored.roles.into_iter().collect(),
                using: Some(using),
                check: None,
            })
        })
        .collect();
    let needs = BTreeSet::from([floor.function.clone()]);
    for policy in policies {
        // It belongs where its table does: before that there is nothing to protect, and afterwards there would be a gap.
        let Some(origin) = output.origins.get(&Id::of(Kind::Table, &policy.table)).cloned() else { continue };
        let table = policy.table.clone();
        match output.catalog.insert(Object::Policy(policy), needs.clone()) {
            Ok(id) => {
                output.origins.insert(id, origin);
            }
            Err(id) => {
                let message = format!("policy `{NAME}` of `{table}` is the one that `floor` of `[tenancy]` makes");
                let span = output.origins.get(&id).map_or(origin.span, |own| own.span);
                diagnostics.push(Diagnostic::error(&codes::DUPLICATE_NAME, message, span).help("name it otherwise, or remove it"));
            }
        }
    }
}
