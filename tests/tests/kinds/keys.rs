//! No key of the spec language is without a case.

use std::collections::BTreeSet;

use tests::compile::folder;
use trust_schema::kinds::ModuleSpec;
use trust_schema::kinds::project::ProjectSpec;
use trust_schema::spec::{Decode, Shape};

use crate::{cases, name};

/// The keys of all tables within a shape, with the name of the table. Tables may contain themselves.
fn keys(shape: Shape, seen: &mut BTreeSet<&'static str>, found: &mut BTreeSet<(&'static str, &'static str)>) {
    match shape {
        Shape::Array(inner) | Shape::Map(inner) => keys(inner(), seen, found),
        Shape::Either(forms) => forms.into_iter().for_each(|form| keys(form, seen, found)),
        Shape::Table(table) => {
            if seen.insert(table.name) {
                for field in (table.fields)() {
                    found.insert((table.name, field.key));
                    keys((field.shape)(), seen, found);
                }
            }
        }
        Shape::String | Shape::Sql | Shape::Integer | Shape::Boolean | Shape::Literal | Shape::Choice { .. } => {}
    }
}

/// Whether a file sets the key: in a line, in an inline table, or in the head of a section.
fn is_set(text: &str, key: &str) -> bool {
    text.lines().any(|line| {
        let head = line.trim_start().strip_prefix('[').is_some_and(|head| head.trim_end().trim_end_matches(']').split('.').any(|part| part == key));
        let places = line.match_indices(key).any(|(start, _)| {
            let before = line[..start].chars().next_back();
            let after = line[start + key.len()..].trim_start();
            before.is_none_or(|before| matches!(before, ' ' | '{' | ',')) && after.starts_with('=')
        });
        head || places
    })
}

#[test]
fn every_section_has_a_folder_and_every_key_a_case() {
    let folders: BTreeSet<String> = cases().iter().map(|case| name(case)).collect();
    let Shape::Table(module) = ModuleSpec::shape() else { panic!("a module is a table") };
    let mut missing = Vec::new();
    for section in (module.fields)() {
        if !folders.contains(section.key) {
            missing.push(format!("no folder cases/kinds/{}", section.key));
            continue;
        }
        let texts: Vec<String> =
            cases().iter().filter(|case| name(case) == section.key).flat_map(|case| folder(case)).map(|file| file.text).collect();
        let mut found = BTreeSet::new();
        keys((section.shape)(), &mut BTreeSet::new(), &mut found);
        for (table, key) in found {
            // Predicates are used by policies, so their use has its case there or here.
            if !texts.iter().any(|text| is_set(text, key)) {
                missing.push(format!("cases/kinds/{} does not set `{key}` of {table}", section.key));
            }
        }
    }
    let texts: Vec<String> = cases().iter().filter(|case| name(case) == "project").flat_map(|case| folder(case)).map(|file| file.text).collect();
    let mut found = BTreeSet::new();
    keys(ProjectSpec::shape(), &mut BTreeSet::new(), &mut found);
    missing.extend(
        found
            .into_iter()
            .filter(|(_, key)| !texts.iter().any(|text| is_set(text, key)))
            .map(|(table, key)| format!("cases/kinds/project does not set `{key}` of {table}")),
    );
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
