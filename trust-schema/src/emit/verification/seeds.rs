//! Seeded rows, schedules, and the queries of raw blocks.

use std::collections::BTreeSet;

use super::part::{Part, texts};
use super::selection::Selection;
use crate::catalog::{Entry, Id, Object};
use crate::kinds::Kind;
use crate::kinds::column::Column;
use crate::kinds::schedule::Schedule;
use crate::kinds::seed::{OnConflict, Seed};
use crate::sql::identifier::quote;
use crate::sql::lexer::{self, TokenKind};
use crate::sql::quoted::quoted;

pub fn parts(selection: &Selection<'_>) -> Vec<Part> {
    let mut seeds = Part::new("seeds", &["object", "expected", "needs", "query"], include_str!("sql/seeds.sql"));
    let mut rows = Part::list_only("seeded_rows", &["object", "place", "key"]);
    let mut schedules = Part::new("schedules", &["object", "query"], include_str!("sql/schedules.sql"));
    let mut raws = Part::new("raws", &["object", "needs", "query"], include_str!("sql/raws.sql"));
    for (id, entry) in selection.entries() {
        let label = id.to_string();
        match &entry.object {
            Object::Seed(seed) => {
                let label = format!("{label} in {}", seed.table);
                let needs = needs(seed, entry, selection);
                let query = seed_query(seed, selection);
                seeds.push(&format!("{}, ARRAY[{}]::text[], {}", texts(&[&label, &seed.rows.len().to_string()]), needs, quoted(&query)));
                for (place, key) in seed.keys().enumerate() {
                    rows.push(&format!("{}, {place}, {}", quoted(&label), quoted(&format!("({})", key.join(", ")))));
                }
            }
            Object::Schedule(schedule) => schedules.texts(&[&label, &schedule_query(schedule)]),
            Object::Raw(raw) => {
                let query = format!("SELECT coalesce(bool_and(r.value), false) AS actual FROM ({}) AS r (value)", raw.verify);
                let needs = entry.needs.iter().map(|need| quoted(&need.to_string())).collect::<Vec<_>>().join(", ");
                raws.push(&format!("{}, ARRAY[{needs}]::text[], {}", quoted(&label), quoted(&query)));
            }
            _ => {}
        }
    }
    vec![seeds, rows, schedules, raws]
}

/// The objects that must be as the spec says before the seed's query can run: the table, its columns, types and functions.
fn needs(seed: &Seed, entry: &Entry, selection: &Selection<'_>) -> String {
    let mut needs: BTreeSet<String> = entry.needs.iter().map(Id::to_string).collect();
    needs.insert(Id::of(Kind::Table, &seed.table).to_string());
    for column in &seed.columns {
        let id = Id::part(Kind::Column, &seed.table, column);
        needs.extend(selection.resolution.catalog.needs(&id).map(Id::to_string));
        needs.insert(id.to_string());
    }
    needs.iter().map(|need| quoted(need)).collect::<Vec<_>>().join(", ")
}

/// A query of one value: for each row its place, `|`, and how it compares; one line each.
fn seed_query(seed: &Seed, selection: &Selection<'_>) -> String {
    let catalog = &selection.resolution.catalog;
    let type_of = |name: &str| match catalog.get(&Id::part(Kind::Column, &seed.table, name)) {
        Some(Object::Column(Column { data_type, .. })) => Some(data_type.as_str()),
        _ => None,
    };
    let rows = seed.rows.iter().enumerate().map(|(place, row)| {
        let (mut key, mut differences) = (Vec::new(), Vec::new());
        for (column, value) in seed.columns.iter().zip(row) {
            let (Some(value), Some(ty)) = (value, type_of(column)) else { continue };
            let name = quote(column);
            let expected = format!("({})::{ty}", value.text());
            if seed.key.contains(column) {
                let is_null = value.text().trim().eq_ignore_ascii_case("null");
                key.push(if is_null { format!("t.{name} IS NULL") } else { format!("t.{name} = {expected}") });
            } else if seed.on_conflict == OnConflict::Update && is_constant(value.text()) {
                // As texts: not every type has an equality.
                differences.push(format!("CASE WHEN t.{name}::text IS DISTINCT FROM {expected}::text THEN {} END", quoted(column)));
            }
        }
        let key = if key.is_empty() { "false".to_owned() } else { key.join(" AND ") };
        let differences = if differences.is_empty() { "''".to_owned() } else { format!("concat_ws(', ', {})", differences.join(", ")) };
        format!(
            "SELECT {place} AS place, coalesce((SELECT coalesce('differs in ' || nullif({differences}, ''), 'as in the spec') FROM {} AS t WHERE {key} LIMIT 1), 'missing') AS found",
            seed.table
        )
    });
    let rows = rows.collect::<Vec<_>>().join("\nUNION ALL ");
    format!("SELECT string_agg(r.place || '|' || r.found, chr(10) ORDER BY r.place) AS actual FROM (\n{rows}) AS r")
}

fn schedule_query(schedule: &Schedule) -> String {
    let command = format!("SELECT {}()", schedule.function);
    format!(
        "SELECT coalesce((SELECT CASE WHEN j.schedule <> {} THEN 'another schedule: ' || j.schedule WHEN j.command <> {} THEN 'another command' WHEN NOT j.active THEN 'inactive' ELSE 'scheduled' END FROM cron.job AS j WHERE j.jobname = {} ORDER BY j.jobid LIMIT 1), 'missing') AS actual",
        quoted(&schedule.cron),
        quoted(&command),
        quoted(&schedule.name),
    )
}

/// Whether a value is a constant, perhaps with a cast: only then is it the same today as when the row was written.
fn is_constant(text: &str) -> bool {
    let mut in_type = false;
    for token in lexer::lex(text).tokens {
        match token.kind {
            TokenKind::TypeCast => in_type = true,
            TokenKind::Word if !in_type && !["true", "false", "null", "array"].iter().any(|word| token.is_word(text, word)) => return false,
            TokenKind::QuotedName | TokenKind::UnicodeName | TokenKind::Parameter if !in_type => return false,
            TokenKind::Operator => in_type = false,
            kind if kind.is_string() => in_type = false,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_told_from_calls() {
        for constant in [
            "'a'::text",
            "-1.5",
            "(-1)",
            "true",
            "NULL",
            "ARRAY['a'::text, 'b'::text]::text[]",
            "'1'::numeric(5,2)",
            "'A'::public.\"Odd\"",
            "E'\\\\'::text",
        ] {
            assert!(is_constant(constant), "{constant}");
        }
        for call in ["now()", "'a'::text || now()::text", "current_date", "extensions.gen_random_uuid()", "\"f\"()", "'x'::text || random()"] {
            assert!(!is_constant(call), "{call}");
        }
    }
}
