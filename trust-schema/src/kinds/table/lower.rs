//! From a table of the spec to its objects.

use std::collections::BTreeSet;

use super::keys::{column_list, foreign_key};
use super::{Table, TableSpec};
use crate::catalog::QualifiedName;
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::column::{Column, ColumnSpec};
use crate::kinds::constraint::check::Check;
use crate::kinds::constraint::primary_key::PrimaryKey;
use crate::kinds::constraint::unique::Unique;
use crate::kinds::literal::Literal;
use crate::kinds::{Kind, Section, append_only};
use crate::names::{Declaring, Lowering, Names, Relation, Scope, TypeUse, table_column};
use crate::source::Span;
use crate::spec::{Entries, Name, SqlText, Text, Words};
use crate::sql::identifier::quote;

impl Section for Entries<TableSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            declare(name, spec, declaring);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            lower(name, spec, lowering);
        }
    }
}

/// The table's own columns, then those of its templates.
fn columns<'s>(spec: &'s TableSpec, names: &'s Names) -> Vec<(&'s Name, &'s ColumnSpec)> {
    let templates = spec.templates.iter().filter_map(|template| names.template(&template.value));
    spec.columns.iter().chain(templates.flat_map(|template| template.columns.iter())).collect()
}

/// The name of the unique constraint of a single column.
fn column_key(table: &str, column: &str) -> String {
    crate::names::generated_name(&[table, column, "key"])
}

fn declare(name: &Name, spec: &TableSpec, declaring: &mut Declaring<'_>) {
    let qualified = declaring.qualify(name, spec.schema.as_ref());
    let columns: Vec<(Name, ColumnSpec)> = columns(spec, declaring.names).into_iter().map(|(name, column)| (name.clone(), column.clone())).collect();
    let primary_key = spec.primary_key.iter().map(|column| column.value.clone()).collect();
    let relation_columns = columns.iter().map(|(name, column)| table_column(name, column)).collect();
    declaring.relation("table", Kind::Table, qualified.clone(), name.span, relation_columns, primary_key);
    if !spec.primary_key.is_empty() {
        declaring.index(&qualified, &primary_key_name(&name.value, spec), "primary key", name.span);
    }
    let single = columns
        .iter()
        .filter(|(_, column)| column.unique)
        .map(|(column, _)| (vec![column.value.clone()], column_key(&name.value, &column.value), column.span));
    let named = spec.unique.iter().map(|(key, unique)| (words(&unique.columns), key.value.clone(), key.span));
    for (columns, key, span) in single.chain(named) {
        declaring.index(&qualified, &key, "unique constraint", span);
        if let Some(relation) = declaring.relation_mut(&qualified) {
            relation.unique.push(columns);
        }
    }
    for (index, _) in spec.index.iter() {
        declaring.index(&qualified, &index.value, "index", index.span);
    }
    if let Some(retention) = &spec.retention {
        retention.declare(declaring);
        let purge = declaring.reference(&retention.function);
        if let Some(relation) = declaring.relation_mut(&qualified) {
            relation.purge_function = purge;
        }
    }
    for (column, _) in columns.iter().filter(|(_, column)| column.identity.is_some()) {
        declaring.relation_name(&identity_sequence(&qualified, &column.value), "identity sequence", column.span);
    }
}

fn primary_key_name(table: &str, spec: &TableSpec) -> String {
    spec.primary_key_name.as_ref().map_or_else(|| crate::names::generated_name(&[table, "pkey"]), |name| name.value.clone())
}

fn identity_sequence(table: &QualifiedName, column: &str) -> QualifiedName {
    QualifiedName::new(table.schema.clone(), crate::names::generated_name(&[&table.name, column, "seq"]))
}

pub(super) fn words(words: &Words) -> Vec<String> {
    words.iter().map(|word| word.value.clone()).collect()
}

fn lower(name: &Name, spec: &TableSpec, lowering: &mut Lowering<'_>) {
    let Some(qualified) = lowering.qualify(name, spec.schema.as_ref()) else { return };
    let names = lowering.names;
    let Some(relation) = names.relation(&qualified) else { return };
    let table =
        Table { name: qualified.clone(), unlogged: spec.unlogged, row_level_security: true, force_row_level_security: spec.force_row_level_security };
    let id = lowering.add(table, BTreeSet::new(), name.span);
    lowering.comment(&id, spec.comment.as_ref());
    lowering.renamed(&id, spec.renamed_from.as_ref());
    for template in spec.templates.iter().filter(|template| names.template(&template.value).is_none()) {
        let known: Vec<&str> = names.template_names().collect();
        let message = format!("unknown template `{}`", template.value);
        lowering.report(Diagnostic::error(&codes::UNKNOWN_TEMPLATE, message, template.span).suggest(&template.value, known, None));
    }
    let columns = columns(spec, names);
    if columns.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("table `{}` has no columns", name.value), name.span));
    }
    for (position, (column, column_spec)) in columns.iter().enumerate() {
        if let Some((first, _)) = columns[..position].iter().find(|(earlier, _)| earlier.value == column.value) {
            let message = format!("column `{}` of `{}` is declared twice", column.value, name.value);
            lowering.report(Diagnostic::error(&codes::DUPLICATE_NAME, message, column.span).label(first.span, "first declared here"));
            continue;
        }
        self::column(relation, column, column_spec, position, lowering);
    }
    primary_key(relation, spec, lowering);
    super::keys::same_keys(name, spec, &columns, lowering);
    for (unique, unique_spec) in spec.unique.iter() {
        let Some(columns) = column_list(relation, &unique_spec.columns, unique.span, lowering) else { continue };
        let include =
            unique_spec.include.iter().filter_map(|column| lowering.column_reference(relation, column).map(|column| column.name.clone())).collect();
        let key =
            Unique { table: qualified.clone(), name: unique.value.clone(), columns, include, nulls_not_distinct: unique_spec.nulls_not_distinct };
        let id = lowering.add(key, BTreeSet::new(), unique.span);
        lowering.comment(&id, unique_spec.comment.as_ref());
    }
    for (check, check_spec) in spec.check.iter() {
        add_check(relation, check.value.clone(), &check_spec.check, check_spec.comment.as_ref(), check.span, lowering);
    }
    for (key, key_spec) in spec.foreign_key.iter() {
        let Some(columns) = column_list(relation, &key_spec.columns, key.span, lowering) else { continue };
        let actions = (key_spec.on_delete, key_spec.on_update);
        let id = foreign_key(relation, key, columns, &key_spec.references, key_spec.referenced_columns.as_ref(), actions, lowering);
        if let Some(id) = id {
            lowering.comment(&id, key_spec.comment.as_ref());
        }
    }
    for (index, index_spec) in spec.index.iter() {
        super::indexes::index(relation, index, index_spec, lowering);
    }
    for (trigger, trigger_spec) in spec.trigger.iter() {
        super::rules::trigger(relation, trigger, trigger_spec, lowering);
    }
    for (policy, policy_spec) in spec.policy.iter() {
        super::rules::policy(relation, policy, policy_spec, lowering);
    }
    for template in spec.templates.iter().filter_map(|template| names.template(&template.value)) {
        for (check, check_spec) in template.check.iter() {
            let check_name = crate::names::generated_name(&[&name.value, &check.value]);
            add_check(relation, check_name, &check_spec.check, check_spec.comment.as_ref(), check.span, lowering);
        }
        for (trigger, trigger_spec) in template.trigger.iter() {
            super::rules::trigger(relation, trigger, trigger_spec, lowering);
        }
    }
    if spec.append_only {
        if let Some((column, sql)) = columns.iter().find_map(|(column, spec)| Some((column, spec.backfill.as_ref()?))) {
            let message = format!("column `{}` has a `backfill`, and rows of `{}` are never changed", column.value, name.value);
            let help = "give it a default, or allow NULL: what was recorded stays as it was";
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, sql.0.span).help(help));
        }
        append_only::lower(relation, name, lowering);
    }
    if let Some(retention) = &spec.retention {
        retention.lower(relation, spec.append_only, lowering);
    }
    let column_names: Vec<&str> = relation.columns.iter().map(|column| column.name.as_str()).collect();
    lowering.access(&relation.id, &spec.access, &column_names);
}

fn column(relation: &Relation, name: &Name, spec: &ColumnSpec, position: usize, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::new();
    let Some(ty) = lowering.type_reference(&spec.data_type, TypeUse::Column, &mut needs) else { return };
    if needs.contains(&relation.id) {
        let message = format!("column `{}` of `{}` has the table's own rows as its type", name.value, relation.name);
        lowering.report(Diagnostic::error(&codes::DEPENDENCY_CYCLE, message, spec.data_type.span));
        return;
    }
    if spec.references.is_none() && [spec.on_delete, spec.on_update].into_iter().any(|action| action != Default::default()) {
        let message = format!("column `{}` has an action of a foreign key, but no `references`", name.value);
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span).help("name the table: `references = \"…\"`"));
    }
    let sources = [spec.default.is_some(), spec.identity.is_some(), spec.generated.is_some()];
    if sources.iter().filter(|given| **given).count() > 1 {
        let message = format!("column `{}` has more than one of `default`, `identity` and `generated`", name.value);
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span));
        return;
    }
    if spec.identity.is_some() && !matches!(ty.text.as_str(), "smallint" | "integer" | "bigint") {
        let message = format!("an identity column cannot have type `{}`", ty.text);
        lowering.report(Diagnostic::error(&codes::BAD_TYPE, message, spec.data_type.span).help("write `smallint`, `integer` or `bigint`"));
        return;
    }
    if spec.identity.is_some() && spec.nullable {
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, format!("identity column `{}` cannot be nullable", name.value), name.span));
    }
    if let Some(collation) = &spec.collation {
        lowering.plain_name(collation);
        // The types of `pg_catalog` that have a collation (`pg_type.typcollation`).
        if ty.name.is_builtin() && !matches!(ty.name.name.as_str(), "text" | "varchar" | "bpchar" | "name") {
            let message = format!("type `{}` has no collation", ty.text);
            lowering.report(Diagnostic::error(&codes::BAD_TYPE, message, collation.span));
        }
    }
    let default = spec.default.as_ref().and_then(|literal| lowering.literal(literal, &ty, &mut needs));
    let generated = spec.generated.as_ref().and_then(|sql| lowering.row_expression(&sql.0, &Scope::Row(relation), &mut needs));
    if let (Some(sql), Some(_)) = (&spec.generated, &generated) {
        generated_from(relation, name, sql, lowering);
    }
    if let Some(default) = spec.default.as_ref().filter(|default| default.is_null() && !spec.nullable) {
        let message = format!("column `{}` does not allow NULL, its default", name.value);
        lowering.report(Diagnostic::error(&codes::BAD_VALUE, message, default.span()).help("leave the default out, or write `nullable = true`"));
    }
    let column = Column {
        table: relation.name.clone(),
        name: name.value.clone(),
        position: u32::try_from(position + 1).unwrap_or(u32::MAX),
        data_type: ty.text.clone(),
        not_null: !spec.nullable,
        default,
        identity: spec.identity,
        identity_sequence: spec.identity.map(|_| identity_sequence(&relation.name, &name.value)),
        generated,
        collation: spec.collation.as_ref().map(|collation| collation.value.clone()),
    };
    let id = lowering.add(column, needs, name.span);
    lowering.comment(&id, spec.comment.as_ref());
    lowering.renamed(&id, spec.renamed_from.as_ref());
    lowering.conversion(&id, spec.using.as_ref(), spec.using_back.as_ref());
    lowering.backfill(&id, spec.backfill.as_ref());
    if let Some(sql) = spec.backfill.as_ref().filter(|_| spec.identity.is_some() || spec.generated.is_some()) {
        let message = format!("column `{}` has a `backfill`, and PostgreSQL gives it its values", name.value);
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, sql.0.span));
    }
    if spec.unique {
        let key = column_key(&relation.name.name, &name.value);
        let unique =
            Unique { table: relation.name.clone(), name: key, columns: vec![name.value.clone()], include: Vec::new(), nulls_not_distinct: false };
        lowering.add(unique, BTreeSet::new(), name.span);
    }
    if let Some(check) = &spec.check {
        let check_name = crate::names::generated_name(&[&relation.name.name, &name.value, "check"]);
        add_check(relation, check_name, check, None, name.span, lowering);
    }
    if let Some(values) = &spec.one_of {
        one_of(relation, name, values, &ty, spec.check.is_some(), lowering);
    }
    if let Some(references) = &spec.references {
        let key = crate::names::generated_name(&[&relation.name.name, &name.value, "fkey"]);
        let key = Name::new(key, name.span);
        let actions = (spec.on_delete, spec.on_update);
        foreign_key(relation, &key, vec![name.value.clone()], references, None, actions, lowering);
    }
}

/// PostgreSQL computes generated columns in no order: none may be computed from another.
fn generated_from(relation: &Relation, name: &Name, sql: &SqlText, lowering: &mut Lowering<'_>) {
    let Ok(parsed) = crate::sql::expression::parse(&sql.0.value) else { return };
    for reference in &crate::sql::expression::references(&parsed).columns {
        let Some(other) = relation.column(&reference.column).filter(|other| other.generated) else { continue };
        let message = format!("column `{}` is generated from column `{}`, which is generated itself", name.value, other.name);
        let span = lowering.sources.inside(&sql.0, reference.range.clone());
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, span).label(other.span, "declared here"));
    }
}

/// A check on listed literals.
fn one_of(relation: &Relation, name: &Name, values: &[Literal], ty: &crate::names::ResolvedType, has_check: bool, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::new();
    let rendered: Vec<_> = values.iter().filter_map(|value| lowering.literal(value, ty, &mut needs)).collect();
    if values.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("`one_of` of column `{}` lists nothing", name.value), name.span));
    }
    if rendered.is_empty() || rendered.len() != values.len() {
        return;
    }
    let suffix = if has_check { "one_of" } else { "check" };
    let list = rendered.iter().map(|value| value.text()).collect::<Vec<_>>().join(", ");
    let check = Check {
        table: relation.name.clone(),
        name: crate::names::generated_name(&[&relation.name.name, &name.value, suffix]),
        expression: crate::catalog::Expression::checked(format!("{} IN ({list})", quote(&name.value))),
    };
    lowering.add(check, needs, name.span);
}

fn add_check(relation: &Relation, name: String, sql: &SqlText, comment: Option<&Text>, span: Span, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::new();
    let Some(expression) = lowering.row_expression(&sql.0, &Scope::Row(relation), &mut needs) else { return };
    needs.remove(&relation.id);
    let id = lowering.add(Check { table: relation.name.clone(), name, expression }, needs, span);
    lowering.comment(&id, comment);
}

fn primary_key(relation: &Relation, spec: &TableSpec, lowering: &mut Lowering<'_>) {
    if let Some(name) = &spec.primary_key_name {
        lowering.plain_name(name);
        if spec.primary_key.is_empty() {
            let message = format!("table `{}` names a primary key that it does not have", relation.name.name);
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span).help("say which columns it has: `primary_key = [\"…\"]`"));
        }
    }
    if spec.primary_key.is_empty() {
        return;
    }
    let Some(columns) = column_list(relation, &spec.primary_key, relation.span, lowering) else { return };
    for written in &spec.primary_key {
        if let Some(column) = relation.column(&written.value).filter(|column| column.nullable) {
            let message = format!("column `{}` of the primary key is nullable", written.value);
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, written.span).label(column.span, "declared nullable here"));
        }
    }
    let key = PrimaryKey { table: relation.name.clone(), name: primary_key_name(&relation.name.name, spec), columns };
    let span = spec.primary_key.first().map_or(relation.span, |column| column.span);
    lowering.add(key, BTreeSet::new(), span);
}
