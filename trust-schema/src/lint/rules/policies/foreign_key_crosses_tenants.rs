//! `foreign-key-crosses-tenants`

use crate::lint::rules::shared::*;

rule! {
    "TL0232" "foreign-key-crosses-tenants" Error;
    "A row may refer to a row of another tenant";
    why "Foreign keys are checked without policies: PostgreSQL accepts a reference to a row that the caller does not see.";
    mend "refer by the tenant column and the key, `columns` and `referenced_columns` in the same order";
    claims ["a_foreign_key_accepts_a_row_of_another_tenant", "a_composite_foreign_key_keeps_tenants_apart"];
    bad Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }

[table.projects.unique.projects_tenant_key]
columns = ["tenant_id", "project_id"]

[table.tasks]
primary_key = ["task_id"]

[table.tasks.columns]
task_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }
project_id = { type = "uuid", references = "projects" }
"#;
    good Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }

[table.projects.unique.projects_tenant_key]
columns = ["tenant_id", "project_id"]

[table.tasks]
primary_key = ["task_id"]

[table.tasks.columns]
task_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }
project_id = "uuid"

[table.tasks.foreign_key.tasks_project_fkey]
columns            = ["tenant_id", "project_id"]
references         = "projects"
referenced_columns = ["tenant_id", "project_id"]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        let Some(tenant) = context.tenant_column(view) else { continue };
        for key in &view.foreign_keys {
            let Some(other) = context.table(&key.references) else { continue };
            let is_tenants = context.surroundings.tenancy.is_some_and(|tenancy| tenancy.tenants == key.references);
            let Some(other_tenant) = context.tenant_column(other) else { continue };
            let pairs = key.columns.iter().zip(&key.referenced_columns);
            let kept_apart = pairs.into_iter().any(|(column, referenced)| column == tenant && referenced == other_tenant);
            if !is_tenants && !kept_apart {
                let id = Id::part(Kind::ForeignKey, &view.table.name, &key.name);
                findings.add(&id, format!("a row of `{}` may refer to a row of `{}` of another tenant", view.table.name, other.table.name));
            }
        }
    }
}
