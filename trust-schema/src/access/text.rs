//! Access in words: a document, and a listing for terminals.

use std::collections::BTreeMap;

use super::{Access, Action, Principal, PrincipalAccess, Reach, Right, Rows, Source, Way};
use crate::catalog::Id;
use crate::spec::printable;

/// Between names in a list.
pub const SEPARATOR: &str = ", ";

/// How names of the spec are set apart from our words: they may hold anything.
pub type Quote = fn(&str) -> String;

/// For terminals and plain texts.
pub fn plain(name: &str) -> String {
    format!("`{}`", printable(name))
}

/// A list of quoted names.
fn names<'n>(names: impl IntoIterator<Item = &'n String>, quote: Quote) -> String {
    names.into_iter().map(|name| quote(name)).collect::<Vec<_>>().join(SEPARATOR)
}

/// Rows in words.
pub fn rows(rows: &Rows, quote: Quote) -> String {
    match rows {
        Rows::All => "all rows".to_owned(),
        Rows::None => "no rows".to_owned(),
        Rows::View => "what the view shows".to_owned(),
        Rows::Policies { permissive, restrictive } => {
            let only = if restrictive.is_empty() { String::new() } else { format!(", and only those of {}", names(restrictive, quote)) };
            format!("rows of {}{only}", names(permissive, quote))
        }
    }
}

/// How far a right goes: columns, rows, limits.
pub fn scope(right: &Right, quote: Quote) -> String {
    let mut parts = Vec::new();
    parts.extend(right.columns.as_ref().map(|columns| format!("columns {}", names(columns, quote))));
    parts.extend(right.rows.as_ref().map(|known| rows(known, quote)));
    if right.out_of_reach {
        parts.push("schema out of reach".to_owned());
    }
    if !right.lacks.is_empty() {
        let lacks = right.lacks.iter().map(|id| quote(&id.to_string())).collect::<Vec<_>>().join(SEPARATOR);
        parts.push(format!("fails for want of {lacks}"));
    }
    if right.grantable {
        parts.push("can pass it on".to_owned());
    }
    if parts.is_empty() { "granted".to_owned() } else { parts.join("; ") }
}

/// Why, in words.
pub fn way(way: &Way, quote: Quote) -> String {
    let source = match way.by {
        Source::Grant => "granted",
        Source::ColumnGrant => "granted on columns",
        Source::Public => "granted to PUBLIC",
        Source::Predefined => "of PostgreSQL's own role",
        Source::Owner => "the owner's",
    };
    match way.through.split_last() {
        None => source.to_owned(),
        Some((last, [])) => format!("{source} to {}, whose member it is", quote(last)),
        Some((last, between)) => format!("{source} to {}, whose member it is through {}", quote(last), names(between, quote)),
    }
}

/// What lies behind a door, in words: by action, with all objects of each.
pub fn reaches(reaches: &[Reach], quote: Quote) -> String {
    let mut by_action: BTreeMap<Action, Vec<String>> = BTreeMap::new();
    for reach in reaches {
        let restricted = reach.rows.as_ref().filter(|rows| !matches!(rows, Rows::All | Rows::View));
        let limit = restricted.map(|limit| format!(" ({})", rows(limit, quote))).unwrap_or_default();
        let objects = by_action.entry(reach.action).or_default();
        objects.extend(reach.object.as_ref().map(|object| format!("{}{limit}", quote(object.name()))));
    }
    let parts = by_action.into_iter().map(|(action, objects)| match action {
        Action::Anything => "runs SQL that is put together at run time".to_owned(),
        action => format!("{} {}", action.word(), objects.join(SEPARATOR)),
    });
    format!("as the owner: {}", parts.collect::<Vec<_>>().join("; "))
}

/// Lines for a terminal: the rights of those principals and objects that are asked for, and why.
pub fn listing(access: &Access, principal: Option<&Principal>, object: Option<&Id>, why: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for known in access.principals.iter().filter(|known| principal.is_none_or(|wanted| *wanted == known.principal)) {
        let rights: Vec<&Right> = known.rights.iter().filter(|right| object.is_none_or(|wanted| right.object == *wanted)).collect();
        let told = object.is_none() || !rights.is_empty() || !known.may_become.is_empty() || known.principal == Principal::Owner;
        if !told {
            continue;
        }
        lines.push(format!("{}{}", printable(&known.principal.to_string()), standing(known, plain)));
        if known.principal == Principal::Owner {
            lines.push("  everything, on every object".to_owned());
        }
        for right in rights {
            lines.push(format!("  {} {}: {}", right.action.word(), printable(&right.object.to_string()), scope(right, plain)));
            if why {
                lines.extend(right.ways.iter().map(|known| format!("    because it is {}", way(known, plain))));
            }
            let Some(door) = access.door(right) else { continue };
            if why {
                lines.extend(door.reaches.iter().map(|reach| format!("    and {}", chain(reach, plain))));
            } else {
                lines.push(format!("    {}", reaches(&door.reaches, plain)));
            }
        }
    }
    lines
}

/// One step behind a door, with everything between.
fn chain(reach: &Reach, quote: Quote) -> String {
    let one = reaches(std::slice::from_ref(reach), quote);
    let through = reach.through.iter().map(|id| quote(&id.to_string())).collect::<Vec<_>>();
    if through.is_empty() { one } else { format!("{one}, through {}", through.join(" → ")) }
}

/// What a principal is beyond its rights.
pub fn standing(known: &PrincipalAccess, quote: Quote) -> String {
    let mut parts = Vec::new();
    if known.principal == Principal::Public {
        parts.push("every role, of today and of tomorrow".to_owned());
    }
    if known.login {
        parts.push("logs in".to_owned());
    }
    if known.bypasses_row_security {
        parts.push("ignores row-level security".to_owned());
    }
    if !known.inherits.is_empty() {
        parts.push(format!("has the privileges of {}", names(known.inherits.keys(), quote)));
    }
    let more: Vec<&String> = known.may_become.keys().filter(|role| !known.inherits.contains_key(*role)).collect();
    if !more.is_empty() {
        parts.push(format!("may become {}", names(more, quote)));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}
