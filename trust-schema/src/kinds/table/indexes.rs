//! Indexes of a table.

use std::collections::BTreeSet;

use crate::catalog::Id;
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::index::{Element, ElementSpec, Index, Key, Method, Nulls};
use crate::names::{Lowering, Relation, Scope};
use crate::spec::Name;

/// Adds an index.
pub(super) fn index(relation: &Relation, name: &Name, spec: &crate::kinds::index::IndexSpec, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::new();
    if spec.columns.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("index `{}` has no columns", name.value), name.span));
        return;
    }
    for (given, option) in [(spec.unique, "unique"), (!spec.include.is_empty(), "include")] {
        let possible = spec.method == Method::Btree || (option == "include" && matches!(spec.method, Method::Gist | Method::Spgist));
        if given && !possible {
            let message = format!("an index of method `{}` cannot be `{option}`", spec.method.label());
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span));
        }
    }
    // PostgreSQL manual, "Index Types" and "Multicolumn Indexes".
    if spec.columns.len() > 1 && matches!(spec.method, Method::Hash | Method::Spgist) {
        let message = format!("an index of method `{}` has one column", spec.method.label());
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span));
    }
    if let Some(ordered) = spec.columns.iter().find(|column| column.descending || column.nulls.is_some()).filter(|_| spec.method != Method::Btree) {
        let message = format!("an index of method `{}` has no order", spec.method.label());
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, ordered.span).help("leave out `descending` and `nulls`"));
    }
    if spec.nulls_not_distinct && !spec.unique {
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, "`nulls_not_distinct` needs `unique = true`", name.span));
    }
    let elements: Vec<Option<Element>> = spec.columns.iter().map(|column| element(relation, column, &mut needs, lowering)).collect();
    let include = spec.include.iter().filter_map(|column| lowering.column_reference(relation, column).map(|column| column.name.clone())).collect();
    let predicate = spec.predicate.as_ref().map(|sql| lowering.row_expression(&sql.0, &Scope::Row(relation), &mut needs));
    let (Some(elements), true) = (elements.into_iter().collect::<Option<Vec<_>>>(), predicate.as_ref().is_none_or(Option::is_some)) else { return };
    let index = Index {
        table: relation.name.clone(),
        name: name.value.clone(),
        method: spec.method,
        unique: spec.unique,
        nulls_not_distinct: spec.nulls_not_distinct,
        elements,
        include,
        predicate: predicate.flatten(),
    };
    needs.remove(&relation.id);
    let id = lowering.add(index, needs, name.span);
    lowering.comment(&id, spec.comment.as_ref());
}

fn element(relation: &Relation, spec: &ElementSpec, needs: &mut BTreeSet<Id>, lowering: &mut Lowering<'_>) -> Option<Element> {
    let key = match (&spec.column, &spec.expression) {
        (Some(column), None) => Key::Column(lowering.column_reference(relation, column)?.name.clone()),
        (None, Some(expression)) => Key::Expression(lowering.row_expression(&expression.0, &Scope::Row(relation), needs)?),
        _ => {
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, "a position of an index has either `column` or `expression`", spec.span));
            return None;
        }
    };
    // PostgreSQL's defaults: last in ascending order, first in descending.
    let default = if spec.descending { Nulls::First } else { Nulls::Last };
    if let Some(class) = &spec.operator_class {
        lowering.plain_name(class);
    }
    let operator_class = spec.operator_class.as_ref().map(|class| class.value.clone());
    Some(Element { key, descending: spec.descending, nulls: spec.nulls.filter(|nulls| *nulls != default), operator_class })
}
