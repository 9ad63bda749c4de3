//! Named errors: what a function may answer instead of a result.

use trust_macros::Spec;

use super::Section;
use crate::names::{Declaring, Lowering};
use crate::source::At;
use crate::spec::{Entries, Text};

/// An error; its key is the message with which it is raised.
#[derive(Debug, Clone, Spec)]
pub struct ErrorSpec {
    /// The HTTP status that PostgREST answers; the SQLSTATE is `PT` and the status.
    pub status: At<i64>,
    /// When it is raised, for people.
    pub summary: Text,
}

impl Section for Entries<ErrorSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            declaring.error(name, &spec.status, &spec.summary);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            lowering.error(name, spec);
        }
    }
}
