//! What holds somebody back who may use a function or write to a table: what functions ask before they act, and what tables refuse.
//!
//! Who may call a function may do what lies behind it, as far as its conditions let him. So a condition that is dropped or turned over is
//! access that somebody gains, although no grant changed. Which condition is the right one, only who wrote it knows: each change is to be
//! approved.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::diff::{Change, Direction};
use crate::catalog::{Catalog, Id, Kind, Object};
use crate::kinds::constraint::foreign_key::{Action, ForeignKey};
use crate::kinds::function::{Function, Security};
use crate::kinds::index::{Index, Key};
use crate::kinds::trigger::Trigger;
use crate::kinds::view::View;
use crate::parallel;
use crate::plpgsql::skeleton::Skeleton;
use crate::plpgsql::{self, Language};
use crate::sql::lexer::{TokenKind, lex};
use crate::sql::quoted::quoted;

/// What a function asks, line by line: see [`plpgsql::skeleton()`]; or the query of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guards {
    pub object: Id,
    pub lines: Vec<String>,
    /// The names in its lines that it declares itself: under others it asks the same.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub variables: BTreeSet<String>,
}

/// What a table or domain refuses: by keys, checks, unique indexes, columns that are not null, triggers and row-level security.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    pub object: Id,
    pub refused: BTreeMap<Id, String>,
}

/// Of a column that takes NULL: that it is there.
const NOTHING: &str = "nothing";

/// The names of columns by which something is decided: those of keys, those in policies, and those that functions name where they decide.
fn deciding<'n>(catalog: &'n Catalog, skeletons: &'n [Skeleton]) -> FxHashSet<&'n str> {
    let mut names: FxHashSet<&str> = skeletons.iter().flat_map(Skeleton::names).collect();
    for (_, entry) in catalog.iter() {
        match &entry.object {
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
    names
}

/// What every function asks, and which rows every view shows, in the order of objects.
pub fn guards(catalog: &Catalog, functions: &[(&Id, &Function)], views: &[(&Id, &View)]) -> Vec<Guards> {
    let skeletons = parallel::map(functions, |_, (_, function)| plpgsql::skeleton(&function.body, Language::of(&function.language)));
    let deciding = deciding(catalog, &skeletons);
    let read: Vec<_> = functions.iter().zip(&skeletons).collect();
    let mut guards = parallel::map(&read, |_, ((id, function), skeleton)| {
        let mut lines = vec![as_whom(function.security == Security::Definer)];
        lines.extend(function.strict.then(|| "null for null".to_owned()));
        lines.extend(function.settings.iter().map(|(setting, value)| format!("{setting} = {value}")));
        let own = lines.len();
        lines.extend(skeleton.lines(&|column| deciding.contains(column)));
        let asked = lines.get(own..).unwrap_or_default();
        let is_named = |variable: &&str| asked.iter().any(|line| words(line).any(|(word, _)| word == *variable));
        let variables = skeleton.variables().filter(is_named).map(str::to_owned).collect();
        Guards { object: (*id).clone(), lines, variables }
    });
    guards.extend(views.iter().map(|(id, view)| {
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

/// What every table and domain refuses, in the order of objects.
pub fn refusals(catalog: &Catalog) -> Vec<Refusals> {
    let mut tables: BTreeMap<Id, BTreeMap<Id, String>> = BTreeMap::new();
    for (id, entry) in catalog.iter() {
        let (table, text) = match &entry.object {
            Object::Table(table) => (
                &table.name,
                match (table.row_level_security, table.force_row_level_security) {
                    (true, true) => "row-level security, for the owner too",
                    (true, false) => "row-level security",
                    (false, _) => NOTHING,
                }
                .to_owned(),
            ),
            Object::Domain(domain) => {
                let mut refused: BTreeMap<Id, String> = BTreeMap::new();
                for (name, check) in &domain.checks {
                    let id = Id::part(Kind::Check, &domain.name, name);
                    refused.insert(id, format!("check {}", plpgsql::skeleton::expression(check.text())));
                }
                refused.insert(id.clone(), if domain.not_null { "not null" } else { NOTHING }.to_owned());
                tables.insert(id.clone(), refused);
                continue;
            }
            Object::Column(column) => (&column.table, if column.not_null { "not null" } else { NOTHING }.to_owned()),
            Object::ForeignKey(key) => (&key.table, foreign_key(key)),
            Object::Check(check) => (&check.table, format!("check {}", plpgsql::skeleton::expression(check.expression.text()))),
            Object::PrimaryKey(key) => (&key.table, format!("primary key ({})", key.columns.join(", "))),
            Object::Unique(key) => {
                let nulls = if key.nulls_not_distinct { " nulls not distinct" } else { "" };
                (&key.table, format!("unique{nulls} ({})", key.columns.join(", ")))
            }
            Object::Index(index) if index.unique => (&index.table, unique_index(index)),
            Object::Trigger(trigger) => (&trigger.table, trigger_text(trigger)),
            _ => continue,
        };
        tables.entry(Id::of(Kind::Table, table)).or_default().insert(id.clone(), text);
    }
    tables.into_iter().map(|(object, refused)| Refusals { object, refused }).collect()
}

fn foreign_key(key: &ForeignKey) -> String {
    let action = |when: &str, action: Action, columns: &[String]| match action {
        Action::NoAction => String::new(),
        action if columns.is_empty() => format!(" on {when} {}", action.label().replace('_', " ")),
        action => format!(" on {when} {} ({})", action.label().replace('_', " "), columns.join(", ")),
    };
    let (columns, there) = (key.columns.join(", "), key.referenced_columns.join(", "));
    format!(
        "({columns}) refer to {} ({there}){}{}",
        key.references,
        action("delete", key.on_delete, &key.delete_columns),
        action("update", key.on_update, &[])
    )
}

fn unique_index(index: &Index) -> String {
    let keys = index.elements.iter().map(|element| match &element.key {
        Key::Column(column) => column.clone(),
        Key::Expression(expression) => plpgsql::skeleton::expression(expression.text()),
    });
    let keys = keys.collect::<Vec<_>>().join(", ");
    let of = index.predicate.as_ref().map(|rows| format!(" where {}", plpgsql::skeleton::expression(rows.text()))).unwrap_or_default();
    let nulls = if index.nulls_not_distinct { " nulls not distinct" } else { "" };
    format!("unique{nulls} ({keys}){of}")
}

fn trigger_text(trigger: &Trigger) -> String {
    let events = trigger.events.iter().map(|event| event.label()).collect::<Vec<_>>().join(" or ");
    let columns = if trigger.update_of.is_empty() { String::new() } else { format!(" of {}", trigger.update_of.join(", ")) };
    let when = trigger.condition.as_ref().map(|when| format!(" when {}", plpgsql::skeleton::expression(when.text()))).unwrap_or_default();
    let arguments = trigger.arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(", ");
    format!("{} {events}{columns}, for each {}{when}: {}({arguments})", trigger.when.label(), trigger.for_each.label(), trigger.function)
}

/// The functions and views that ask something else than before. Those that are new are new rights, and those that are gone none.
pub(super) fn diff_guards(old: &[Guards], new: &[Guards], changes: &mut Vec<Change>) {
    let keyed: BTreeMap<&Id, &Guards> = new.iter().map(|known| (&known.object, known)).collect();
    for before in old {
        let differs = |after: &&&Guards| after.lines != before.lines && anonymous(after) != anonymous(before);
        if let Some(after) = keyed.get(&before.object).filter(differs) {
            changes.push(change(&before.object, compared(&before.lines, &after.lines)));
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

fn change(object: &Id, detail: String) -> Change {
    Change { direction: Direction::Changed, principal: None, object: Some(object.clone()), action: None, detail }
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

/// What tables refuse no longer, or otherwise. What they refuse besides lets nobody do more.
pub(super) fn diff_refusals(old: &[Refusals], new: &[Refusals], changes: &mut Vec<Change>) {
    let keyed: BTreeMap<&Id, &BTreeMap<Id, String>> = new.iter().map(|known| (&known.object, &known.refused)).collect();
    for before in old {
        let Some(after) = keyed.get(&before.object) else { continue };
        for (id, was) in &before.refused {
            match after.get(id) {
                // Under another name it refuses the same; and what is gone with its column lets nobody do more.
                None if id.kind() == Kind::Column || after.values().any(|is| is == was) => {}
                None => changes.push(change(&before.object, format!("refuses no longer what is against `{}`: {was}", id.name()))),
                Some(is) if is != was && was != NOTHING => changes.push(change(&before.object, format!("`{}` is {is}; before: {was}", id.name()))),
                Some(_) => {}
            }
        }
    }
}
