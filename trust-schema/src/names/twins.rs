//! Names that differ in their case alone.

use rustc_hash::FxHashMap;

use super::Names;
use crate::catalog::QualifiedName;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;

/// Names that stand beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Set<'n> {
    Relations,
    Types,
    Functions,
    ColumnsOf(&'n QualifiedName),
}

impl Names {
    /// Warns of names of one set that differ in nothing but the case of letters.
    pub fn case_twins(&self) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        if !self.has_capitals() {
            return diagnostics;
        }
        let mut named: Vec<(Set<'_>, String, Span)> = Vec::new();
        for (name, relation) in self.relations.iter().filter(|(_, relation)| !relation.external) {
            named.push((Set::Relations, name.to_string(), relation.span));
            let of = |column: &super::RelationColumn| (Set::ColumnsOf(name), crate::sql::identifier::quote(&column.name).into_owned(), column.span);
            named.extend(relation.columns.iter().map(of));
        }
        named.extend(self.types.iter().filter(|(_, ty)| ty.id.is_some()).map(|(name, ty)| (Set::Types, name.to_string(), ty.span)));
        for (name, routines) in &self.functions {
            let own = routines.iter().find(|routine| !routine.external);
            named.extend(own.map(|routine| (Set::Functions, name.to_string(), routine.span)));
        }
        named.sort_by(|a, b| (a.2, &a.1).cmp(&(b.2, &b.1)));
        let mut seen: FxHashMap<(Set<'_>, String), (String, Span)> = FxHashMap::default();
        for (set, name, span) in named {
            let folded = (set, name.to_lowercase().replace('"', ""));
            match seen.get(&folded) {
                Some((first, place)) if *first != name => {
                    let message = format!("`{name}` differs from `{first}` in nothing but the case of letters");
                    let diagnostic = Diagnostic::warning(&codes::CASE_TWINS, message, span).label(*place, "the other one is declared here");
                    diagnostics.push(diagnostic.help("without quotes SQL means the one in small letters: choose a name of its own"));
                }
                Some(_) => {}
                None => {
                    seen.insert(folded, (name, span));
                }
            }
        }
        diagnostics
    }

    /// Whether any name may have another case: where none has, there are no twins, and nothing has to be sorted.
    fn has_capitals(&self) -> bool {
        let may_fold = |name: &str| name.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii());
        let any = |name: &QualifiedName| may_fold(&name.schema) || may_fold(&name.name);
        let columns = || self.relations.values().flat_map(|relation| &relation.columns).any(|column| may_fold(&column.name));
        self.relations.keys().any(any) || self.types.keys().any(any) || self.functions.keys().any(any) || columns()
    }
}
