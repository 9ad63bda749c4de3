//! Domains: named types with a check.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::grant::Access;
use super::literal::Literal;
use super::statement::Context;
use super::{Kind, Object, ObjectKind, Section};
use crate::catalog::{Catalog, Expression, Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::names::{Declaring, Lowering, Scope, TypeForm, TypeUse, generated_name};
use crate::spec::{Entries, SqlText, Text};
use crate::sql::identifier::quote;
use crate::sql::type_name::TypeName;

/// A domain.
#[derive(Debug, Clone, Spec)]
pub struct DomainSpec {
    /// What its values mean, for people.
    pub comment: Option<Text>,
    /// The schema; the module's by default.
    pub schema: Option<Text>,
    /// What it was called when it was released, `name` or `schema.name`: it is renamed, and keeps what is in it. Of no consequence once that is released.
    pub renamed_from: Option<Text>,
    /// The type beneath.
    #[spec(key = "type")]
    pub base: Text,
    /// SQL over `value` that every value satisfies.
    pub check: Option<SqlText>,
    /// The name of the check; `<domain>_check` by default.
    pub check_name: Option<Text>,
    /// The default of columns of this domain.
    pub default: Option<Literal>,
    /// Whether NULL is a value; false by default.
    #[spec(default)]
    pub nullable: bool,
    /// Which roles may use the type in definitions of their own.
    #[spec(default)]
    pub access: Access,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    #[serde(flatten)]
    pub name: QualifiedName,
    pub base: String,
    pub not_null: bool,
    pub default: Option<Expression>,
    /// Constraint names and their expressions, by name.
    pub checks: Vec<(String, Expression)>,
}

/// The type beneath domains of a type, as far as a Catalog has them, and whether it, or one on the way, is an array.
pub fn beneath<'c>(written: &'c str, catalog: &'c Catalog) -> (&'c str, bool) {
    let (mut written, mut is_array) = (written, false);
    // No way is longer, and a file that somebody has written by hand may hold a circle.
    for _ in 0..=catalog.len() {
        let Ok(parsed) = TypeName::parse(written) else { break };
        is_array |= parsed.is_array();
        let domain = parsed.schema.map(|schema| Id::of(Kind::Domain, &QualifiedName::new(schema, parsed.name)));
        let Some(Object::Domain(domain)) = domain.and_then(|id| catalog.get(&id)) else { break };
        written = &domain.base;
    }
    (written, is_array)
}

impl ObjectKind for Domain {
    const KIND: Kind = Kind::Domain;
    const INTROSPECTION: &'static str = include_str!("introspection/domain.sql");

    fn id(&self) -> Id {
        Id::of(Kind::Domain, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::global(Kind::Schema, &self.name.schema)]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        let mut sql = format!("CREATE DOMAIN {} AS {}", self.name, self.base);
        if let Some(default) = &self.default {
            sql.push_str(&format!(" DEFAULT ({})", default.text()));
        }
        if self.not_null {
            sql.push_str(" NOT NULL");
        }
        for (name, check) in &self.checks {
            sql.push_str(&format!(" CONSTRAINT {} CHECK ({})", quote(name), check.text()));
        }
        vec![format!("{sql};"), format!("REVOKE ALL ON TYPE {} FROM {};", self.name, context.revoke_from)]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP DOMAIN {};", self.name)]
    }
    fn expressions(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        self.default.iter_mut().chain(self.checks.iter_mut().map(|(_, check)| check)).for_each(visit);
    }
    fn alter(&self, before: &Self, _context: &Context<'_>) -> Option<Vec<Alteration>> {
        if self.base != before.base {
            return None;
        }
        let on = |change: &str| format!("ALTER DOMAIN {} {change};", self.name);
        let mut changes = Vec::new();
        let again = |known: &[(String, Expression)], (_, check): &(String, Expression)| known.iter().find(|(_, other)| other == check).cloned();
        for (old, new) in before.checks.iter().filter_map(|check| Some((check, again(&self.checks, check)?))).filter(|(old, new)| old.0 != new.0) {
            changes.push(Alteration::catalog(on(&format!("RENAME CONSTRAINT {} TO {}", quote(&old.0), quote(&new.0)))));
        }
        let gone = before.checks.iter().filter(|check| again(&self.checks, check).is_none());
        changes.extend(gone.map(|(name, _)| Alteration::catalog(on(&format!("DROP CONSTRAINT {}", quote(name))))));
        match (&self.default, &before.default) {
            (Some(default), before) if before.as_ref() != Some(default) => {
                changes.push(Alteration::catalog(on(&format!("SET DEFAULT ({})", default.text()))));
            }
            (None, Some(_)) => changes.push(Alteration::catalog(on("DROP DEFAULT"))),
            _ => {}
        }
        if self.not_null != before.not_null {
            let sql = on(if self.not_null { "SET NOT NULL" } else { "DROP NOT NULL" });
            changes.push(if self.not_null { Alteration::scan(sql) } else { Alteration::catalog(sql) });
        }
        let new = self.checks.iter().filter(|check| again(&before.checks, check).is_none());
        changes.extend(new.map(|(name, check)| Alteration::scan(on(&format!("ADD CONSTRAINT {} CHECK ({})", quote(name), check.text())))));
        Some(changes)
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        let own = [self.name.clone()];
        self.expressions(&mut |expression| names.expression(expression, &own));
        names.relation(&mut self.name);
        names.data_type(&mut self.base);
    }
}

/// Gives domains on domains the default that PostgreSQL copies to them when they are created.
pub fn inherit_defaults(catalog: &mut Catalog) {
    let is_above = |id: &Id, needs: &BTreeSet<Id>| id.kind() == Kind::Domain && needs.iter().any(|need| need.kind() == Kind::Domain);
    let above: Vec<Id> = catalog.iter().filter(|(id, entry)| is_above(id, &entry.needs)).map(|(id, _)| id.clone()).collect();
    // As many rounds as domains stand on each other.
    let mut goes_on = true;
    while goes_on {
        goes_on = false;
        for id in &above {
            let Some((default, needs)) = inherited(id, catalog) else { continue };
            goes_on = true;
            if let Some(Object::Domain(domain)) = catalog.get_mut(id) {
                domain.default = Some(default);
            }
            catalog.add_needs(id, needs);
        }
    }
}

/// The default of the domain beneath, and what it needs, where the domain has none.
fn inherited(id: &Id, catalog: &Catalog) -> Option<(Expression, Vec<Id>)> {
    let Some(Object::Domain(domain)) = catalog.get(id) else { return None };
    let beneath =
        catalog.needs(id).find(|need| matches!(catalog.get(need), Some(Object::Domain(beneath)) if beneath.name.to_string() == domain.base))?;
    let Some(Object::Domain(Domain { default: Some(default), .. })) = catalog.get(beneath) else { return None };
    domain.default.is_none().then(|| (default.clone(), catalog.needs(beneath).cloned().collect()))
}

impl Section for Entries<DomainSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            declaring.type_name(Kind::Domain, name, spec.schema.as_ref(), TypeForm::Domain(spec.base.clone()));
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let Some(qualified) = lowering.qualify(name, spec.schema.as_ref()) else { continue };
            let mut needs = BTreeSet::new();
            let Some(base) = lowering.type_reference(&spec.base, TypeUse::Column, &mut needs) else { continue };
            let default = spec.default.as_ref().and_then(|literal| lowering.literal(literal, &base, &mut needs));
            let check = spec.check.as_ref().and_then(|check| lowering.row_expression(&check.0, &Scope::Value, &mut needs));
            if let Some(check_name) = &spec.check_name {
                lowering.plain_name(check_name);
                if spec.check.is_none() {
                    let message = format!("domain `{}` names a check that it does not have", name.value);
                    lowering
                        .report(Diagnostic::error(&codes::CONTRADICTION, message, check_name.span).help("say what it checks: `check = \"value …\"`"));
                }
            }
            let check_name = spec.check_name.as_ref().map_or_else(|| generated_name(&[&name.value, "check"]), |name| name.value.clone());
            let checks = check.map(|check| (check_name, check)).into_iter().collect();
            let domain = Domain { name: qualified, base: base.text, not_null: !spec.nullable, default, checks };
            let id = lowering.add(domain, needs, name.span);
            lowering.comment(&id, spec.comment.as_ref());
            lowering.renamed(&id, spec.renamed_from.as_ref());
            lowering.access(&id, &spec.access, &[]);
        }
    }
}
