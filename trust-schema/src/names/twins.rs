//! Names that differ in their case alone.

use std::collections::BTreeMap;

use super::Names;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;

impl Names {
    /// Warns of names of one set that differ in nothing but the case of letters.
    pub fn case_twins(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut named: Vec<(String, String, Span)> = Vec::new();
        for (name, relation) in self.relations.iter().filter(|(_, relation)| !relation.external) {
            named.push(("relation".to_owned(), name.to_string(), relation.span));
            let of =
                |column: &super::RelationColumn| (format!("column of {name}"), crate::sql::identifier::quote(&column.name).into_owned(), column.span);
            named.extend(relation.columns.iter().map(of));
        }
        named.extend(self.types.iter().filter(|(_, ty)| ty.id.is_some()).map(|(name, ty)| ("type".to_owned(), name.to_string(), ty.span)));
        for (name, routines) in &self.functions {
            named.extend(
                routines.iter().filter(|routine| !routine.external).take(1).map(|routine| ("function".to_owned(), name.to_string(), routine.span)),
            );
        }
        named.sort_by(|a, b| (a.2, &a.1).cmp(&(b.2, &b.1)));
        let mut seen: BTreeMap<(String, String), (String, Span)> = BTreeMap::new();
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
    }
}
