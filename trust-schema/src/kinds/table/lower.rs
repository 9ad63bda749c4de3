//! From a table of the spec to its objects.

use std::collections::BTreeSet;

use super::{Table, TableSpec};
use crate::catalog::{Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::column::{Column, ColumnSpec};
use crate::kinds::constraint::check::Check;
use crate::kinds::constraint::foreign_key::{Action, ForeignKey};
use crate::kinds::constraint::primary_key::PrimaryKey;
use crate::kinds::constraint::unique::Unique;
use crate::kinds::index::{Element, ElementSpec, Index, Key, Method, Nulls};
use crate::kinds::literal::Literal;
use crate::kinds::policy::{Command, Policy, PolicySpec};
use crate::kinds::trigger::{Event, ForEach, Trigger, TriggerSpec, When};
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
        declaring.index(&qualified, &primary_key_name(&name.value), "primary key", name.span);
    }
    let single = columns.iter().filter(|(_, column)| column.unique).map(|(column, _)| (vec![column.value.clone()], column_key(&name.value, &column.value), column.span));
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
    for (column, spec) in columns.iter().filter(|(_, column)| column.identity.is_some()) {
        let _ = spec;
        declaring.relation_name(&identity_sequence(&qualified, &column.value), "identity sequence", column.span);
    }
}

fn primary_key_name(table: &str) -> String {
    crate::names::generated_name(&[table, "pkey"])
}

fn identity_sequence(table: &QualifiedName, column: &str) -> QualifiedName {
    QualifiedName::new(table.schema.clone(), crate::names::generated_name(&[&table.name, column, "seq"]))
}

fn words(words: &Words) -> Vec<String> {
    words.iter().map(|word| word.value.clone()).collect()
}

fn lower(name: &Name, spec: &TableSpec, lowering: &mut Lowering<'_>) {
    let Some(qualified) = lowering.qualify(name, spec.schema.as_ref()) else { return };
    let names = lowering.names;
    let Some(relation) = names.relation(&qualified) else { return };
    let table = Table {
        name: qualified.clone(),
        unlogged: spec.unlogged,
        row_level_security: true,
        force_row_level_security: spec.force_row_level_security,
    };
    let id = lowering.add(table, BTreeSet::new(), name.span);
    lowering.comment(&id, spec.comment.as_ref());
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
    for (unique, unique_spec) in spec.unique.iter() {
        let columns = column_list(relation, &unique_spec.columns, unique.span, lowering);
        let include = unique_spec.include.iter().filter_map(|column| lowering.column_reference(relation, column).map(|column| column.name.clone())).collect();
        let key = Unique { table: qualified.clone(), name: unique.value.clone(), columns, include, nulls_not_distinct: unique_spec.nulls_not_distinct };
        let id = lowering.add(key, BTreeSet::new(), unique.span);
        lowering.comment(&id, unique_spec.comment.as_ref());
    }
    for (check, check_spec) in spec.check.iter() {
        add_check(relation, check.value.clone(), &check_spec.check, check_spec.comment.as_ref(), check.span, lowering);
    }
    for (key, key_spec) in spec.foreign_key.iter() {
        let columns = column_list(relation, &key_spec.columns, key.span, lowering);
        let actions = (key_spec.on_delete, key_spec.on_update);
        let id = foreign_key(relation, key, columns, &key_spec.references, key_spec.referenced_columns.as_ref(), actions, lowering);
        if let Some(id) = id {
            lowering.comment(&id, key_spec.comment.as_ref());
        }
    }
    for (index, index_spec) in spec.index.iter() {
        self::index(relation, index, index_spec, lowering);
    }
    for (trigger, trigger_spec) in spec.trigger.iter() {
        self::trigger(relation, trigger, trigger_spec, lowering);
    }
    for (policy, policy_spec) in spec.policy.iter() {
        self::policy(relation, policy, policy_spec, lowering);
    }
    for template in spec.templates.iter().filter_map(|template| names.template(&template.value)) {
        for (check, check_spec) in template.check.iter() {
            let check_name = crate::names::generated_name(&[&name.value, &check.value]);
            add_check(relation, check_name, &check_spec.check, check_spec.comment.as_ref(), check.span, lowering);
        }
        for (trigger, trigger_spec) in template.trigger.iter() {
            self::trigger(relation, trigger, trigger_spec, lowering);
        }
    }
    if spec.append_only {
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
    let default = spec.default.as_ref().and_then(|literal| lowering.literal(literal, &ty, &mut needs));
    let generated = spec.generated.as_ref().and_then(|sql| lowering.row_expression(&sql.0, &Scope::Row(relation), &mut needs));
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
    if spec.unique {
        let key = column_key(&relation.name.name, &name.value);
        let unique = Unique { table: relation.name.clone(), name: key, columns: vec![name.value.clone()], include: Vec::new(), nulls_not_distinct: false };
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
    if spec.primary_key.is_empty() {
        return;
    }
    let columns = column_list(relation, &spec.primary_key, relation.span, lowering);
    for written in &spec.primary_key {
        if let Some(column) = relation.column(&written.value).filter(|column| column.nullable) {
            let message = format!("column `{}` of the primary key is nullable", written.value);
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, written.span).label(column.span, "declared nullable here"));
        }
    }
    let key = PrimaryKey { table: relation.name.clone(), name: primary_key_name(&relation.name.name), columns };
    let span = spec.primary_key.first().map_or(relation.span, |column| column.span);
    lowering.add(key, BTreeSet::new(), span);
}

/// Columns of a key: they exist, and none is named twice.
fn column_list(relation: &Relation, written: &Words, owner: Span, lowering: &mut Lowering<'_>) -> Vec<String> {
    let mut columns: Vec<String> = Vec::with_capacity(written.len());
    if written.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, "a key needs at least one column", owner));
    }
    for word in written {
        let Some(column) = lowering.column_reference(relation, word) else { continue };
        if columns.contains(&column.name) {
            lowering.report(Diagnostic::error(&codes::DUPLICATE_NAME, format!("column `{}` is named twice", column.name), word.span));
        }
        columns.push(column.name.clone());
    }
    columns
}

fn foreign_key(
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
    let referenced_columns: Vec<String> = match referenced {
        Some(words) => words.iter().filter_map(|word| lowering.column_reference(target, word).map(|column| column.name.clone())).collect(),
        None => target.primary_key.clone(),
    };
    if !target.has_key(referenced_columns.iter().map(String::as_str)) {
        let message = format!("`{}` has no primary key or unique constraint on ({})", target.name, referenced_columns.join(", "));
        lowering.report(Diagnostic::error(&codes::BAD_FOREIGN_KEY, message, references.span).label(target.span, "declared here"));
        return None;
    }
    if columns.len() != referenced_columns.len() {
        let message = format!("{} columns refer to {} columns of `{}`", columns.len(), referenced_columns.len(), target.name);
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
    let key = ForeignKey {
        table: relation.name.clone(),
        name: name.value.clone(),
        columns,
        references: target.name.clone(),
        referenced_columns,
        on_delete,
        on_update,
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

fn index(relation: &Relation, name: &Name, spec: &crate::kinds::index::IndexSpec, lowering: &mut Lowering<'_>) {
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
    let operator_class = spec.operator_class.as_ref().map(|class| class.value.clone());
    Some(Element { key, descending: spec.descending, nulls: spec.nulls.filter(|nulls| *nulls != default), operator_class })
}

/// Adds a trigger.
pub fn trigger(relation: &Relation, name: &Name, spec: &TriggerSpec, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::from([relation.id.clone()]);
    let mut contradict = |message: &str| lowering.report(Diagnostic::error(&codes::CONTRADICTION, format!("trigger `{}`: {message}", name.value), name.span));
    if spec.events.is_empty() {
        contradict("`events` lists nothing");
        return;
    }
    if spec.events.contains(&Event::Truncate) && spec.for_each == ForEach::Row {
        contradict("`truncate` fires for each statement only");
    }
    if spec.when == When::InsteadOf {
        contradict("`instead_of` is for views");
    }
    if !spec.update_of.is_empty() && !spec.events.contains(&Event::Update) {
        contradict("`update_of` needs the event `update`");
    }
    let mut events = spec.events.clone();
    events.sort_unstable();
    events.dedup();
    let update_of = spec.update_of.iter().filter_map(|column| lowering.column_reference(relation, column).map(|column| column.name.clone())).collect();
    let condition = spec.condition.as_ref().map(|sql| lowering.row_expression(&sql.0, &Scope::OldAndNew(relation), &mut needs));
    let function = lowering.trigger_function(&spec.function, &mut needs);
    let (Some(function), true) = (function, condition.as_ref().is_none_or(Option::is_some)) else { return };
    let trigger = Trigger {
        table: relation.name.clone(),
        name: name.value.clone(),
        when: spec.when,
        events,
        update_of,
        for_each: spec.for_each,
        condition: condition.flatten(),
        function,
        arguments: words(&spec.arguments),
    };
    let id = lowering.add(trigger, needs, name.span);
    lowering.comment(&id, spec.comment.as_ref());
}

fn policy(relation: &Relation, name: &Name, spec: &PolicySpec, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::new();
    let problem = match (spec.command, spec.using.is_some(), spec.check.is_some()) {
        (Command::Insert, true, _) => Some("a policy for `insert` has no `using`: there is no existing row"),
        (Command::Insert, _, false) => Some("a policy for `insert` needs `check`, or it accepts no row"),
        (Command::Select | Command::Delete, _, true) => Some("a policy for `select` or `delete` has no `check`: there is no new row"),
        (Command::Select | Command::Delete | Command::Update | Command::All, false, _) => Some("the policy needs `using`"),
        _ => None,
    };
    if let Some(problem) = problem {
        lowering.report(Diagnostic::error(&codes::BAD_POLICY, format!("policy `{}`: {problem}", name.value), name.span));
        return;
    }
    if spec.to.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("policy `{}` names no role in `to`", name.value), name.span));
    }
    let mut roles: Vec<String> = spec.to.iter().filter_map(|role| lowering.role(role)).collect();
    roles.sort_unstable();
    roles.dedup();
    let scope = Scope::Row(relation);
    let using = spec.using.as_ref().map(|using| lowering.policy_expression(using, &scope, &mut needs));
    let check = spec.check.as_ref().map(|check| lowering.policy_expression(check, &scope, &mut needs));
    if [&using, &check].into_iter().any(|expression| matches!(expression, Some(None))) {
        return;
    }
    let policy = Policy {
        table: relation.name.clone(),
        name: name.value.clone(),
        command: spec.command,
        permissive: !spec.restrictive,
        roles,
        using: using.flatten(),
        check: check.flatten(),
    };
    needs.remove(&relation.id);
    let id = lowering.add(policy, needs, name.span);
    lowering.comment(&id, spec.comment.as_ref());
}
