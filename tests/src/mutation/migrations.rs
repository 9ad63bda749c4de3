//! Migrations from which a statement of protection is missing: what the compiler itself would have to get wrong, or somebody edits by hand.

use trust_schema::emit::Files;
use trust_schema::sql::lexer::{TokenKind, lex};

use super::tokens::Edit;

/// A statement, and which words it begins with and holds.
const DROPPED: [(&str, &str, &str); 8] = [
    ("dropped REVOKE", "REVOKE ", ""),
    ("dropped ENABLE ROW LEVEL SECURITY", "ALTER TABLE ", "ENABLE ROW LEVEL SECURITY"),
    ("dropped FORCE ROW LEVEL SECURITY", "ALTER TABLE ", "FORCE ROW LEVEL SECURITY"),
    ("dropped CREATE POLICY", "CREATE POLICY ", ""),
    ("dropped CREATE TRIGGER", "CREATE TRIGGER ", ""),
    ("dropped foreign key", "ALTER TABLE ", " FOREIGN KEY "),
    ("dropped constraint", "ALTER TABLE ", " ADD CONSTRAINT "),
    ("dropped unique index", "CREATE UNIQUE INDEX ", ""),
];
/// A part of a statement that is replaced.
const REPLACED: [(&str, &str, &str, &str); 9] = [
    ("search_path not pinned", "CREATE FUNCTION ", "\nSET search_path = pg_catalog, pg_temp", ""),
    ("definer made invoker", "CREATE FUNCTION ", "SECURITY DEFINER", "SECURITY INVOKER"),
    ("invoker made definer", "CREATE FUNCTION ", "SECURITY INVOKER", "SECURITY DEFINER"),
    ("grant to PUBLIC", "GRANT ", " TO ", " TO PUBLIC, "),
    ("grant of everything", "GRANT SELECT", "GRANT SELECT", "GRANT ALL"),
    ("grant with grant option", "GRANT ", ";", " WITH GRANT OPTION;"),
    ("policy for PUBLIC", "CREATE POLICY ", " TO ", " TO PUBLIC, "),
    ("view as its owner", "CREATE VIEW ", "security_invoker = true", "security_invoker = false"),
    ("view without a barrier", "CREATE VIEW ", "security_barrier = true", "security_barrier = false"),
];
/// Whom a REVOKE leaves out.
const LEFT_OUT: [&str; 4] = ["PUBLIC", "anon", "authenticated", "service_role"];

/// Every weakened migration: its path and the change.
pub fn edits(files: &Files) -> Vec<(String, Edit)> {
    let mut edits = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("migrations/")) {
        for (start, end) in statements(text) {
            let statement = &text[start..end];
            let mut add = |edit: Edit| edits.push((path.to_owned(), edit));
            if let Some((operator, ..)) = DROPPED.iter().find(|(_, head, part)| statement.starts_with(head) && statement.contains(part)) {
                add(Edit::new(operator, start..end, ""));
            }
            for (operator, head, from, to) in REPLACED {
                if let Some(place) = statement.find(from).filter(|_| statement.starts_with(head)) {
                    add(Edit::new(operator, start + place..start + place + from.len(), to));
                }
            }
            if let Some(list) = statement.find(" FROM ").filter(|_| statement.starts_with("REVOKE ")) {
                let names: Vec<&str> = statement[list + 6..].trim_end_matches(';').split(", ").collect();
                for role in LEFT_OUT.into_iter().filter(|role| names.contains(role) && names.len() > 1) {
                    let others: Vec<&str> = names.iter().copied().filter(|name| *name != role).collect();
                    add(Edit::new("REVOKE that leaves a role out", start + list + 6..end, format!("{};", others.join(", "))));
                }
            }
        }
    }
    edits
}

/// Where each statement begins and ends.
fn statements(text: &str) -> Vec<(usize, usize)> {
    let mut statements = Vec::new();
    let mut begin = None;
    for token in lex(text).tokens.into_iter().filter(|token| !token.kind.is_comment()) {
        let start = *begin.get_or_insert(token.start);
        if token.kind == TokenKind::Semicolon {
            statements.push((start, token.end));
            begin = None;
        }
    }
    statements
}
