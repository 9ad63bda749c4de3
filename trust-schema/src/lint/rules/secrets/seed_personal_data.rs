//! `seed-personal-data`

use crate::lint::rules::shared::*;

rule! {
    "TL0603" "seed-personal-data" Warn;
    "A seed holds an address that could be somebody's";
    why "Seeds run in every environment. Addresses for examples end in `example.com`, `example.org`, `.test` or `.invalid` (RFC 2606).";
    mend "use an address of `example.com`";
    claims ["seeds_are_readable_as_statements"];
    bad Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "anna@gmail.com", made_at = "2026-01-01 00:00:00+00" }]
"#;
    good Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "anna@example.com", made_at = "2026-01-01 00:00:00+00" }]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter().filter(|(id, _)| id.kind() == Kind::Seed) {
        if let Some(address) = crate::lint::texts::of(&entry.object).iter().find_map(|text| address(text)) {
            findings.add(id, format!("{id} holds the address of somebody at `{address}`"));
        }
    }
}

/// The domain of an address that is not reserved for examples.
fn address(text: &str) -> Option<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | '+');
    text.match_indices('@').find_map(|(at, _)| {
        let before = text.get(..at)?.chars().next_back().is_some_and(is_part);
        let domain: String = text.get(at + 1..)?.chars().take_while(|character| is_part(*character)).collect();
        let domain = domain.trim_matches('.').to_lowercase();
        let reserved = ["example.com", "example.org", "example.net", "example", "test", "invalid", "localhost", "local"];
        let is_reserved = reserved.iter().any(|name| domain == *name || domain.ends_with(&format!(".{name}")));
        (before && domain.contains('.') && !is_reserved).then_some(domain)
    })
}
