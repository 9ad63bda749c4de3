//! Values that an evolution cannot carry along: it would lose them, give them to others, or fail. What is refused here does not compile.

use crate::catalog::Id;

/// A column whose values would not come through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub column: Id,
    /// The type on which it founders.
    pub made: Id,
    pub why: Why,
}

/// Why they would not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// They stand in arrays, which nothing takes apart: PostgreSQL takes no sub-query in `ALTER TABLE … USING`.
    Arrays,
    /// As [`Why::Arrays`], of an enum of which a value goes.
    ValuesInArrays,
    /// An attribute that stays has another type.
    Attribute { name: String, from: String, to: String },
    /// A domain is one over another type.
    Base { from: String, to: String },
    /// An attribute comes whose domain refuses NULL.
    NoValue { attribute: String, domain: Id },
    /// What would take them apart is too long a text.
    TooMany,
    /// The column gets another type that is made of the same one.
    Retyped { from: String, to: String },
}
