//! Types as what they refer to.

use std::collections::HashMap;

use super::DataType;
use crate::catalog::{Catalog, Object, QualifiedName};
use crate::sql::type_name::TypeName;

/// What a type is. An array's elements are never arrays: PostgreSQL does not distinguish dimensions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    Builtin(Builtin),
    Enum(QualifiedName),
    Composite(QualifiedName),
    Domain(QualifiedName),
    /// The row type of a table.
    Table(QualifiedName),
    /// The row type of a view.
    View(QualifiedName),
    /// Somebody else's, for example an extension's.
    External(QualifiedName),
    Array(Box<Type>),
}

/// A type of `pg_catalog`, by its internal name: `int4`, not `integer`. Modifiers do not count.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Builtin(pub String);

/// Reads types, each text once.
pub(super) struct Types<'c> {
    declared: HashMap<&'c QualifiedName, Type>,
    read: HashMap<String, Type>,
}

impl<'c> Types<'c> {
    pub fn new(catalog: &'c Catalog) -> Types<'c> {
        let declared = catalog.objects().filter_map(|object| match object {
            Object::Enum(object) => Some((&object.name, Type::Enum(object.name.clone()))),
            Object::Composite(object) => Some((&object.name, Type::Composite(object.name.clone()))),
            Object::Domain(object) => Some((&object.name, Type::Domain(object.name.clone()))),
            Object::Table(object) => Some((&object.name, Type::Table(object.name.clone()))),
            Object::View(object) => Some((&object.name, Type::View(object.name.clone()))),
            _ => None,
        });
        Types { declared: declared.collect(), read: HashMap::new() }
    }

    pub fn data_type(&mut self, sql: &str) -> DataType {
        let form = match self.read.get(sql) {
            Some(form) => form.clone(),
            None => {
                let form = self.form(sql);
                self.read.insert(sql.to_owned(), form.clone());
                form
            }
        };
        DataType { sql: sql.to_owned(), form }
    }

    fn form(&self, sql: &str) -> Type {
        let Ok(name) = TypeName::parse(sql) else {
            // A Catalog holds what PostgreSQL or our own writer printed: what cannot be read is a type of a form that nobody maps.
            return Type::External(QualifiedName::new("", sql));
        };
        let element = match &name.schema {
            None => Type::Builtin(Builtin(name.name.clone())),
            Some(schema) => {
                let qualified = QualifiedName::new(schema.as_str(), name.name.as_str());
                self.declared.get(&qualified).cloned().unwrap_or(Type::External(qualified))
            }
        };
        if name.is_array() { Type::Array(Box::new(element)) } else { element }
    }
}
