//! `tenant-not-leading-in-index`

use crate::lint::rules::shared::*;

rule! {
    "TL0518" "tenant-not-leading-in-index" Warn;
    "The tenant stands in an index, but not first";
    why "Policies and queries select by tenant: PostgreSQL reads the rows of all tenants in the order of the first column.";
    mend "put the tenant column first";
    claims ["an_index_serves_from_its_first_column"];
    bad Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id = "uuid"
tenant_id = { type = "uuid", references = "tenants" }
made_at = "timestamptz"

[table.projects.index.projects_idx]
columns = ["made_at", "tenant_id"]
"#;
    good Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id = "uuid"
tenant_id = { type = "uuid", references = "tenants" }
made_at = "timestamptz"

[table.projects.index.projects_idx]
columns = ["tenant_id", "made_at"]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    use crate::kinds::index::Key;
    for view in &context.tables {
        let Some(tenant) = context.tenant_column(view) else { continue };
        for (id, index) in &view.indexes {
            let mut keys = index.elements.iter().map(|element| matches!(&element.key, Key::Column(column) if column == tenant));
            if keys.next() == Some(false) && keys.any(|is_tenant| is_tenant) {
                findings.add(id, format!("index `{}` of `{}` does not begin with `{tenant}`", index.name, view.table.name));
            }
        }
    }
}
