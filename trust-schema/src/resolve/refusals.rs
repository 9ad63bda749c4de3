//! What is said where values that columns hold would not come through a change of their types, or through its rollback.

use super::demands::Compared;
use crate::catalog::Id;
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::evolution::{Refused, Why};

/// Tells of the way there, and of columns that only a rollback would not carry along.
pub fn tell<'r>(compared: &Compared<'_>, there: &'r [Refused], back: impl Iterator<Item = &'r Refused>, diagnostics: &mut Vec<Diagnostic>) {
    let mut told: Vec<Id> = Vec::new();
    for (refused, is_back) in there.iter().map(|refused| (refused, false)).chain(back.map(|refused| (refused, true))) {
        // A rollback gives everything its old name.
        let new = |id: &Id| compared.ids.get(id).unwrap_or(id).clone();
        let column = new(&refused.column);
        if told.contains(&column) {
            continue;
        }
        let (code, message, help) = said(&column, &new(&refused.made), &refused.why, is_back);
        diagnostics.push(Diagnostic::error_at(code, message, compared.at(&column)).help(help));
        told.push(column);
    }
}

fn said(column: &Id, made: &Id, why: &Why, is_back: bool) -> (&'static Code, String, String) {
    let anew = if is_back { "which the rollback would have to make anew" } else { "which has to be made anew" };
    let instead = format!("add a column of a new type, fill it by `backfill`, and remove {column} in the next release");
    match why {
        Why::Arrays => (
            &codes::NO_CAST,
            format!("{column} holds arrays of {made}, {anew}, and PostgreSQL cannot take these apart within one statement"),
            format!("attributes can come and go at the end of a type, in a release that changes nothing that it holds; otherwise {instead}"),
        ),
        Why::ValuesInArrays => (
            &codes::VALUE_WITHOUT_SUCCESSOR,
            format!("{column} holds arrays with values of {made} deep in them, and PostgreSQL cannot replace these within one statement"),
            format!("add a column for them in one release, fill it by `backfill`, remove {column} in the next, and the value after that"),
        ),
        Why::Attribute { name, from, to } => (
            &codes::NO_CAST,
            format!("attribute `{name}` of {made} becomes {to} where it was {from}, and {column} holds values of it"),
            format!("add an attribute of that type at the end, fill it, and remove `{name}` in a later release; or {instead}"),
        ),
        Why::Base { from, to } => (
            &codes::NO_CAST,
            format!("{made} becomes one over {to} where it was one over {from}, and {column} holds values of it"),
            instead,
        ),
        Why::NoValue { attribute, domain } => {
            let comes = if is_back { "would come back with a rollback" } else { "comes" };
            (
                &codes::NO_VALUE_FOR_ROWS,
                format!("attribute `{attribute}` of {made} {comes} without a value to what {column} holds, and NULL is not certain to pass {domain}"),
                format!("give it a type that takes NULL; or {instead}"),
            )
        }
        Why::TooMany => (
            &codes::NO_CAST,
            format!("{column} holds {made} many times within others, and no statement of a reasonable length moves all of them"),
            instead,
        ),
        Why::Retyped { from, to } => (
            &codes::NO_CAST,
            format!("{column} becomes {to} where it was {from}, and {made}, {anew}, is in both"),
            "change one of them in a release of its own".to_owned(),
        ),
    }
}
