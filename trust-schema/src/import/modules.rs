//! Which file of the spec an object is written into: one for each schema, more where a schema is large, one for schemas that need each other.

use std::collections::{BTreeMap, BTreeSet};

use super::inventory::Fate;
use super::state::{Sort, State};

/// The most tables of a file before a schema is divided by the first words of their names.
const TABLES: usize = 60;
/// The fewest tables that share a first word and get a file of their own.
const GROUP: usize = 8;

/// A file of the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Without `.toml`; letters, digits and `_`.
    pub file: String,
    /// The schema of names that state none.
    pub schema: String,
    pub schemas: BTreeSet<String>,
    /// The first word of the tables, where the schema is divided.
    group: Option<String>,
    /// Whether it holds what comes behind all tables of its schemas: functions, views.
    behind: bool,
}

/// The files, in the order of their migrations.
pub struct Modules {
    pub list: Vec<Module>,
}

/// Letters, digits and `_`, for names of files and migrations.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars() {
        let plain = character.to_ascii_lowercase();
        if plain.is_ascii_alphanumeric() {
            slug.push(plain);
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    let slug: String = slug.trim_matches('_').chars().take(60).collect();
    if slug.is_empty() { "x".to_owned() } else { slug }
}

/// A name that is not taken yet.
pub fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = name.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}_{number}");
        number += 1;
    }
    candidate
}

impl Modules {
    pub fn new(state: &State<'_>) -> Modules {
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (place, item) in state.inventory.items.iter().enumerate() {
            if item.fate == Fate::Alias || state.is_foreign(place) || state.sorts[place] != Sort::Modelled {
                continue;
            }
            let Some(schema) = &item.schema else { continue };
            edges.entry(schema.clone()).or_default();
            if item.class == "table" {
                tables.entry(schema.clone()).or_default().extend(item.name.clone());
            }
            // What can follow in a later migration does not order the files.
            if matches!(item.class.as_str(), "foreign key" | "check constraint" | "index" | "trigger") {
                continue;
            }
            for need in &state.needs[place] {
                if let Some(other) = state
                    .item(*need)
                    .schema
                    .as_ref()
                    .filter(|other| *other != schema && !state.is_foreign(*need) && state.item(*need).class != "schema")
                {
                    edges.entry(schema.clone()).or_default().insert(other.clone());
                }
            }
        }
        let mut taken = BTreeSet::from(["trust".to_owned(), "rest".to_owned()]);
        let mut list = Vec::new();
        for schemas in components(&edges) {
            let first = schemas.iter().next().cloned().unwrap_or_default();
            let file = unique(slug(&first), &mut taken);
            let module =
                |file: String, group: Option<String>, behind: bool| Module { file, schema: first.clone(), schemas: schemas.clone(), group, behind };
            let names: Vec<&String> = schemas.iter().filter_map(|schema| tables.get(schema)).flatten().collect();
            if names.len() <= TABLES {
                list.push(module(file, None, true));
                continue;
            }
            let mut groups: BTreeMap<String, usize> = BTreeMap::new();
            names.iter().for_each(|name| *groups.entry(first_word(name)).or_default() += 1);
            list.push(module(file.clone(), None, false));
            for (word, _) in groups.into_iter().filter(|(_, count)| *count >= GROUP) {
                list.push(module(unique(format!("{file}_{word}"), &mut taken), Some(word), false));
            }
            list.push(module(unique(format!("{file}_code"), &mut taken), None, true));
        }
        Modules { list }
    }

    /// Of a table.
    pub fn of_table(&self, schema: &str, name: &str) -> usize {
        let of_schema = || self.list.iter().enumerate().filter(|(_, module)| module.schemas.contains(schema));
        let word = first_word(name);
        let grouped = of_schema().find(|(_, module)| module.group.as_deref() == Some(&word));
        grouped.or_else(|| of_schema().next()).map_or(0, |(place, _)| place)
    }

    /// Of a type or sequence, which tables need.
    pub fn before(&self, schema: &str) -> usize {
        self.list.iter().position(|module| module.schemas.contains(schema)).unwrap_or(0)
    }

    /// Of a view or function.
    pub fn behind(&self, schema: &str) -> usize {
        self.list.iter().position(|module| module.schemas.contains(schema) && module.behind).unwrap_or(0)
    }
}

/// `merge` of `merge_requests`.
fn first_word(name: &str) -> String {
    slug(name).split('_').next().unwrap_or_default().to_owned()
}

/// Schemas that need each other as one, each behind those that it needs.
fn components(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let reach = |from: &String| {
        let mut seen: BTreeSet<&String> = BTreeSet::new();
        let mut open = vec![from];
        while let Some(next) = open.pop() {
            for other in edges.get(next).into_iter().flatten() {
                if seen.insert(other) {
                    open.push(other);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<&String>> = edges.keys().map(|schema| (schema, reach(schema))).collect();
    let mut done: BTreeSet<&String> = BTreeSet::new();
    let mut components = Vec::new();
    while done.len() < edges.len() {
        let before = done.len();
        for schema in edges.keys() {
            if done.contains(schema) {
                continue;
            }
            let together: BTreeSet<&String> = reached[schema]
                .iter()
                .copied()
                .filter(|other| reached.get(*other).is_some_and(|back| back.contains(schema)))
                .chain([schema])
                .collect();
            let is_ready = together
                .iter()
                .all(|one| reached[*one].iter().all(|other| together.contains(*other) || done.contains(*other) || !edges.contains_key(*other)));
            if is_ready {
                done.extend(together.iter().copied());
                components.push(together.into_iter().cloned().collect());
            }
        }
        if done.len() == before {
            break;
        }
    }
    components
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_that_need_each_other_are_one() {
        let edges = [("a", vec!["b"]), ("b", vec!["c"]), ("c", vec!["b"]), ("d", vec![]), ("e", vec!["a"])];
        let edges: BTreeMap<String, BTreeSet<String>> =
            edges.into_iter().map(|(schema, needs)| (schema.to_owned(), needs.into_iter().map(str::to_owned).collect())).collect();
        let found: Vec<Vec<String>> = components(&edges).into_iter().map(|part| part.into_iter().collect()).collect();
        assert_eq!(found, [vec!["b", "c"], vec!["d"], vec!["a"], vec!["e"]]);
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("Back Room \"x\""), "back_room_x");
        assert_eq!(slug("\n"), "x");
    }
}
