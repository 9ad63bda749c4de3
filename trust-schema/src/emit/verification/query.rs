//! The query of a verification.

use super::part::{Part, texts};
use super::selection::Selection;
use super::{counts, functions, privileges, seeds, tables, types};
use crate::resolve::Resolution;

const CATALOGS: &str = include_str!("sql/catalogs.sql");
const SECURABLES: &str = include_str!("sql/securables.sql");
const SEED_RESULTS: &str = include_str!("sql/seed_results.sql");

/// The end of the query: failed checks first.
pub const ORDER: &str = "\nORDER BY c.passed, c.section, c.object COLLATE \"C\", c.\"check\" COLLATE \"C\"";

/// Writes one SELECT without a semicolon.
pub fn write(selection: &Selection<'_>, out: &mut String) {
    // A seed may fill a table of an earlier migration: that has to be as it should be, too.
    let needed = selection.with_needs_of_queries();
    let structure = structure(types::roles(&needed), &needed);
    let rest = [privileges::parts(selection), seeds::parts(selection), counts::parts(selection)];
    compose(&needed, &structure, &rest.into_iter().flatten().collect::<Vec<_>>(), &[CATALOGS, SECURABLES], out);
}

/// Writes one SELECT of what no comparison of catalogs tells: roles of the cluster, default privileges, rows, schedules, and what raw blocks ask.
pub fn write_beside_catalogs(resolution: &Resolution, out: &mut String) {
    let selection = Selection::beside_catalogs(resolution);
    let needed = selection.with_needs_of_queries();
    let structure = structure(types::roles(&Selection::whole(resolution)), &needed);
    compose(&needed, &structure, &seeds::parts(&selection), &[CATALOGS], out);
}

/// What an object is, whoever may do something with it.
fn structure(roles: [Part; 2], needed: &Selection<'_>) -> Vec<Part> {
    let mut structure = Vec::from(roles);
    structure.extend(types::parts(needed));
    structure.extend(tables::parts(needed));
    structure.extend(functions::parts(needed));
    structure
}

fn compose(needed: &Selection<'_>, structure: &[Part], rest: &[Part], catalogs: &[&str], out: &mut String) {
    out.push_str("WITH\n");
    out.push_str(&used_schemas(needed));
    for part in structure.iter().chain(rest).filter(|part| part.has_list()) {
        out.push_str(",\n");
        part.write_list(out);
    }
    let seeded = rest.iter().any(|part| part.name == "seeds" && !part.is_empty());
    let mut lists: Vec<String> = catalogs.iter().map(|list| list.trim_end().to_owned()).collect();
    lists.push(union("structure", structure));
    lists.extend(seeded.then(|| SEED_RESULTS.trim_end().to_owned()));
    lists.push(union("other_checks", rest));
    for list in lists {
        out.push_str(",\n");
        out.push_str(&list);
    }
    out.push_str(
        "\nSELECT c.\"check\", c.object, c.expected, c.actual, c.passed\nFROM (SELECT * FROM structure UNION ALL SELECT * FROM other_checks) AS c",
    );
    out.push_str(ORDER);
}

fn used_schemas(selection: &Selection<'_>) -> String {
    let rows = selection.schemas().into_iter().map(|schema| format!("    ({})", texts(&[schema]))).collect::<Vec<_>>();
    if rows.is_empty() {
        "  used_schemas (schema) AS (SELECT ''::text WHERE false)".to_owned()
    } else {
        format!("  used_schemas (schema) AS (VALUES\n{}\n  )", rows.join(",\n"))
    }
}

/// The comparisons of some parts, one below the other. A comparison that does not say whether it passed did where both texts are equal.
fn union<'p>(name: &str, parts: impl IntoIterator<Item = &'p Part>) -> String {
    let mut comparisons: Vec<&str> = parts.into_iter().filter_map(|part| part.comparison().map(str::trim_end)).collect();
    if comparisons.is_empty() {
        comparisons.push("    SELECT 0, ''::text, ''::text, ''::text, ''::text, false, false WHERE false");
    }
    format!(
        "  {name} AS MATERIALIZED (\n    SELECT u.section, u.\"check\", u.object, u.expected, u.actual, coalesce(u.passed, u.actual = u.expected, false) AS passed, u.blocking\n    FROM (\n{}\n    ) AS u (section, \"check\", object, expected, actual, passed, blocking)\n  )",
        comparisons.join("\n    UNION ALL\n")
    )
}
