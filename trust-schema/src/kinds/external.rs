//! Objects that others own: the platform's, or those of other projects in the same database. Referred to, never changed.

use trust_macros::Spec;

use crate::spec::{Entries, Text, Words};

/// Objects that others own.
#[derive(Debug, Clone, Default, Spec)]
pub struct ExternalSpec {
    /// Schemas.
    #[spec(default)]
    pub schemas: Words,
    /// Tables and views.
    #[spec(default)]
    pub table: Entries<ExternalTableSpec>,
    /// Functions.
    #[spec(default)]
    pub function: Entries<ExternalFunctionSpec>,
    /// Types.
    #[spec(default)]
    pub types: Entries<ExternalTypeSpec>,
}

/// A table that others own.
#[derive(Debug, Clone, Spec)]
pub struct ExternalTableSpec {
    /// Its schema.
    pub schema: Text,
    /// The columns that the spec uses, and their types.
    pub columns: Entries<Text>,
    /// Its primary key.
    #[spec(default)]
    pub primary_key: Words,
}

/// A function that others own.
#[derive(Debug, Clone, Spec)]
pub struct ExternalFunctionSpec {
    /// Its schema.
    pub schema: Text,
    /// The types of its arguments.
    #[spec(default)]
    pub args: Words,
    /// The type of its result.
    pub returns: Text,
}

/// A type that others own, for example an extension's.
#[derive(Debug, Clone, Spec)]
pub struct ExternalTypeSpec {
    /// Its schema.
    pub schema: Text,
}
