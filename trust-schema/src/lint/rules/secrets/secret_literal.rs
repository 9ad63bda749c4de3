//! `secret-literal`

use crate::lint::rules::shared::*;

rule! {
    "TL0601" "secret-literal" Error, leak;
    "A secret stands in the spec";
    why "Migrations lie in version control, logs of the server and backups: whoever reads one of them has it, and it cannot be taken back.";
    mend "take it out and replace it everywhere: it is known. Store it with the platform, such as in Vault";
    claims ["seeds_are_readable_as_statements"];
    bad Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "sk_live_4eC39HqLyjWDarjtT1zdp7dc", made_at = "2026-01-01 00:00:00+00" }]
"#;
    good Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "public", made_at = "2026-01-01 00:00:00+00" }]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter() {
        if let Some(what) = crate::lint::texts::of(&entry.object).iter().find_map(|text| secret(text)) {
            findings.add(id, format!("{id} holds {what}"));
        }
    }
}

/// Which secret a text holds.
fn secret(text: &str) -> Option<&'static str> {
    const KINDS: &[(&str, &str, usize)] = &[
        ("sk_live_", "a secret key of Stripe", 16),
        ("rk_live_", "a secret key of Stripe", 16),
        ("sb_secret_", "a secret key of Supabase", 16),
        ("ghp_", "a token of GitHub", 30),
        ("github_pat_", "a token of GitHub", 30),
        ("xoxb-", "a token of Slack", 20),
        ("AKIA", "a key of AWS", 16),
        ("AIza", "a key of Google", 30),
    ];
    let follows = |rest: &str| rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    for (prefix, what, length) in KINDS {
        if text.split(prefix).skip(1).any(|rest| follows(rest) >= *length) {
            return Some(what);
        }
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    // Three parts of base64, the first of which begins an object of JSON.
    let token = |rest: &str| {
        let mut parts = rest.split(|character: char| !(character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')));
        parts.next().is_some_and(|word| word.split('.').count() == 3 && word.split('.').all(|part| part.len() >= 10))
    };
    text.split("eyJ").skip(1).any(token).then_some("a signed token")
}
