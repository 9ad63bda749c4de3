//! Names that are exchanged, or handed on: each object has to find its new name free. A circle is opened by putting one of them aside.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{Catalog, Object};
use crate::sql::identifier::with_suffix;

/// A name within the set in which it can be had once.
pub type Slot = (String, String);

/// What is done with one of several renames, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Whole(usize),
    /// From its old name to one that nothing else has.
    Aside(usize),
    /// From there to its new name.
    Back(usize),
}

/// An order of renames, which come with their old and new names.
pub fn steps(renames: &[(Slot, Slot)]) -> Vec<Step> {
    let by_old: FxHashMap<&Slot, usize> = renames.iter().zip(0..).map(|((old, _), number)| (old, number)).collect();
    let mut done = vec![false; renames.len()];
    let mut steps = Vec::with_capacity(renames.len());
    for start in 0..renames.len() {
        let (mut path, mut next, mut is_circle) = (Vec::new(), Some(start), false);
        while let Some(at) = next {
            let Some(known) = done.get_mut(at).filter(|known| !**known) else {
                is_circle = at == start && path.len() > 1;
                break;
            };
            *known = true;
            path.push(at);
            next = renames.get(at).and_then(|(_, new)| by_old.get(new).copied());
        }
        let aside = if is_circle { path.pop() } else { None };
        steps.extend(aside.map(Step::Aside));
        steps.extend(path.into_iter().rev().map(Step::Whole));
        steps.extend(aside.map(Step::Back));
    }
    steps
}

/// Names for what is put aside: none of them is that of anything in these Catalogs.
pub struct Aside<'c> {
    catalogs: [&'c Catalog; 2],
    /// Collected where it is needed.
    taken: Option<FxHashSet<String>>,
}

impl<'c> Aside<'c> {
    pub fn new(before: &'c Catalog, after: &'c Catalog) -> Aside<'c> {
        Aside { catalogs: [before, after], taken: None }
    }

    /// The name that something gets for a while.
    pub fn name(&mut self, name: &str) -> String {
        let catalogs = self.catalogs;
        let taken = self.taken.get_or_insert_with(|| catalogs.into_iter().flat_map(Catalog::objects).flat_map(names).collect());
        let mut suffix = "__renamed".to_owned();
        let mut number = 1_usize;
        loop {
            let candidate = with_suffix(name, &suffix);
            if taken.insert(candidate.clone()) {
                return candidate;
            }
            number += 1;
            suffix = format!("__renamed_{number}");
        }
    }
}

/// Every name that an object has or holds.
fn names(object: &Object) -> Vec<String> {
    match object {
        Object::Schema(schema) => vec![schema.name.clone()],
        Object::Table(table) => vec![table.name.name.to_string()],
        Object::Sequence(sequence) => vec![sequence.name.name.to_string()],
        Object::Domain(domain) => vec![domain.name.name.to_string()],
        Object::Function(function) => vec![function.name.name.to_string()],
        Object::Column(column) => {
            let sequence = column.identity_sequence.as_ref().map(|sequence| sequence.name.to_string());
            [column.name.clone()].into_iter().chain(sequence).collect()
        }
        Object::Enum(one) => one.values.iter().cloned().chain([one.name.name.to_string()]).collect(),
        Object::View(view) => view.columns.iter().map(|(name, _)| name.clone()).chain([view.name.name.to_string()]).collect(),
        Object::Composite(composite) => composite.attributes.iter().map(|(name, _)| name.clone()).chain([composite.name.name.to_string()]).collect(),
        _ => object.part_of_table().map(|(_, name)| name.clone()).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Aside, Slot, steps};
    use crate::catalog::Catalog;

    /// What is where, after the renames.
    fn run(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let slot = |name: &str| -> Slot { ("one".to_owned(), name.to_owned()) };
        let renames: Vec<(Slot, Slot)> = pairs.iter().map(|(old, new)| (slot(old), slot(new))).collect();
        let mut there: Vec<(String, String)> = pairs.iter().map(|(old, _)| ((*old).to_owned(), (*old).to_owned())).collect();
        for step in steps(&renames) {
            let (number, from, to) = match step {
                super::Step::Whole(number) => (number, pairs[number].0, pairs[number].1),
                super::Step::Aside(number) => (number, pairs[number].0, "aside"),
                super::Step::Back(number) => (number, "aside", pairs[number].1),
            };
            assert!(there.iter().all(|(_, now)| now != to), "{to} is taken");
            assert_eq!(there[number].1, from);
            there[number].1 = to.to_owned();
        }
        there
    }

    #[test]
    fn every_name_is_free_when_it_is_given() {
        for pairs in [
            &[("a", "b"), ("b", "a")][..],
            &[("a", "b"), ("b", "c")],
            &[("b", "c"), ("a", "b"), ("c", "d")],
            &[("a", "b"), ("b", "c"), ("c", "a"), ("x", "y")],
            &[("c", "a"), ("x", "y"), ("a", "b"), ("y", "z"), ("b", "c")],
        ] {
            let wanted: Vec<(String, String)> = pairs.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect();
            assert_eq!(run(pairs), wanted);
        }
    }

    #[test]
    fn names_aside_differ_and_are_not_cut() {
        let catalog = Catalog::default();
        let mut aside = Aside::new(&catalog, &catalog);
        assert_eq!([aside.name("a"), aside.name("a")], ["a__renamed", "a__renamed_2"]);
        let long = "é".repeat(31);
        assert_eq!(aside.name(&long), format!("{}__renamed", "é".repeat(27)));
        assert_eq!(aside.name(&long), format!("{}__renamed_2", "é".repeat(26)));
    }
}
