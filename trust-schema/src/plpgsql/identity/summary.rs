//! What functions use unchecked, through their calls too. Each function is looked at once for each set of arguments that is compared before it is
//! called; what its calls add follows from these summaries alone: from functions that call nobody upwards, and for those that call each other until
//! nothing is added.

use std::ops::Range;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Unchecked;

/// How many calls of a way are told: the first ones, and the last one, where the value is used.
const CALLS_AT_MOST: usize = 16;

/// A function, and which of its arguments are compared when it is called.
pub type Key = (usize, u64);

/// What a function uses, with each choice of those who are trusted.
#[derive(Default)]
pub struct Summary {
    pub choices: Vec<Choice>,
}

#[derive(Default)]
pub struct Choice {
    pub items: Vec<Item>,
    /// How many uses there are, checked or not.
    pub uses: usize,
}

/// A use of an argument that nothing compares.
pub struct Item {
    pub bytes: Range<usize>,
    pub argument: String,
    pub what: What,
}

pub enum What {
    /// As in [`Unchecked`].
    Here(String),
    /// It is given to one of these functions, as the argument of this name.
    Call(Vec<(Key, String)>),
}

impl Summary {
    pub fn calls(&self) -> impl Iterator<Item = Key> {
        let items = self.choices.iter().flat_map(|choice| &choice.items);
        let callees = items.filter_map(|item| if let What::Call(callees) = &item.what { Some(callees) } else { None });
        callees.flatten().map(|(key, _)| *key)
    }
}

/// Summaries in the order in which they were asked for.
#[derive(Default)]
pub struct Summaries {
    places: FxHashMap<Key, usize>,
    all: Vec<Summary>,
}

impl Summaries {
    /// Asks for one; whether nobody has before.
    pub fn is_new(&mut self, key: Key) -> bool {
        let next = self.places.len();
        *self.places.entry(key).or_insert(next) == next
    }

    /// The next one of those that were asked for.
    pub fn push(&mut self, summary: Summary) {
        self.all.push(summary);
    }

    /// What each uses unchecked, in the same order.
    pub fn solve(&self) -> Vec<Vec<Unchecked>> {
        let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(self.all.len(), 0);
        let nodes: Vec<NodeIndex> = self.all.iter().map(|_| graph.add_node(())).collect();
        for (from, summary) in nodes.iter().zip(&self.all) {
            for to in summary.calls().filter_map(|key| nodes.get(*self.places.get(&key)?)) {
                graph.add_edge(*from, *to, ());
            }
        }
        let mut found: Vec<Vec<Unchecked>> = vec![Vec::new(); self.all.len()];
        // Who is called comes before who calls.
        for mut group in kosaraju_scc(&graph) {
            group.sort_unstable();
            loop {
                let mut grows = false;
                for place in group.iter().map(|node| node.index()) {
                    let Some(summary) = self.all.get(place) else { continue };
                    let new = self.least(summary, &found);
                    if let Some(known) = found.get_mut(place) {
                        grows |= merge(known, new);
                    }
                }
                // One that calls itself may have to be looked at once more, as several that call each other.
                if !grows {
                    break;
                }
            }
        }
        found
    }

    /// What is used unchecked with the choice that leaves least.
    fn least(&self, summary: &Summary, found: &[Vec<Unchecked>]) -> Vec<Unchecked> {
        let mut least: Option<Vec<Unchecked>> = None;
        for choice in &summary.choices {
            let mut all: Vec<Unchecked> = choice.items.iter().filter_map(|item| self.told(item, found)).collect();
            all.sort_by_key(|one| one.bytes.start);
            all.dedup_by(|one, other| one.bytes == other.bytes && one.argument == other.argument);
            // To trust somebody means something only where the others are looked at.
            if least.as_ref().is_none_or(|least| choice.uses > 0 && all.len() < least.len()) {
                least = Some(all);
            }
            if least.as_ref().is_some_and(Vec::is_empty) {
                break;
            }
        }
        least.unwrap_or_default()
    }

    fn told(&self, item: &Item, found: &[Vec<Unchecked>]) -> Option<Unchecked> {
        let of = |what: String, calls| Some(Unchecked { bytes: item.bytes.clone(), argument: item.argument.clone(), what, calls });
        match &item.what {
            What::Here(what) => of(what.clone(), Vec::new()),
            What::Call(callees) => callees.iter().find_map(|(key, argument)| {
                let inner = found.get(*self.places.get(key)?)?.iter().find(|inner| inner.argument == *argument)?;
                let mut calls = vec![(key.0, inner.bytes.clone())];
                calls.extend(inner.calls.iter().cloned());
                if calls.len() > CALLS_AT_MOST {
                    calls.remove(CALLS_AT_MOST - 1);
                }
                of(inner.what.clone(), calls)
            }),
        }
    }
}

/// Takes what is new. Nothing that was found for an argument goes, whatever choice leaves least in the end: so it ends. Whether an argument was added.
fn merge(known: &mut Vec<Unchecked>, new: Vec<Unchecked>) -> bool {
    let arguments = |list: &[Unchecked]| list.iter().map(|one| one.argument.clone()).collect::<FxHashSet<String>>();
    let (was, is) = (arguments(known), arguments(&new));
    if is.is_subset(&was) {
        return false;
    }
    if was.is_subset(&is) {
        *known = new;
    } else {
        known.extend(new.into_iter().filter(|one| !was.contains(&one.argument)));
    }
    true
}
