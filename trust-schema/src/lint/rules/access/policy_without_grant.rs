//! `policy-without-grant`

use crate::lint::rules::shared::*;

rule! {
    "TL0104" "policy-without-grant" Warn;
    "A policy is for a role that may not do what it allows";
    why "PostgreSQL asks for the privilege first and answers 42501 without looking at the policy: it is dead, or a grant is missing.";
    mend "grant the privilege to the role, or remove the policy";
    claims ["policies_grant_nothing"];
    bad Spec r#"[table.notes.policy.own]
command = "select"
to      = ["authenticated"]
using   = "owner_id = (select auth.uid())"
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
    for policy in context.policies.iter().filter(|policy| policy.policy.permissive) {
        let Some(view) = context.table_of(policy) else { continue };
        let privileges: &[Privilege] = match policy.policy.command {
            Command::All => &[Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Delete],
            Command::Select => &[Privilege::Select],
            Command::Insert => &[Privilege::Insert],
            Command::Update => &[Privilege::Update],
            Command::Delete => &[Privilege::Delete],
        };
        for role in policy.policy.roles.iter().filter(|role| context.surroundings.api_roles.contains(role) && !context.is_bypassing(role)) {
            if !privileges.iter().any(|privilege| context.has(role, *privilege, view.id)) {
                let (name, table) = (&policy.policy.name, &view.table.name);
                findings.add(policy.id, format!("policy `{name}` is for `{role}`, which has no such privilege on `{table}`"));
            }
        }
    }
}
