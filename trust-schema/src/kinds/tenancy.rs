//! `[tenancy]` of `trust.toml`: what a tenant is, declared once.

use std::collections::BTreeSet;

use trust_macros::Spec;

use crate::catalog::{Catalog, Id, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::names::Lowering;
use crate::operations::{Accepted, Floor, Tenancy};
use crate::spec::{Entries, Text, Words};

/// What a tenant is. Every row belongs to the tenant that its foreign keys lead to, or to the users and tenants that it names, unless its table is
/// `shared`: `attack` tries to reach the rows of others.
#[derive(Debug, Clone, Spec)]
pub struct TenancySpec {
    /// The table of tenants: one row each.
    pub tenants: Text,
    /// The table of users; `auth.users` on Supabase.
    pub users: Text,
    /// Tables whose rows belong to no tenant, and which every role that may read them may read as a whole.
    #[spec(default)]
    pub shared: Words,
    /// Functions without arguments that return tenants of the caller, and no others: policies that compare the tenant with them keep tenants
    /// apart. A table that refers to tenants and to users needs no mention: it says who belongs to which tenant.
    #[spec(default)]
    pub context: Words,
    /// One of the functions of `context`: every table that refers to tenants and lets clients in gets a restrictive policy `tenant_floor`, which
    /// admits rows of the tenants that the function returns, and no others, whatever permissive policies are added later.
    pub floor: Option<Text>,
    /// Whether foreign keys from one table of tenants to another carry the tenant: a key of `project_id` becomes one of `tenant_id` and
    /// `project_id`, so that no row refers to a row of another tenant. The table there gets the unique constraint that such a key needs.
    #[spec(default)]
    pub composite_keys: bool,
    /// Whether every table of tenants has an index that begins with the tenant: one is made for each key that carries the tenant, and one on
    /// the tenant alone, unless the table's own keys and indexes serve already.
    #[spec(default)]
    pub tenant_led_indexes: bool,
    /// What a function has to tell about others, by its name.
    #[spec(default)]
    pub accepted: Entries<AcceptedSpec>,
}

/// Something that a function has to tell about the rows of others.
#[derive(Debug, Clone, Spec)]
pub struct AcceptedSpec {
    /// The arguments whose existence the function tells.
    pub arguments: Words,
    /// Why it has to.
    pub reason: Text,
}

/// Resolves the names.
pub fn lower(spec: &TenancySpec, lowering: &mut Lowering<'_>) -> Option<Tenancy> {
    let mut needs = BTreeSet::new();
    let tenants = lowering.own_table_reference(&spec.tenants, &mut needs);
    let users = lowering.table_reference(&spec.users, &mut needs).map(|users| users.name.clone());
    let shared: Vec<Id> =
        spec.shared.iter().filter_map(|table| lowering.own_table_reference(table, &mut needs)).map(|table| table.id.clone()).collect();
    let accepted: Vec<Accepted> = spec.accepted.iter().filter_map(|(name, accepted)| accept(name, accepted, lowering)).collect();
    let context: Vec<QualifiedName> = spec.context.iter().filter_map(|name| lowering.callable_without_arguments(name, &mut needs)).collect();
    let floor = spec.floor.as_ref().map(|name| floor(name, &context, lowering));
    if matches!(floor, Some(None)) {
        return None;
    }
    let tenants = tenants?;
    if tenants.primary_key.len() != 1 {
        let message = format!("the primary key of `{}` is not one column", tenants.name);
        let diagnostic = Diagnostic::error(&codes::WRONG_ARGUMENTS, message, spec.tenants.span).label(tenants.span, "declared here");
        lowering.report(diagnostic.help("a tenant is known by one column: give the table a primary key of one"));
        return None;
    }
    Some(Tenancy {
        tenants: tenants.name.clone(),
        users: users?,
        shared,
        context,
        floor: floor.flatten(),
        composite_keys: spec.composite_keys,
        tenant_led_indexes: spec.tenant_led_indexes,
        accepted,
    })
}

/// The function of a floor: policies that ask another one would not be proved to keep tenants apart.
fn floor(written: &Text, context: &[QualifiedName], lowering: &mut Lowering<'_>) -> Option<Floor> {
    let mut needs = BTreeSet::new();
    let name = lowering.callable_without_arguments(written, &mut needs)?;
    if !context.contains(&name) {
        let message = format!("`floor` names `{}`, which is none of `context`", written.value);
        lowering.report(
            Diagnostic::error(&codes::WRONG_ARGUMENTS, message, written.span)
                .help("add it to `context`: it returns tenants of the caller, and no others"),
        );
        return None;
    }
    let function = lowering.single_function(written)?;
    Some(Floor { name, function })
}

fn accept(name: &Text, spec: &AcceptedSpec, lowering: &mut Lowering<'_>) -> Option<Accepted> {
    let function = lowering.single_function(name)?;
    let arguments = spec.arguments.iter().map(|argument| (argument.value.clone(), argument.span)).collect();
    Some(Accepted { function, arguments, reason: spec.reason.value.clone() })
}

/// Arguments are known once every module has been lowered.
pub fn check(tenancy: &Tenancy, catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) {
    for accepted in &tenancy.accepted {
        let Some(Object::Function(function)) = catalog.get(&accepted.function) else { continue };
        let known = || function.arguments.iter().map(|argument| argument.name.as_str());
        for (argument, span) in accepted.arguments.iter().filter(|(argument, _)| known().all(|name| name != argument)) {
            let message = format!("function `{}` has no argument `{argument}`", function.name);
            diagnostics.push(Diagnostic::error(&codes::WRONG_ARGUMENTS, message, *span).suggest(argument, known(), None));
        }
    }
}
