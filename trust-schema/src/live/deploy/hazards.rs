//! What a migration may do to what is there already: data that is lost, access that grows, locks that others wait for.

use std::collections::BTreeSet;

use serde::Serialize;

use super::migration::Migration;
use super::naming::{altered_table, parts, renamed_table};
use super::options::Allow;
use super::script::{self, Reader};
use crate::sql::lossy_cast;
use crate::sql::type_name::TypeName;

/// A danger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    pub kind: HazardKind,
    /// What it concerns, as far as the statement says.
    pub object: String,
    /// The statement's first line.
    pub statement: String,
    pub file: String,
    pub line: usize,
}

/// Kinds of danger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HazardKind {
    /// Rows, columns or tables go, or values lose something.
    DataLoss,
    /// Somebody may do more than before.
    Access,
    /// A lock on a table that is in use, for a moment or as long as its rows are read.
    Lock,
}

impl HazardKind {
    /// What has to be said for it to be done.
    pub fn needs(self) -> Option<Allow> {
        match self {
            HazardKind::DataLoss => Some(Allow::DataLoss),
            HazardKind::Access => Some(Allow::Access),
            HazardKind::Lock => None,
        }
    }
}

/// The dangers of migrations that are applied one after the other. What they make themselves is in no danger.
pub fn of(migrations: &[&Migration]) -> Vec<Hazard> {
    let mut made: BTreeSet<String> = BTreeSet::new();
    let mut hazards = Vec::new();
    for migration in migrations {
        for statement in &migration.statements {
            let tokens = script::tokens(&statement.text);
            let reader = Reader { text: &statement.text, tokens: &tokens };
            if let Some((kind, object)) = hazard(&reader, &made) {
                let place = script::place(&migration.file.path, &migration.file.text, statement.range.start);
                hazards.push(Hazard { kind, object, statement: place.statement.unwrap_or_default(), file: place.file, line: place.line });
            }
            follow(&reader, &mut made);
        }
    }
    hazards
}

/// What the migrations have made, behind a statement: a name counts as long as what they made has it.
fn follow(reader: &Reader<'_>, made: &mut BTreeSet<String>) {
    made.extend(created(reader).map(|name| name.join(".")));
    if let Some((from, to)) = renamed_table(reader) {
        if made.remove(&from.join(".")) {
            made.insert(to.join("."));
        } else {
            made.remove(&to.join("."));
        }
    }
    if reader.is(0, "drop") {
        for (_, name) in lost(reader) {
            made.remove(&name.join("."));
        }
    }
}

/// The name of what a statement creates: a relation, function, type or schema.
pub(super) fn created(reader: &Reader<'_>) -> Option<Vec<String>> {
    if !reader.is(0, "create") {
        return None;
    }
    let at = reader.skip_words(1, &["or", "replace", "unlogged", "temporary", "temp", "recursive", "materialized"]);
    const KINDS: [&str; 8] = ["table", "view", "function", "procedure", "type", "domain", "sequence", "schema"];
    KINDS.iter().any(|kind| reader.is(at, kind)).then(|| reader.name(reader.skip_words(at + 1, &["if", "not", "exists"])).0)
}

/// The table that a statement is about: the one altered, or the one behind `ON`.
pub(super) fn table(reader: &Reader<'_>) -> Option<Vec<String>> {
    let after = |place: usize| Some(reader.name(reader.skip_words(place, &["if", "exists", "only", "table"])).0).filter(|name| !name.is_empty());
    if reader.are(0, &["alter", "table"]) {
        return after(2);
    }
    let on = ["index", "policy", "trigger", "rule"].iter().any(|kind| (1..5).any(|place| reader.is(place, kind)));
    if on { after(reader.position("on")? + 1) } else { None }
}

fn hazard(reader: &Reader<'_>, made: &BTreeSet<String>) -> Option<(HazardKind, String)> {
    let is_made = |name: &[String]| made.contains(&name.join("."));
    let found = |kind: HazardKind, name: Vec<String>| (!is_made(&name)).then(|| (kind, name.join(".")));
    let lost = lost(reader);
    if !lost.is_empty() {
        return lost.into_iter().find_map(|(_, name)| found(HazardKind::DataLoss, name));
    }
    if reader.is(0, "do") && opaque_loss(reader) {
        return Some((HazardKind::DataLoss, "a DO block".to_owned()));
    }
    let table = table(reader);
    let weakens = reader.are(0, &["drop", "policy"])
        || reader.are(0, &["alter", "policy"])
        || (reader.are(0, &["create", "policy"]) && !reader.has("restrictive"))
        || (reader.has("security") && (reader.has("disable") || has_pair(reader, "no", "force")));
    if let Some(table) = table.clone().filter(|_| weakens) {
        return found(HazardKind::Access, table);
    }
    if reader.is(0, "grant") || (reader.are(0, &["alter", "default", "privileges"]) && reader.has("grant")) {
        let on = reader.position("on")?;
        let name = reader.name(reader.skip_words(on + 1, &["table", "function", "procedure", "routine", "schema", "sequence", "type", "domain"])).0;
        return found(HazardKind::Access, name);
    }
    // A foreign key locks the table that it refers to, too.
    let referred = reader.position("references").map(|place| reader.name(place + 1).0);
    let locked = [table.filter(|_| !reader.has("concurrently")), referred];
    locked.into_iter().flatten().find_map(|name| found(HazardKind::Lock, name))
}

fn has_pair(reader: &Reader<'_>, first: &str, second: &str) -> bool {
    (0..reader.tokens.len()).any(|place| reader.are(place, &[first, second]))
}

/// How data go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Loss {
    /// With the whole object, or all its rows.
    Whole,
    /// With a column.
    Column(String),
    /// What values of a column lose that gets another type.
    Reduced { column: String, from: TypeName, to: TypeName },
    /// Those that a DELETE finds; the statement without its first two words.
    Rows(String),
}

/// What values of a column lose by `ALTER [COLUMN] … TYPE … USING column::from::to`: the compiler writes from what where something is lost.
fn reduced(part: &Reader<'_>) -> Option<Loss> {
    let (column, next) = part.name(part.skip_words(1, &["column"]));
    let using = (next..part.tokens.len()).find(|place| part.is(*place, "using"))?;
    let (value, first) = part.name(using + 1);
    let is_cast = |place: &usize| part.tokens.get(*place).is_some_and(|token| token.text(part.text) == "::");
    let casts: Vec<usize> = (first..part.tokens.len()).filter(is_cast).collect();
    if value != column || casts.first() != Some(&first) {
        return None;
    }
    let last = part.tokens.last()?.end;
    let types = casts.iter().enumerate().map_while(|(number, cast)| {
        let end = casts.get(number + 1).and_then(|next| part.tokens.get(*next)).map_or(last, |token| token.start);
        TypeName::parse(part.text.get(part.tokens.get(*cast)?.end..end)?.trim()).ok()
    });
    match types.collect::<Vec<_>>().as_slice() {
        [from, to, ..] if lossy_cast::lost(from, to).is_some() => Some(Loss::Reduced { column: column.concat(), from: from.clone(), to: to.clone() }),
        _ => None,
    }
}

/// What a statement destroys or takes off values, and of which tables.
pub(super) fn lost(reader: &Reader<'_>) -> Vec<(Loss, Vec<String>)> {
    let whole = |names: Vec<Vec<String>>| names.into_iter().map(|name| (Loss::Whole, name)).collect();
    if reader.is(0, "drop") {
        let at = reader.skip_words(1, &["materialized", "foreign"]);
        const KINDS: [&str; 6] = ["table", "schema", "sequence", "view", "extension", "owned"];
        let kept = at == 1 && reader.is(at, "view");
        let loses = KINDS.iter().any(|kind| reader.is(at, kind)) || cascades(reader);
        return if kept || !loses { Vec::new() } else { whole(reader.list(reader.skip_words(at + 1, &["if", "exists", "by"]))) };
    }
    if reader.is(0, "truncate") {
        return whole(reader.list(reader.skip_words(1, &["table", "only"])));
    }
    if reader.are(0, &["delete", "from"]) {
        let at = reader.skip_words(2, &["only"]);
        let rest = reader.tokens.get(2).and_then(|token| reader.text.get(token.start..)).unwrap_or_default();
        return vec![(Loss::Rows(rest.to_owned()), reader.name(at).0)];
    }
    let Some((name, next)) = altered_table(reader) else { return Vec::new() };
    parts(reader, next).into_iter().filter_map(|part| Some((lost_of_column(&part)?, name.clone()))).collect()
}

/// Whether a DROP takes along whatever has columns of it, or stands in it.
pub(super) fn cascades(reader: &Reader<'_>) -> bool {
    reader.is(0, "drop") && ["schema", "type", "domain", "extension"].iter().any(|kind| reader.is(1, kind)) && reader.has("cascade")
}

fn lost_of_column(part: &Reader<'_>) -> Option<Loss> {
    const OTHERS: [&str; 7] = ["constraint", "default", "not", "identity", "expression", "statistics", "storage"];
    if part.is(0, "alter") {
        return reduced(part);
    }
    if !part.is(0, "drop") || OTHERS.iter().any(|word| part.is(1, word)) {
        return None;
    }
    Some(Loss::Column(part.name(part.skip_words(1, &["column", "if", "exists"])).0.concat()))
}

/// Whether the body of a block has words that destroy data: nobody can say of which rows.
pub(super) fn opaque_loss(reader: &Reader<'_>) -> bool {
    let bodies = reader.tokens.iter().filter(|token| token.kind.is_string()).map(|token| token.text(reader.text));
    bodies.into_iter().any(|body| {
        // Words of strings within count as well: they may be executed.
        let words: Vec<String> = body
            .split(|character: char| !character.is_alphanumeric() && character != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        words.iter().zip(words.iter().skip(1)).any(|(first, second)| {
            matches!(
                (first.as_str(), second.as_str()),
                ("drop", "table" | "column" | "schema" | "materialized" | "sequence") | ("delete", "from") | ("truncate", _)
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each statement, the names of what it endangers by loss, given what those before have made.
    fn endangered(sql: &str) -> Vec<String> {
        let mut made = BTreeSet::new();
        let mut found = Vec::new();
        for statement in script::statements("a.sql", sql).expect("statements") {
            let tokens = script::tokens(&statement.text);
            let reader = Reader { text: &statement.text, tokens: &tokens };
            found.extend(hazard(&reader, &made).filter(|(kind, _)| *kind == HazardKind::DataLoss).map(|(_, object)| object));
            follow(&reader, &mut made);
        }
        found
    }

    #[test]
    fn what_was_made_is_in_no_danger_under_any_name() {
        assert_eq!(endangered("create table a.t (); alter table a.t rename to u; drop table a.u; drop table a.t"), ["a.t"]);
        // The name goes to a table that was there.
        assert_eq!(endangered("create table f (); alter table f rename to g; alter table o rename to f; drop table f"), ["f"]);
        let exchanged = "create table n (); alter table n rename to x; alter table o rename to n; alter table x rename to o;";
        assert_eq!(endangered(&format!("{exchanged} alter table n drop column y; alter table o drop column y")), ["n"]);
    }

    #[test]
    fn every_loss_of_a_statement_is_seen() {
        let lost = |sql: &str| {
            let tokens = script::tokens(sql);
            lost(&Reader { text: sql, tokens: &tokens }).into_iter().map(|(loss, name)| format!("{} {loss:?}", name.join("."))).collect::<Vec<_>>()
        };
        assert_eq!(lost("alter table t * drop column a, alter b drop default, drop c"), [r#"t Column("a")"#, r#"t Column("c")"#]);
        assert_eq!(lost("alter table t alter column drop type int using drop::int").len(), 0);
        assert_eq!(lost("alter table t alter a type numeric(4,1) using a::numeric(4,2)::numeric(4,1), alter b set not null").len(), 1);
        assert_eq!(lost("drop domain d cascade"), ["d Whole"]);
        assert_eq!(lost("drop domain d").len(), 0);
    }
}
