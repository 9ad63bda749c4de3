//! Which object is meant.

use crate::catalog::{Catalog, Id};
use crate::diagnostic::similar;
use crate::kinds::Kind;

/// More than these at once, and a list of names helps better.
const SHOWN: usize = 3;

/// What was found for a text.
pub enum Search<'c> {
    Found(Vec<&'c Id>),
    Ambiguous(Vec<&'c Id>),
    /// Nothing; the nearest name.
    Nothing(Option<String>),
}

/// Finds objects by `kind name`, by name, without the arguments of a function, and at last without the schema; the first way that finds any counts.
pub fn find<'c>(catalog: &'c Catalog, text: &str) -> Search<'c> {
    let folded = text.to_lowercase();
    // Comments and grants are shown with their object.
    let ids = || catalog.iter().map(|(id, _)| id).filter(|id| !matches!(id.kind(), Kind::Comment | Kind::Grant));
    let ways: [&dyn Fn(&Id) -> bool; 5] = [
        &|id| id.to_string().to_lowercase() == folded,
        &|id| id.name().to_lowercase() == folded,
        &|id| bare(id).to_lowercase() == folded || format!("{} {}", id.kind().word(), bare(id)).to_lowercase() == folded,
        &|id| {
            is_whole(id) && (last(bare(id)).to_lowercase() == folded || format!("{} {}", id.kind().word(), last(bare(id))).to_lowercase() == folded)
        },
        &|id| bare(id).to_lowercase().ends_with(&format!(".{folded}")),
    ];
    for way in ways {
        let found: Vec<&Id> = ids().filter(|id| way(id)).collect();
        match found.len() {
            0 => {}
            1..=SHOWN => return Search::Found(found),
            _ => return Search::Ambiguous(found),
        }
    }
    let names: Vec<String> = ids().flat_map(|id| [id.to_string(), bare(id).to_owned(), last(bare(id)).to_owned()]).collect();
    Search::Nothing(similar(text, names.iter().map(String::as_str)).map(str::to_owned))
}

/// Whether the object stands for itself, and is no part of another.
fn is_whole(id: &Id) -> bool {
    !matches!(id.kind(), Kind::Column | Kind::PrimaryKey | Kind::Unique | Kind::Check | Kind::ForeignKey | Kind::Index | Kind::Trigger | Kind::Policy)
}

/// A function's name without its arguments.
fn bare(id: &Id) -> &str {
    match id.kind() {
        Kind::Function => id.name().split('(').next().unwrap_or_default(),
        _ => id.name(),
    }
}

/// A name without its schema. Good enough for a search: a quoted name that holds a dot is found by its whole name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
