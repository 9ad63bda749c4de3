//! `grant-without-policy`

use crate::lint::rules::shared::*;

rule! {
    "TL0103" "grant-without-policy" Warn;
    "A role may do something with a table, but no policy lets it";
    why "Without a permissive policy for the role and the command PostgreSQL shows no row and accepts none, without an error for reads: the grant is dead, or a policy is missing.";
    mend "write a permissive policy for the role and the command, or take the privilege away";
    claims ["no_policy_shows_no_row"];
    bad Spec r#"[table.notes.access]
authenticated = ["select"]
"#;
    good Spec r#"[table.notes.access]
authenticated = ["select"]

[table.notes.policy.own]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let commands = [
        (Privilege::Select, Command::Select),
        (Privilege::Insert, Command::Insert),
        (Privilege::Update, Command::Update),
        (Privilege::Delete, Command::Delete),
    ];
    for view in context.tables.iter().filter(|view| view.table.row_level_security) {
        for (id, grant) in context.grants_on(view.id).filter(|(_, grant)| context.is_untrusted(&grant.grantee)) {
            for (privilege, command) in commands {
                let granted = grant.privileges.contains(&privilege) || grant.columns.values().any(|privileges| privileges.contains(&privilege));
                let allows = |policy: &&PolicyView<'_>| {
                    let is_for_role = grant.grantee == "public" || policy.policy.roles.iter().any(|role| *role == grant.grantee || role == "public");
                    policy.policy.permissive && policy.is_for(command) && is_for_role
                };
                if granted && context.policies_of(view).find(allows).is_none() {
                    let (role, table) = (&grant.grantee, &view.table.name);
                    findings.add(id, format!("`{role}` may {} `{table}`, but no policy lets it", privilege.keyword().to_lowercase()));
                }
            }
        }
    }
}
