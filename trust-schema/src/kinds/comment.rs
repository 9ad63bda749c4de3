//! Comments on objects.

use serde::{Deserialize, Serialize};

use super::grant::address;
use super::statement::Context;
use super::{Kind, ObjectKind};
use crate::catalog::{Id, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::sql::quoted;

/// The comment on an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub target: Id,
    pub text: String,
}

impl ObjectKind for Comment {
    const KIND: Kind = Kind::Comment;
    const INTROSPECTION: &'static str = include_str!("introspection/comment.sql");

    fn id(&self) -> Id {
        Id::comment(&self.target)
    }
    fn parents(&self) -> Vec<Id> {
        vec![self.target.clone()]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        vec![format!("COMMENT ON {} IS {};", address(&self.target, context.catalog), quoted::quoted(&self.text))]
    }
    fn drop(&self, context: &Context<'_>) -> Vec<String> {
        vec![format!("COMMENT ON {} IS NULL;", address(&self.target, context.catalog))]
    }
    fn alter(&self, _before: &Self, context: &Context<'_>) -> Option<Vec<Alteration>> {
        Some(Alteration::replace(self.create(context)))
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        names.id(&mut self.target);
    }
}
