//! What is said where values that columns hold would not come through a change of their types, or through its rollback.

use std::collections::BTreeSet;

use super::demands::Compared;
use crate::catalog::Id;
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::evolution::{Refused, Way, Why};

/// Tells of the way there, and of columns that only a rollback would not carry along.
pub fn tell<'r>(compared: &Compared<'_>, there: &'r [Refused], back: impl Iterator<Item = &'r Refused>, diagnostics: &mut Vec<Diagnostic>) {
    let mut told: BTreeSet<Id> = BTreeSet::new();
    // A rollback gives everything its old name.
    let new = |id: &Id| compared.ids.get(id).unwrap_or(id).clone();
    for (refused, way) in there.iter().map(|refused| (refused, Way::There)).chain(back.map(|refused| (refused, Way::Back))) {
        let refused = Refused { column: new(&refused.column), made: new(&refused.made), why: refused.why.clone() };
        if !told.insert(refused.column.clone()) {
            continue;
        }
        let diagnostic = Diagnostic::error_at(code(&refused.why), refused.message(way), compared.at(&refused.column));
        diagnostics.push(diagnostic.help(help(&refused)));
    }
}

fn code(why: &Why) -> &'static Code {
    match why {
        Why::Arrays | Why::Attribute { .. } | Why::Base { .. } | Why::TooMany | Why::Retyped { .. } => &codes::NO_CAST,
        Why::ValuesInArrays => &codes::VALUE_WITHOUT_SUCCESSOR,
        Why::NoValue { .. } => &codes::NO_VALUE_FOR_ROWS,
    }
}

fn help(Refused { column, why, .. }: &Refused) -> String {
    let instead = format!("add a column of a new type, fill it by `backfill`, and remove {column} in the next release");
    match why {
        Why::Arrays => {
            format!("attributes can come and go at the end of a type, in a release that changes nothing that it holds; otherwise {instead}")
        }
        Why::ValuesInArrays => {
            format!("add a column for them in one release, fill it by `backfill`, remove {column} in the next, and the value after that")
        }
        Why::Attribute { name, .. } => {
            format!("add an attribute of that type at the end, fill it, and remove `{name}` in a later release; or {instead}")
        }
        Why::Base { .. } | Why::TooMany => instead,
        Why::NoValue { .. } => format!("give it a type that takes NULL; or {instead}"),
        Why::Retyped { .. } => "change one of them in a release of its own".to_owned(),
    }
}
