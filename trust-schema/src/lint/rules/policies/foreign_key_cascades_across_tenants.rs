//! `foreign-key-cascades-across-tenants`

use crate::lint::rules::shared::*;

rule! {
    "TL0233" "foreign-key-cascades-across-tenants" Error, leak;
    "Deleting a row changes rows of another tenant";
    why "Cascades run as the owner of the table and past all policies, also forced ones: who deletes their own row deletes what others hung on it.";
    mend "refer by the tenant column and the key, so that no row of another tenant can hang on it";
    claims ["a_cascade_deletes_hidden_rows"];
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
project_id = { type = "uuid", references = "projects", on_delete = "cascade" }
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
on_delete          = "cascade"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    use crate::kinds::constraint::foreign_key::Action;
    for view in &context.tables {
        let Some(tenant) = context.tenant_column(view) else { continue };
        for key in view.foreign_keys.iter().filter(|key| matches!(key.on_delete, Action::Cascade | Action::SetNull | Action::SetDefault)) {
            let Some(other) = context.table(&key.references) else { continue };
            let is_tenants = context.surroundings.tenancy.is_some_and(|tenancy| tenancy.tenants == key.references);
            if context.tenant_column(other).is_some() && !is_tenants && !key.columns.iter().any(|column| column == tenant) {
                let id = Id::part(Kind::ForeignKey, &view.table.name, &key.name);
                findings.add(&id, format!("deleting a row of `{}` changes rows of `{}` of other tenants", other.table.name, view.table.name));
            }
        }
    }
}
