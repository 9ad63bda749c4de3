//! What raw SQL made: nothing says what it should be, but it must be as closed as everything that the compiler makes.

use super::{Problem, RegimeProof, Stage};
use crate::catalog::{Id, Object};
use crate::kinds::Kind;
use crate::kinds::grant::Privilege;

/// What is wrong with an object wherever it comes from: a table without row-level security, and something that every role may use.
pub fn problem(id: &Id, object: &Object) -> Option<Problem> {
    let message = match object {
        Object::Table(table) if !table.row_level_security => "raw SQL made this table without row-level security".to_owned(),
        Object::Grant(grant)
            if grant.grantee == "public" && matches!(grant.target.kind(), Kind::Table | Kind::View | Kind::Function | Kind::Sequence) =>
        {
            format!("raw SQL left {} open to PUBLIC: revoke it in the same block", grant.target)
        }
        // The hosted platform grants it by default in both regimes; no policy restricts it.
        Object::Grant(grant) if grant.target.kind() == Kind::Table && grant.privileges.contains(&Privilege::Truncate) => {
            format!("raw SQL lets {} TRUNCATE {}, past row-level security: revoke it in the same block", grant.grantee, grant.target)
        }
        _ => return None,
    };
    Some(Problem::new(id.to_string(), message))
}

/// What raw SQL made in one regime only: a grant that comes from the default privileges of the database, and not from the spec.
pub fn compare_regimes(regimes: &mut [RegimeProof]) {
    let [first, others @ ..] = regimes else { return };
    for other in others {
        let only_in = |one: &RegimeProof, other: &RegimeProof| -> Vec<Problem> {
            let made = one.made_by_raw.iter().filter(|made| !other.made_by_raw.contains(made));
            let message = format!("raw SQL made this in {} and not in {}: revoke what default privileges grant", one.platform, other.platform);
            made.map(|made| Problem::new(made.clone(), message.clone())).collect()
        };
        // Where one was not applied completely, everything would differ.
        if [&*first, &*other].into_iter().any(|regime| regime.problems_of(Stage::Apply) > 0) {
            continue;
        }
        let (in_first, in_other) = (only_in(first, other), only_in(other, first));
        first.add_problems(Stage::Catalog, in_first);
        other.add_problems(Stage::Catalog, in_other);
    }
}

impl RegimeProof {
    fn problems_of(&self, stage: Stage) -> usize {
        self.stages.iter().filter(|run| run.stage == stage).map(|run| run.problems.len() + run.not_run.len()).sum()
    }

    fn add_problems(&mut self, stage: Stage, problems: Vec<Problem>) {
        if let Some(run) = self.stages.iter_mut().find(|run| run.stage == stage) {
            run.problems.extend(problems);
        }
    }
}
