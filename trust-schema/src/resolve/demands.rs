//! What somebody has to say before the spec may differ from its release in some way: what is lost, who is broken, what becomes of values.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::intents::Ways;
use super::pending::ReleaseHead;
use crate::catalog::{Catalog, Expression, Id, Kind, Object, QualifiedName};
use crate::contract::Promises;
use crate::diagnostic::{Diagnostic, codes};
use crate::evolution::{Breach, Difference, Hazard, Insides, breaches, differences, moved};
use crate::kinds::column::Column;
use crate::names::Origins;
use crate::release::Release;
use crate::sql::casts;
use crate::sql::identifier::parse_reference;
use crate::sql::type_name::TypeName;

/// The release and the spec.
pub struct Compared<'c> {
    pub head: &'c ReleaseHead,
    pub release: &'c Release,
    /// The release with its new names.
    pub before: &'c Catalog,
    pub after: &'c Catalog,
    /// Old identities, and new ones.
    pub ids: BTreeMap<Id, Id>,
    pub promises: &'c Promises,
    pub api_roles: &'c [String],
    pub origins: &'c Origins,
}

/// Everything that is not said. Also completes the way back by what `[release]` restores.
pub fn check(compared: &Compared<'_>, ways: &mut Ways, hazards: &[Hazard], is_same: bool, diagnostics: &mut Vec<Diagnostic>) {
    let found = if is_same { Vec::new() } else { differences(compared.before, compared.after) };
    restores(compared, ways, &found, diagnostics);
    losses(compared, &found, hazards, diagnostics);
    broken(compared, ways, &found, diagnostics);
    for (id, difference) in &found {
        match difference {
            Difference::Changed { before: Object::Enum(before), after: Object::Enum(after) } => {
                let said = ways.there.values.get(*id);
                let gone = before.values.iter().filter(|value| !after.values.contains(value));
                let gone: Vec<&String> = gone.filter(|value| said.is_none_or(|said| said.iter().all(|(known, _)| known != *value))).collect();
                let new: Vec<&String> = after.values.iter().filter(|value| !before.values.contains(value)).collect();
                values(compared, id, &gone, &new, &after.values, diagnostics);
            }
            Difference::Changed { before: Object::Column(before), after: Object::Column(after) } => cast(compared, ways, before, after, diagnostics),
            Difference::Added(Object::Column(column)) => rows(compared, ways, column, diagnostics),
            _ => {}
        }
    }
}

impl Compared<'_> {
    /// Where an object of the spec stands.
    pub fn at(&self, id: &Id) -> Option<crate::source::Span> {
        self.origins.get(id).map(|origin| origin.span)
    }

    /// An identity of the release, by its new one.
    fn old<'i>(&'i self, new: &'i Id) -> &'i Id {
        self.ids.iter().find(|(_, known)| *known == new).map_or(new, |(old, _)| old)
    }
}

/// Losses that nobody accepted, and acceptances of what is not lost.
fn losses(compared: &Compared<'_>, found: &[(&Id, Difference<'_>)], hazards: &[Hazard], diagnostics: &mut Vec<Diagnostic>) {
    let written = compared.head.loses(compared.release);
    let lost = hazards.iter().filter_map(|hazard| match hazard {
        Hazard::Loss { object } => Some((object, None)),
        Hazard::Reduced { object, what } => Some((object, Some(*what))),
        Hazard::Rewrite { .. } | Hazard::Scan { .. } => None,
    });
    let lost: BTreeMap<&Id, Option<&str>> = lost.collect();
    for (id, reduced) in &lost {
        let object = compared.old(id).to_string();
        if written.iter().any(|text| text.value == object) {
            continue;
        }
        let message = match (reduced, id.kind()) {
            (Some(what), _) => format!("values of {object} would lose {what}, and no rollback brings that back"),
            (None, Kind::Enum) => format!("values of {object} would become others, and no rollback tells them apart again"),
            (None, _) => format!("{object} would be lost with everything in it, and no rollback brings it back"),
        };
        let help = format!("where that is meant, say so in `trust.toml`: `[release]` `loses = [{}]`", toml::Value::from(object.as_str()));
        if reduced.is_some() {
            let diagnostic = Diagnostic::error_at(&codes::LOSS_NOT_ACCEPTED, message, compared.at(id)).help(help);
            diagnostics.push(match id.kind() {
                Kind::Column => {
                    diagnostic.help("where values are to be converted otherwise: `using = \"…\"` on the column, SQL over the row as it is before")
                }
                _ => diagnostic,
            });
            continue;
        }
        let diagnostic = Diagnostic::global(&codes::LOSS_NOT_ACCEPTED, message).help(help);
        diagnostics.push(match successor(compared, id, found) {
            Some((new, name)) => diagnostic.help(format!("where {new} is the same under another name: `renamed_from = \"{name}\"` there")),
            None => diagnostic,
        });
    }
    let is_lost = |text: &str| lost.keys().any(|id| compared.old(id).to_string() == text);
    for text in written.iter().filter(|text| !is_lost(&text.value)) {
        let message = format!("`{}` is not lost", text.value);
        diagnostics.push(Diagnostic::error(&codes::LOSS_NOT_ACCEPTED, message, text.span).help("remove it: it would let the next loss pass"));
    }
}

/// What comes and has the form of what goes, where there is but one such pair; also the name to be told.
fn successor<'f>(compared: &Compared<'_>, gone: &Id, found: &[(&'f Id, Difference<'_>)]) -> Option<(&'f Id, String)> {
    let form = |catalog: &Catalog, object: &Object| -> Option<Vec<String>> {
        match object {
            Object::Column(column) => Some(vec![column.table.to_string(), column.data_type.clone()]),
            Object::Table(table) => {
                let columns = catalog.objects().filter_map(|object| match object {
                    Object::Column(column) if column.table == table.name => Some(format!("{} {}", column.name, column.data_type)),
                    _ => None,
                });
                Some(columns.collect::<BTreeSet<_>>().into_iter().collect())
            }
            _ => None,
        }
    };
    let wanted = form(compared.before, compared.before.get(gone)?)?;
    let mut fitting = found.iter().filter(|(id, difference)| {
        let Difference::Added(object) = difference else { return false };
        id.kind() == gone.kind() && form(compared.after, object).as_ref() == Some(&wanted)
    });
    let (new, _) = fitting.next()?;
    let rivals = found.iter().filter(|(id, difference)| {
        let Difference::Removed(object) = difference else { return false };
        id.kind() == gone.kind() && form(compared.before, object).as_ref() == Some(&wanted)
    });
    let name = match compared.before.get(gone)? {
        Object::Column(column) => column.name.clone(),
        Object::Table(table) => table.name.name.to_string(),
        _ => return None,
    };
    (fitting.next().is_none() && rivals.count() == 1).then_some((*new, name))
}

/// Changes that callers would notice and that nobody declared, and declarations of what is not broken.
fn broken(compared: &Compared<'_>, ways: &Ways, found: &[(&Id, Difference<'_>)], diagnostics: &mut Vec<Diagnostic>) {
    let promised: Promises =
        compared.release.promises.iter().map(|(id, promise)| (compared.ids.get(id).unwrap_or(id).clone(), promise.clone())).collect();
    let new_id = |old: Id| compared.ids.get(&old).cloned().unwrap_or(old);
    let insides = Insides::new(compared.before, compared.after, found, &ways.there.renames, new_id);
    let mut breaches: Vec<Breach> = breaches(compared.before, &promised, compared.after, compared.promises, insides, compared.api_roles);
    let old: FxHashMap<&Id, &Id> = compared.ids.iter().map(|(old, new)| (new, old)).collect();
    breaches.iter_mut().for_each(|breach| breach.function = (*old.get(&breach.function).unwrap_or(&&breach.function)).clone());
    breaches.extend(moved(&compared.release.catalog, &compared.ids, compared.api_roles));
    let written = compared.head.breaks(compared.release);
    let declared: FxHashSet<&str> = written.iter().map(|text| text.value.as_str()).collect();
    let mut broken: FxHashSet<String> = FxHashSet::default();
    for breach in &breaches {
        let function = breach.function.to_string();
        broken.insert(function.clone());
        if declared.contains(function.as_str()) {
            continue;
        }
        let message = format!("{function} {}", breach.what);
        let now = compared.ids.get(&breach.function).unwrap_or(&breach.function);
        let diagnostic = Diagnostic::error_at(&codes::CONTRACT_BROKEN, message, compared.at(now));
        let help = format!(
            "keep it, and put a new version beside it; or say that nobody calls it: `[release]` `breaks = [{}]`",
            toml::Value::from(function.as_str())
        );
        diagnostics.push(diagnostic.help(help));
    }
    for text in written.iter().filter(|text| !broken.contains(&text.value)) {
        let message = format!("`{}` is not broken", text.value);
        diagnostics.push(Diagnostic::error(&codes::CONTRACT_BROKEN, message, text.span).help("remove it: it would let the next one pass"));
    }
}

/// Values that go, and nobody said what becomes of them.
fn values(compared: &Compared<'_>, id: &Id, gone: &[&String], new: &[&String], kept: &[String], diagnostics: &mut Vec<Diagnostic>) {
    for value in gone {
        let message = format!("value `{value}` of {id} goes, and rows may have it");
        let becomes = kept.first().map(String::as_str).unwrap_or_default();
        let diagnostic = Diagnostic::error_at(&codes::VALUE_WITHOUT_SUCCESSOR, message, compared.at(id));
        let diagnostic = diagnostic.help(format!("say what becomes of it, for example: `removed_values = {{ {value} = \"{becomes}\" }}`"));
        diagnostics.push(match (gone, new) {
            ([_], [name]) => diagnostic.help(format!("where `{name}` is the same under another name: `renamed_values = {{ {name} = \"{value}\" }}`")),
            _ => diagnostic,
        });
    }
}

/// Columns whose values PostgreSQL would not convert.
fn cast(compared: &Compared<'_>, ways: &Ways, before: &Column, after: &Column, diagnostics: &mut Vec<Diagnostic>) {
    if before.data_type == after.data_type || after.generated.is_some() {
        return;
    }
    let id = Id::part(Kind::Column, &after.table, &after.name);
    let old = compared.old(&id);
    let lacks = |from: &str, in_from: &Catalog, to: &str, in_to: &Catalog| !casts_to(from, in_from, to, in_to);
    let there = !ways.there.conversions.contains_key(&id) && lacks(&before.data_type, compared.before, &after.data_type, compared.after);
    let back = !ways.back.conversions.contains_key(old) && lacks(&after.data_type, compared.after, &before.data_type, compared.before);
    let told = [(there, &before.data_type, &after.data_type, "using"), (back, &after.data_type, &before.data_type, "using_back")];
    for (_, from, to, key) in told.into_iter().filter(|(lacks, ..)| *lacks) {
        let message = format!("{id}: PostgreSQL has no cast from {from} to {to}");
        let diagnostic = Diagnostic::error_at(&codes::NO_CAST, message, compared.at(&id));
        diagnostics.push(diagnostic.help(format!("say how a value is converted: `{key} = \"…\"` on the column, SQL over the row as it is before")));
    }
}

/// Whether PostgreSQL casts a type to another, types of the spec looked into.
fn casts_to(from: &str, in_from: &Catalog, to: &str, in_to: &Catalog) -> bool {
    let (Ok(source), Ok(target)) = (TypeName::parse(from), TypeName::parse(to)) else { return true };
    let declared = |ty: &TypeName, catalog: &Catalog| -> Option<Object> {
        let (schema, name) = parse_reference(&ty.element().to_string()).ok()?;
        let name = QualifiedName::new(schema?, name);
        let ids = [Kind::Enum, Kind::Domain, Kind::Composite].map(|kind| Id::of(kind, &name));
        ids.iter().find_map(|id| catalog.get(id)).cloned()
    };
    match (declared(&source, in_from), declared(&target, in_to)) {
        (Some(Object::Domain(domain)), _) if !source.is_array() => casts_to(&domain.base, in_from, to, in_to),
        (_, Some(Object::Domain(domain))) if !target.is_array() => casts_to(from, in_from, &domain.base, in_to),
        (Some(one), Some(other)) => one.id() == other.id() && source.is_array() == target.is_array(),
        // By how it is written alone.
        (Some(_), None) => {
            target.is_builtin() && casts::exists(&target, &TypeName { schema: None, name: "bytea".to_owned(), ..target.element() }) == Some(true)
        }
        (None, Some(_)) => {
            source.is_builtin() && casts::exists(&source, &TypeName { schema: None, name: "bytea".to_owned(), ..source.element() }) == Some(true)
        }
        (None, None) => casts::exists(&source, &target).unwrap_or(true),
    }
}

/// Columns that come to rows without a value for them.
fn rows(compared: &Compared<'_>, ways: &Ways, column: &Column, diagnostics: &mut Vec<Diagnostic>) {
    if !needs_value(column, compared.after) || !compared.before.contains(&Id::of(Kind::Table, &column.table)) {
        return;
    }
    let id = Id::part(Kind::Column, &column.table, &column.name);
    if !ways.there.backfills.contains_key(&id) {
        let message = format!("{id} allows no NULL, and rows that are there have no value for it");
        let diagnostic = Diagnostic::error_at(&codes::NO_VALUE_FOR_ROWS, message, compared.at(&id));
        diagnostics.push(diagnostic.help("give it a default, or say what rows get: `backfill = \"…\"`, SQL over the row"));
    }
}

/// Whether a row without a value is refused.
fn needs_value(column: &Column, catalog: &Catalog) -> bool {
    let id = Id::part(Kind::Column, &column.table, &column.name);
    let by_domain = || catalog.needs(&id).any(|need| matches!(catalog.get(need), Some(Object::Domain(domain)) if domain.default.is_some()));
    column.not_null && column.default.is_none() && column.identity.is_none() && column.generated.is_none() && !by_domain()
}

/// What a rollback puts into columns that it brings back.
fn restores(compared: &Compared<'_>, ways: &mut Ways, found: &[(&Id, Difference<'_>)], diagnostics: &mut Vec<Diagnostic>) {
    let mut gone: BTreeMap<String, (&Id, &Column)> = BTreeMap::new();
    for (id, difference) in found {
        if let Difference::Removed(Object::Column(column)) = difference
            && compared.after.contains(&Id::of(Kind::Table, &column.table))
        {
            gone.insert(compared.old(id).to_string(), (compared.old(id), column));
        }
    }
    for (column, value, span) in compared.head.restores(compared.release) {
        match gone.get(column) {
            Some((id, column)) => {
                // By its name before, and, behind the part that renames its table, by its new one.
                let renamed = Id::part(Kind::Column, &column.table, &column.name);
                ways.back.backfills.extend([(*id).clone(), renamed].map(|id| (id, Expression::checked(value))));
            }
            None => {
                let message = format!("`{column}` is not lost");
                diagnostics.push(Diagnostic::error(&codes::LOSS_NOT_ACCEPTED, message, span).help("remove it: a rollback has nothing to restore"));
            }
        }
    }
    for (name, (id, column)) in &gone {
        if needs_value(column, compared.before) && !ways.back.backfills.contains_key(*id) {
            let message = format!("{name} goes, and a rollback would have no value for it in the rows that are there, which it needs");
            let help = format!(
                "say what it puts there: `[[release.restores]]` with `column = {}` and `value = \"…\"`, SQL over the row",
                toml::Value::from(name.as_str())
            );
            diagnostics.push(Diagnostic::global(&codes::NO_VALUE_FOR_ROWS, message).help(help));
        }
    }
}
