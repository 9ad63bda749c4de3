//! Stand-alone sequences. Identity columns bring their own, see `column`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trust_macros::Spec;

use super::grant::Access;
use super::statement::Context;
use super::{Kind, ObjectKind, Section};
use crate::catalog::{Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::alteration::Alteration;
use crate::kinds::renaming::Renaming;
use crate::names::{Declaring, Lowering};
use crate::source::At;
use crate::spec::{Entries, Text};

/// The integer type of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Spec)]
pub enum SequenceType {
    #[serde(rename = "smallint")]
    Smallint,
    #[serde(rename = "integer")]
    Integer,
    #[default]
    #[serde(rename = "bigint")]
    Bigint,
}

impl SequenceType {
    pub(crate) fn maximum(self) -> i64 {
        match self {
            SequenceType::Smallint => i16::MAX.into(),
            SequenceType::Integer => i32::MAX.into(),
            SequenceType::Bigint => i64::MAX,
        }
    }
}

/// A sequence.
#[derive(Debug, Clone, Spec)]
pub struct SequenceSpec {
    /// What it numbers, for people.
    pub comment: Option<Text>,
    /// The schema; the module's by default.
    pub schema: Option<Text>,
    /// What it was called when it was released, `name` or `schema.name`: it is renamed, and keeps what is in it. Of no consequence once that is released.
    pub renamed_from: Option<Text>,
    /// `smallint`, `integer` or `bigint`, the default.
    #[spec(key = "type", default)]
    pub data_type: SequenceType,
    /// The first value; the minimum by default.
    pub start: Option<At<i64>>,
    /// The step; 1 by default.
    pub increment: Option<At<i64>>,
    /// The smallest value; 1 by default.
    pub minimum: Option<At<i64>>,
    /// The largest value; that of the type by default.
    pub maximum: Option<At<i64>>,
    /// How many values a session takes at once; 1 by default.
    pub cache: Option<At<i64>>,
    /// Whether it starts again at its end.
    #[spec(default)]
    pub cycle: bool,
    /// Which roles may use it: `usage`, `select`.
    #[spec(default)]
    pub access: Access,
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    #[serde(flatten)]
    pub name: QualifiedName,
    pub data_type: SequenceType,
    pub start: i64,
    pub increment: i64,
    pub minimum: i64,
    pub maximum: i64,
    pub cache: i64,
    pub cycle: bool,
}

impl ObjectKind for Sequence {
    const KIND: Kind = Kind::Sequence;
    const INTROSPECTION: &'static str = include_str!("introspection/sequence.sql");

    fn id(&self) -> Id {
        Id::of(Kind::Sequence, &self.name)
    }
    fn parents(&self) -> Vec<Id> {
        vec![Id::global(Kind::Schema, &self.name.schema)]
    }
    fn create(&self, context: &Context<'_>) -> Vec<String> {
        let Sequence { name, data_type, start, increment, minimum, maximum, cache, cycle } = self;
        let cycle = if *cycle { "CYCLE" } else { "NO CYCLE" };
        vec![
            format!(
                "CREATE SEQUENCE {name} AS {} INCREMENT BY {increment} MINVALUE {minimum} MAXVALUE {maximum} START WITH {start} CACHE {cache} {cycle};",
                data_type.label()
            ),
            format!("REVOKE ALL ON SEQUENCE {name} FROM {};", context.revoke_from),
        ]
    }
    fn drop(&self, _context: &Context<'_>) -> Vec<String> {
        vec![format!("DROP SEQUENCE {};", self.name)]
    }
    fn alter(&self, before: &Self, _context: &Context<'_>) -> Option<Vec<Alteration>> {
        let Sequence { name, data_type, start, increment, minimum, maximum, cache, cycle } = self;
        let cycle = if *cycle { "CYCLE" } else { "NO CYCLE" };
        let change = format!(
            "ALTER SEQUENCE {name} AS {} INCREMENT BY {increment} MINVALUE {minimum} MAXVALUE {maximum} START WITH {start} CACHE {cache} {cycle}",
            data_type.label()
        );
        // PostgreSQL refuses limits beyond which the sequence stands.
        let stands_outside = !(*minimum..=*maximum).contains(&before.start);
        let change =
            if stands_outside { Alteration::loss(format!("{change} RESTART WITH {start};")) } else { Alteration::catalog(format!("{change};")) };
        Some(vec![change])
    }
    fn rename(&mut self, names: &Renaming, _related: &[QualifiedName]) {
        names.relation(&mut self.name);
    }
}

impl Section for Entries<SequenceSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            declaring.sequence(name, spec.schema.as_ref());
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            let Some(qualified) = lowering.qualify(name, spec.schema.as_ref()) else { continue };
            let sequence = sequence(qualified, spec);
            let wrong = range_problem(&sequence);
            if let Some((option, message)) = wrong {
                let span = [
                    ("start", &spec.start),
                    ("increment", &spec.increment),
                    ("minimum", &spec.minimum),
                    ("maximum", &spec.maximum),
                    ("cache", &spec.cache),
                ]
                .into_iter()
                .find_map(|(key, value)| (key == option).then(|| value.as_ref().map(|value| value.span)).flatten());
                lowering.report(Diagnostic::error(&codes::NUMBER_OUT_OF_RANGE, message, span.unwrap_or(name.span)));
                continue;
            }
            let id = lowering.add(sequence, BTreeSet::new(), name.span);
            lowering.comment(&id, spec.comment.as_ref());
            lowering.renamed(&id, spec.renamed_from.as_ref());
            lowering.access(&id, &spec.access, &[]);
        }
    }
}

/// Fills in PostgreSQL's defaults (CREATE SEQUENCE).
fn sequence(name: QualifiedName, spec: &SequenceSpec) -> Sequence {
    let increment = spec.increment.map_or(1, |value| value.value);
    let ascending = increment >= 0;
    let limit = spec.data_type.maximum();
    let minimum = spec.minimum.map_or(if ascending { 1 } else { -limit - 1 }, |value| value.value);
    let maximum = spec.maximum.map_or(if ascending { limit } else { -1 }, |value| value.value);
    let start = spec.start.map_or(if ascending { minimum } else { maximum }, |value| value.value);
    let cache = spec.cache.map_or(1, |value| value.value);
    Sequence { name, data_type: spec.data_type, start, increment, minimum, maximum, cache, cycle: spec.cycle }
}

/// The option that PostgreSQL would refuse, and why.
fn range_problem(sequence: &Sequence) -> Option<(&'static str, String)> {
    let limit = sequence.data_type.maximum();
    if sequence.increment == 0 {
        Some(("increment", "the increment of a sequence cannot be zero".to_owned()))
    } else if sequence.cache < 1 {
        Some(("cache", "the cache of a sequence holds at least 1 value".to_owned()))
    } else if sequence.maximum > limit || sequence.minimum < -limit - 1 {
        let option = if sequence.maximum > limit { "maximum" } else { "minimum" };
        Some((option, format!("the {option} does not fit type {}", sequence.data_type.label())))
    } else if sequence.minimum >= sequence.maximum {
        Some(("minimum", format!("the minimum {} is not below the maximum {}", sequence.minimum, sequence.maximum)))
    } else if !(sequence.minimum..=sequence.maximum).contains(&sequence.start) {
        Some(("start", format!("the start {} lies outside {} to {}", sequence.start, sequence.minimum, sequence.maximum)))
    } else {
        None
    }
}
