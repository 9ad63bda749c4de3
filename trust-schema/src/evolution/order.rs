//! The order of actions, and where transactions are cut.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::action::Action;
use super::online::Phased;
use super::state::{Meanwhile, Settled};
use super::{Evolution, Part, Step, Stuck, Verb};
use crate::catalog::{Id, Kind};

/// One order: what removes first, then by kind, columns by their places, others by name; each action behind everything that it waits for.
///
/// # Errors
/// [`Stuck`].
pub fn order(actions: Vec<Action>) -> Result<Evolution, Stuck> {
    let followers = followers(&actions);
    let mut waiting: Vec<usize> = vec![0; actions.len()];
    for follower in followers.iter().flatten() {
        if let Some(count) = waiting.get_mut(*follower) {
            *count += 1;
        }
    }
    let mut phase: Vec<usize> = actions.iter().map(|action| usize::from(action.phased == Phased::Alone)).collect();
    let rank = |number: usize, phase: usize| {
        actions.get(number).map(|action| Reverse((phase, rank(action), action.place.clone(), action.id.clone(), number)))
    };
    let mut ready: BinaryHeap<_> = (0..actions.len())
        .filter(|number| waiting.get(*number) == Some(&0))
        .filter_map(|number| rank(number, phase.get(number).copied().unwrap_or_default()))
        .collect();
    let mut ordered: Vec<(usize, usize)> = Vec::with_capacity(actions.len());
    while let Some(Reverse((at, .., number))) = ready.pop() {
        ordered.push((at, number));
        for follower in followers.get(number).into_iter().flatten() {
            let Some(action) = actions.get(*follower) else { continue };
            // Where the transaction must have ended, the next one of its kind.
            let least = if action.behind == Some(number) { at + 1 } else { at };
            let fits = least + (least + usize::from(action.phased == Phased::Alone)) % 2;
            if let Some(phase) = phase.get_mut(*follower) {
                *phase = (*phase).max(fits);
            }
            let Some(count) = waiting.get_mut(*follower) else { continue };
            *count -= 1;
            if *count == 0 {
                ready.extend(rank(*follower, phase.get(*follower).copied().unwrap_or_default()));
            }
        }
    }
    if ordered.len() < actions.len() {
        let stuck = waiting.iter().zip(&actions).filter(|(waiting, _)| **waiting > 0).map(|(_, action)| action.id.clone());
        return Err(Stuck { waiting: stuck.collect() });
    }
    Ok(parts(actions, &ordered))
}

/// Drops before everything else, the last kinds first; then what is made, in the order of kinds.
fn rank(action: &Action) -> (u8, usize) {
    let place = Kind::ALL.iter().position(|kind| *kind == action.id.kind()).unwrap_or_default();
    match action.verb {
        Verb::Drop => (0, Kind::ALL.len() - place),
        Verb::Alter | Verb::Create => (1, place),
    }
}

/// For each action, those that wait for it.
fn followers(actions: &[Action]) -> Vec<Vec<usize>> {
    let mut providers: FxHashMap<&Id, Vec<usize>> = FxHashMap::default();
    let mut removers: FxHashMap<&Id, Vec<usize>> = FxHashMap::default();
    for (number, action) in actions.iter().enumerate() {
        if action.comes_first {
            continue;
        }
        action.provides.iter().for_each(|id| providers.entry(id).or_default().push(number));
        action.removes.iter().for_each(|id| removers.entry(id).or_default().push(number));
    }
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); actions.len()];
    let mut follow = |first: usize, then: usize| {
        if first != then
            && let Some(followers) = followers.get_mut(first)
        {
            followers.push(then);
        }
    };
    for (number, action) in actions.iter().enumerate() {
        if action.comes_first {
            continue;
        }
        for need in &action.needs {
            providers.get(need).into_iter().flatten().for_each(|provider| follow(*provider, number));
        }
        for still in &action.still {
            // A type that is made anew moves its columns over: what changes in them follows.
            let is_replaced =
                |remover: &&usize| actions.get(**remover).is_some_and(|remover| remover.provides.contains(still)) && action.needs.contains(still);
            let removers = removers.get(still).into_iter().flatten().filter(|remover| action.verb == Verb::Drop || !is_replaced(remover));
            removers.for_each(|remover| follow(number, *remover));
        }
        // What is dropped and created, or detached and set again.
        if action.verb == Verb::Drop || action.provides.is_empty() && action.phased == Phased::Transaction && action.behind.is_none() {
            providers.get(&action.id).into_iter().flatten().for_each(|again| follow(number, *again));
        }
        action.behind.into_iter().for_each(|first| follow(first, number));
    }
    let first: Vec<usize> = actions.iter().enumerate().filter(|(_, action)| action.comes_first).map(|(number, _)| number).collect();
    for pair in first.windows(2) {
        if let [one, next] = pair {
            follow(*one, *next);
        }
    }
    if let Some(last) = first.last() {
        let others = actions.iter().enumerate().filter(|(_, action)| !action.comes_first);
        others.map(|(number, _)| number).for_each(|number| follow(*last, number));
    }
    for list in &mut followers {
        list.sort_unstable();
        list.dedup();
    }
    followers
}

fn parts(actions: Vec<Action>, ordered: &[(usize, usize)]) -> Evolution {
    // Phases in which nothing happens are no parts.
    let does = |number: &usize| actions.get(*number).is_some_and(|action| !action.statements.is_empty());
    let mut phases: Vec<usize> = ordered.iter().filter(|(_, number)| does(number)).map(|(phase, _)| *phase).collect();
    phases.dedup();
    let place = |phase: usize| phases.iter().position(|known| *known == phase).unwrap_or_default();
    let mut part_of = vec![0; actions.len()];
    for (phase, number) in ordered {
        if let Some(part) = part_of.get_mut(*number) {
            *part = place(*phase);
        }
    }
    let settled = Settled::new(&actions, &part_of);
    let mut meanwhile = Vec::new();
    for (action, from) in actions.iter().zip(&part_of) {
        for (object, until) in &action.meanwhile {
            meanwhile.extend(part_of.get(*until).map(|until| Meanwhile { object: object.clone(), from: *from, until: *until }));
        }
    }
    let mut actions: Vec<Option<Action>> = actions.into_iter().map(Some).collect();
    let mut parts: Vec<(usize, Part)> = Vec::new();
    for (phase, number) in ordered {
        let Some(action) = actions.get_mut(*number).and_then(Option::take).filter(|action| !action.statements.is_empty()) else { continue };
        let step = Step { id: action.id, verb: action.verb, statements: action.statements };
        match parts.last_mut().filter(|(last, _)| last == phase) {
            Some((_, part)) => part.steps.push(step),
            None => parts.push((*phase, Part { transactional: phase % 2 == 0, steps: vec![step] })),
        }
    }
    Evolution { parts: parts.into_iter().map(|(_, part)| part).collect(), settled, meanwhile, ..Evolution::default() }
}
