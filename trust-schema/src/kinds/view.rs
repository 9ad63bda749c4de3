//! Views.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::function::Security;
use super::grant::Access;
use super::statement::{Context, name_list};
use super::{Kind, ObjectKind, Section};
use crate::catalog::{Expression, Id, QualifiedName};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::names::{Declaring, Lowering, TypeUse};
use crate::spec::{Entries, SqlText, Text};

/// Which rows may be written through a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Spec)]
#[serde(rename_all = "snake_case")]
pub enum CheckOption {
    Local,
    Cascaded,
}

/// A view.
#[derive(Debug, Clone, Spec)]
pub struct ViewSpec {
    /// What its rows are, for people.
    pub comment: Option<Text>,
    /// The schema; the module's by default.
    pub schema: Option<Text>,
    /// What it was called when it was released, `name` or `schema.name`: it is renamed, and keeps what is in it. Of no consequence once that is released.
    pub renamed_from: Option<Text>,
    /// A SELECT.
    pub query: SqlText,
    /// Its columns and their types, in the order of the query.
    pub columns: Entries<Text>,
    /// Columns that had another name when they were released: `{ new = "old" }`. What stands on the view stays.
    #[spec(default)]
    pub renamed_columns: Entries<Text>,
    /// `invoker`, the default: reads with the caller's rights and policies. `definer`: with the owner's.
    pub security: Option<Security>,
    /// Refuses writes of rows that the view does not show: `local` or `cascaded`.
    pub check_option: Option<CheckOption>,
    /// Which roles may do what.
    #[spec(default)]
    pub access: Access,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    #[serde(flatten)]
    pub name: QualifiedName,
    /// Names and types, in order.
    pub columns: Vec<(String, String)>,
    pub query: Expression,
    pub security_invoker: bool,
    #[serde(default)]
    pub check_option: Option<CheckOption>,
}

impl ObjectKind for View {
    const KIND: Kind = Kind::View;
    const INTROSPECTION: &'static str = include_str!("introspection/view.sql");

    fn id(&self) -> Id {
        Id::of(Kind::View, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::global(Kind::Schema, &self.name.schema)]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        // A view with the owner's rights is a barrier, or a caller's function could see the rows that it hides.
        let option = if self.security_invoker { "security_invoker = true" } else { "security_barrier = true" };
        let check = match self.check_option {
            Some(CheckOption::Local) => "\nWITH LOCAL CHECK OPTION",
            Some(CheckOption::Cascaded) => "\nWITH CASCADED CHECK OPTION",
            None => "",
        };
        vec![
            format!("CREATE VIEW {} ({})\nWITH ({option}) AS\n{}{check};", self.name, name_list(&names), self.query.text()),
            format!("REVOKE ALL ON TABLE {} FROM {};", self.name, context.revoke_from),
        ]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP VIEW {};", self.name)]
    }
    fn expressions(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        visit(&mut self.query);
    }
    /// A view can be replaced while its columns stay, with further ones behind them.
    fn alter(&self, before: &Self, context: &Context<'_>) -> Option<Vec<Alteration>> {
        if before.columns.len() > self.columns.len() || before.columns.iter().zip(&self.columns).any(|(old, new)| old != new) {
            return None;
        }
        let create = self.create(context).into_iter().next()?;
        Some(vec![Alteration::catalog(create.replacen("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))])
    }
    fn rename(&mut self, names: &Renaming, related: &[QualifiedName]) {
        for (name, data_type) in &mut self.columns {
            names.column(&self.name, name);
            names.data_type(data_type);
        }
        names.relation(&mut self.name);
        names.expression(&mut self.query, related);
    }
}

impl Section for Entries<ViewSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            declaring.view(name, spec.schema.as_ref(), &spec.columns);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let Some(qualified) = lowering.qualify(name, spec.schema.as_ref()) else { continue };
            let security = spec.security.unwrap_or(Security::Invoker);
            if let Some(id) = lower(qualified, name, &spec.query, &spec.columns, security, spec.check_option, lowering) {
                lowering.comment(&id, spec.comment.as_ref());
                lowering.renamed(&id, spec.renamed_from.as_ref());
                lowering.members(&id, &spec.renamed_columns);
                let columns: Vec<&str> = spec.columns.iter().map(|(column, _)| column.value.as_str()).collect();
                lowering.access(&id, &spec.access, &columns);
            }
        }
    }
}

/// Adds a view; also used by monitors.
pub fn lower(
    qualified: QualifiedName,
    name: &Text,
    query: &SqlText,
    columns: &Entries<Text>,
    security: Security,
    check_option: Option<CheckOption>,
    lowering: &mut Lowering<'_>,
) -> Option<Id> {
    let mut needs = BTreeSet::new();
    let query = lowering.query(&query.0, columns, &mut needs)?;
    let mut typed = Vec::with_capacity(columns.len());
    for (column, ty) in columns.iter() {
        typed.push((column.value.clone(), lowering.type_reference(ty, TypeUse::Column, &mut needs)?.text));
    }
    let view = View { name: qualified, columns: typed, query, security_invoker: security == Security::Invoker, check_option };
    Some(lowering.add(view, needs, name.span))
}
