//! `seed-nondeterministic`

use crate::lint::rules::shared::*;

rule! {
    "TL0604" "seed-nondeterministic" Warn;
    "A seed computes a value anew each time";
    why "Where the row is updated on conflict, every deployment changes it: environments differ, and so do two runs.";
    mend "write the value, or leave the column to its default";
    claims ["a_seed_with_now_changes_each_time"];
    bad Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "a", made_at = { sql = "now()" } }]
"#;
    good Spec r#"[table.keys]
primary_key = ["key_id"]
columns = { key_id = "integer", value = "text", made_at = "timestamptz" }

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "a", made_at = "2026-01-01 00:00:00+00" }]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    const CHANGING: &[&str] = &["now", "random", "gen_random_uuid", "clock_timestamp", "current_timestamp", "statement_timestamp", "nextval", "uuidv7"];
    for (id, entry) in context.catalog.iter() {
        let Object::Seed(seed) = &entry.object else { continue };
        let changes = |text: &str| words::words(text).iter().any(|word| CHANGING.contains(&word.trim_start_matches('.')));
        if seed.rows.iter().flatten().flatten().any(|value| changes(value.text())) {
            findings.add(id, format!("seed `{}` computes a value anew each time", seed.name));
        }
    }
}
