//! Triggers.

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::statement::{Context, name_list};
use super::{Kind, ObjectKind};
use crate::catalog::{Expression, Id, QualifiedName};
use crate::kinds::renaming::Renaming;
use crate::spec::{SqlText, Text, Words};
use crate::sql::identifier::quote;
use crate::sql::quoted;

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum When {
    Before,
    After,
    InsteadOf,
}

/// What makes a trigger fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Insert,
    Update,
    Delete,
    Truncate,
}

/// How often a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum ForEach {
    #[default]
    Row,
    Statement,
}

/// A trigger; its key is the trigger's name.
#[derive(Debug, Clone, Spec)]
pub struct TriggerSpec {
    /// `before`, `after` or `instead_of`.
    pub when: When,
    /// `insert`, `update`, `delete`, `truncate`.
    pub events: Vec<Event>,
    /// The columns whose update counts; any by default.
    #[spec(default)]
    pub update_of: Words,
    /// `row`, the default, or `statement`.
    #[spec(default)]
    pub for_each: ForEach,
    /// SQL over `old` and `new` that says whether it fires.
    pub condition: Option<SqlText>,
    /// The trigger function.
    pub function: Text,
    /// Strings handed to the function.
    #[spec(default)]
    pub arguments: Words,
    /// What it is for.
    pub comment: Option<Text>,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    pub table: QualifiedName,
    pub name: String,
    pub when: When,
    /// In the order of [`Event`].
    pub events: Vec<Event>,
    #[serde(default)]
    pub update_of: Vec<String>,
    pub for_each: ForEach,
    #[serde(default)]
    pub condition: Option<Expression>,
    pub function: QualifiedName,
    #[serde(default)]
    pub arguments: Vec<String>,
}

impl ObjectKind for Trigger {
    const KIND: Kind = Kind::Trigger;
    const INTROSPECTION: &'static str = include_str!("introspection/trigger.sql");

    fn id(&self) -> Id {
        Id::part(Kind::Trigger, &self.table, &self.name)
    }
    fn create(&self, _context: &Context<'_>) -> Vec<String> {
        let when = match self.when {
            When::Before => "BEFORE",
            When::After => "AFTER",
            When::InsteadOf => "INSTEAD OF",
        };
        let events = self.events.iter().map(|event| match event {
            Event::Update if !self.update_of.is_empty() => format!("UPDATE OF {}", name_list(&self.update_of)),
            event => event.label().to_uppercase(),
        });
        let events = events.collect::<Vec<_>>().join(" OR ");
        let arguments = self.arguments.iter().map(|argument| quoted::quoted(argument)).collect::<Vec<_>>().join(", ");
        let condition = self.condition.as_ref().map(|condition| format!(" WHEN ({})", condition.text())).unwrap_or_default();
        vec![format!(
            "CREATE TRIGGER {} {when} {events} ON {} FOR EACH {}{condition} EXECUTE FUNCTION {}({arguments});",
            quote(&self.name),
            self.table,
            self.for_each.label().to_uppercase(),
            self.function,
        )]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP TRIGGER {} ON {};", quote(&self.name), self.table)]
    }
    fn expressions(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        self.condition.iter_mut().for_each(visit);
    }
    fn rename(&mut self, names: &Renaming, related: &[QualifiedName]) {
        self.expressions(&mut |expression| names.expression(expression, related));
        names.columns(&self.table, &mut self.update_of);
        names.relation(&mut self.table);
        names.function(&mut self.function);
    }
}
