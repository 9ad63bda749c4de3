//! Retention: how long rows are kept, compiled to the functions that delete older ones.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeValue;
use trust_macros::Spec;

use super::Section;
use super::function::{Compiled, Effect, Function, Language, Returns, SEARCH_PATH, Security, Volatility};
use super::guard::GuardUse;
use crate::catalog::{Expression, Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::names::{CompiledGuards, Declaring, Lowering, Relation, Scope, TypeForm, TypeUse};
use crate::operations::Retention;
use crate::spec::{Decode, Decoder, Entries, Name, Shape, SqlText, Text, Value, Words};
use crate::sql::fragment::one_line;
use crate::sql::identifier::quote;
use crate::sql::quoted;

/// The custom setting by which an append-only table knows its own purge function.
pub const PURGE_SETTING: &str = "trust_schema.purge";

/// How long the rows of a table are kept.
#[derive(Debug, Clone, Spec)]
pub struct RetentionSpec {
    /// An interval, for example `365 days`.
    pub keep: Text,
    /// The column from which it counts, or `{ sql = "…" }`. Rows for which it is NULL stay.
    pub by: Instant,
    /// The function that deletes older rows and returns how many.
    pub function: Text,
    /// The migration that creates the function; the table's by default.
    pub migration: Option<Text>,
    /// The roles that may call it; nobody by default.
    #[spec(default)]
    pub execute: Words,
    /// The guards that it asserts.
    pub guard: Vec<GuardUse>,
    /// What it does, for people.
    pub summary: Option<Text>,
}

/// A point in time of a row.
#[derive(Debug, Clone)]
pub enum Instant {
    Column(Text),
    Sql(SqlText),
}

#[derive(Debug, Clone, Spec)]
struct Marked {
    /// An SQL expression of type timestamptz.
    sql: SqlText,
}

impl Decode for Instant {
    fn shape() -> Shape {
        Shape::Either(vec![Shape::String, Marked::shape()])
    }
    fn decode(value: Value<'_, '_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(_) => Marked::decode(value, decoder).map(|marked| Instant::Sql(marked.sql)),
            _ => decoder.string(value).map(Instant::Column),
        }
    }
}

impl RetentionSpec {
    /// Makes the purge function known.
    pub fn declare(&self, declaring: &mut Declaring<'_>) {
        let Some(name) = declaring.reference(&self.function) else { return };
        declaring.qualified_function(name, self.function.span, Effect::Write, &[], 0, TypeForm::Named("bigint".to_owned()));
    }

    /// Adds the purge function.
    pub fn lower(&self, relation: &Relation, append_only: bool, lowering: &mut Lowering<'_>) {
        let mut needs = BTreeSet::from([relation.id.clone()]);
        if !is_interval(&self.keep.value) {
            let message = format!("`{}` is no interval to keep rows for", self.keep.value);
            lowering.report(Diagnostic::error(&codes::BAD_INTERVAL, message, self.keep.span).help("a number and a unit, for example `365 days`"));
            return;
        }
        let by = match &self.by {
            Instant::Column(column) => instant(relation, column, lowering),
            Instant::Sql(sql) => lowering.expression(&sql.0, &Scope::Row(relation), &mut needs),
        };
        let Some(by) = by else { return };
        let Some(name) = lowering.reference(&self.function) else { return };
        require_guard(&name.to_string(), &self.guard, &self.function, lowering);
        let guard = lowering.guards(&self.guard, &[]);
        // An append-only table lets pass the deletions of its own purge function, which says so for as long as it runs.
        let purging = |value: &str| format!("  PERFORM pg_catalog.set_config({}, {}, true);\n", quoted::quoted(PURGE_SETTING), quoted::quoted(value));
        let (begin, end) = if append_only { (purging(&relation.name.to_string()), purging("")) } else { Default::default() };
        // In UTC: a day of the caller's time zone may have 23 or 25 hours, and the gateway lets a request choose its zone.
        let body = format!(
            "\n#variable_conflict use_column\nDECLARE\n  v_purged bigint;\nBEGIN\n{}{begin}  DELETE FROM {}\n  WHERE ({}) < (pg_catalog.now() AT TIME ZONE 'UTC' - {}::interval) AT TIME ZONE 'UTC';\n  GET DIAGNOSTICS v_purged = ROW_COUNT;\n{end}  RETURN v_purged;\nEND\n",
            guard.statements(),
            relation.name,
            by.text(),
            quoted::quoted(&self.keep.value),
        );
        let settings = BTreeMap::from([("search_path".to_owned(), SEARCH_PATH.to_owned())]);
        let summary = self.summary.as_ref().map_or_else(
            || {
                let by = one_line(by.text());
                format!("Deletes the rows of {} whose {by} is more than {} ago; returns how many.", relation.name, self.keep.value)
            },
            |summary| summary.value.clone(),
        );
        let retention =
            Retention { table: relation.id.clone(), keep: self.keep.value.clone(), by: by.text().to_owned(), function: Id::function(&name, &[]) };
        lowering.operations().retentions.push(retention);
        let function = function(name, Returns::Type("bigint".to_owned()), settings, body);
        let compiled = writing(function, needs, summary, guard);
        lowering.in_migration(self.migration.as_ref(), |lowering| {
            lowering.add_function(compiled, &self.execute, self.function.span);
        });
    }
}

/// An orchestrator: runs the retention of several tables.
#[derive(Debug, Clone, Spec)]
pub struct RetentionRunSpec {
    /// What it does, for people.
    pub summary: Text,
    /// Output column = table with a retention, in the order in which they run.
    pub purges: Entries<Text>,
    /// The roles that may call it; nobody by default.
    #[spec(default)]
    pub execute: Words,
    /// The guards that it asserts.
    pub guard: Vec<GuardUse>,
}

impl Section for Entries<RetentionRunSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            let columns = spec.purges.iter().map(|(column, _)| (column.value.clone(), "bigint".to_owned())).collect();
            declaring.function(name, None, Effect::Write, &[], 0, TypeForm::Row(columns));
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            lower_run(name, spec, lowering);
        }
    }
}

fn lower_run(name: &Name, spec: &RetentionRunSpec, lowering: &mut Lowering<'_>) {
    let mut needs = BTreeSet::new();
    if spec.purges.is_empty() {
        lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("retention `{}` purges nothing", name.value), name.span));
        return;
    }
    require_guard(&name.value, &spec.guard, name, lowering);
    let mut guard = lowering.guards(&spec.guard, &[]);
    let mut columns = Vec::new();
    let mut assignments = String::new();
    for (column, table) in spec.purges.iter() {
        let Some(relation) = lowering.table_reference(table, &mut needs) else { return };
        let Some(purge) = &relation.purge_function else {
            let message = format!("table `{}` has no retention", table.value);
            lowering.report(Diagnostic::error(&codes::UNKNOWN_NAME, message, table.span).label(relation.span, "the table is declared here"));
            return;
        };
        assignments.push_str(&format!("  {} := {purge}();\n", quote(&column.value)));
        let id = Id::function(purge, &[]);
        guard.calls.insert(id.clone());
        needs.insert(id);
        columns.push((column.value.clone(), "bigint".to_owned()));
    }
    let Some(qualified) = lowering.qualify(name, None) else { return };
    let body = format!("\nBEGIN\n{}{assignments}  RETURN NEXT;\nEND\n", guard.statements());
    let settings = BTreeMap::from([("search_path".to_owned(), SEARCH_PATH.to_owned())]);
    let function = function(qualified, Returns::Table(columns), settings, body);
    let summary = spec.summary.value.clone();
    let compiled = writing(function, needs, summary, guard);
    lowering.add_function(compiled, &spec.execute, name.span);
}

/// The column of a point in time.
fn instant(relation: &Relation, column: &Text, lowering: &mut Lowering<'_>) -> Option<Expression> {
    let found = lowering.column_reference(relation, column)?;
    let (data_type, declared) = (found.data_type.clone(), found.span);
    let ty = lowering.type_reference(&data_type, TypeUse::Column, &mut BTreeSet::new())?;
    if ty.name.is_builtin() && !matches!(ty.name.name.as_str(), "timestamptz" | "timestamp" | "date") || ty.name.is_array() {
        let message = format!("column `{}` of type `{}` is no point in time", found.name, ty.text);
        lowering.report(Diagnostic::error(&codes::BAD_TYPE, message, column.span).label(declared, "declared here"));
        return None;
    }
    Some(Expression::checked(quote(&found.name)))
}

/// A purge function deletes: like every function that writes it asserts who calls it.
fn require_guard(function: &str, guard: &[GuardUse], place: &Text, lowering: &mut Lowering<'_>) {
    if guard.is_empty() {
        let message = format!("function `{function}` deletes and has no guard");
        lowering.report(
            Diagnostic::error(&codes::WRITE_WITHOUT_GUARD, message, place.span).help("name the guards that let its callers pass: `guard = [\"…\"]`"),
        );
    }
}

fn function(name: QualifiedName, returns: Returns, settings: BTreeMap<String, String>, body: String) -> Function {
    Function {
        name,
        arguments: Vec::new(),
        returns,
        language: Language::Plpgsql.label().to_owned(),
        volatility: Volatility::Volatile,
        security: Security::Definer,
        strict: false,
        settings,
        body,
    }
}

/// A function that deletes; its guards tell what it calls.
fn writing(function: Function, needs: BTreeSet<Id>, summary: String, guards: CompiledGuards) -> Compiled {
    let CompiledGuards { names, raises, calls, .. } = guards;
    Compiled { function, needs, summary: Some(summary), effect: Effect::Write, guards: names, raises, calls, nullable: BTreeSet::new() }
}

/// One or more numbers with units, as PostgreSQL's interval input takes them.
fn is_interval(text: &str) -> bool {
    seconds(text).is_some()
}

/// The seconds of such an interval, with PostgreSQL's own lengths for months and years (30 and 365.25 days).
pub fn seconds(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 7] =
        [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400), ("week", 604_800), ("month", 2_592_000), ("year", 31_557_600)];
    let words: Vec<&str> = text.split(' ').collect();
    if !words.len().is_multiple_of(2) {
        return None;
    }
    let mut total = 0_u64;
    for pair in words.chunks(2) {
        let [number, unit] = pair else { return None };
        let number = if number.len() <= 6 { number.parse::<u32>().ok()? } else { return None };
        let (_, length) = UNITS.iter().find(|(name, _)| unit.strip_suffix('s').unwrap_or(unit) == *name)?;
        total = total.checked_add(u64::from(number).checked_mul(*length)?)?;
    }
    // Nothing kept at all is no retention: it would delete every row.
    (total > 0).then_some(total)
}
