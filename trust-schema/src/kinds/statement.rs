//! What statements need to know about their surroundings.

use rustc_hash::FxHashMap;

use crate::catalog::{Catalog, Id, Object};

/// The surroundings of an object when its statements are written.
pub struct Context<'c> {
    pub catalog: &'c Catalog,
    /// Everybody from whom everything is revoked before anything is granted: PUBLIC and every API role, written for a `FROM` clause.
    pub revoke_from: &'c str,
    /// For each table, the columns and constraints that its CREATE TABLE holds, in order.
    pub inline: &'c FxHashMap<Id, Vec<Id>>,
}

impl Context<'_> {
    /// The objects that are created with a table.
    pub fn inline_of(&self, table: &Id) -> impl Iterator<Item = &Object> {
        self.inline.get(table).into_iter().flatten().filter_map(|id| self.catalog.get(id))
    }
}

/// `a, b, c`, each quoted where needed.
pub fn name_list<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| crate::sql::identifier::quote(name.as_ref())).collect::<Vec<_>>().join(", ")
}
