//! What holds somebody back who may use a function or view: what functions ask before they act, and which rows views show.
//!
//! Who may call a function may do what lies behind it, as far as its conditions let him. So a condition that is dropped or turned over is
//! access that somebody gains, although no grant changed. Which condition is the right one, only who wrote it knows: each change is to be
//! approved.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::diff::{Change, condition};
use super::indexes::Indexes;
use crate::catalog::{Id, Object};
use crate::kinds::function::{Function, Security};
use crate::kinds::view::View;
use crate::parallel;
use crate::plpgsql::skeleton::Skeleton;
use crate::plpgsql::{self, Language};
use crate::sql::lexer::{TokenKind, lex};

/// What a function asks, line by line: see [`plpgsql::skeleton()`]; or the query of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guards {
    pub object: Id,
    pub lines: Vec<String>,
    /// The names in its lines that it declares itself: under others it asks the same.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub variables: BTreeSet<String>,
}

/// The names of columns by which something is decided: those of keys, those in policies, and those that functions name where they decide.
fn deciding<'n>(object: &'n Object, names: &mut FxHashSet<&'n str>) {
    match object {
        Object::PrimaryKey(key) => names.extend(key.columns.iter().map(String::as_str)),
        Object::Unique(key) => names.extend(key.columns.iter().map(String::as_str)),
        Object::ForeignKey(key) => names.extend(key.columns.iter().map(String::as_str)),
        Object::Policy(policy) => {
            let texts = policy.using.iter().chain(&policy.check).map(|part| part.text());
            names.extend(texts.flat_map(|text| text.split(|character: char| !character.is_alphanumeric() && character != '_')));
        }
        _ => {}
    }
}

fn skeleton(function: &Function) -> Skeleton {
    plpgsql::skeleton(&function.body, Language::of(&function.language))
}

/// What every function asks, and which rows every view shows, in the order of objects.
pub fn guards(indexes: &Indexes<'_>) -> Vec<Guards> {
    let skeletons = parallel::map(&indexes.functions, |_, (_, function)| skeleton(function));
    let mut names: FxHashSet<&str> = skeletons.iter().flat_map(Skeleton::names).collect();
    indexes.catalog.objects().for_each(|object| deciding(object, &mut names));
    let functions: Vec<_> = indexes.functions.iter().zip(&skeletons).collect();
    let decides = |column: &str| names.contains(column);
    in_order(parallel::map(&functions, |_, ((id, function), skeleton)| of_function(id, function, skeleton, &decides)), &indexes.views)
}

/// As [`guards`], before and after, but for functions and views that are the same and ask the same. `differing` are the objects that are not the same.
pub fn guards_apart(before: &Indexes<'_>, after: &Indexes<'_>, differing: &FxHashSet<&Id>) -> [Vec<Guards>; 2] {
    let sides = [before, after];
    // Each body is read once: most are the same on both sides.
    let mut places: FxHashMap<(&str, &str), usize> = FxHashMap::default();
    let mut distinct: Vec<&Function> = Vec::new();
    for (_, function) in sides.iter().flat_map(|side| &side.functions) {
        places.entry((&function.language, &function.body)).or_insert_with(|| {
            distinct.push(function);
            distinct.len() - 1
        });
    }
    let skeletons = parallel::map(&distinct, |_, function| skeleton(function));
    let read = |function: &Function| places.get(&(function.language.as_str(), function.body.as_str())).and_then(|place| skeletons.get(*place));
    let in_skeletons = |object: &Object| match object {
        Object::Function(function) => read(function),
        _ => None,
    };
    // What decides on both sides, and what on each alone.
    let mut common: FxHashSet<&str> = FxHashSet::default();
    for (_, entry) in before.catalog.iter().filter(|(id, _)| !differing.contains(*id)) {
        deciding(&entry.object, &mut common);
        common.extend(in_skeletons(&entry.object).into_iter().flat_map(Skeleton::names));
    }
    let [old, new] = sides.map(|side| {
        let mut own: FxHashSet<&str> = FxHashSet::default();
        for object in differing.iter().filter_map(|id| side.catalog.get(id)) {
            deciding(object, &mut own);
            own.extend(in_skeletons(object).into_iter().flat_map(Skeleton::names));
        }
        own
    });
    let otherwise: FxHashSet<&str> = old.symmetric_difference(&new).copied().filter(|name| !common.contains(name)).collect();
    [(before, &old), (after, &new)].map(|(side, own)| {
        let decides = |column: &str| common.contains(column) || own.contains(column);
        let functions = side.functions.iter().filter_map(|(id, function)| Some((*id, *function, read(function)?)));
        let asks = |id: &Id, skeleton: &Skeleton| differing.contains(id) || skeleton.writes(&|column| otherwise.contains(column));
        let functions: Vec<_> = functions.filter(|(id, _, skeleton)| asks(id, skeleton)).collect();
        let views: Vec<_> = side.views.iter().filter(|(id, _)| differing.contains(*id)).copied().collect();
        in_order(parallel::map(&functions, |_, (id, function, skeleton)| of_function(id, function, skeleton, &decides)), &views)
    })
}

/// What one function asks.
fn of_function(id: &Id, function: &Function, skeleton: &Skeleton, decides: &dyn Fn(&str) -> bool) -> Guards {
    let mut lines = vec![as_whom(function.security == Security::Definer)];
    lines.extend(function.strict.then(|| "null for null".to_owned()));
    lines.extend(function.settings.iter().map(|(setting, value)| format!("{setting} = {value}")));
    let own = lines.len();
    lines.extend(skeleton.lines(decides));
    let asked = lines.get(own..).unwrap_or_default();
    let is_named = |variable: &&str| asked.iter().any(|line| words(line).any(|(word, _)| word == *variable));
    let variables = skeleton.variables().filter(is_named).map(str::to_owned).collect();
    Guards { object: id.clone(), lines, variables }
}

/// With those of views, in the order of objects.
fn in_order<'v>(mut guards: Vec<Guards>, views: impl IntoIterator<Item = &'v (&'v Id, &'v View)>) -> Vec<Guards> {
    guards.extend(views.into_iter().map(|(id, view)| {
        let mut lines = vec![as_whom(!view.security_invoker)];
        lines.extend(view.check_option.map(|option| format!("check option {}", option.label())));
        lines.push(plpgsql::skeleton::expression(view.query.text()));
        Guards { object: (*id).clone(), lines, variables: BTreeSet::new() }
    }));
    guards.sort_by(|a, b| a.object.cmp(&b.object));
    guards
}

fn as_whom(is_owner: bool) -> String {
    if is_owner { "as the owner" } else { "as the caller" }.to_owned()
}

/// The functions and views that ask something else than before. Those that are new are new rights, and those that are gone none.
pub(super) fn diff_guards(old: &[Guards], new: &[Guards], changes: &mut Vec<Change>) {
    let keyed: BTreeMap<&Id, &Guards> = new.iter().map(|known| (&known.object, known)).collect();
    for before in old {
        let differs = |after: &&&Guards| after.lines != before.lines && anonymous(after) != anonymous(before);
        if let Some(after) = keyed.get(&before.object).filter(differs) {
            changes.push(condition(&before.object, compared(&before.lines, &after.lines)));
        }
    }
}

/// The lines with a number for each variable, in the order in which they come: the same for bodies that differ in what they call their own.
fn anonymous(guards: &Guards) -> Vec<String> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let numbered = |line: &'_ str, numbers: &mut BTreeMap<_, _>| {
        let mut text = String::new();
        let mut from = 0;
        for (word, at) in words(line) {
            if let Some(variable) = guards.variables.get(word) {
                let next = numbers.len();
                let number = *numbers.entry(variable.as_str()).or_insert(next);
                text.push_str(line.get(from..at).unwrap_or_default());
                // No word of SQL begins so.
                text.push_str(&format!("?{number}"));
                from = at + word.len();
            }
        }
        text.push_str(line.get(from..).unwrap_or_default());
        text
    };
    guards.lines.iter().map(|line| numbered(line, &mut numbers)).collect()
}

/// The names in a line that may be variables, each with where it begins: neither in strings, nor between quotes, nor behind a dot.
fn words(line: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut after_dot = false;
    lex(line).tokens.into_iter().filter_map(move |token| {
        let follows = std::mem::replace(&mut after_dot, token.kind == TokenKind::Dot);
        (token.kind == TokenKind::Word && !follows).then(|| (token.text(line), token.start))
    })
}

/// What it asks no longer, and what it asks now.
fn compared(old: &[String], new: &[String]) -> String {
    let list = |these: &[String], those: &[String]| -> Vec<String> {
        let mut left: Vec<&str> = those.iter().map(|line| line.trim()).collect();
        let missing = these.iter().map(|line| line.trim()).filter(|line| match left.iter().position(|other| other == line) {
            Some(place) => {
                left.swap_remove(place);
                false
            }
            None => true,
        });
        missing.map(|line| format!("`{line}`")).collect()
    };
    let (gone, added) = (list(old, new), list(new, old));
    match (gone.is_empty(), added.is_empty()) {
        (true, true) => "what it asks is the same, in another order or place".to_owned(),
        (false, true) => format!("asks no longer {}", gone.join(", ")),
        (true, false) => format!("asks {} too", added.join(", ")),
        (false, false) => format!("asks {}; before: {}", added.join(", "), gone.join(", ")),
    }
}
