//! What is in `pg_catalog` of PostgreSQL 15 to 18: the names of functions, types and relations.
//!
//! The lists are `data/functions.txt` and `data/types.txt`, written by `scripts/update-postgres-names.sh` from real servers: the
//! union over the versions. What looks like a function but is part of the grammar is listed here.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// What is known of all functions of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// There is an ordinary function, a set-returning one, or a form of the grammar.
    pub is_function: bool,
    /// One of them returns a set.
    pub returns_set: bool,
    /// There is an aggregate.
    pub is_aggregate: bool,
    /// There is a window function.
    pub is_window: bool,
    /// The numbers of arguments that one of them takes.
    pub argument_counts: Vec<ArgumentCount>,
}

/// The numbers of arguments that a function takes. Of an ordered-set aggregate these are the direct arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArgumentCount {
    /// At least so many.
    pub minimum: usize,
    /// At most so many; `None` for a variadic function.
    pub maximum: Option<usize>,
}

impl Function {
    /// Whether one of the functions takes so many arguments.
    pub fn accepts(&self, arguments: usize) -> bool {
        self.argument_counts.iter().any(|count| count.minimum <= arguments && count.maximum.is_none_or(|maximum| arguments <= maximum))
    }
}

/// What a type of `pg_catalog` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// An ordinary type.
    Base,
    /// The row type of a relation of the catalog, such as `pg_class`.
    Composite,
    /// A range type.
    Range,
    /// A multirange type.
    Multirange,
    /// A pseudo-type, such as `anyelement`, `record` or `trigger`: no column can have it.
    Pseudo,
    /// The internal name of an array type, such as `_int4`.
    Array,
}

/// Function-like forms of the grammar that are no functions of the catalog (PostgreSQL manual, sections 9.18, 9.15, 9.16, 4.2; gram.y,
/// `func_expr_common_subexpr`), with their argument counts. Those with words instead of commas (`extract(year from x)`) are
/// counted as a parser counts their expressions.
const SYNTAX_FUNCTIONS: &[(&str, usize, Option<usize>)] = &[
    ("coalesce", 1, None),
    ("collation", 1, Some(1)),
    ("greatest", 1, None),
    ("grouping", 1, None),
    ("json", 1, Some(1)),
    ("json_array", 0, None),
    ("json_arrayagg", 1, Some(1)),
    ("json_exists", 2, Some(2)),
    ("json_object", 0, None),
    ("json_objectagg", 1, Some(2)),
    ("json_query", 2, Some(2)),
    ("json_scalar", 1, Some(1)),
    ("json_serialize", 1, Some(1)),
    ("json_value", 2, Some(2)),
    ("least", 1, None),
    ("merge_action", 0, Some(0)),
    ("normalize", 1, Some(2)),
    ("nullif", 2, Some(2)),
    ("overlay", 3, Some(4)),
    ("position", 2, Some(2)),
    ("row", 0, None),
    ("substring", 1, Some(3)),
    ("treat", 1, Some(1)),
    ("trim", 1, Some(2)),
    ("xmlconcat", 1, None),
    ("xmlelement", 1, None),
    ("xmlexists", 2, Some(2)),
    ("xmlforest", 1, None),
    ("xmlparse", 1, Some(1)),
    ("xmlpi", 1, Some(2)),
    ("xmlroot", 2, Some(3)),
    ("xmlserialize", 1, Some(1)),
];

/// Value functions of the grammar that are written without parentheses (gram.y, `SQLValueFunction`), in order of the alphabet.
pub const VALUE_FUNCTIONS: &[&str] = &[
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "system_user",
    "user",
];

static FUNCTIONS: LazyLock<FxHashMap<&'static str, Function>> = LazyLock::new(|| {
    let mut functions: FxHashMap<_, _> = include_str!("data/functions.txt").lines().filter_map(read_function).collect();
    for (name, minimum, maximum) in SYNTAX_FUNCTIONS {
        let function = functions.entry(*name).or_insert_with(|| Function {
            is_function: true,
            returns_set: false,
            is_aggregate: matches!(*name, "json_arrayagg" | "json_objectagg"),
            is_window: false,
            argument_counts: Vec::new(),
        });
        function.argument_counts.push(ArgumentCount { minimum: *minimum, maximum: *maximum });
    }
    functions
});

fn read_function(line: &'static str) -> Option<(&'static str, Function)> {
    let mut fields = line.split(' ');
    let name = fields.next()?;
    let kinds = fields.next()?;
    let argument_counts = fields
        .next()?
        .split(',')
        .filter_map(|range| {
            let (minimum, maximum) = range.split_once('-').unwrap_or((range, range));
            Some(ArgumentCount { minimum: minimum.parse().ok()?, maximum: maximum.parse().ok() })
        })
        .collect();
    let function = Function {
        is_function: kinds.contains(['f', 's']),
        returns_set: kinds.contains('s'),
        is_aggregate: kinds.contains('a'),
        is_window: kinds.contains('w'),
        argument_counts,
    };
    Some((name, function))
}

static TYPES: LazyLock<FxHashMap<&'static str, TypeKind>> = LazyLock::new(|| {
    include_str!("data/types.txt")
        .lines()
        .filter_map(|line| {
            let (name, kind) = line.split_once(' ')?;
            let kind = match kind {
                "b" => TypeKind::Base,
                "c" => TypeKind::Composite,
                "r" => TypeKind::Range,
                "m" => TypeKind::Multirange,
                "p" => TypeKind::Pseudo,
                "a" => TypeKind::Array,
                _ => return None,
            };
            Some((name, kind))
        })
        .collect()
});

/// The functions of this name in `pg_catalog`, or the form of the grammar; the name is in lower case as the lexer folds it.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

/// Whether the name is a form of the grammar and can have no schema: `pg_catalog.coalesce` does not exist.
pub fn is_syntax_function(name: &str) -> bool {
    SYNTAX_FUNCTIONS.iter().any(|(syntax, ..)| *syntax == name)
}

/// The type of this internal name (`int4`, not `integer`) in `pg_catalog`.
pub fn type_kind(name: &str) -> Option<TypeKind> {
    TYPES.get(name).copied()
}

/// Whether `pg_catalog` has a table or view of this name.
pub fn is_relation(name: &str) -> bool {
    type_kind(name) == Some(TypeKind::Composite)
}

/// All names of functions of `pg_catalog` and of the grammar: to suggest one.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().copied()
}

/// All internal names of types of `pg_catalog` that a column can have, arrays left out: to suggest one.
pub fn type_names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().filter(|(_, kind)| matches!(kind, TypeKind::Base | TypeKind::Range | TypeKind::Multirange)).map(|(name, _)| *name)
}

/// Whether PL/pgSQL knows an error by this name, in any version.
pub fn is_condition(name: &str) -> bool {
    conditions().any(|known| known == name)
}

/// The names of errors in PL/pgSQL: those of `errcodes.txt` of PostgreSQL 15 to 18.
pub fn conditions() -> impl Iterator<Item = &'static str> {
    include_str!("data/conditions.txt").lines()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_lists_is_read() {
        let functions = include_str!("data/functions.txt");
        assert_eq!(functions.lines().filter_map(read_function).count(), functions.lines().count());
        assert_eq!(TYPES.len(), include_str!("data/types.txt").lines().count());
    }

    #[test]
    fn functions_know_their_argument_counts() {
        let accepts = |name, arguments| function(name).is_some_and(|function| function.accepts(arguments));
        assert!(accepts("now", 0) && !accepts("now", 1));
        assert!(accepts("lower", 1));
        assert!(accepts("make_interval", 0) && accepts("make_interval", 7) && !accepts("make_interval", 8));
        assert!(accepts("concat", 30) && !accepts("concat", 0));
        assert!(accepts("coalesce", 3) && !accepts("nullif", 1));
        assert!(accepts("gen_random_uuid", 0));
        assert!(function("count").is_some_and(|function| function.is_aggregate && !function.is_function));
        assert!(function("row_number").is_some_and(|function| function.is_window));
        assert!(function("unnest").is_some_and(|function| function.returns_set));
        assert!(function("uid").is_none());
        assert!(is_syntax_function("coalesce") && !is_syntax_function("lower"));
    }

    #[test]
    fn types_know_what_they_are() {
        assert_eq!(type_kind("int4"), Some(TypeKind::Base));
        assert_eq!(type_kind("_int4"), Some(TypeKind::Array));
        assert_eq!(type_kind("trigger"), Some(TypeKind::Pseudo));
        assert_eq!(type_kind("tstzrange"), Some(TypeKind::Range));
        assert_eq!(type_kind("integer"), None);
        assert!(is_relation("pg_class") && !is_relation("int4"));
        assert!(type_names().any(|name| name == "uuid"));
    }
}
