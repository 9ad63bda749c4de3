//! Names of objects: what each was called, and whether its new name is free or gets free.

use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Resolving;
use crate::catalog::{Id, Kind, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::evolution::Rename;
use crate::kinds::renaming::RELATIONS;
use crate::release::{Said, relation};
use crate::spec::Text;

/// An object that had another name. Names are those of the release's time: a schema that is renamed, too, has its old one.
struct Claim<'i, N> {
    id: &'i Id,
    from: &'i Text,
    /// The released object.
    before: Id,
    old: N,
    new: N,
    /// What the spec has under the old name.
    still: Option<Id>,
    /// What is released under the new name.
    occupant: Option<Id>,
}

impl Resolving<'_> {
    pub(super) fn schemas<'i>(&mut self, renamed: impl Iterator<Item = &'i (Id, Text)>) {
        let mut claims = Vec::new();
        for (id, from) in renamed {
            let Some(Object::Schema(schema)) = self.catalog.get(id) else { continue };
            if self.is_said(id, &Said::of_schema(&schema.name, &from.value), from) {
                continue;
            }
            let (before, new) = (Id::global(Kind::Schema, &from.value), schema.name.clone());
            let still = Some(before.clone()).filter(|id| self.catalog.contains(id));
            let occupant = Some(id.clone()).filter(|id| self.released.contains(id));
            self.claim(&mut claims, Claim { id, from, before, old: from.value.clone(), new, still, occupant });
        }
        for Claim { old, new, .. } in self.possible(claims) {
            self.schemas.insert(new.clone(), old.clone());
            self.ways.there.renames.push(Rename::Schema { from: old.clone(), to: new.clone() });
            self.ways.back.renames.push(Rename::Schema { from: new, to: old });
        }
    }

    pub(super) fn relations<'i>(&mut self, renamed: impl Iterator<Item = &'i (Id, Text)>) {
        let mut claims = Vec::new();
        for (id, from) in renamed {
            let Some(to) = self.catalog.get(id).and_then(relation).cloned() else { continue };
            let Some(old) = self.reference(from, &to.schema) else { continue };
            let new = QualifiedName::new(self.schema_before(&to.schema), to.name.clone());
            if self.is_said(id, &Said::of_named(id.kind(), &new, &old.to_string()), from) {
                continue;
            }
            let named = |name: &QualifiedName| RELATIONS.map(|kind| Id::of(kind, name));
            let occupant = named(&new).into_iter().find(|id| self.released.contains(id));
            let still = Some(Id::of(id.kind(), &self.after(&old))).filter(|id| self.catalog.contains(id));
            self.claim(&mut claims, Claim { id, from, before: Id::of(id.kind(), &old), old, new, still, occupant });
        }
        for Claim { id, from, old, new, .. } in self.possible(claims) {
            let Some(to) = self.catalog.get(id).and_then(relation).cloned() else { continue };
            let schema = Id::global(Kind::Schema, &to.schema);
            if self.catalog.contains(&schema) && !self.released.contains(&Id::global(Kind::Schema, &new.schema)) {
                let message = format!("{id} cannot move into {schema}, which is made in the same release");
                self.diagnostics.push(Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, from.span).help("release the schema first"));
                continue;
            }
            self.relations.insert(to.clone(), old.clone());
            self.ways.there.renames.push(Rename::Relation { kind: id.kind(), from: old.clone(), to: to.clone() });
            self.ways.back.renames.push(Rename::Relation { kind: id.kind(), from: to, to: old });
        }
    }

    pub(super) fn columns<'i>(&mut self, renamed: impl Iterator<Item = &'i (Id, Text)>) {
        let mut claims = Vec::new();
        for (id, from) in renamed {
            let Some(Object::Column(column)) = self.catalog.get(id) else { continue };
            let table = self.before(&column.table);
            if self.is_said(id, &Said::of_column(&table, &column.name, &from.value), from) {
                continue;
            }
            let part = |name: &str| Id::part(Kind::Column, &table, name);
            let still = Some(Id::part(Kind::Column, &column.table, &from.value)).filter(|id| self.catalog.contains(id));
            let occupant = Some(part(&column.name)).filter(|id| self.released.contains(id));
            let (old, new) = ((table.clone(), from.value.clone()), (table.clone(), column.name.clone()));
            self.claim(&mut claims, Claim { id, from, before: part(&from.value), old, new, still, occupant });
        }
        for Claim { id, old: (table_before, from), new: (_, to), .. } in self.possible(claims) {
            let Some(Object::Column(column)) = self.catalog.get(id) else { continue };
            self.ways.there.renames.push(Rename::Column { table: table_before, from: from.clone(), to: to.clone() });
            self.ways.back.renames.push(Rename::Column { table: column.table.clone(), from: to, to: from });
        }
    }

    pub(super) fn functions<'i>(&mut self, renamed: impl Iterator<Item = &'i (Id, Text)>) {
        let renamed: Vec<(&Id, &Text)> = renamed.map(|(id, from)| (id, from)).collect();
        if renamed.is_empty() {
            return;
        }
        let mut known: FxHashMap<&QualifiedName, Vec<&Id>> = FxHashMap::default();
        for (id, entry) in self.released.iter() {
            if let Object::Function(function) = &entry.object {
                known.entry(&function.name).or_default().push(id);
            }
        }
        let mut claims = Vec::new();
        for (id, from) in renamed {
            let Some(Object::Function(function)) = self.catalog.get(id) else { continue };
            let Some(old) = self.reference(from, &function.name.schema) else { continue };
            let new = QualifiedName::new(self.schema_before(&function.name.schema), function.name.name.clone());
            if self.is_said(id, &Said::of_named(Kind::Function, &new, &old.to_string()), from) {
                continue;
            }
            let candidates = known.get(&old).map(Vec::as_slice).unwrap_or_default();
            let occupant = known.get(&new).and_then(|ids| ids.first()).map(|id| (*id).clone());
            let arguments = function.arguments.len();
            let fits = |id: &&&Id| matches!(self.released.get(id), Some(Object::Function(known)) if known.arguments.len() == arguments);
            let Some(before) = candidates.iter().find(fits).or(candidates.first()).map(|id| (*id).clone()) else {
                self.unknown(&format!("function {old}"), id, occupant.is_some(), from);
                continue;
            };
            if candidates.len() > 1 {
                let message = format!("`{}` has several forms, and a name is of all of them", from.value);
                let diagnostic = Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, from.span);
                self.diagnostics.push(diagnostic.help("put the new function beside the old one"));
                continue;
            }
            let still = Some(before.clone()).filter(|id| self.catalog.contains(id));
            self.claim(&mut claims, Claim { id, from, before, old, new, still, occupant });
        }
        for Claim { id, before, old, .. } in self.possible(claims) {
            let Some(Object::Function(function)) = self.catalog.get(id) else { continue };
            let to = function.name.clone();
            self.ways.there.renames.push(Rename::Function { id: before, from: old.clone(), to: to.clone() });
            self.ways.back.renames.push(Rename::Function { id: id.clone(), from: to, to: old });
        }
    }

    /// A relation of the release as it is called now, where its schema alone has another name.
    fn after(&self, name: &QualifiedName) -> QualifiedName {
        let schema = self.schemas.iter().find(|(_, old)| old.as_str() == &*name.schema);
        schema.map_or_else(|| name.clone(), |(new, _)| QualifiedName::new(new.as_str(), name.name.clone()))
    }

    /// Whether the release was told so, and has it behind it.
    fn is_said(&mut self, id: &Id, said: &Said, from: &Text) -> bool {
        let is_said = self.said.contains(said);
        if is_said {
            self.stale(from.span, format!("{id} was `{}` before what is released: `renamed_from` says nothing any more", from.value));
        }
        is_said
    }

    /// Keeps what was released; tells of the rest.
    fn claim<'i, N>(&mut self, claims: &mut Vec<Claim<'i, N>>, claim: Claim<'i, N>) {
        if self.released.contains(&claim.before) {
            claims.push(claim);
            return;
        }
        let is_there = claim.occupant.as_ref().is_some_and(|id| id.kind() == claim.id.kind());
        self.unknown(&claim.before.to_string(), claim.id, is_there, claim.from);
    }

    /// Those that get their names: the old one is not in use any more, or is handed on; the new one is free, or gets free.
    fn possible<'i, N: Clone + Eq + Hash>(&mut self, claims: Vec<Claim<'i, N>>) -> Vec<Claim<'i, N>> {
        let given: FxHashSet<N> = claims.iter().filter(|claim| claim.old != claim.new).map(|claim| claim.new.clone()).collect();
        let mut left: FxHashMap<N, &Id> = FxHashMap::default();
        for claim in &claims {
            left.entry(claim.old.clone()).or_insert(claim.id);
        }
        let mut possible = Vec::with_capacity(claims.len());
        for claim in claims {
            let Claim { id, from, before, .. } = &claim;
            let problem = if let Some(still) = claim.still.as_ref().filter(|_| !given.contains(&claim.old)) {
                Some((format!("{still} is declared, too, and {id} is what it was"), "rename in one release, use the old name in the next"))
            } else if let Some(other) = left.get(&claim.old).filter(|other| *other != id) {
                Some((format!("{before} cannot become both {other} and {id}"), "one of them is new"))
            } else if let Some(occupant) = claim.occupant.as_ref().filter(|_| !left.contains_key(&claim.new)) {
                let message = format!("{before} cannot become {id}: {occupant} is released under that name");
                Some((message, "rename that one in the same release, or remove it in a release of its own"))
            } else {
                None
            };
            match problem {
                Some((message, help)) => self.diagnostics.push(Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, from.span).help(help)),
                None => possible.push(claim),
            }
        }
        possible
    }
}
