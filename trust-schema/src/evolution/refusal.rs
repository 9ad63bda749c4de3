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

/// Whether values are refused on the way there, or by a rollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    There,
    Back,
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

impl Refused {
    /// What is refused, for people.
    pub fn message(&self, way: Way) -> String {
        let Refused { column, made, why } = self;
        let (anew, comes) = match way {
            Way::There => ("which has to be made anew", "comes"),
            Way::Back => ("which the rollback would have to make anew", "would come back with a rollback"),
        };
        match why {
            Why::Arrays => format!("{column} holds arrays of {made}, {anew}, and PostgreSQL cannot take these apart within one statement"),
            Why::ValuesInArrays => {
                format!("{column} holds arrays with values of {made} deep in them, and PostgreSQL cannot replace these within one statement")
            }
            Why::Attribute { name, from, to } => {
                format!("attribute `{name}` of {made} becomes {to} where it was {from}, and {column} holds values of it")
            }
            Why::Base { from, to } => format!("{made} becomes one over {to} where it was one over {from}, and {column} holds values of it"),
            Why::NoValue { attribute, domain } => {
                format!("attribute `{attribute}` of {made} {comes} without a value to what {column} holds, and NULL is not certain to pass {domain}")
            }
            Why::TooMany => format!("{column} holds {made} many times within others, and no statement of a reasonable length moves all of them"),
            Why::Retyped { from, to } => format!("{column} becomes {to} where it was {from}, and {made}, {anew}, is in both"),
        }
    }
}
