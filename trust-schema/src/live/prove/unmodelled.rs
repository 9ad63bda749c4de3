//! What the migrations did besides making what the Catalog models. What follows from the spec is known; everything else is told.

use std::collections::BTreeSet;

use super::Problem;
use crate::catalog::{Catalog, Object};
use crate::kinds::column::Column;
use crate::kinds::view::{CheckOption, View};
use crate::live::snapshot::{Line, Snapshot};
use crate::sql::identifier::quote;

/// Lines that came or went, and that the spec does not explain: rules, statistics, other owners, options, privileges of others' objects, …
/// `owner` is the role that ran the migrations.
pub fn lines<'s>(empty: &'s Snapshot, applied: &'s Snapshot, spec: &Catalog, owner: &str) -> Vec<(&'static str, &'s Line)> {
    let known: BTreeSet<Line> = spec.objects().filter_map(expected).collect();
    let explained = |line: &Line| match line.class.as_str() {
        // Missing and additional objects are the Catalog's to tell, and rows those of the verification.
        "owner" => line.detail == owner,
        "rows" => true,
        _ => known.contains(line),
    };
    let (gone, new) = empty.changes(applied);
    // A number of rows that changed is a line that went.
    let gone = gone.into_iter().filter(|line| line.class != "rows").map(|line| ("gone", line));
    gone.chain(new.into_iter().filter(|line| !explained(line)).map(|line| ("not of the spec", line))).collect()
}

/// As problems.
pub fn problem((what, line): (&'static str, &Line)) -> Problem {
    Problem::new(format!("{} {}", line.class, line.name), format!("{what}: {line}"))
}

/// What an object of the spec looks like in the fingerprint.
fn expected(object: &Object) -> Option<Line> {
    match object {
        Object::View(view) => Some(Line { class: "storage options".to_owned(), name: view.name.to_string(), detail: options(view) }),
        Object::Column(column) => {
            let sequence = column.identity_sequence.as_ref()?;
            Some(Line { class: "sequence".to_owned(), name: sequence.to_string(), detail: identity(column) })
        }
        _ => None,
    }
}

/// The options that `View::create` states.
fn options(view: &View) -> String {
    let security = if view.security_invoker { "security_invoker=true" } else { "security_barrier=true" };
    let check = match view.check_option {
        Some(CheckOption::Local) => ", check_option=local",
        Some(CheckOption::Cascaded) => ", check_option=cascaded",
        None => "",
    };
    format!("{security}{check}")
}

/// An identity column's sequence has PostgreSQL's defaults: type, start, increment, minimum, maximum, cache, cycle.
fn identity(column: &Column) -> String {
    let maximum = match column.data_type.as_str() {
        "smallint" => i64::from(i16::MAX),
        "integer" => i64::from(i32::MAX),
        _ => i64::MAX,
    };
    format!("{} 1 1 1 {maximum} 1 f; owned by {}.{}", column.data_type, column.table, quote(&column.name))
}
