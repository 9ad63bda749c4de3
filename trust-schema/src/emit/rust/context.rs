//! The Rust types of PostgreSQL's types.

use std::collections::{HashMap, HashSet};

use super::names::type_name;
use crate::catalog::QualifiedName;
use crate::diagnostic::Diagnostic;
use crate::emit::model::names::{Taken, qualified};
use crate::emit::model::{Model, Type};
use crate::source::Span;

/// The language's name in messages.
pub const LANGUAGE: &str = "Rust";

/// The model, and the names of its types in Rust.
pub struct Context<'m> {
    pub model: &'m Model,
    enums: HashMap<&'m QualifiedName, String>,
    /// Composite types and domains that have a Rust type.
    types: HashMap<&'m QualifiedName, String>,
    pub tables: HashMap<&'m QualifiedName, String>,
    pub views: HashMap<&'m QualifiedName, String>,
}

/// A type in Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustType {
    pub text: String,
    /// Whether it is read and written through a cast to `text`.
    pub as_text: bool,
}

impl RustType {
    /// The type of a value that may be NULL.
    pub fn nullable(&self, nullable: bool) -> String {
        if nullable { format!("Option<{}>", self.text) } else { self.text.clone() }
    }
}

impl<'m> Context<'m> {
    pub fn new(model: &'m Model, diagnostics: &mut Vec<Diagnostic>) -> Context<'m> {
        let enums = named("enum", model.enums.iter().map(|object| (&object.name, object.span)), diagnostics);
        let tables = named("table", model.tables.iter().map(|object| (&object.name, object.span)), diagnostics);
        let views = named("view", model.views.iter().map(|object| (&object.name, object.span)), diagnostics);
        let unmapped = unmapped(model);
        let composites = model.composites.iter().map(|object| (&object.name, object.span));
        let domains = model.domains.iter().map(|object| (&object.name, object.span));
        let mapped = composites.chain(domains).filter(|(name, _)| !unmapped.contains(name));
        Context { model, enums, types: named("type", mapped, diagnostics), tables, views }
    }

    /// The name of an enum.
    pub fn enumeration(&self, name: &QualifiedName) -> Option<&str> {
        self.enums.get(name).map(String::as_str)
    }

    /// The name of a composite type or domain; none where it, or something in it, has no Rust type.
    pub fn composite_or_domain(&self, name: &QualifiedName) -> Option<&str> {
        self.types.get(name).map(String::as_str)
    }

    /// The Rust type of a value that is not NULL. What has none is a `String`.
    pub fn rust_type(&self, ty: &Type) -> RustType {
        if let Type::Array(element) = ty {
            let element = self.rust_type(element);
            return RustType { text: format!("Vec<{}>", element.text), ..element };
        }
        match self.mapped(ty) {
            Some(text) => RustType { text, as_text: false },
            None => RustType { text: "String".to_owned(), as_text: true },
        }
    }

    fn mapped(&self, ty: &Type) -> Option<String> {
        match ty {
            Type::Builtin(builtin) => super::types::builtin(&builtin.0).map(str::to_owned),
            Type::Enum(name) => self.enumeration(name).map(|name| format!("crate::enums::{name}")),
            Type::Composite(name) | Type::Domain(name) => self.composite_or_domain(name).map(|name| format!("crate::types::{name}")),
            Type::Table(_) | Type::View(_) | Type::External(_) | Type::Array(_) => None,
        }
    }
}

/// The names of objects of one module.
fn named<'m>(
    what: &str,
    objects: impl Iterator<Item = (&'m QualifiedName, Option<Span>)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> HashMap<&'m QualifiedName, String> {
    let objects: Vec<_> = objects.collect();
    let names: Vec<&QualifiedName> = objects.iter().map(|(name, _)| *name).collect();
    let mut taken = Taken::default();
    let mut named = HashMap::with_capacity(objects.len());
    for ((name, span), rust) in objects.into_iter().zip(qualified(&names, type_name)) {
        taken.take(LANGUAGE, &rust, format!("{what} `{name}`"), span, diagnostics);
        named.insert(name, rust);
    }
    named
}

/// The composite types and domains without a Rust type: those over a type without one, and those over these.
fn unmapped(model: &Model) -> HashSet<&QualifiedName> {
    let composites = model.composites.iter().map(|object| (&object.name, object.attributes.iter().map(|field| &field.data_type.form).collect()));
    let domains = model.domains.iter().map(|object| (&object.name, vec![&object.base.form]));
    let mut users: HashMap<&QualifiedName, Vec<&QualifiedName>> = HashMap::new();
    let mut pending = Vec::new();
    for (name, parts) in composites.chain(domains) {
        let parts: Vec<&Type> = parts;
        for part in parts {
            match element(part) {
                Type::Composite(used) | Type::Domain(used) => users.entry(used).or_default().push(name),
                Type::Builtin(builtin) if super::types::builtin(&builtin.0).is_some() => {}
                Type::Enum(_) => {}
                Type::Builtin(_) | Type::Table(_) | Type::View(_) | Type::External(_) | Type::Array(_) => pending.push(name),
            }
        }
    }
    let mut unmapped = HashSet::new();
    while let Some(name) = pending.pop() {
        if unmapped.insert(name) {
            pending.extend(users.get(name).into_iter().flatten());
        }
    }
    unmapped
}

fn element(ty: &Type) -> &Type {
    match ty {
        Type::Array(element) => element,
        other => other,
    }
}
