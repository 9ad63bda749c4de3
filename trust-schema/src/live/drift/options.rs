//! Options of columns and functions that the Catalog has no word for: one line tells of all of an object, one statement sets each.

use super::What;
use super::unmodelled::parted;
use crate::live::snapshot::Line;

/// How all options of a line are set, and taken away.
pub struct Options {
    head: String,
    set: Vec<String>,
    reset: Vec<String>,
}

/// Reads how an option is set, and how its default is.
type Read = fn(&str) -> Option<(String, String)>;

/// The options of a line; `None` where it is about something else, `Some(None)` where one of them is no option that can be set.
pub fn of(line: &Line) -> Option<Option<Options>> {
    let (head, read): (String, Read) = match line.class.as_str() {
        "column option" => {
            let (table, column) = parted(&line.name);
            // Tables below it have their own.
            (format!("ALTER TABLE ONLY {table} ALTER COLUMN {column}"), column_option)
        }
        "function option" => (format!("ALTER FUNCTION {}", line.name), function_option),
        _ => return None,
    };
    let all: Option<Vec<(String, String)>> = line.detail.split("; ").map(read).collect();
    Some(all.map(|all| {
        let (set, reset) = all.into_iter().unzip();
        Options { head, set, reset }
    }))
}

impl Options {
    /// What takes away what was added, or brings back what is gone.
    pub fn statements(self, what: What) -> Vec<String> {
        let all = if what == What::Added { self.reset } else { self.set };
        all.into_iter().map(|action| format!("{} {action};", self.head)).collect()
    }
}

/// How an option of a column is set, and how its default is.
fn column_option(text: &str) -> Option<(String, String)> {
    if let Some(modes) = text.strip_prefix("storage ") {
        let (mode, usual) = modes.split_once(" instead of ")?;
        return Some((format!("SET STORAGE {}", storage(mode)?), format!("SET STORAGE {}", storage(usual)?)));
    }
    if let Some(method) = text.strip_prefix("compression ") {
        let method = match method {
            "p" => "pglz",
            "l" => "lz4",
            _ => return None,
        };
        return Some((format!("SET COMPRESSION {method}"), "SET COMPRESSION default".to_owned()));
    }
    if let Some(target) = text.strip_prefix("statistics ").filter(|target| target.parse::<i32>().is_ok()) {
        return Some((format!("SET STATISTICS {target}"), "SET STATISTICS -1".to_owned()));
    }
    // Nothing else is put into a statement: the text can be that of whoever made the object.
    let known = |(name, value): (&'_ str, &'_ str)| ["n_distinct", "n_distinct_inherited"].contains(&name) && value.parse::<f64>().is_ok();
    let names: Option<Vec<&str>> = text.split(", ").map(|option| option.split_once('=').filter(|pair| known(*pair)).map(|(name, _)| name)).collect();
    names.map(|names| (format!("SET ({text})"), format!("RESET ({})", names.join(", "))))
}

fn storage(mode: &str) -> Option<&'static str> {
    Some(match mode {
        "p" => "PLAIN",
        "e" => "EXTERNAL",
        "m" => "MAIN",
        "x" => "EXTENDED",
        _ => return None,
    })
}

/// The same of a function; its defaults are those of languages that are interpreted (PostgreSQL: CREATE FUNCTION).
fn function_option(text: &str) -> Option<(String, String)> {
    let (word, value) = text.split_once(' ').unwrap_or((text, ""));
    let (set, reset) = match (word, value) {
        ("leakproof", _) => ("LEAKPROOF".to_owned(), "NOT LEAKPROOF"),
        ("parallel", "s") => ("PARALLEL SAFE".to_owned(), "PARALLEL UNSAFE"),
        ("parallel", "r") => ("PARALLEL RESTRICTED".to_owned(), "PARALLEL UNSAFE"),
        ("cost", cost) if cost.parse::<f64>().is_ok() => (format!("COST {cost}"), "COST 100"),
        ("rows", rows) if rows.parse::<f64>().is_ok() => (format!("ROWS {rows}"), "ROWS 1000"),
        _ => return None,
    };
    Some((set, reset.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_set_and_taken_away() {
        let line = |class: &str, name: &str, detail: &str| Line { class: class.to_owned(), name: name.to_owned(), detail: detail.to_owned() };
        let both = |line: &Line| [What::Removed, What::Added].map(|what| of(line).flatten().map(|options| options.statements(what).join(" ")));
        let column = line("column option", "a.b.\"c.d\"", "storage e instead of x; statistics 0; n_distinct=5, n_distinct_inherited=6");
        assert_eq!(
            both(&column).map(Option::unwrap_or_default),
            [
                "ALTER TABLE ONLY a.b ALTER COLUMN \"c.d\" SET STORAGE EXTERNAL; ALTER TABLE ONLY a.b ALTER COLUMN \"c.d\" SET STATISTICS 0; \
                 ALTER TABLE ONLY a.b ALTER COLUMN \"c.d\" SET (n_distinct=5, n_distinct_inherited=6);",
                "ALTER TABLE ONLY a.b ALTER COLUMN \"c.d\" SET STORAGE EXTENDED; ALTER TABLE ONLY a.b ALTER COLUMN \"c.d\" SET STATISTICS -1; \
                 ALTER TABLE ONLY a.b ALTER COLUMN \"c.d\" RESET (n_distinct, n_distinct_inherited);",
            ]
        );
        let function = line("function option", "a.f(integer, text)", "leakproof; parallel s; cost 7; rows 5");
        assert_eq!(
            both(&function)[0].as_deref(),
            Some(
                "ALTER FUNCTION a.f(integer, text) LEAKPROOF; ALTER FUNCTION a.f(integer, text) PARALLEL SAFE; \
                 ALTER FUNCTION a.f(integer, text) COST 7; ALTER FUNCTION a.f(integer, text) ROWS 5;"
            )
        );
        assert!(of(&line("function option", "a.f()", "cost 7; variadic text")).is_some_and(|options| options.is_none()), "its signature");
        for hostile in ["of the wrapper a=x);drop table q;--", "n_distinct=1); drop table q; --", "statistics 1; drop table q"] {
            assert!(of(&line("column option", "a.b.c", hostile)).is_some_and(|options| options.is_none()), "{hostile}");
        }
        assert!(of(&line("rule", "a.b.c", "cost 7")).is_none());
    }
}
