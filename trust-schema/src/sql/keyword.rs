//! The key words of PostgreSQL 15 to 18.
//!
//! The list is `data/keywords.txt`, written by `scripts/update-postgres-names.sh` from `pg_get_keywords()` of real servers. A word that
//! differs between versions has its most restrictive category: what is quoted for the strictest version is right for all.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// Where a key word may stand as a name without quotes (PostgreSQL manual, appendix C).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// May be any name.
    Unreserved,
    /// May be the name of a column or table, not of a function or type.
    ColumnName,
    /// May be the name of a function or type, not of a column or table.
    TypeOrFunctionName,
    /// May be no name.
    Reserved,
}

/// A key word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyword {
    /// The word in lower case.
    pub word: &'static str,
    /// Its category, the most restrictive of PostgreSQL 15 to 18.
    pub category: Category,
    /// The major version that brought it, when it is newer than 15.
    pub since: Option<u8>,
}

static KEYWORDS: LazyLock<FxHashMap<&'static str, Keyword>> =
    LazyLock::new(|| include_str!("data/keywords.txt").lines().filter_map(read_line).map(|keyword| (keyword.word, keyword)).collect());

fn read_line(line: &'static str) -> Option<Keyword> {
    let mut fields = line.split(' ');
    let word = fields.next()?;
    let category = match fields.next()? {
        "U" => Category::Unreserved,
        "C" => Category::ColumnName,
        "T" => Category::TypeOrFunctionName,
        "R" => Category::Reserved,
        _ => return None,
    };
    Some(Keyword { word, category, since: fields.next().and_then(|version| version.parse().ok()) })
}

/// The key word that `word` is, in lower case as the lexer folds it; `None` for an ordinary name.
pub fn find(word: &str) -> Option<Keyword> {
    KEYWORDS.get(word).copied()
}

/// Every key word, in no particular order.
pub fn all() -> impl Iterator<Item = Keyword> {
    KEYWORDS.values().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_read() {
        assert_eq!(all().count(), include_str!("data/keywords.txt").lines().count());
    }

    #[test]
    fn categories_are_those_of_the_manual() {
        let category = |word| find(word).map(|keyword| keyword.category);
        assert_eq!(category("select"), Some(Category::Reserved));
        assert_eq!(category("abort"), Some(Category::Unreserved));
        assert_eq!(category("between"), Some(Category::ColumnName));
        assert_eq!(category("left"), Some(Category::TypeOrFunctionName));
        assert_eq!(category("tenants"), None);
        assert_eq!(find("json_table").and_then(|keyword| keyword.since), Some(17));
        assert_eq!(find("select").and_then(|keyword| keyword.since), None);
    }
}
