//! Two Catalogs side by side: what PostgreSQL holds, and what it should hold.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::catalog::{Catalog, Id, Object};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Difference {
    /// Expected, and not there.
    Missing { object: Id },
    /// There, and not expected.
    Extra { object: Id },
    /// There, and different in one attribute.
    Changed { object: Id, attribute: String, expected: Value, actual: Value },
}

impl Difference {
    /// The object in which it lies.
    pub fn object(&self) -> &Id {
        match self {
            Difference::Missing { object } | Difference::Extra { object } | Difference::Changed { object, .. } => object,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Missing { object } => write!(formatter, "{object} is missing"),
            Difference::Extra { object } => write!(formatter, "{object} should not be there"),
            Difference::Changed { object, attribute, expected, actual } => {
                write!(formatter, "{object}: {attribute} should be {expected} and is {actual}")
            }
        }
    }
}

/// Whether SQL expressions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expressions {
    /// Their text counts: both sides were printed by PostgreSQL.
    Compared,
    /// Only whether there is one counts: one side is an author's text.
    Masked,
}

/// Compares what is expected with what there is, in the order of identities. Objects of kinds that PostgreSQL cannot be asked for (roles,
/// seeds, raw SQL, schedules) are left out.
pub fn compare(expected: &Catalog, actual: &Catalog, expressions: Expressions) -> Vec<Difference> {
    let readable = |id: &&Id| !id.kind().introspection().is_empty();
    let ids: BTreeSet<&Id> = expected.iter().chain(actual.iter()).map(|(id, _)| id).filter(readable).collect();
    let mut differences = Vec::new();
    for id in ids {
        match (expected.get(id), actual.get(id)) {
            (Some(_), None) => differences.push(Difference::Missing { object: id.clone() }),
            (None, _) => differences.push(Difference::Extra { object: id.clone() }),
            (Some(expected), Some(actual)) => attributes(id, expected, actual, expressions, &mut differences),
        }
    }
    differences
}

fn attributes(id: &Id, expected: &Object, actual: &Object, expressions: Expressions, differences: &mut Vec<Difference>) {
    if expected == actual {
        return;
    }
    let (mut expected, mut actual) = (expected.clone(), actual.clone());
    if expressions == Expressions::Masked {
        without_null_default(&mut expected);
        expected.mask_expressions();
        actual.mask_expressions();
        if expected == actual {
            return;
        }
    }
    let attribute =
        |name: &str, expected: Value, actual: Value| Difference::Changed { object: id.clone(), attribute: name.to_owned(), expected, actual };
    match (serde_json::to_value(&expected), serde_json::to_value(&actual)) {
        (Ok(Value::Object(expected)), Ok(Value::Object(actual))) => {
            let names: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
            let value = |object: &serde_json::Map<String, Value>, name: &str| object.get(name).cloned().unwrap_or(Value::Null);
            let changed =
                names.into_iter().map(|name| (name, value(&expected, name), value(&actual, name))).filter(|(_, expected, actual)| expected != actual);
            differences.extend(changed.map(|(name, expected, actual)| attribute(name, expected, actual)));
        }
        // Values that cannot be written as JSON are different all the same.
        _ => differences.push(attribute("value", Value::Null, Value::Null)),
    }
}

/// PostgreSQL keeps no default of NULL for a column: it is what a column without a default has.
fn without_null_default(object: &mut Object) {
    if let Object::Column(column) = object
        && column.default.as_ref().is_some_and(|default| default.text().trim().eq_ignore_ascii_case("null"))
    {
        column.default = None;
    }
}

/// How many objects of a Catalog PostgreSQL can be asked for.
pub fn readable(catalog: &Catalog) -> usize {
    catalog.iter().filter(|(id, _)| !id.kind().introspection().is_empty()).count()
}

/// Everything in two Catalogs; where both have an object, that of `over`.
pub fn together(base: &Catalog, over: &Catalog) -> Catalog {
    let mut all = over.clone();
    for (_, entry) in base.iter().filter(|(id, _)| !over.contains(id)) {
        // Only an identity that is taken is refused, and those are left out.
        let _ = all.insert(entry.object.clone(), entry.needs.clone());
    }
    all
}
