//! `unresolved-placeholder`

use crate::lint::rules::shared::*;

rule! {
    "TL0606" "unresolved-placeholder" Error;
    "A placeholder was not filled in";
    why "`${NAME}` and `{{ name }}` mean nothing to PostgreSQL: the text is stored as it stands.";
    mend "write the value; a spec has no variables"
    in sql "write the value; a migration has no variables";
    claims ["a_placeholder_is_stored_as_it_stands"];
    bad Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "${ADMIN_KEY}", made_at = "2026-01-01 00:00:00+00" }]
"#;
    good Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "admin", made_at = "2026-01-01 00:00:00+00" }]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter().filter(|(id, _)| matches!(id.kind(), Kind::Seed | Kind::Column)) {
        if crate::lint::texts::of(&entry.object).iter().any(|text| has_placeholder(text)) {
            findings.add(id, format!("{id} holds a placeholder"));
        }
    }
}

fn has_placeholder(text: &str) -> bool {
    let name = |inside: &str| !inside.trim().is_empty() && inside.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let between = |open: &str, close: &str| text.split(open).skip(1).any(|rest| rest.split_once(close).is_some_and(|(inside, _)| name(inside)));
    between("${", "}") || between("{{", "}}")
}
