//! `default-privileges-open`

use crate::lint::rules::shared::*;

rule! {
    "TL0907" "default-privileges-open" Warn;
    "New objects are opened to clients by themselves";
    why "What default privileges grant, every later table or function has from its first moment, before anybody has thought of policies: a table that is forgotten is open.";
    mend "`ALTER DEFAULT PRIVILEGES … REVOKE`, and grant on each object what it needs";
    claims ["default_privileges_open_what_comes_later"];
    bad Sql r#"alter default privileges in schema private grant select on tables to authenticated;"#;
    good Sql r#"alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema private grant select on tables to service_role;"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(database) = context.surroundings.database else { return };
    for default in database.default_privileges.iter().filter(|default| context.is_untrusted(&default.grantee)) {
        let place = default.schema.as_ref().map(|schema| format!(" in `{schema}`")).unwrap_or_default();
        let message = format!("new {}{place} are granted to `{}`: {}", default.objects, default.grantee, default.privileges.join(", "));
        findings.add(&Id::global(Kind::Role, &default.grantee), message);
    }
}
