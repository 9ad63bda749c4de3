//! `connection-string`

use crate::lint::rules::shared::*;

rule! {
    "TL0602" "connection-string" Error, leak;
    "A connection string with a password stands in the spec";
    why "Whoever reads the migration, a log or a backup connects with it.";
    mend "take it out, change the password, and read it from the surroundings";
    claims ["seeds_are_readable_as_statements"];
    bad Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "postgres://postgres:hunter2@db.example.com:5432/postgres", made_at = "2026-01-01 00:00:00+00" }]
"#;
    good Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "postgres://db.example.com/postgres", made_at = "2026-01-01 00:00:00+00" }]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter() {
        if crate::lint::texts::of(&entry.object).iter().any(|text| has_password(text)) {
            findings.add(id, format!("{id} holds a connection string with a password"));
        }
    }
}

fn has_password(text: &str) -> bool {
    let schemes = ["postgres://", "postgresql://", "mysql://", "redis://", "amqp://", "mongodb://"];
    schemes.iter().flat_map(|scheme| text.split(scheme).skip(1)).any(|rest| {
        let authority = rest.split(|character: char| matches!(character, '/' | '?' | '\'' | '"') || character.is_whitespace()).next().unwrap_or_default();
        let credentials = authority.rsplit_once('@').map(|(credentials, _)| credentials);
        let password = credentials.and_then(|credentials| credentials.split_once(':')).map(|(_, password)| password);
        // `:$PASSWORD@` and the like stand for one.
        password.is_some_and(|password| !password.is_empty() && !password.starts_with(['$', '<', '{', '*', '%']))
    })
}
