//! What leads on from a release: the migrations that are not released yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::demands::{self, Compared};
use super::read::{self, Spec};
use super::{Module, intents, refusals};
use crate::catalog::{Catalog, Id, Kind, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes, has_errors};
use crate::evolution::{Evolution, Hazard, Intent, Manner, Stuck, Verb, between, evolve_as, evolve_renamed, hazards, renamed};
use crate::kinds::release::ReleaseSpec;
use crate::names::{Origins, Output};
use crate::parallel;
use crate::plan::{Creation, Plan};
use crate::release::{Release, Released};
use crate::spec::Text;

/// Migrations behind a release.
#[derive(Debug, Clone)]
pub struct Pending {
    /// What has been released; its migrations are the first modules.
    pub released: Released,
    /// One module for each of its parts.
    pub evolution: Evolution,
    /// For each part, what leads back over it.
    pub back: Vec<Evolution>,
    pub hazards: Vec<Hazard>,
    /// Columns into which a rollback puts a value.
    pub restored: BTreeSet<Id>,
}

/// Two numbers by which a column stands among those of its table, the place that it has in the Catalog, and the column.
type Placed<'c> = (usize, u32, u32, &'c Id);

/// The places of those that get another one.
fn numbered<'c>(tables: impl Iterator<Item = Vec<Placed<'c>>>) -> Vec<(Id, u32)> {
    let places = tables.flat_map(|mut columns| {
        columns.sort_unstable();
        columns.into_iter().zip(1..).filter(|((_, _, position, _), place)| position != place).map(|((.., id), place)| (id.clone(), place))
    });
    places.collect()
}

/// Columns keep the places that they have in the database; new ones follow.
fn settle_columns(catalog: &mut Catalog, released: &Catalog) {
    let mut tables: FxHashMap<&QualifiedName, Vec<Placed<'_>>> = FxHashMap::default();
    // A table whose columns are all as they were has them in their places.
    for (_, entry, known) in catalog.paired(released) {
        if let Object::Column(column) = &entry.object
            && known.is_none_or(|known| !Arc::ptr_eq(known, entry))
        {
            tables.entry(&column.table).or_default();
        }
    }
    if tables.is_empty() {
        return;
    }
    for (id, entry) in catalog.iter() {
        let Object::Column(column) = &entry.object else { continue };
        let Some(columns) = tables.get_mut(&column.table) else { continue };
        columns.push(match released.get(id) {
            Some(Object::Column(before)) => (0, before.position, column.position, id),
            _ => (1, column.position, column.position, id),
        });
    }
    let moved = numbered(tables.into_values().filter(|columns| columns.iter().any(|(is_new, ..)| *is_new == 0)));
    place_columns(catalog, moved);
}

/// Columns that an evolution adds stand behind the others, in the order of its statements; the places of all in their tables.
fn places(evolution: &Evolution, catalog: &Catalog) -> Vec<(Id, u32)> {
    let added = evolution.steps().filter(|step| step.verb == Verb::Create && step.id.kind() == Kind::Column).zip(1_usize..);
    let added: FxHashMap<&Id, usize> = added.map(|(step, number)| (&step.id, number)).collect();
    let mut tables: FxHashMap<&QualifiedName, Vec<Placed<'_>>> = FxHashMap::default();
    for id in added.keys() {
        if let Some(Object::Column(column)) = catalog.get(id) {
            tables.entry(&column.table).or_default();
        }
    }
    if tables.is_empty() {
        return Vec::new();
    }
    for (id, entry) in catalog.iter() {
        if let Object::Column(column) = &entry.object
            && let Some(columns) = tables.get_mut(&column.table)
        {
            columns.push((added.get(id).copied().unwrap_or_default(), column.position, column.position, id));
        }
    }
    numbered(tables.into_values())
}

fn place_columns(catalog: &mut Catalog, places: Vec<(Id, u32)>) {
    for (id, place) in places {
        if let Some(Object::Column(column)) = catalog.get_mut(&id) {
            column.position = place;
        }
    }
}

/// Plans it. `None` after a diagnostic.
pub fn plan(
    spec: &ReleaseHead,
    released: Released,
    output: &mut Output,
    modules: &[Module],
    api_roles: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Vec<Module>, Pending)> {
    let revoke_from = &super::revoke_from(api_roles.iter().map(String::as_str));
    let changed = released.changed();
    if !changed.is_empty() {
        for path in changed {
            let message = format!("`{path}` is not what was released");
            let help = "bring it back from version control: a database may have it already; what is to change is changed in the spec";
            diagnostics.push(Diagnostic::global(&codes::RELEASED_FILE_CHANGED, message).help(help));
        }
        return None;
    }
    let before = &released.release.catalog;
    let mut ways = intents::resolve(&output.intents, &released.release, &output.catalog, diagnostics);
    if has_errors(diagnostics) {
        return None;
    }
    output.catalog.share(before);
    let renamed = renamed(before, &output.catalog, &ways.there.renames);
    settle_columns(&mut output.catalog, renamed.as_ref().map_or(before, |renamed| &renamed.catalog));
    let (catalog, origins) = (&output.catalog, &output.origins);
    let evolution = match evolve_renamed(before, renamed.as_ref(), catalog, &ways.there, revoke_from, Manner::Online) {
        Ok(evolution) => evolution,
        Err(stuck) => {
            diagnostics.push(told(&stuck, origins));
            return None;
        }
    };
    let hazards = hazards(&evolution);
    let compared = Compared {
        head: spec,
        release: &released.release,
        before: renamed.as_ref().map_or(before, |renamed| &renamed.catalog),
        after: catalog,
        ids: renamed.iter().flat_map(|renamed| renamed.ids.clone()).collect(),
        promises: &output.contract.promises(),
        api_roles,
        origins,
    };
    demands::check(&compared, &mut ways, &hazards, evolution.is_empty(), diagnostics);
    let names = names(spec, &released.release, modules, evolution.parts.len(), diagnostics);
    let back = back(&evolution, before, catalog, &ways.back, revoke_from);
    let back_refused = back.iter().flatten().flat_map(|back| &back.refused);
    refusals::tell(&compared, &evolution.refused, back_refused, diagnostics);
    if has_errors(diagnostics) {
        return None;
    }
    let back = match back {
        Ok(back) => back,
        Err(stuck) => {
            diagnostics.push(told(&stuck, origins));
            return None;
        }
    };
    let mut all: Vec<Module> = released.release.migrations.iter().map(of_released).collect();
    all.extend(names);
    let places = places(&evolution, catalog);
    place_columns(&mut output.catalog, places);
    Some((all, Pending { released, evolution, back, hazards, restored: ways.back.backfills.into_keys().collect() }))
}

/// `[release]`, and where modules that are not released stand.
pub struct ReleaseHead {
    spec: ReleaseSpec,
}

impl ReleaseHead {
    pub fn of(spec: &Spec) -> ReleaseHead {
        ReleaseHead { spec: spec.project.release().cloned().unwrap_or_default() }
    }

    /// Whether it is about what is released: what that destroyed or broke is history.
    fn is_history(&self, release: &Release) -> bool {
        self.spec.migration.as_ref().is_some_and(|name| release.has(&name.value))
    }

    pub fn loses(&self, release: &Release) -> &[Text] {
        if self.is_history(release) { &[] } else { &self.spec.loses }
    }

    pub fn breaks(&self, release: &Release) -> &[Text] {
        if self.is_history(release) { &[] } else { &self.spec.breaks }
    }

    /// Columns, and what a rollback puts into them.
    pub fn restores(&self, release: &Release) -> impl Iterator<Item = (&str, &str, crate::source::Span)> {
        let list = if self.is_history(release) { &[] } else { self.spec.restores.as_slice() };
        list.iter().map(|restore| (restore.column.value.as_str(), restore.value.0.value.as_str(), restore.column.span))
    }
}

fn of_released(migration: &crate::release::Migration) -> Module {
    Module { migration: migration.name.clone(), summary: migration.summary.clone(), file: migration.file.clone() }
}

fn told(stuck: &Stuck, origins: &Origins) -> Diagnostic {
    let place = stuck.waiting.iter().find_map(|id| origins.get(id));
    Diagnostic::error_at(&codes::CHANGES_WITHOUT_ORDER, stuck.to_string(), place.map(|origin| origin.span)).help("make them in two releases")
}

/// The modules of the parts: named by `[release]`, or by the last module that is not released.
fn names(head: &ReleaseHead, release: &Release, modules: &[Module], parts: usize, diagnostics: &mut Vec<Diagnostic>) -> Vec<Module> {
    if parts == 0 {
        return Vec::new();
    }
    let new = modules.iter().rfind(|module| !release.has(&module.migration));
    let last = release.last_version().unwrap_or_default();
    let next = || format!("{}_next", later(last, 1).unwrap_or_else(|| "20260101000000".to_owned()));
    let (name, summary, file, written): (String, String, String, Option<&Text>) = match (&head.spec.migration, new) {
        (Some(name), _) => {
            let summary = head.spec.summary.as_ref().map(|summary| summary.value.clone()).unwrap_or_default();
            (name.value.clone(), summary, "trust.toml".to_owned(), Some(name))
        }
        (None, Some(module)) => (module.migration.clone(), module.summary.clone(), module.file.clone(), None),
        (None, None) => {
            let message = "the spec has changed since its release, and the migration that makes the change has no name";
            let help = format!("name it in `trust.toml`: `[release]` `migration = \"{}\"`", next());
            diagnostics.push(Diagnostic::global(&codes::PENDING_WITHOUT_NAME, message).help(help));
            return Vec::new();
        }
    };
    let version = name.split('_').next().unwrap_or_default().to_owned();
    if let Some(diagnostic) = written.and_then(read::no_migration) {
        diagnostics.push(diagnostic);
        return Vec::new();
    }
    if version.as_str() <= last || release.has(&name) {
        let message = format!("migration `{name}` does not come behind the last one that was released, {last}");
        let diagnostic = Diagnostic::error_at(&codes::PENDING_WITHOUT_NAME, message, written.map(|text| text.span));
        diagnostics.push(diagnostic.help(format!("for example `{}`", next())));
        return Vec::new();
    }
    let rest = name.get(15..).unwrap_or_default();
    let part = |number: usize| {
        let migration = if number == 0 { name.clone() } else { format!("{}_{rest}_{}", later(&version, number).unwrap_or_default(), number + 1) };
        Module { migration, summary: summary.clone(), file: file.clone() }
    };
    (0..parts).map(part).collect()
}

/// A version that counts on from another.
fn later(version: &str, by: usize) -> Option<String> {
    let number: u64 = version.parse().ok()?;
    Some(format!("{:014}", number.checked_add(u64::try_from(by).ok()?)?))
}

fn back(evolution: &Evolution, before: &Catalog, after: &Catalog, way: &Intent, revoke_from: &str) -> Result<Vec<Evolution>, Stuck> {
    let intermediate = between(evolution, before, after);
    let states: Vec<&Catalog> = [before].into_iter().chain(&intermediate).chain([after]).collect();
    // What the first part renamed gets its old name back with it; before that, everything has its new name.
    let later_parts = Intent { renames: Vec::new(), ..way.clone() };
    let step = |number: usize, pair: &&[&Catalog]| match pair {
        [earlier, later] => evolve_as(later, earlier, if number == 0 { way } else { &later_parts }, revoke_from, Manner::AtOnce),
        _ => Ok(Evolution::default()),
    };
    let pairs: Vec<&[&Catalog]> = states.windows(2).take(evolution.parts.len()).collect();
    parallel::map(&pairs, step).into_iter().collect()
}

impl Pending {
    /// For each migration, those that are released and those that are pending, the objects that it was the last to make; all in an order of
    /// creation.
    pub fn creation(&self, catalog: &Catalog, origins: &Origins) -> Plan {
        let Pending { released: Released { release, .. }, evolution, .. } = self;
        let creation = Creation::of(catalog, origins);
        let mut place: FxHashMap<&Id, usize> = FxHashMap::default();
        for (number, steps) in release.steps.iter().enumerate() {
            place.extend(steps.iter().map(|id| (id, number)));
        }
        let released = release.steps.len();
        for part in 0..evolution.parts.len() {
            place.extend(evolution.settled.made_in(part).map(|id| (id, released + part)));
        }
        let last = (released + evolution.parts.len()).saturating_sub(1);
        let order = creation.order(|id| place.get(id).copied().unwrap_or(last));
        // Parts that were added to a table that was there already have no place in the order of a creation from nothing.
        let is_ordered: FxHashSet<&Id> = order.iter().collect();
        let mut added: Vec<&Id> = place.keys().filter(|id| !is_ordered.contains(**id)).copied().collect();
        added.sort_unstable();
        let mut migrations = vec![Vec::new(); released + evolution.parts.len()];
        for id in order.iter().chain(added) {
            if let Some(steps) = place.get(id).and_then(|place| migrations.get_mut(*place))
                && catalog.contains(id)
            {
                steps.push(id.clone());
            }
        }
        Plan { migrations, inline: creation.inline, order }
    }
}
