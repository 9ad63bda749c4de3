//! Every position of the spec language at which an author writes a string, found from the shapes of the language itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::Value;
use trust_schema::kinds::ModuleSpec;
use trust_schema::kinds::project::ProjectSpec;
use trust_schema::source::SourceFile;
use trust_schema::spec::{Decode, Shape};

/// A step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Item(usize),
}

/// A string of a case: a value, or a name that is a key.
#[derive(Debug, Clone)]
pub struct Position {
    /// Where it stands in the language: `table.*.columns.*.comment`; a name ends in `.*`, with a mark.
    pub path: String,
    pub is_name: bool,
    pub case: String,
    pub file: String,
    /// To the value, or to the key that is the name.
    pub steps: Vec<Step>,
}

/// All forms of a value, without `Either`.
fn forms(shape: Shape) -> Vec<Shape> {
    match shape {
        Shape::Either(forms_of) => forms_of.into_iter().flat_map(forms).collect(),
        shape => vec![shape],
    }
}

fn join(path: &str, step: &str) -> String {
    if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
}

/// The strings of a document, each with its place in the language.
fn walk(value: &Value, shapes: Vec<Shape>, path: &str, steps: &mut Vec<Step>, found: &mut Vec<(String, bool, Vec<Step>)>) {
    match value {
        Value::String(_) => found.push((path.to_owned(), false, steps.clone())),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let inner = shapes.iter().flat_map(|shape| match shape {
                    Shape::Array(inner) => forms(inner()),
                    Shape::Literal => vec![Shape::Literal],
                    _ => Vec::new(),
                });
                let inner = inner.collect();
                steps.push(Step::Item(index));
                walk(item, inner, &join(path, "[]"), steps, found);
                steps.pop();
            }
        }
        Value::Table(table) => {
            for (key, item) in table {
                steps.push(Step::Key(key.clone()));
                let mut known = Vec::new();
                let mut named = Vec::new();
                for shape in &shapes {
                    match shape {
                        Shape::Table(table) => {
                            known.extend((table.fields)().into_iter().filter(|field| field.key == key).flat_map(|field| forms((field.shape)())))
                        }
                        Shape::Map(inner) => named.extend(forms(inner())),
                        Shape::Literal => known.push(Shape::Sql),
                        _ => {}
                    }
                }
                if known.is_empty() {
                    let path = join(path, "*");
                    found.push((format!("{path} (name)"), true, steps.clone()));
                    walk(item, named, &path, steps, found);
                } else {
                    walk(item, known, &join(path, key), steps, found);
                }
                steps.pop();
            }
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

/// The places at which the language takes a string.
fn places(shape: Shape, path: &str, around: &mut Vec<&'static str>, found: &mut BTreeSet<String>) {
    for form in forms(shape) {
        match form {
            Shape::Sql => {
                found.insert(path.to_owned());
                found.insert(format!("sql:{path}"));
            }
            Shape::Literal => {
                found.insert(path.to_owned());
                found.insert(format!("sql:{path}.sql"));
            }
            Shape::String | Shape::Choice { .. } => {
                found.insert(path.to_owned());
            }
            Shape::Array(inner) => places(inner(), &join(path, "[]"), around, found),
            Shape::Map(inner) => {
                let path = join(path, "*");
                found.insert(format!("{path} (name)"));
                places(inner(), &path, around, found);
            }
            Shape::Table(table) if !around.contains(&table.name) => {
                if table.shorthand {
                    found.insert(path.to_owned());
                }
                around.push(table.name);
                for field in (table.fields)() {
                    places((field.shape)(), &join(path, field.key), around, found);
                }
                around.pop();
            }
            Shape::Table(_) | Shape::Integer | Shape::Boolean | Shape::Either(_) => {}
        }
    }
}

/// Every place of the language, of modules and of `trust.toml` (marked by `project:`).
pub fn language() -> BTreeSet<String> {
    let (mut modules, mut projects) = (BTreeSet::new(), BTreeSet::new());
    places(ModuleSpec::shape(), "", &mut Vec::new(), &mut modules);
    places(ProjectSpec::shape(), "", &mut Vec::new(), &mut projects);
    modules.extend(projects.into_iter().map(|path| format!("project:{path}")));
    modules.retain(|path| !path.contains("sql:"));
    modules
}

/// The places of modules that hold SQL.
pub fn sql() -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    places(ModuleSpec::shape(), "", &mut Vec::new(), &mut modules);
    modules.into_iter().filter_map(|path| path.strip_prefix("sql:").map(str::to_owned)).collect()
}

/// The positions of all cases; `most` for each place of the language.
pub fn positions(cases: &BTreeMap<String, Vec<SourceFile>>, most: usize) -> Vec<Position> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let mut positions = Vec::new();
    for (case, files) in cases {
        for file in files.iter().filter(|file| file.path.ends_with(".toml")) {
            let is_project = file.path == "trust.toml";
            if is_project && case != "project" {
                continue;
            }
            let document: Value = Value::Table(file.text.parse().unwrap_or_else(|error| panic!("{case}/{}: {error}", file.path)));
            let shape = if is_project { ProjectSpec::shape() } else { ModuleSpec::shape() };
            let mut found = Vec::new();
            walk(&document, forms(shape), "", &mut Vec::new(), &mut found);
            for (path, is_name, steps) in found {
                let path = if is_project { format!("project:{path}") } else { path };
                let count = taken.entry(path.clone()).or_default();
                *count += 1;
                if *count <= most {
                    positions.push(Position { path, is_name, case: case.clone(), file: file.path.clone(), steps });
                }
            }
        }
    }
    positions
}

/// The folder with a case for each kind.
pub fn cases() -> BTreeMap<String, Vec<SourceFile>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/kinds");
    let entries = std::fs::read_dir(&folder).expect("the folder of cases is readable");
    let paths = entries.map(|entry| entry.expect("an entry is readable").path()).filter(|path| path.is_dir());
    paths.map(|path| (path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(), tests::compile::folder(&path))).collect()
}

/// The files of a position's case with another string there. A name is changed wherever a string of the case equals it, too: written as it
/// is, or as a reference.
pub fn with(position: &Position, files: &[SourceFile], text: &str, as_reference: bool) -> Vec<SourceFile> {
    let old = match position.steps.last() {
        Some(Step::Key(key)) if position.is_name => Some(key.clone()),
        _ => None,
    };
    let written = if as_reference { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() };
    let change = |file: &SourceFile| {
        if !file.path.ends_with(".toml") || (file.path != position.file && old.is_none()) {
            return file.clone();
        }
        let mut document: Value = Value::Table(file.text.parse().expect("the case is TOML"));
        if let Some(old) = &old {
            replace_equal(&mut document, old, &written);
        }
        if file.path == position.file {
            set(&mut document, &position.steps, text, position.is_name);
        }
        SourceFile { path: file.path.clone(), text: toml::to_string(&document).expect("a document is written") }
    };
    files.iter().map(change).collect()
}

fn set(value: &mut Value, steps: &[Step], text: &str, is_name: bool) {
    match (steps, value) {
        ([], value) => *value = Value::String(text.to_owned()),
        ([Step::Key(key)], Value::Table(table)) if is_name => {
            *table =
                std::mem::take(table).into_iter().map(|(name, item)| if name == *key { (text.to_owned(), item) } else { (name, item) }).collect();
        }
        ([Step::Key(key), rest @ ..], Value::Table(table)) => {
            if let Some(item) = table.get_mut(key) {
                set(item, rest, text, is_name);
            }
        }
        ([Step::Item(index), rest @ ..], Value::Array(items)) => {
            if let Some(item) = items.get_mut(*index) {
                set(item, rest, text, is_name);
            }
        }
        _ => {}
    }
}

fn replace_equal(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old => *text = new.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_equal(item, old, new)),
        Value::Table(table) => table.iter_mut().for_each(|(_, item)| replace_equal(item, old, new)),
        _ => {}
    }
}
