//! `seed-identity-override`

use crate::lint::rules::shared::*;

rule! {
    "TL0605" "seed-identity-override" Warn;
    "A seed gives an identity column its value";
    why "The sequence does not know of it: the first insert that counts to the number fails with 23505.";
    mend "use a natural key for the seed, or a key that does not count";
    claims ["a_sequence_does_not_know_of_written_keys"];
    bad Spec r#"[table.keys]
primary_key = ["key_id"]

[table.keys.columns]
key_id = { type = "bigint", identity = "by_default" }
value = "text"

[seed.keys]
key = ["key_id"]
rows = [{ key_id = 1, value = "a" }]
"#;
    good Spec r#"[table.keys]
primary_key = ["key_id"]

[table.keys.columns]
key_id = { type = "bigint", identity = "by_default" }
value = { type = "text", unique = true }

[seed.keys]
key = ["value"]
rows = [{ value = "a" }]
"#;
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, entry) in context.catalog.iter() {
        let Object::Seed(seed) = &entry.object else { continue };
        let Some(view) = context.table(&seed.table) else { continue };
        let counts = |name: &&String| view.column(name).is_some_and(|column| column.identity.is_some());
        if let Some(column) = seed.columns.iter().find(counts) {
            findings.add(id, format!("seed `{}` gives identity column `{column}` its value", seed.name));
        }
    }
}
