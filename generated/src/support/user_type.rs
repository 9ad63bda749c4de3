//! What the enums and domains of a spec need.

use std::fmt;

use tokio_postgres::types::{Kind, Type};

/// A text that is no label of the enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLabel {
    /// The enum, with its schema.
    pub type_name: &'static str,
    /// The text.
    pub label: String,
}

impl fmt::Display for UnknownLabel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is no label of `{}`", self.label, self.type_name)
    }
}

impl std::error::Error for UnknownLabel {}

/// Whether `ty` has this schema and name.
pub fn is_type(ty: &Type, schema: &str, name: &str) -> bool {
    ty.schema() == schema && ty.name() == name
}

/// Whether `ty` is the enum of this schema and name, and has exactly these labels, in any order.
pub fn enum_accepts(ty: &Type, schema: &str, name: &str, labels: &[&str]) -> bool {
    let Kind::Enum(found) = ty.kind() else {
        return false;
    };
    is_type(ty, schema, name) && found.len() == labels.len() && found.iter().all(|label| labels.contains(&label.as_str()))
}

/// The type under a domain. For any other type, itself: PostgreSQL describes a result column of a domain by its base type.
pub fn domain_base(ty: &Type) -> &Type {
    match ty.kind() {
        Kind::Domain(base) => base,
        _ => ty,
    }
}
