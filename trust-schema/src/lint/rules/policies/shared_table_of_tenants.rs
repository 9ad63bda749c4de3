//! `shared-table-of-tenants`

use crate::lint::rules::shared::*;
use crate::operations::Tenancy;

rule! {
    "TL0242" "shared-table-of-tenants" Warn;
    "A table is declared to be shared by all tenants, and its rows name a tenant or user";
    why "Of shared tables no isolation is asked: neither the rules nor the attack look whether a tenant sees the rows of another one.";
    mend "take the table from `shared`; where its rows are meant for everybody, waive this";
    claims ["an_open_policy_shows_everything"];
    bad Shared r#"[table.plans]
primary_key = ["plan_id"]

[table.plans.columns]
plan_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }

[table.plans.index.plans_tenant_idx]
columns = ["tenant_id"]
"#;
    good Shared r#"[table.plans]
primary_key = ["plan_id"]

[table.plans.columns]
plan_id = "uuid"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(tenancy) = context.surroundings.tenancy else { return };
    for view in context.tables.iter().filter(|view| tenancy.shared.contains(view.id)) {
        if let Some(whose) = names(context, tenancy, view, 0) {
            findings.add(view.id, format!("`{}` is declared shared, and its rows name a {whose}", view.table.name));
        }
    }
}

/// How many keys one behind the other are followed.
const DEPTH: usize = 8;

/// Whom the rows of a table name, by a key or by what a key leads to.
fn names(context: &Context<'_>, tenancy: &Tenancy, view: &TableView<'_>, depth: usize) -> Option<&'static str> {
    if view.table.name == tenancy.tenants || view.foreign_keys.iter().any(|key| key.references == tenancy.tenants) {
        return Some("tenant");
    }
    if view.table.name == tenancy.users || view.foreign_keys.iter().any(|key| key.references == tenancy.users) {
        return Some("user");
    }
    let mut others = view.foreign_keys.iter().filter(|key| depth < DEPTH && key.references != view.table.name);
    others.find_map(|key| names(context, tenancy, context.table(&key.references)?, depth + 1))
}
