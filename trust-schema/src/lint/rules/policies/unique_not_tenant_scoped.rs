//! `unique-not-tenant-scoped`

use crate::lint::rules::shared::*;

rule! {
    "TL0231" "unique-not-tenant-scoped" Warn;
    "A unique constraint spans tenants";
    why "It tells one tenant that another has the value already: the insert fails with 23505, although no row is to be seen.";
    mend "put the tenant column first in the constraint";
    claims ["a_unique_constraint_tells_of_hidden_rows"];
    bad Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }
name = "text"

[table.projects.unique.projects_name_key]
columns = ["name"]
"#;
    good Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }
name = "text"

[table.projects.unique.projects_name_key]
columns = ["tenant_id", "name"]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        let Some(tenant) = context.tenant_column(view) else { continue };
        // Values that are made at random tell nothing, nor do hashes: who could make the same knows what was hashed.
        let is_hash = |column: &str| ["hash", "digest"].iter().any(|word| column.split('_').any(|part| part == *word));
        let generated = |column: &String| is_hash(column) || view.column(column).is_some_and(|column| matches!(column.data_type.as_str(), "uuid" | "bytea") || column.identity.is_some());
        let is_tenants = context.surroundings.tenancy.is_some_and(|tenancy| tenancy.tenants == view.table.name);
        let spans = |columns: &[String]| !columns.iter().any(|column| column == tenant) && !columns.iter().any(generated);
        for key in view.unique.iter().filter(|key| !is_tenants && spans(&key.columns)) {
            let id = Id::part(Kind::Unique, &view.table.name, &key.name);
            findings.add(&id, format!("unique constraint `{}` of `{}` spans tenants", key.name, view.table.name));
        }
    }
}
