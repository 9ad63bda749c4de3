//! SQL that mends what the Catalog has no word for, from the line that tells of it. Names and definitions in lines are PostgreSQL's own text.

use super::{What, options};
use crate::live::snapshot::Line;

/// Statements that take away what was added, or bring back what is gone; none where a line does not say enough for that.
pub fn mend(what: What, line: &Line) -> Vec<String> {
    if let Some(set) = options::of(line) {
        return set.map(|set| set.statements(what)).unwrap_or_default();
    }
    let found = if what == What::Added { away(line) } else { back(line) };
    found.into_iter().collect()
}

fn away(line: &Line) -> Option<String> {
    let Line { class, name, detail } = line;
    let (of, part) = parted(name);
    Some(match class.as_str() {
        // It goes with its range.
        "type" if detail.starts_with("m;") => return None,
        "materialized view" | "foreign table" | "statistics" | "aggregate" | "procedure" | "type" => format!("DROP {} {name};", class.to_uppercase()),
        "window function" => format!("DROP FUNCTION {name};"),
        "index on materialized view" => format!("DROP INDEX {name};"),
        "rule" => format!("DROP RULE {part} ON {of};"),
        "constraint" if detail.ends_with(" unproved") => format!("ALTER TABLE {of} VALIDATE CONSTRAINT {part};"),
        "storage options" => {
            let words: Vec<&str> = options(detail)?.split(", ").map(|option| option.split('=').next().unwrap_or_default()).collect();
            format!("ALTER TABLE {name} RESET ({});", words.join(", "))
        }
        "trigger" if detail.starts_with("enabled ") => format!("ALTER TABLE {of} ENABLE TRIGGER {part};"),
        "replica identity" => format!("ALTER TABLE {name} REPLICA IDENTITY DEFAULT;"),
        "inheritance" => match inherited(detail) {
            (parent, "") => format!("ALTER TABLE {name} NO INHERIT {parent};"),
            (parent, _) => format!("ALTER TABLE {parent} DETACH PARTITION {name};"),
        },
        "index" if detail.starts_with("invalid") => format!("REINDEX INDEX {name};"),
        "index" if detail == "clustered" => return None,
        "view column default" => format!("ALTER VIEW {of} ALTER COLUMN {part} DROP DEFAULT;"),
        _ => return None,
    })
}

fn back(line: &Line) -> Option<String> {
    let Line { class, name, detail } = line;
    let (of, part) = parted(name);
    Some(match class.as_str() {
        "materialized view" => format!("CREATE MATERIALIZED VIEW {name} AS {};", detail.rsplit_once("; privileges ")?.0.trim_end_matches(';')),
        "statistics" | "index on materialized view" => format!("{detail};"),
        "index" => format!("{};", detail.get(detail.find("CREATE ")?..)?),
        "rule" => format!("{};", detail.rsplit_once(" enabled O")?.0.trim_end_matches(';')),
        // It comes with its parent's.
        "constraint" if detail.ends_with(" inherited") => return None,
        "constraint" => format!("ALTER TABLE {of} ADD CONSTRAINT {part} {};", detail.strip_suffix(" unproved").unwrap_or(detail)),
        "storage options" => format!("ALTER TABLE {name} SET ({});", options(detail)?),
        "trigger" => {
            let mode = match detail.split("; ").next()? {
                "enabled A" => "ENABLE ALWAYS",
                "enabled R" => "ENABLE REPLICA",
                "enabled D" => "DISABLE",
                _ => return None,
            };
            format!("ALTER TABLE {of} {mode} TRIGGER {part};")
        }
        "replica identity" => match detail.as_str() {
            "f" => format!("ALTER TABLE {name} REPLICA IDENTITY FULL;"),
            "n" => format!("ALTER TABLE {name} REPLICA IDENTITY NOTHING;"),
            _ => return None,
        },
        "inheritance" => match inherited(detail) {
            (parent, "") => format!("ALTER TABLE {name} INHERIT {parent};"),
            (parent, bounds) => format!("ALTER TABLE {parent} ATTACH PARTITION {name} {bounds};"),
        },
        "view column default" => format!("ALTER VIEW {of} ALTER COLUMN {part} SET DEFAULT {detail};"),
        _ => return None,
    })
}

/// The options of a line that tells of nothing else.
fn options(detail: &str) -> Option<&str> {
    (detail.contains('=') && !detail.contains("; ") && !detail.starts_with("tablespace ")).then_some(detail)
}

/// The parent of a table, and the bounds of a partition.
fn inherited(detail: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = detail.find(|character| {
        quoted ^= character == '"';
        character == ' ' && !quoted
    });
    end.and_then(|end| detail.split_at_checked(end)).map_or((detail, ""), |(parent, bounds)| (parent, bounds.trim_start()))
}

/// `schema.table.part` before and behind its last full stop, quotes apart.
pub fn parted(name: &str) -> (&str, &str) {
    let mut quoted = false;
    let mut last = None;
    for (place, character) in name.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '.' if !quoted => last = Some(place),
            _ => {}
        }
    }
    last.and_then(|place| name.split_at_checked(place)).map_or((name, ""), |(of, part)| (of, part.trim_start_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_mended() {
        let mended = |what, class: &str, name: &str, detail: &str| {
            mend(what, &Line { class: class.to_owned(), name: name.to_owned(), detail: detail.to_owned() }).join(" ")
        };
        assert_eq!(mended(What::Added, "rule", "public.\"a.b\".\"c.d\"", "…"), "DROP RULE \"c.d\" ON public.\"a.b\";");
        assert_eq!(
            mended(What::Added, "storage options", "a.b", "fillfactor=50, autovacuum_enabled=off"),
            "ALTER TABLE a.b RESET (fillfactor, autovacuum_enabled);"
        );
        assert_eq!(mended(What::Removed, "storage options", "a.b", "fillfactor=50"), "ALTER TABLE a.b SET (fillfactor=50);");
        assert_eq!(mended(What::Added, "storage options", "a.b", "fillfactor=50; tablespace 7"), "", "more than options");
        assert_eq!(
            mended(What::Removed, "rule", "a.b.c", "CREATE RULE c AS ON INSERT TO a.b DO INSTEAD NOTHING; enabled O"),
            "CREATE RULE c AS ON INSERT TO a.b DO INSTEAD NOTHING;"
        );
        assert_eq!(mended(What::Added, "inheritance", "a.b", "a.\"the parent\""), "ALTER TABLE a.b NO INHERIT a.\"the parent\";");
        assert_eq!(
            mended(What::Removed, "inheritance", "a.b", "a.\"the parent\" FOR VALUES IN (1)"),
            "ALTER TABLE a.\"the parent\" ATTACH PARTITION a.b FOR VALUES IN (1);"
        );
        assert_eq!(mended(What::Added, "inheritance", "a.b", "a.c DEFAULT"), "ALTER TABLE a.c DETACH PARTITION a.b;");
        assert_eq!(mended(What::Removed, "trigger", "a.b.c", "enabled D"), "ALTER TABLE a.b DISABLE TRIGGER c;");
    }
}
