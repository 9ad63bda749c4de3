//! Names that change while the statements of files run: what a statement means is, so far, still called otherwise.

use std::collections::BTreeMap;

use super::script::Reader;
use crate::sql::lexer::TokenKind;

/// A name of several parts.
type Parts = Vec<String>;

/// What tables and columns that statements name are called before the first of them has run.
#[derive(Default)]
pub(super) struct Names {
    /// By what a table is called at this place; `None` of one that is not there yet.
    tables: BTreeMap<Parts, Option<Parts>>,
    /// By its table, as it is called now, and by what a column is called at this place.
    columns: BTreeMap<(Parts, String), Option<String>>,
    schemas: BTreeMap<String, String>,
}

impl Names {
    /// The table that is there now; `None` where a statement before has made it.
    pub fn table(&self, name: &[String]) -> Option<Parts> {
        if let Some(known) = self.tables.get(name) {
            return known.clone();
        }
        let mut name = name.to_vec();
        if let [schema, _] = name.as_mut_slice()
            && let Some(now) = self.schemas.get(schema)
        {
            schema.clone_from(now);
        }
        Some(name)
    }

    /// The column of a table that is there now; `None` where a statement before has made it.
    pub fn column(&self, table: &[String], column: &str) -> Option<String> {
        self.columns.get(&(table.to_vec(), column.to_owned())).map_or_else(|| Some(column.to_owned()), Clone::clone)
    }

    /// What a statement makes and renames.
    pub fn follow(&mut self, reader: &Reader<'_>) {
        if let Some((from, to)) = renamed_table(reader) {
            let now = self.table(&from);
            self.tables.insert(from, None);
            self.tables.insert(to, now);
        } else if reader.are(0, &["alter", "schema"]) {
            let (from, next) = reader.name(2);
            if reader.are(next, &["rename", "to"]) {
                self.rename_schema(&from.concat(), &reader.name(next + 2).0.concat());
            }
        } else if reader.is(0, "create") {
            // One that may be there already counts as being there.
            let at = reader.skip_words(1, &["unlogged"]);
            if reader.is(at, "table") && !reader.is(at + 1, "if") {
                self.tables.insert(reader.name(at + 1).0, None);
            }
        } else if reader.are(0, &["drop", "table"]) {
            self.tables.extend(reader.list(reader.skip_words(2, &["if", "exists"])).into_iter().map(|name| (name, None)));
        } else if let Some((name, next)) = altered_table(reader) {
            let Some(table) = self.table(&name) else { return };
            if reader.is(next, "rename") && !reader.is(next + 1, "constraint") {
                let (from, next) = reader.name(reader.skip_words(next + 1, &["column"]));
                let (from, to) = (from.concat(), reader.name(next + 1).0.concat());
                let now = self.column(&table, &from);
                self.columns.insert((table.clone(), from), None);
                self.columns.insert((table, to), now);
            } else {
                // Nothing of what is there now has the name behind either.
                let made = |part: &Reader<'_>| {
                    let is_certain = part.are(0, &["drop", "column"]) || part.are(0, &["add", "column"]) && !part.is(2, "if");
                    is_certain.then(|| part.name(part.skip_words(2, &["if", "exists"])).0.concat())
                };
                for column in parts(reader, next).iter().filter_map(made) {
                    self.columns.insert((table.clone(), column), None);
                }
            }
        }
    }

    /// Whether a table, or a column of it, is called otherwise now.
    pub fn differ(&self, name: &[String]) -> bool {
        self.table(name).is_some_and(|now| now != name || self.columns.keys().any(|(table, _)| *table == now))
    }

    fn rename_schema(&mut self, from: &str, to: &str) {
        self.tables.retain(|name, _| !matches!(name.as_slice(), [schema, _] if schema == to));
        let of_schema = |name: &Parts| matches!(name.as_slice(), [schema, _] if schema == from);
        let moved: Vec<Parts> = self.tables.keys().filter(|name| of_schema(name)).cloned().collect();
        for name in moved {
            if let Some(now) = self.tables.remove(&name) {
                self.tables.insert(name.into_iter().enumerate().map(|(place, part)| if place == 0 { to.to_owned() } else { part }).collect(), now);
            }
        }
        let now = self.schemas.get(from).cloned().unwrap_or_else(|| from.to_owned());
        self.schemas.insert(to.to_owned(), now);
    }
}

/// The table of `ALTER TABLE`, and the place behind its name and the `*` that may follow it.
pub(super) fn altered_table(reader: &Reader<'_>) -> Option<(Parts, usize)> {
    let (name, next) = reader.are(0, &["alter", "table"]).then(|| reader.name(reader.skip_words(2, &["if", "exists", "only"])))?;
    let is_star = reader.tokens.get(next).is_some_and(|token| token.text(reader.text) == "*");
    Some((name, next + usize::from(is_star)))
}

/// What stands between the commas of `ALTER TABLE`. A column may be called as a key word is: what is done stands first.
pub(super) fn parts<'r>(reader: &Reader<'r>, next: usize) -> Vec<Reader<'r>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), next, 0_usize);
    for (place, token) in reader.tokens.iter().enumerate().skip(next) {
        match token.kind {
            TokenKind::LeftParenthesis => depth += 1,
            TokenKind::RightParenthesis => depth = depth.saturating_sub(1),
            TokenKind::Comma if depth == 0 => {
                parts.extend(reader.tokens.get(start..place).map(|tokens| Reader { text: reader.text, tokens }));
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.extend(reader.tokens.get(start..).map(|tokens| Reader { text: reader.text, tokens }));
    parts
}

/// The name that a table has before and behind `ALTER TABLE … RENAME TO …` or `… SET SCHEMA …`.
pub(super) fn renamed_table(reader: &Reader<'_>) -> Option<(Parts, Parts)> {
    let (from, next) = altered_table(reader)?;
    let mut to = from.clone();
    let new = reader.name(next + 2).0.concat();
    if reader.are(next, &["rename", "to"]) {
        *to.last_mut()? = new;
    } else if reader.are(next, &["set", "schema"]) {
        to = vec![new, to.pop()?];
    } else {
        return None;
    }
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use super::super::script;
    use super::*;

    fn behind(sql: &str) -> Names {
        let mut names = Names::default();
        for statement in script::statements("a.sql", sql).expect("statements") {
            names.follow(&Reader { text: &statement.text, tokens: &script::tokens(&statement.text) });
        }
        names
    }

    fn named(name: &str) -> Parts {
        name.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn names_lead_to_what_is_there_now() {
        let names = behind(
            "alter table public.a rename to b; alter table public.b rename column x to y; alter table public.b rename z to x;
            alter table public.b set schema app; alter schema app rename to core; create table public.a (); alter table core.b add column z int;",
        );
        assert_eq!(names.table(&named("core.b")), Some(named("public.a")));
        assert_eq!(names.table(&named("core.other")), Some(named("app.other")));
        assert_eq!(names.table(&named("public.a")), None);
        assert_eq!(names.table(&named("public.c")), Some(named("public.c")));
        let now = named("public.a");
        let column = |name: &str| names.column(&now, name);
        assert_eq!((column("y").as_deref(), column("x").as_deref(), column("z"), column("w").as_deref()), (Some("x"), Some("z"), None, Some("w")));
    }

    #[test]
    fn what_may_be_there_counts_as_being_there() {
        let names = behind("create table if not exists t (); alter table t add column if not exists a int, add column b int;");
        let column = |name: &str| names.column(&named("t"), name);
        assert_eq!((names.table(&named("t")), column("a").as_deref(), column("b")), (Some(named("t")), Some("a"), None));
        // A schema takes the name of another one, whose tables have gone.
        let names = behind("alter table s2.u set schema public; drop schema s2; alter schema s1 rename to s2");
        assert_eq!((names.table(&named("s2.u")), names.table(&named("public.u"))), (Some(named("s1.u")), Some(named("s2.u"))));
    }

    #[test]
    fn names_can_be_exchanged() {
        let names = behind("alter table t rename a to a__; alter table t rename column b to a; alter table t rename column a__ to b");
        let column = |name: &str| names.column(&named("t"), name);
        assert_eq!((column("a").as_deref(), column("b").as_deref()), (Some("b"), Some("a")));
    }
}
