//! Keys of a table: which columns, and foreign keys to other tables.

use std::collections::BTreeSet;

use super::TableSpec;
use crate::catalog::Id;
use crate::diagnostic::{Diagnostic, codes, counted};
use crate::kinds::Kind;
use crate::kinds::column::ColumnSpec;
use crate::kinds::constraint::foreign_key::{Action, ForeignKey};
use crate::names::{Lowering, Relation, TypeUse};
use crate::source::Span;
use crate::spec::{Name, Text, Words};

/// Columns of a key: they exist, and none is named twice. `None` after a diagnostic.
pub(super) fn column_list(relation: &Relation, written: &Words, owner: Span, lowering: &mut Lowering<'_>) -> Option<Vec<String>> {
    let mut columns: Vec<String> = Vec::with_capacity(written.len());
    if written.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, "a key needs at least one column", owner));
    }
    for word in written {
        let Some(column) = lowering.column_reference(relation, word) else { continue };
        if columns.contains(&column.name) {
            lowering.report(Diagnostic::error(&codes::DUPLICATE_NAME, format!("column `{}` is named twice", column.name), word.span));
            continue;
        }
        columns.push(column.name.clone());
    }
    (!columns.is_empty() && columns.len() == written.len()).then_some(columns)
}

/// Adds a foreign key.
pub(super) fn foreign_key(
    relation: &Relation,
    name: &Name,
    columns: Vec<String>,
    references: &Text,
    referenced: Option<&Words>,
    (on_delete, on_update): (Action, Action),
    lowering: &mut Lowering<'_>,
) -> Option<Id> {
    let mut needs = BTreeSet::new();
    let target = lowering.table_reference(references, &mut needs)?;
    if target.id.kind() != Kind::Table {
        let message = format!("`{}` is no table", target.name);
        let diagnostic = Diagnostic::error(&codes::BAD_FOREIGN_KEY, message, references.span).label(target.span, "declared here");
        lowering.report(diagnostic.help("a foreign key refers to a primary key or unique constraint, which only tables have"));
        return None;
    }
    let referenced_columns: Vec<String> = match referenced {
        Some(words) => column_list(target, words, name.span, lowering)?,
        None if target.primary_key.is_empty() => {
            let message = format!("`{}` has no primary key", target.name);
            let diagnostic = Diagnostic::error(&codes::BAD_FOREIGN_KEY, message, references.span).label(target.span, "declared here");
            lowering.report(diagnostic.help(
                "give it one; or name the columns of a unique constraint in a section `[table.….foreign_key.…]`: `referenced_columns = [\"…\"]`",
            ));
            return None;
        }
        None => target.primary_key.clone(),
    };
    if !target.has_key(referenced_columns.iter().map(String::as_str)) {
        let message = format!("`{}` has no primary key or unique constraint on ({})", target.name, referenced_columns.join(", "));
        lowering.report(Diagnostic::error(&codes::BAD_FOREIGN_KEY, message, references.span).label(target.span, "declared here"));
        return None;
    }
    if columns.len() != referenced_columns.len() {
        let message = format!("{} for the key of `{}`, which has {}", counted(columns.len(), "column"), target.name, referenced_columns.len());
        lowering.report(
            Diagnostic::error(&codes::BAD_FOREIGN_KEY, message, references.span).help(format!("its key is ({})", referenced_columns.join(", "))),
        );
        return None;
    }
    for (own, other) in columns.iter().zip(&referenced_columns) {
        check_key_types(relation, own, target, other, references.span, lowering);
    }
    for action in [on_delete, on_update].into_iter().filter(|action| *action == Action::SetNull) {
        for column in columns.iter().filter_map(|column| relation.column(column)).filter(|column| !column.nullable) {
            let message = format!("`{}` cannot set column `{}` to NULL", action.label(), column.name);
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span).label(column.span, "does not allow NULL"));
        }
    }
    for action in [on_delete, on_update].into_iter().filter(|action| *action == Action::SetDefault) {
        for column in columns.iter().filter_map(|column| relation.column(column)).filter(|column| column.required()) {
            let message = format!("`{}` finds no default of column `{}`, which does not allow NULL", action.label(), column.name);
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span).label(column.span, "has no default"));
        }
    }
    let key = ForeignKey {
        table: relation.name.clone(),
        name: name.value.clone(),
        columns,
        references: target.name.clone(),
        referenced_columns,
        on_delete,
        on_update,
        delete_columns: Vec::new(),
    };
    needs.remove(&relation.id);
    Some(lowering.add(key, needs, name.span))
}

fn check_key_types(relation: &Relation, own: &str, target: &Relation, other: &str, span: Span, lowering: &mut Lowering<'_>) {
    let (Some(own), Some(other)) = (relation.column(own), target.column(other)) else { return };
    let mut needs = BTreeSet::new();
    let (own_type, other_type) = (own.data_type.clone(), other.data_type.clone());
    let Some(own_type) = lowering.type_reference(&own_type, TypeUse::Column, &mut needs) else { return };
    let Some(other_type) = lowering.type_reference(&other_type, TypeUse::Column, &mut needs) else { return };
    if !crate::sql::type_name::same_type(&own_type.name, &other_type.name) {
        let message = format!("column `{}` has type `{}`, the key `{}` has `{}`", own.name, own_type.text, other.name, other_type.text);
        lowering.report(Diagnostic::error(&codes::BAD_FOREIGN_KEY, message, span).label(own.span, "declared here"));
    }
}

/// PostgreSQL makes one constraint of two with the same columns, and forgets the name of the other.
pub(super) fn same_keys(table: &Name, spec: &TableSpec, columns: &[(&Name, &ColumnSpec)], lowering: &mut Lowering<'_>) {
    type Key<'k> = (Vec<&'k str>, Vec<&'k str>, bool);
    fn words(words: &Words) -> Vec<&str> {
        words.iter().map(|word| word.value.as_str()).collect()
    }
    let mut known: Vec<(Key<'_>, String, &str, Span)> = Vec::new();
    known.extend(spec.primary_key.first().map(|first| ((words(&spec.primary_key), Vec::new(), false), String::new(), "primary key", first.span)));
    let of_column = |column: &str| crate::names::generated_name(&[&table.value, column, "key"]);
    let single = columns.iter().filter(|(_, column)| column.unique);
    let single = single.map(|(name, _)| ((vec![name.value.as_str()], Vec::new(), false), of_column(&name.value), name.span));
    let named = spec.unique.iter();
    let named =
        named.map(|(name, unique)| ((words(&unique.columns), words(&unique.include), unique.nulls_not_distinct), name.value.clone(), name.span));
    for (key, name, span) in single.chain(named) {
        if let Some((_, first_name, what, first)) = known.iter().find(|(other, ..)| *other == key) {
            // Two of one name are told as such.
            if *first_name != name {
                let message = format!("the unique constraint on ({}) of `{}` is its {what} again", key.0.join(", "), table.value);
                let diagnostic = Diagnostic::error(&codes::CONTRADICTION, message, span).label(*first, "declared here");
                lowering.report(diagnostic.help("PostgreSQL makes one constraint of the two: leave this one out"));
            }
            continue;
        }
        known.push((key, name, "unique constraint", span));
    }
}
