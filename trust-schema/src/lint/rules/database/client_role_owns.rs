//! `client-role-owns`

use crate::lint::rules::shared::*;

rule! {
    "TL0906" "client-role-owns" Error, leak;
    "A role of clients owns a table or view, or can act as who owns it";
    why "No policy restricts an owner unless it is forced, and an owner takes row-level security off again.";
    mend "`ALTER … OWNER TO` the role that deploys";
    claims ["policies_do_not_restrict_the_owner"];
    bad Sql r#"create table private.drafts (draft_id bigint primary key);
alter table private.drafts enable row level security;
grant authenticated to current_user;
grant create on schema private to authenticated;
alter table private.drafts owner to authenticated;
revoke create on schema private from authenticated;"#;
    good Sql r#"create table private.drafts (draft_id bigint primary key);
alter table private.drafts enable row level security;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for owned in &database.owners {
        let acts = |client: &&str| *client == owned.owner || database.memberships_of(client).any(|membership| membership.role == owned.owner);
        let clients: Vec<&str> = database.roles.iter().map(|role| role.name.as_str()).filter(|role| context.is_untrusted(role)).filter(acts).collect();
        if !clients.is_empty() {
            let kind = if owned.is_view { Kind::View } else { Kind::Table };
            findings.add(&Id::of(kind, &owned.name), format!("`{}` belongs to `{}`, as whom {} can act", owned.name, owned.owner, listed(clients)));
        }
    }
}
