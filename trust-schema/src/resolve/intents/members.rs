//! What is named within one object: values of enums, attributes of composite types, columns of views.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Resolving;
use crate::catalog::{Id, Kind, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::evolution::Rename;
use crate::kinds::composite::Composite;
use crate::kinds::view::View;
use crate::names::MembersIntent;
use crate::release::Said;
use crate::spec::Text;

/// The members of a composite type or a view, in order.
fn names(object: Option<&Object>) -> Option<(QualifiedName, Vec<String>)> {
    match object? {
        Object::View(View { name, columns: members, .. }) | Object::Composite(Composite { name, attributes: members }) => {
            Some((name.clone(), members.iter().map(|(name, _)| name.clone()).collect()))
        }
        _ => None,
    }
}

impl Resolving<'_> {
    /// What attributes of a composite type, or columns of a view, were called.
    pub(super) fn members(&mut self, members: &MembersIntent) {
        let kind = members.id.kind();
        let Some((name, new)) = names(self.catalog.get(&members.id)) else { return };
        let name_before = self.before(&name);
        let Some((_, old)) = names(self.released.get(&Id::of(kind, &name_before))) else { return };
        let what = if kind == Kind::View { "column" } else { "attribute" };
        for (from, to) in self.members_renamed(&members.id, &name_before, what, &members.renamed, [&old, &new]) {
            self.ways.there.renames.push(Rename::Member { kind, of: name_before.clone(), from: from.clone(), to: to.clone() });
            self.ways.back.renames.push(Rename::Member { kind, of: name.clone(), from: to, to: from });
        }
    }

    /// Those that get their new names: old ones and new ones. Tells of the others.
    pub(super) fn members_renamed(
        &mut self,
        id: &Id,
        name_before: &QualifiedName,
        what: &str,
        renamed: &[(Text, Text)],
        [old, new]: [&[String]; 2],
    ) -> Vec<(String, String)> {
        let mut pairs: Vec<(&Text, &Text)> = Vec::with_capacity(renamed.len());
        for (to, from) in renamed {
            if self.said.contains(&Said::of_part(id.kind(), name_before, &to.value, &from.value)) {
                self.stale(from.span, format!("{what} `{}` of {id} was `{}` before what is released", to.value, from.value));
            } else {
                pairs.push((to, from));
            }
        }
        let [old, new]: [FxHashSet<&str>; 2] = [old, new].map(|list| list.iter().map(String::as_str).collect());
        // Names that are handed on: what gets each, and what had each.
        let (mut given, mut left): (FxHashSet<&str>, FxHashMap<&str, &str>) = (FxHashSet::default(), FxHashMap::default());
        for (to, from) in pairs.iter().filter(|(to, from)| old.contains(from.value.as_str()) && to.value != from.value) {
            given.insert(&to.value);
            left.entry(&from.value).or_insert(&to.value);
        }
        let mut possible = Vec::new();
        for (to, from) in &pairs {
            let has = |list: &FxHashSet<&str>, text: &Text| list.contains(text.value.as_str());
            let problem = if !has(&new, to) {
                Some((to.span, format!("{id} has no {what} `{}`", to.value)))
            } else if has(&new, from) && !has(&given, from) {
                Some((from.span, format!("{id} has its {what} `{}` still", from.value)))
            } else if !has(&old, from) && has(&old, to) {
                self.stale(from.span, format!("{what} `{}` of {id} has its name in what is released", to.value));
                continue;
            } else if !has(&old, from) {
                Some((from.span, format!("{id} was not released with {} `{}`", with_article(what), from.value)))
            } else if has(&old, to) && !left.contains_key(to.value.as_str()) {
                Some((to.span, format!("{id} was released with both `{}` and `{}`", from.value, to.value)))
            } else {
                let other = left.get(from.value.as_str()).filter(|other| **other != to.value);
                other.map(|other| (from.span, format!("`{}` of {id} cannot become both `{other}` and `{}`", from.value, to.value)))
            };
            match problem {
                Some((span, message)) => self.diagnostics.push(Diagnostic::error(&codes::RENAME_IMPOSSIBLE, message, span)),
                None => possible.push((from.value.clone(), to.value.clone())),
            }
        }
        possible
    }
}

fn with_article(what: &str) -> String {
    if what.starts_with('a') { format!("an {what}") } else { format!("a {what}") }
}
