//! `tenant-column-mutable`

use crate::lint::rules::shared::*;

rule! {
    "TL0234" "tenant-column-mutable" Error, leak;
    "Clients may move a row to another tenant";
    why "Who belongs to two tenants moves rows from one to the other, past everything that was decided for the first.";
    mend "grant UPDATE on the other columns only: name them in `access`";
    claims ["who_belongs_to_two_tenants_moves_rows"];
    bad Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }
name = "text"

[table.projects.access]
authenticated = ["update"]
"#;
    good Tenancy r#"[table.projects]
primary_key = ["project_id"]

[table.projects.columns]
project_id   = "uuid"
tenant_id = { type = "uuid", references = "tenants" }
name = "text"

[table.projects.access]
authenticated = { update = ["name"] }
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for view in &context.tables {
        let Some(tenant) = context.tenant_column(view).filter(|_| !context.is_shared(view)) else { continue };
        for (id, grant) in context.grants_on(view.id).filter(|(_, grant)| context.is_untrusted(&grant.grantee)) {
            let on_column = grant.columns.get(tenant).is_some_and(|privileges| privileges.contains(&Privilege::Update));
            if grant.privileges.contains(&Privilege::Update) || on_column {
                findings.add(id, format!("`{}` may move rows of `{}` to another tenant", grant.grantee, view.table.name));
            }
        }
    }
}
