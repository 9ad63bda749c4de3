//! How many objects there are, and whether there are others.

use std::collections::{BTreeMap, BTreeSet};

use super::part::{Part, texts};
use super::selection::Selection;
use crate::catalog::{Id, Object, QualifiedName};
use crate::kinds::Kind;

/// What is counted: schema, kind, and for functions the end of the name as a pattern.
type Group = (String, &'static str, String);

/// Counts by schema and kind. In a schema that the spec creates everything counts, elsewhere what bears a name of the spec.
pub fn parts(selection: &Selection<'_>) -> Vec<Part> {
    if !selection.is_whole() {
        return Vec::new();
    }
    let mut counts = Part::new("expected_counts", &["kind", "what", "schema", "pattern", "expected", "is_closed"], include_str!("sql/counts.sql"));
    let mut names = Part::shared("expected_names", &["kind", "schema", "name"]);
    let mut others = Part::new("closed_schemas", &["object", "schema"], include_str!("sql/others.sql"));
    let mut closed: BTreeSet<&str> = BTreeSet::new();
    let mut groups: BTreeMap<Group, u64> = BTreeMap::new();
    let mut known: BTreeSet<(&str, String, String)> = BTreeSet::new();
    for (_, object) in selection.objects() {
        if let Object::Schema(schema) = object
            && !selection.has_raw()
        {
            closed.insert(&schema.name);
            others.texts(&[&Id::global(Kind::Schema, &schema.name).to_string(), &schema.name]);
        }
        let Some((kind, name)) = counted(object) else { continue };
        known.insert((kind, name.schema.to_string(), name.name.to_string()));
        *groups.entry((name.schema.to_string(), kind, String::new())).or_default() += 1;
        if kind == "function"
            && let Some(version) = version(&name.name)
        {
            *groups.entry((name.schema.to_string(), kind, version.to_owned())).or_default() += 1;
        }
    }
    for (kind, schema, name) in &known {
        names.texts(&[kind, schema, name]);
    }
    for ((schema, kind, version), count) in &groups {
        let what = match (*count, version.is_empty()) {
            (1, true) => (*kind).to_owned(),
            (_, true) => format!("{kind}s"),
            (1, false) => format!("{kind} *{version}"),
            (_, false) => format!("{kind}s *{version}"),
        };
        let pattern = if version.is_empty() { String::new() } else { format!("{version}$") };
        let row = texts(&[kind, &what, schema, &pattern, &count.to_string()]);
        counts.push(&format!("{row}, {}", closed.contains(schema.as_str())));
    }
    vec![names, counts, others]
}

/// The kind as `counts.sql` knows it, and the name.
fn counted(object: &Object) -> Option<(&'static str, &QualifiedName)> {
    Some(match object {
        Object::Table(table) => ("table", &table.name),
        Object::View(view) => ("view", &view.name),
        Object::Sequence(sequence) => ("sequence", &sequence.name),
        Object::Column(column) => ("sequence", column.identity_sequence.as_ref()?),
        Object::Enum(object) => ("type", &object.name),
        Object::Domain(object) => ("type", &object.name),
        Object::Composite(object) => ("type", &object.name),
        Object::Function(function) => ("function", &function.name),
        _ => return None,
    })
}

/// `_v1` of `issue_token_v1`.
fn version(name: &str) -> Option<&str> {
    let digits = name.len() - name.trim_end_matches(|character: char| character.is_ascii_digit()).len();
    let start = name.len().checked_sub(digits + 2).filter(|start| *start > 0 && digits > 0)?;
    name.get(start..).filter(|end| end.starts_with("_v"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_the_end_of_a_name() {
        for (name, expected) in
            [("issue_v1", Some("_v1")), ("a_v12", Some("_v12")), ("_v1", None), ("a_v", None), ("av1", None), ("7", None), ("é_v2", Some("_v2"))]
        {
            assert_eq!(version(name), expected, "{name}");
        }
    }
}
