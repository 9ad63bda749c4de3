//! What differs between two Catalogs.

use std::borrow::Cow;
use std::sync::Arc;

use crate::catalog::{Catalog, Expression, Id, Object};
use crate::sql::identifier::fold;
use crate::sql::lexer::{self, TokenKind};

/// A difference of one object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Difference<'c> {
    Added(&'c Object),
    Removed(&'c Object),
    Changed { before: &'c Object, after: &'c Object },
}

/// All differences, by identity, in the order of `after` and then of `before`. The place of a column is none: PostgreSQL has no way to change it.
pub fn differences<'c>(before: &'c Catalog, after: &'c Catalog) -> Vec<(&'c Id, Difference<'c>)> {
    let mut found = Vec::new();
    let mut in_both = 0;
    for (id, entry, old) in after.paired(before) {
        in_both += usize::from(old.is_some());
        match old {
            None => found.push((id, Difference::Added(&entry.object))),
            Some(old) if Arc::ptr_eq(old, entry) || is_same(&old.object, &entry.object) => {}
            Some(old) => found.push((id, Difference::Changed { before: &old.object, after: &entry.object })),
        }
    }
    if in_both < before.len() {
        found.extend(before.iter().filter(|(id, _)| !after.contains(id)).map(|(id, entry)| (id, Difference::Removed(&entry.object))));
    }
    found
}

/// Whether two objects are the same to PostgreSQL, as far as their values tell: it keeps no white space, comments or case of key words.
pub fn is_same(before: &Object, after: &Object) -> bool {
    before == after || without_place(before, after).is_some_and(|before| *before == *after) || is_same_written_otherwise(before, after)
}

fn is_same_written_otherwise(before: &Object, after: &Object) -> bool {
    if before.kind() != after.kind() {
        return false;
    }
    let plain = |object: &Object| {
        let mut object = object.clone();
        let mut changed = false;
        object.expressions(&mut |expression| {
            changed = true;
            *expression = Expression::checked(normal(expression.text()));
        });
        changed.then_some(object)
    };
    let (Some(before), Some(after)) = (plain(before), plain(after)) else { return false };
    before == after || without_place(&before, &after).is_some_and(|before| *before == after)
}

/// A text with nothing in it but its tokens, words without quotes in lower case.
pub(super) fn normal(text: &str) -> String {
    let tokens = lexer::lex(text).tokens;
    let words = tokens.iter().filter(|token| !token.kind.is_comment()).map(|token| match token.kind {
        TokenKind::Word => fold(token.text(text)),
        _ => Cow::Borrowed(token.text(text)),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A column as if it stood where the other one does.
fn without_place<'o>(object: &'o Object, other: &Object) -> Option<Cow<'o, Object>> {
    let (Object::Column(column), Object::Column(other)) = (object, other) else { return None };
    let mut column = column.clone();
    column.position = other.position;
    Some(Cow::Owned(Object::Column(column)))
}
