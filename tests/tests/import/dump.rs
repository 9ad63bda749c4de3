//! `pg_dump` of the original and of the copy, line by line without order.

use std::process::Command;

use tests::postgres;
use trust_schema::live::server::Scratch;

/// What `pg_dump` writes; none where the server's major version has none.
pub fn script(major: u32, scratch: &Scratch) -> Option<String> {
    let cluster = postgres::cluster(major);
    let program = cluster.server().binaries.join("pg_dump");
    if !program.exists() {
        return None;
    }
    let output = Command::new(program)
        .args(["--schema-only", "--no-password", "-U", "postgres", "-d", scratch.name(), "-h"])
        .arg(cluster.directory())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The statements of a dump, sorted; none where the server's major version has no `pg_dump`.
pub fn dump(major: u32, scratch: &Scratch) -> Option<Vec<String>> {
    let text = script(major, scratch)?;
    // Statements stand apart by empty lines; comments name them, and settings have no meaning of their own.
    let mut parts: Vec<String> = text
        .split("\n\n")
        // What the platform grants on new objects in `public` differs between its regimes.
        .map(|part| {
            part.lines()
                .filter(|line| !(line.starts_with("ALTER DEFAULT PRIVILEGES") && line.contains("IN SCHEMA public")))
                .filter(|line| !["--", "SET ", "\\"].iter().any(|start| line.starts_with(start)))
                .collect::<Vec<_>>()
        })
        .map(|mut lines| {
            // The order of grants on one object is that in which they were given, and means nothing.
            if lines.iter().all(|line| line.starts_with("GRANT ") || line.starts_with("REVOKE ")) {
                lines.sort_unstable();
            }
            lines.join("\n")
        })
        .filter(|part| !part.trim().is_empty())
        .map(|part| part.trim().to_owned())
        .collect();
    parts.sort();
    Some(parts)
}

/// Fails where the dumps differ.
pub fn same(major: u32, original: &Scratch, copy: &Scratch, what: &str) -> bool {
    let (Some(before), Some(after)) = (dump(major, original), dump(major, copy)) else { return false };
    let lost: Vec<&String> = before.iter().filter(|part| !after.contains(part)).collect();
    let added: Vec<&String> = after.iter().filter(|part| !before.contains(part)).collect();
    assert!(lost.is_empty() && added.is_empty(), "PostgreSQL {major}, {what}: pg_dump tells\nlost {lost:#?}\nadded {added:#?}");
    assert_eq!(before, after);
    true
}
