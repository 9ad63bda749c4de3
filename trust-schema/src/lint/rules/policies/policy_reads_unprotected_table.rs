//! `policy-reads-unprotected-table`

use crate::lint::rules::shared::*;

rule! {
    "TL0223" "policy-reads-unprotected-table" Error, leak;
    "A policy reads a table that clients write without row-level security";
    why "Whoever writes the table of memberships makes themselves a member of anything.";
    mend "enable row-level security on the table that the policy reads";
    claims ["whoever_writes_memberships_joins_any_tenant"];
    bad Sql r#"create table public.members (user_id uuid, tenant_id uuid, primary key (user_id, tenant_id));
grant select, insert on public.members to authenticated;
create policy example on public.notes for select to authenticated
  using (tenant_id = any (array(select m.tenant_id from public.members m where m.user_id = (select auth.uid()))));"#;
    good Sql r#"create table public.members (user_id uuid, tenant_id uuid, primary key (user_id, tenant_id));
alter table public.members enable row level security;
grant select, insert on public.members to authenticated;
create policy example on public.notes for select to authenticated
  using (tenant_id = any (array(select m.tenant_id from public.members m where m.user_id = (select auth.uid()))));"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in &context.policies {
        for query in policy.trees().flat_map(Tree::queries) {
            for (schema, name) in query.relations.iter().filter_map(|(schema, name)| Some((schema.as_deref()?, name))) {
                let Some(view) = context.table(&QualifiedName::new(schema, name.as_str())) else { continue };
                let writes = [Privilege::Insert, Privilege::Update, Privilege::Delete];
                let open = writes.into_iter().any(|privilege| !context.untrusted_with(privilege, view.id).is_empty());
                if !view.table.row_level_security && open {
                    let message = format!("policy `{}` of `{}` reads `{}`, which clients write", policy.policy.name, policy.policy.table, view.table.name);
                    findings.add(policy.id, message);
                }
            }
        }
    }
}
