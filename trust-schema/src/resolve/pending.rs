//! What leads on from a release: the migrations that are not released yet.

use std::collections::{BTreeMap, BTreeSet};

use super::Module;
use super::read::Spec;
use crate::catalog::{Catalog, Id, Object};
use crate::diagnostic::{Diagnostic, codes};
use crate::evolution::{Evolution, Hazard, Manner, Stuck, between, breaches, evolve, hazards};
use crate::kinds::release::ReleaseSpec;
use crate::names::Origins;
use crate::plan::{self, Plan};
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
}

/// Columns keep the places that they have in the database; new ones follow.
pub fn settle_columns(catalog: &mut Catalog, release: &Release) {
    let mut tables: BTreeMap<String, Vec<(Option<u32>, u32, Id)>> = BTreeMap::new();
    for (id, entry) in catalog.iter() {
        let Object::Column(column) = &entry.object else { continue };
        let before = match release.catalog.get(id) {
            Some(Object::Column(before)) => Some(before.position),
            _ => None,
        };
        tables.entry(column.table.to_string()).or_default().push((before, column.position, id.clone()));
    }
    for columns in tables.values_mut().filter(|columns| columns.iter().any(|(before, ..)| before.is_some())) {
        columns.sort_by_key(|(before, position, _)| (before.is_none(), before.unwrap_or(*position)));
        for ((_, _, id), position) in columns.iter().zip(1..) {
            if let Some(Object::Column(column)) = catalog.get_mut(id) {
                column.position = position;
            }
        }
    }
}

/// Plans it. `None` after a diagnostic.
pub fn plan(
    spec: &ReleaseHead,
    released: Released,
    catalog: &Catalog,
    origins: &Origins,
    modules: &[Module],
    api_roles: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Vec<Module>, Plan, Pending)> {
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
    let evolution = match evolve(before, catalog, revoke_from, Manner::Online) {
        Ok(evolution) => evolution,
        Err(stuck) => {
            diagnostics.push(told(&stuck, origins));
            return None;
        }
    };
    let hazards = hazards(&evolution);
    let told_before = diagnostics.len();
    losses(spec, &released.release, &hazards, diagnostics);
    broken(spec, &released.release, catalog, api_roles, origins, diagnostics);
    let names = names(spec, &released.release, modules, evolution.parts.len(), diagnostics);
    if diagnostics.len() > told_before {
        return None;
    }
    let back = match back(&evolution, before, catalog, revoke_from) {
        Ok(back) => back,
        Err(stuck) => {
            diagnostics.push(told(&stuck, origins));
            return None;
        }
    };
    let mut all: Vec<Module> = released.release.migrations.iter().map(of_released).collect();
    all.extend(names);
    let plan = steps(&released.release, &evolution, catalog, origins);
    Some((all, plan, Pending { released, evolution, back, hazards }))
}

/// `[release]`, and where modules that are not released stand.
pub struct ReleaseHead {
    spec: ReleaseSpec,
}

impl ReleaseHead {
    pub fn of(spec: &Spec) -> ReleaseHead {
        ReleaseHead { spec: spec.project.release().cloned().unwrap_or_default() }
    }

    /// What a list says of the migration that is pending; what one that was released destroyed or broke is history.
    fn declared<'h>(&self, list: &'h [Text], release: &Release) -> &'h [Text] {
        let is_history = self.spec.migration.as_ref().is_some_and(|name| release.has(&name.value));
        if is_history { &[] } else { list }
    }
}

fn of_released(migration: &crate::release::Migration) -> Module {
    Module { migration: migration.name.clone(), summary: migration.summary.clone(), file: migration.file.clone() }
}

fn told(stuck: &Stuck, origins: &Origins) -> Diagnostic {
    let waiting = stuck.waiting.iter().take(6).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let message = format!("no order of statements makes these changes at once: {waiting}");
    let place = stuck.waiting.iter().find_map(|id| origins.get(id));
    Diagnostic::error_at(&codes::CHANGES_WITHOUT_ORDER, message, place.map(|origin| origin.span)).help("make them in two releases")
}

/// Losses that nobody accepted, and acceptances of what is not lost.
fn losses(head: &ReleaseHead, release: &Release, hazards: &[Hazard], diagnostics: &mut Vec<Diagnostic>) {
    let written = head.declared(&head.spec.loses, release);
    let lost: BTreeSet<String> =
        hazards.iter().filter_map(|hazard| if let Hazard::Loss { object } = hazard { Some(object.to_string()) } else { None }).collect();
    let accepted: BTreeSet<&str> = written.iter().map(|text| text.value.as_str()).collect();
    for object in lost.iter().filter(|object| !accepted.contains(object.as_str())) {
        let message = format!("{object} would be lost with everything in it, and no rollback brings it back");
        let help = format!("where that is meant, say so in `trust.toml`: `[release]` `loses = [\"{object}\"]`");
        diagnostics.push(Diagnostic::global(&codes::LOSS_NOT_ACCEPTED, message).help(help));
    }
    for text in written.iter().filter(|text| !lost.contains(text.value.as_str())) {
        let message = format!("`{}` is not lost", text.value);
        diagnostics.push(Diagnostic::error(&codes::LOSS_NOT_ACCEPTED, message, text.span).help("remove it: it would let the next loss pass"));
    }
}

/// Changes that callers would notice and that nobody declared, and declarations of what is not broken.
fn broken(head: &ReleaseHead, release: &Release, catalog: &Catalog, api_roles: &[String], origins: &Origins, diagnostics: &mut Vec<Diagnostic>) {
    let breaches = breaches(&release.catalog, catalog, api_roles);
    let written = head.declared(&head.spec.breaks, release);
    for breach in &breaches {
        let function = breach.function.to_string();
        if written.iter().any(|text| text.value == function) {
            continue;
        }
        let message = format!("{function} {}", breach.what);
        let place = origins.get(&breach.function).map(|origin| origin.span);
        let diagnostic = Diagnostic::error_at(&codes::CONTRACT_BROKEN, message, place);
        let help = format!("keep it, and put a new version beside it; or say that nobody calls it: `[release]` `breaks = [\"{function}\"]`");
        diagnostics.push(diagnostic.help(help));
    }
    for text in written.iter().filter(|text| breaches.iter().all(|breach| breach.function.to_string() != text.value)) {
        let message = format!("`{}` is not broken", text.value);
        diagnostics.push(Diagnostic::error(&codes::CONTRACT_BROKEN, message, text.span).help("remove it: it would let the next one pass"));
    }
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
    let is_form = version.len() == 14 && version.bytes().all(|byte| byte.is_ascii_digit()) && name.len() > 15;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_form || !is_plain || version.as_str() <= last || release.has(&name) {
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

fn back(evolution: &Evolution, before: &Catalog, after: &Catalog, revoke_from: &str) -> Result<Vec<Evolution>, Stuck> {
    let intermediate = between(evolution, before, after);
    let states: Vec<&Catalog> = [before].into_iter().chain(&intermediate).chain([after]).collect();
    let step = |pair: &[&Catalog]| match pair {
        [earlier, later] => evolve(later, earlier, revoke_from, Manner::AtOnce),
        _ => Ok(Evolution::default()),
    };
    states.windows(2).map(step).take(evolution.parts.len()).collect()
}

/// For each migration, the objects that it was the last to make; all in an order of creation.
fn steps(release: &Release, evolution: &Evolution, catalog: &Catalog, origins: &Origins) -> Plan {
    let mut place: BTreeMap<&Id, usize> = BTreeMap::new();
    for (number, steps) in release.steps.iter().enumerate() {
        place.extend(steps.iter().map(|id| (id, number)));
    }
    let released = release.steps.len();
    for part in 0..evolution.parts.len() {
        place.extend(evolution.settled.made_in(part).map(|id| (id, released + part)));
    }
    let last = (released + evolution.parts.len()).saturating_sub(1);
    let order = plan::order_of_creation(catalog, origins, |id| place.get(id).copied().unwrap_or(last));
    // Parts that were added to a table that was there already have no place in the order of a creation from nothing.
    let is_ordered: BTreeSet<&Id> = order.iter().collect();
    let added: Vec<&Id> = place.keys().filter(|id| !is_ordered.contains(**id)).copied().collect();
    let mut migrations = vec![Vec::new(); released + evolution.parts.len()];
    for id in order.iter().chain(added) {
        if let Some(steps) = place.get(id).and_then(|place| migrations.get_mut(*place))
            && catalog.contains(id)
        {
            steps.push(id.clone());
        }
    }
    Plan { migrations, inline: plan::inline(catalog), order }
}
