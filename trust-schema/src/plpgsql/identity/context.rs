//! Functions that say what belongs to who calls: what they return has to be the caller's.

use std::ops::Range;

use super::super::conditions::Judge;
use super::super::facts::Facts;
use super::super::logic;
use super::super::syntax::Part;
use super::super::system::{Bodies, Known, System};
use super::Checks;
use super::flow::Flow;

/// By function that is trusted to, where it returns what is not bound to who calls.
pub fn returned_of_others(system: &System<'_, '_>, bodies: &Bodies<'_>, facts: &[&[Option<Facts>]]) -> Vec<Vec<Range<usize>>> {
    let checks = Checks::default();
    let of = |((subject, body), facts): ((&super::super::system::Subject<'_>, &Result<super::super::system::Body<'_>, _>), &&[Option<Facts>])| {
        let Some(body) = body.as_ref().ok().filter(|_| subject.is_context) else { return Vec::new() };
        let known = Known { system, variables: &body.variables };
        let judge = Judge { tokens: &body.tokens, names: &known };
        let flow = Flow::new(system, &checks, subject, body, judge, facts);
        let results = body.graph.nodes.iter().filter_map(|node| flow.result(node));
        results.filter(|value| !flow.is_of_caller(value)).map(|value| body.tokens.bytes(&value)).collect()
    };
    system.subjects.iter().zip(bodies).zip(facts).map(of).collect()
}

impl Flow<'_, '_, '_> {
    /// Whether a value, or every row of a query, belongs to who calls.
    fn is_of_caller(&self, value: &Part) -> bool {
        let tokens = self.tokens();
        let value = logic::stripped(tokens, value);
        let reads = value.clone().any(|at| tokens.is(at, &["from"]));
        if value.is_empty() || value.len() == 1 && tokens.is(value.start, &["null"]) {
            return true;
        }
        if reads {
            return tokens.is(value.start, &["select"]) && self.has_rows_of_caller(&value);
        }
        self.is_own(&value) || self.judge.mentions_identity(&value)
    }
}
