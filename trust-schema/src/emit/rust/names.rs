//! Identifiers of Rust.

use crate::emit::model::names;

/// Keywords that `r#` makes a name (Reference: Keywords, strict and reserved, edition 2024).
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern", "false", "final", "fn",
    "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static",
    "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that not even `r#` makes a name.
const NEVER_A_NAME: [&str; 4] = ["self", "super", "crate", "Self"];

/// Names that the fields of generated structs mean otherwise.
const USED_TYPES: [&str; 3] = ["Option", "String", "Vec"];

/// Names that the derives of `trust-macros` give to something else beside the variants of an enum.
const USED_BESIDE_VARIANTS: [&str; 4] = ["ALL", "LABELS", "Err", "DECLARED"];

/// The name of a struct or an enum.
pub fn type_name(name: &str) -> String {
    escaped(names::camel(name), &USED_TYPES)
}

/// The name of a variant.
pub fn variant(name: &str) -> String {
    escaped(names::camel(name), &USED_BESIDE_VARIANTS)
}

/// The name of a constant.
pub fn constant(name: &str) -> String {
    names::screaming(name)
}

/// The name of a field, and whether it is, without `r#`, another one than PostgreSQL's.
pub fn field(name: &str) -> (String, bool) {
    let snake = names::snake(name);
    if KEYWORDS.contains(&snake.as_str()) {
        let differs = snake != name;
        return (format!("r#{snake}"), differs);
    }
    let escaped = escaped(snake, &[]);
    let differs = escaped != name;
    (escaped, differs)
}

fn escaped(name: String, used: &[&str]) -> String {
    let taken = NEVER_A_NAME.contains(&name.as_str()) || used.contains(&name.as_str());
    if taken { name + "_" } else { name }
}
