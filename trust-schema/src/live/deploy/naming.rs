//! Names that change while the statements of files run: what a statement means is, so far, still called otherwise.

use std::collections::BTreeMap;

use super::script::Reader;

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
            let at = reader.skip_words(1, &["unlogged"]);
            if reader.is(at, "table") {
                self.tables.insert(reader.name(reader.skip_words(at + 1, &["if", "not", "exists"])).0, None);
            }
        } else if let Some((name, next)) = altered_table(reader) {
            let Some(table) = self.table(&name) else { return };
            if reader.is(next, "rename") && !reader.is(next + 1, "constraint") {
                let (from, next) = reader.name(reader.skip_words(next + 1, &["column"]));
                let (from, to) = (from.concat(), reader.name(next + 1).0.concat());
                let now = self.column(&table, &from);
                self.columns.insert((table.clone(), from), None);
                self.columns.insert((table, to), now);
            } else if reader.are(next, &["add", "column"]) {
                let column = reader.name(reader.skip_words(next + 2, &["if", "not", "exists"])).0;
                self.columns.insert((table, column.concat()), None);
            }
        }
    }

    fn rename_schema(&mut self, from: &str, to: &str) {
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

/// The table of `ALTER TABLE`, and the place behind its name.
fn altered_table(reader: &Reader<'_>) -> Option<(Parts, usize)> {
    reader.are(0, &["alter", "table"]).then(|| reader.name(reader.skip_words(2, &["if", "exists", "only"])))
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

    fn parts(name: &str) -> Parts {
        name.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn names_lead_to_what_is_there_now() {
        let names = behind(
            "alter table public.a rename to b; alter table public.b rename column x to y; alter table public.b rename z to x;
            alter table public.b set schema app; alter schema app rename to core; create table public.a (); alter table core.b add column z int;",
        );
        assert_eq!(names.table(&parts("core.b")), Some(parts("public.a")));
        assert_eq!(names.table(&parts("core.other")), Some(parts("app.other")));
        assert_eq!(names.table(&parts("public.a")), None);
        assert_eq!(names.table(&parts("public.c")), Some(parts("public.c")));
        let now = parts("public.a");
        let column = |name: &str| names.column(&now, name);
        assert_eq!((column("y").as_deref(), column("x").as_deref(), column("z"), column("w").as_deref()), (Some("x"), Some("z"), None, Some("w")));
    }

    #[test]
    fn names_can_be_exchanged() {
        let names = behind("alter table t rename a to a__; alter table t rename column b to a; alter table t rename column a__ to b");
        let column = |name: &str| names.column(&parts("t"), name);
        assert_eq!((column("a").as_deref(), column("b").as_deref()), (Some("b"), Some("a")));
    }
}
