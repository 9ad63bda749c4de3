//! `client-role-bypasses`

use crate::lint::rules::shared::*;

rule! {
    "TL0905" "client-role-bypasses" Error, leak;
    "A role of clients can act as one that no policy restricts";
    why "A member of a role does what the role may do, at once or after SET ROLE: no policy of any table holds for it.";
    mend "revoke the membership";
    claims ["a_member_acts_as_the_role"];
    bad Sql r#"create role reporting noinherit;
grant service_role to reporting;
grant reporting to authenticated;"#;
    good Sql r#"create role reporting noinherit;
grant reporting to authenticated;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for client in database.roles.iter().filter(|role| context.is_untrusted(&role.name)) {
        let is_free = |name: &str| database.role(name).is_some_and(|role| role.is_superuser || role.bypasses_row_security);
        // What reads or writes all data is no less.
        let reaches = |name: &str| is_free(name) || matches!(name, "pg_read_all_data" | "pg_write_all_data" | "pg_execute_server_program" | "pg_write_server_files");
        let roles: Vec<&str> = database.memberships_of(&client.name).map(|membership| membership.role.as_str()).filter(|role| reaches(role)).collect();
        if !roles.is_empty() {
            findings.add(&Id::global(Kind::Role, &client.name), format!("`{}` can act as {}", client.name, listed(roles)));
        }
    }
}
