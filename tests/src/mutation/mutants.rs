//! The mutants of a system.

use trust_schema::catalog::Catalog;
use trust_schema::resolve::resolve;
use trust_schema::source::SourceFile;

use super::catalog::{self, Weaker};
use super::system::System;
use super::tokens::Edit;
use super::{conditions, migrations, spec, statements};

/// Where a system is weakened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// In what the author writes.
    Spec,
    /// In the Catalog, where the spec has no word for it.
    Catalog,
    /// In the migrations that the compiler writes.
    Migration,
}

impl Family {
    pub fn word(self) -> &'static str {
        match self {
            Family::Spec => "spec",
            Family::Catalog => "Catalog",
            Family::Migration => "migration",
        }
    }
}

/// What is changed.
pub enum Change {
    File { file: usize, edit: Edit },
    Object(Box<Weaker>),
    Migration { path: String, edit: Edit },
}

/// A system that is weaker at one place.
pub struct Mutant {
    pub operator: &'static str,
    pub place: String,
    pub change: Change,
}

impl Mutant {
    pub fn family(&self) -> Family {
        match self.change {
            Change::File { .. } => Family::Spec,
            Change::Object(_) => Family::Catalog,
            Change::Migration { .. } => Family::Migration,
        }
    }

    /// The files of the spec with the change; none where it is not in them.
    pub fn files(&self, system: &System) -> Option<Vec<SourceFile>> {
        let Change::File { file, edit } = &self.change else { return None };
        let mut files = system.files.clone();
        let target = files.get_mut(*file)?;
        target.text = edit.apply(&target.text);
        Some(files)
    }
}

impl Mutant {
    /// What it makes of the Catalog, whatever a rule says of it; none where it is no spec.
    pub fn catalog(&self, system: &System) -> Option<Catalog> {
        match &self.change {
            Change::File { .. } => resolve(self.files(system)?).resolution.map(|resolution| resolution.catalog),
            Change::Object(weaker) => Some(weaker.catalog(&system.resolution.catalog)),
            Change::Migration { .. } => Some(system.resolution.catalog.clone()),
        }
    }
}

/// Every mutant of a system, in the order of its files and objects.
pub fn of(system: &System) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (file, source) in system.files.iter().enumerate() {
        let edits = if source.path.ends_with(".sql") {
            conditions::edits(&source.text).into_iter().chain(statements::edits(&source.text)).collect()
        } else {
            spec::edits(&source.text, &system.tables)
        };
        for edit in edits {
            let line = source.text[..edit.range.start].matches('\n').count() + 1;
            let place = format!("{}:{line}: {}", source.path, shown(&source.text, &edit));
            mutants.push(Mutant { operator: edit.operator, place, change: Change::File { file, edit } });
        }
    }
    let roles = &system.resolution.project.api_roles;
    for weaker in catalog::mutants(&system.resolution.catalog, roles) {
        let what = weaker.object.as_ref().map(|object| object.id().to_string()).unwrap_or_default();
        let place = if what == weaker.id.to_string() || what.is_empty() { weaker.id.to_string() } else { what };
        let place = format!("{place}{}", weaker.how(&system.resolution.catalog));
        mutants.push(Mutant { operator: weaker.operator, place, change: Change::Object(Box::new(weaker)) });
    }
    for (path, edit) in migrations::edits(&system.outputs) {
        let text = system.outputs.0.get(&path).map(String::as_str).unwrap_or_default();
        let line = text[..edit.range.start].matches('\n').count() + 1;
        let place = format!("{path}:{line}: {}", shown(text, &edit));
        mutants.push(Mutant { operator: edit.operator, place, change: Change::Migration { path, edit } });
    }
    mutants
}

/// What stands there, and what comes in its place: on one line.
fn shown(text: &str, edit: &Edit) -> String {
    let short = |text: &str| {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.chars().count() > 70 { format!("{}…", words.chars().take(70).collect::<String>()) } else { words }
    };
    let line_end = text[edit.range.end..].find('\n').map_or(text.len(), |length| edit.range.end + length);
    match (short(&text[edit.range.clone()]), short(&edit.by)) {
        (was, is) if was.is_empty() => format!("{is} before {}", short(&text[edit.range.end..line_end])),
        (was, is) if is.is_empty() => format!("without {was}"),
        (was, is) => format!("{was} → {is}"),
    }
}
