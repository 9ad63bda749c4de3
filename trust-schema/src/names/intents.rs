//! What a spec says of the way from its release: what objects were called, what becomes of values. It changes no object, and is of no
//! consequence once it is released.

use super::Lowering;
use crate::catalog::{Expression, Id};
use crate::source::Span;
use crate::spec::{Entries, SqlText, Text};

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Intents {
    /// Objects, and what each was called.
    pub renamed: Vec<(Id, Text)>,
    pub values: Vec<ValuesIntent>,
    pub members: Vec<MembersIntent>,
    pub conversions: Vec<ConversionIntent>,
    /// Columns, and their value in the rows that there are.
    pub backfills: Vec<(Id, Expression, Span)>,
}

/// What becomes of an enum's values.
#[derive(Debug, Clone)]
pub struct ValuesIntent {
    pub id: Id,
    /// Values, and what each was called.
    pub renamed: Vec<(Text, Text)>,
    /// Values that are gone, and what becomes of each.
    pub removed: Vec<(Text, Text)>,
}

/// What attributes of a composite type, or columns of a view, were called.
#[derive(Debug, Clone)]
pub struct MembersIntent {
    pub id: Id,
    /// Names, and what each was.
    pub renamed: Vec<(Text, Text)>,
}

/// How the values of a column become those of another type.
#[derive(Debug, Clone)]
pub struct ConversionIntent {
    pub column: Id,
    pub there: Option<Expression>,
    pub back: Option<Expression>,
    pub span: Span,
}

impl Intents {
    pub fn extend(&mut self, other: Intents) {
        let Intents { renamed, values, members, conversions, backfills } = other;
        self.renamed.extend(renamed);
        self.values.extend(values);
        self.members.extend(members);
        self.conversions.extend(conversions);
        self.backfills.extend(backfills);
    }
}

impl Lowering<'_> {
    /// What an object was called.
    pub fn renamed(&mut self, id: &Id, from: Option<&Text>) {
        self.output.intents.renamed.extend(from.map(|from| (id.clone(), from.clone())));
    }

    /// What becomes of an enum's values.
    pub fn values(&mut self, id: &Id, renamed: &Entries<Text>, removed: &Entries<Text>) {
        if !renamed.is_empty() || !removed.is_empty() {
            self.output.intents.values.push(ValuesIntent { id: id.clone(), renamed: pairs(renamed), removed: pairs(removed) });
        }
    }

    /// What attributes of a composite type, or columns of a view, were called.
    pub fn members(&mut self, id: &Id, renamed: &Entries<Text>) {
        if !renamed.is_empty() {
            self.output.intents.members.push(MembersIntent { id: id.clone(), renamed: pairs(renamed) });
        }
    }

    /// How the values of a column become those of another type.
    pub fn conversion(&mut self, column: &Id, there: Option<&SqlText>, back: Option<&SqlText>) {
        let Some(span) = there.or(back).map(|sql| sql.0.span) else { return };
        let (there, back) = (self.of_row_before(there), self.of_row_before(back));
        self.output.intents.conversions.push(ConversionIntent { column: column.clone(), there, back, span });
    }

    /// The value of a new column in the rows that there are.
    pub fn backfill(&mut self, column: &Id, value: Option<&SqlText>) {
        if let (Some(sql), Some(value)) = (value, self.of_row_before(value)) {
            self.output.intents.backfills.push((column.clone(), value, sql.0.span));
        }
    }

    /// An expression over a row as it was: of what columns nobody knows any more, PostgreSQL will tell.
    fn of_row_before(&mut self, sql: Option<&SqlText>) -> Option<Expression> {
        let sql = sql?;
        self.one_expression(&sql.0).then(|| Expression::checked(sql.0.value.trim()))
    }
}

fn pairs(entries: &Entries<Text>) -> Vec<(Text, Text)> {
    entries.iter().map(|(name, text)| (name.clone(), text.clone())).collect()
}
