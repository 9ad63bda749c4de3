//! Doors: what a right to a function, view or table leads to beyond itself, as the owner.
//!
//! A function of `security definer` does as the owner what its body does, and so does every function that it calls. A view with the owner's
//! rights reads as the owner. A trigger's function runs as whoever fires it, or as the owner where it is `definer`. A foreign key that cascades
//! acts as the owner of the referring table, and no policy holds it back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rustc_hash::FxHashMap;

use super::body::{self, Effects};
use super::indexes::Indexes;
use super::memberships::Memberships;
use super::views::AllReads;
use super::{Action, Door, Principal, Reach, Rows, rights};
use crate::catalog::{Id, Kind, Object};
use crate::kinds::constraint::foreign_key::{Action as KeyAction, ForeignKey};
use crate::kinds::function::Security;
use crate::kinds::trigger::Event;
use crate::parallel;

/// Something that happens with the owner's rights: an action on a relation, or a call.
type Node = (Id, Action);

/// What one thing leads to, and the objects between.
type Step = (Node, Vec<Id>);

/// What leads where.
struct Graph<'i, 'c> {
    indexes: &'i Indexes<'c>,
    reads: &'i AllReads,
    effects: FxHashMap<&'c Id, Effects>,
}

/// Everything behind every right that leads somewhere, by object and action.
pub fn doors(indexes: &Indexes<'_>, memberships: &Memberships<'_>, reads: &AllReads) -> Vec<Door> {
    let effects = parallel::map(&indexes.functions, |_, (_, function)| body::effects(&function.body, indexes));
    let effects = indexes.functions.iter().map(|(id, _)| *id).zip(effects).collect();
    let graph = Graph { indexes, reads, effects };
    let mut entries: Vec<(Node, Vec<Step>)> = Vec::new();
    for (id, function) in &indexes.functions {
        let is_trigger = matches!(&function.returns, crate::kinds::function::Returns::Type(ty) if ty == "trigger");
        if function.security == Security::Definer && !is_trigger {
            let node = ((*id).clone(), Action::Execute);
            entries.push((node.clone(), graph.next(&node)));
        }
    }
    for (id, _) in indexes.views.iter().filter(|(_, view)| !view.security_invoker) {
        for action in [Action::Select, Action::Insert, Action::Update, Action::Delete] {
            let node = ((*id).clone(), action);
            let next = graph.next(&node);
            // Functions of a view are called with the caller's rights: he has that of EXECUTE, or the query fails.
            let next: Vec<_> = next.into_iter().filter(|((object, _), _)| object.kind() != Kind::Function).collect();
            entries.push((node, next));
        }
    }
    for (id, table) in &indexes.tables {
        let fired = indexes.triggers.contains_key(&table.name) || indexes.referring.contains_key(&table.name);
        for action in [Action::Insert, Action::Update, Action::Delete, Action::Truncate].into_iter().filter(|_| fired) {
            let node = ((*id).clone(), action);
            entries.push((node.clone(), graph.fired(&node, true)));
        }
    }
    entries.retain(|(_, next)| !next.is_empty());
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    let inherits = memberships.inherited(&Principal::Owner);
    let bypasses = memberships.bypasses_row_security(&Principal::Owner);
    let rows = |object: &Id, action: Action| rights::rows(&Principal::Owner, &inherits, bypasses, object, action, indexes);
    parallel::map(&entries, |_, ((object, action), next)| {
        let reaches = graph.walk(next, &rows);
        Door { object: object.clone(), action: *action, reaches }
    })
}

impl Graph<'_, '_> {
    /// Everything that lies behind some first steps, each with the shortest way.
    fn walk(&self, first: &[(Node, Vec<Id>)], rows: &impl Fn(&Id, Action) -> Option<Rows>) -> Vec<Reach> {
        let mut found: BTreeMap<(Option<Id>, Action), Reach> = BTreeMap::new();
        let mut seen: BTreeSet<Node> = BTreeSet::new();
        let mut pending: VecDeque<(Node, Vec<Id>)> = first.iter().cloned().collect();
        while let Some((node, through)) = pending.pop_front() {
            if !seen.insert(node.clone()) {
                continue;
            }
            let (object, action) = &node;
            let unknown = *action == Action::Anything;
            // A call is no more than the way to what it does.
            if object.kind() != Kind::Function || unknown {
                let by_key = through.last().is_some_and(|last| last.kind() == Kind::ForeignKey);
                let rows = if by_key { Some(Rows::All) } else { rows(object, *action) };
                let object = (!unknown).then(|| object.clone());
                found.entry((object.clone(), *action)).or_insert_with(|| Reach { object, action: *action, rows, through: through.clone() });
            }
            for (next, between) in self.next(&node) {
                let own = (object.kind() == Kind::Function || object.kind() == Kind::View).then(|| object.clone());
                let way = through.iter().cloned().chain(own).chain(between);
                let mut way: Vec<Id> = way.collect();
                way.dedup();
                pending.push_back((next, way));
            }
        }
        found.into_values().collect()
    }

    /// What follows from something that happens with the owner's rights.
    fn next(&self, node: &Node) -> Vec<Step> {
        let (id, action) = node;
        match (self.indexes.catalog.get(id), action) {
            (_, Action::Anything) => Vec::new(),
            (Some(Object::Function(_)), _) => self.effects.get(id).map_or_else(Vec::new, |effects| {
                let calls = effects.calls.iter().filter(|call| *call != id).map(|call| (call.clone(), Action::Execute));
                let dynamic = effects.dynamic.then(|| (id.clone(), Action::Anything));
                effects.relations.iter().cloned().chain(calls).chain(dynamic).map(|node| (node, Vec::new())).collect()
            }),
            (Some(Object::View(_)), Action::Select) => self.reads.get(id).map_or_else(Vec::new, |reads| {
                let relations = reads.relations.keys().map(|relation| (relation.clone(), Action::Select));
                relations.chain(reads.functions.iter().map(|function| (function.clone(), Action::Execute))).map(|node| (node, Vec::new())).collect()
            }),
            (Some(Object::View(_)), _) => {
                let written = self.reads.get(id).and_then(|reads| reads.written.clone()).map(|relation| ((relation, *action), Vec::new()));
                written.into_iter().chain(self.fired(node, false)).collect()
            }
            (Some(Object::Table(_)), _) => self.fired(node, false),
            _ => Vec::new(),
        }
    }

    /// What triggers and foreign keys do when a relation is written: by a caller, for whom only what has the owner's rights counts, or by the
    /// owner.
    fn fired(&self, (id, action): &Node, by_caller: bool) -> Vec<Step> {
        let event = match action {
            Action::Insert => Event::Insert,
            Action::Update => Event::Update,
            Action::Delete => Event::Delete,
            Action::Truncate => Event::Truncate,
            _ => return Vec::new(),
        };
        let name = match self.indexes.catalog.get(id) {
            Some(Object::Table(table)) => &table.name,
            Some(Object::View(view)) => &view.name,
            _ => return Vec::new(),
        };
        let mut next = Vec::new();
        for (trigger_id, trigger) in self.indexes.triggers.get(name).into_iter().flatten().filter(|(_, trigger)| trigger.events.contains(&event)) {
            let function = Id::function(&trigger.function, &[]);
            let definer = matches!(self.indexes.catalog.get(&function), Some(Object::Function(function)) if function.security == Security::Definer);
            if definer || !by_caller {
                next.push(((function, Action::Execute), vec![(*trigger_id).clone()]));
            }
        }
        for (key_id, key) in self.indexes.referring.get(name).into_iter().flatten() {
            let table = Id::of(Kind::Table, &key.table);
            next.extend(cascade(key, event).map(|action| ((table, action), vec![(*key_id).clone()])));
        }
        next
    }
}

/// What a foreign key does to the rows that refer.
fn cascade(key: &ForeignKey, event: Event) -> Option<Action> {
    match (event, key.on_delete, key.on_update) {
        (Event::Delete, KeyAction::Cascade, _) => Some(Action::Delete),
        (Event::Delete, KeyAction::SetNull | KeyAction::SetDefault, _) => Some(Action::Update),
        (Event::Update, _, KeyAction::Cascade | KeyAction::SetNull | KeyAction::SetDefault) => Some(Action::Update),
        _ => None,
    }
}
