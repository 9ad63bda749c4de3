//! Tries every row and session that could make a difference.

use std::collections::BTreeMap;
use std::fmt;

use super::formula::{Formula, Parts, Set, Term, Variable, is_canonical};
use super::{Comparable, Verdict};
use crate::catalog::QualifiedName;
use crate::lint::expression::{Call, Truth};

/// A value of a column or of the caller's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Null,
    Boolean(bool),
    /// A constant of the condition.
    Constant(String),
    /// Any value that is no constant of the condition: the sort, and which one.
    Other(usize, usize),
}

/// A row of somebody else for which a condition holds, and whose session it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// Columns and their values; the others do not matter.
    pub row: Vec<(String, Value)>,
    /// The rows on which it hangs, those first on which others hang.
    pub parents: Vec<ParentRow>,
    /// `auth.uid()`, where it matters.
    pub caller: Option<Value>,
    /// The tenants that functions return, where it matters.
    pub tenants: Vec<(Call, Value)>,
}

/// A row on which the row hangs.
#[derive(Debug, Clone, PartialEq)]
pub struct ParentRow {
    pub table: QualifiedName,
    pub row: Vec<(String, Value)>,
}

/// Rows and sessions that are tried at most.
const MAXIMUM_TRIES: usize = 200_000;

struct Search<'a> {
    condition: &'a Formula,
    checks: &'a [Formula],
    parts: &'a Parts,
    values: Vec<Value>,
    members: BTreeMap<(usize, Value), bool>,
    tries: usize,
    possible: bool,
    witness: Option<Witness>,
}

pub fn search(condition: &Formula, checks: &[Formula], parts: Parts) -> Verdict {
    if parts.tenant.is_none() && parts.users.is_empty() && parts.through.is_empty() {
        return Verdict::Undecided;
    }
    let mut tested = Vec::new();
    std::iter::once(condition).chain(checks).for_each(|formula| tests(formula, &mut tested));
    let mut search =
        Search { condition, checks, parts: &parts, values: Vec::new(), members: BTreeMap::new(), tries: 0, possible: false, witness: None };
    search.rows(&tested);
    match search.witness {
        Some(witness) => Verdict::Refuted(witness),
        None if search.possible || search.tries > MAXIMUM_TRIES => Verdict::Undecided,
        None => Verdict::Proved,
    }
}

/// The terms whose membership in a set is asked.
fn tests<'f>(formula: &'f Formula, tested: &mut Vec<(usize, &'f Term)>) {
    match formula {
        Formula::And(parts) | Formula::Or(parts) | Formula::Coalesce(parts) => parts.iter().for_each(|part| tests(part, tested)),
        Formula::Not(part) | Formula::Is(part, _) => tests(part, tested),
        Formula::In { term, set, .. } => tested.push((*set, term)),
        _ => {}
    }
}

impl Search<'_> {
    fn is_over(&self) -> bool {
        self.witness.is_some() || self.tries > MAXIMUM_TRIES
    }

    /// Gives the next variable each of its values, then asks for the sets.
    fn rows(&mut self, tested: &[(usize, &Term)]) {
        let place = self.values.len();
        let Some(variable) = self.parts.variables.get(place) else { return self.sets(tested) };
        for value in self.candidates(variable) {
            if self.is_over() {
                return;
            }
            self.values.push(value);
            self.rows(tested);
            self.values.pop();
        }
    }

    /// The constants of a variable's sort, the other values that are in use, one more, and NULL. Which of the others it is makes no
    /// difference until something is compared with it.
    fn candidates(&self, variable: &Variable) -> Vec<Value> {
        let mut values = Vec::new();
        if variable.comparable == Comparable::Boolean {
            values.extend([Value::Boolean(true), Value::Boolean(false)]);
        } else {
            let same_sort = |place: usize| self.parts.variables.get(place).is_some_and(|other| other.sort == variable.sort);
            for (_, value) in self.parts.constants.iter().filter(|(place, _)| same_sort(*place)) {
                if !values.contains(value) && is_canonical(value, variable.comparable) {
                    values.push(value.clone());
                }
            }
            let used = self.values.iter().filter_map(|value| match value {
                Value::Other(sort, number) if *sort == variable.sort => Some(number + 1),
                _ => None,
            });
            let used = used.max().unwrap_or(0);
            values.extend((0..=used).map(|number| Value::Other(variable.sort, number)));
        }
        if !variable.not_null {
            values.push(Value::Null);
        }
        values
    }

    /// Tries each way in which the sets hold the values that are asked for.
    fn sets(&mut self, tested: &[(usize, &Term)]) {
        if self.is_over() {
            return;
        }
        let next = tested.iter().find_map(|(set, term)| {
            let key = (*set, self.value(term));
            (key.1 != Value::Null && !self.members.contains_key(&key)).then_some(key)
        });
        match next {
            None => self.judge(),
            Some(key) => {
                // Nobody has no memberships.
                let nobody = self.parts.caller.and_then(|place| self.values.get(place)) == Some(&Value::Null);
                let empty = nobody && matches!(self.parts.sets.get(key.0), Some(Set::Memberships(_)));
                for holds in [false, true].into_iter().filter(|holds| !(*holds && empty)) {
                    self.members.insert(key.clone(), holds);
                    self.sets(tested);
                }
                self.members.remove(&key);
            }
        }
    }

    fn judge(&mut self) {
        self.tries += 1;
        if !self.is_of_others() {
            return;
        }
        let checks = self.checks.iter().map(|check| self.truth(check));
        let (mut possible, mut certain) = (true, true);
        for check in checks {
            possible &= check != Truth::FALSE;
            certain &= !check.can_be_false();
        }
        let truth = self.truth(self.condition);
        self.possible |= possible && truth.can_be_true();
        if certain && truth == Truth::TRUE {
            self.witness = Some(self.witness());
        }
    }

    /// Whether the row names somebody, itself or through others, and neither a tenant of the caller nor the caller.
    fn is_of_others(&self) -> bool {
        let named = |place: usize| self.values.get(place).filter(|value| **value != Value::Null);
        let caller = self.parts.caller.and_then(named);
        let of_caller =
            |tenant: &Value| Some(tenant) == caller || (0..self.parts.sets.len()).any(|set| self.members.get(&(set, tenant.clone())) == Some(&true));
        let through = self.parts.through.iter().filter(|through| through.keys.iter().all(|key| named(*key).is_some()));
        let mut names_somebody = false;
        let (mut tenants, mut users): (Vec<usize>, Vec<usize>) = (self.parts.tenant.into_iter().collect(), self.parts.users.clone());
        for through in through {
            tenants.extend(through.tenant);
            users.extend(&through.users);
        }
        for tenant in tenants.into_iter().filter_map(named) {
            names_somebody = true;
            if of_caller(tenant) {
                return false;
            }
        }
        for user in users.into_iter().filter_map(named) {
            names_somebody = true;
            if Some(user) == caller {
                return false;
            }
        }
        names_somebody
    }

    fn value(&self, term: &Term) -> Value {
        match term {
            Term::Null => Value::Null,
            Term::Constant(value) => value.clone(),
            Term::Variable(place) => self.values.get(*place).cloned().unwrap_or(Value::Null),
        }
    }

    fn truth(&self, formula: &Formula) -> Truth {
        match formula {
            Formula::Open(truth) => *truth,
            Formula::And(parts) => parts.iter().fold(Truth::TRUE, |all, part| all.and(self.truth(part))),
            Formula::Or(parts) => parts.iter().fold(Truth::FALSE, |any, part| any.negated().and(self.truth(part).negated()).negated()),
            Formula::Not(part) => self.truth(part).negated(),
            Formula::Is(part, wanted) => self.truth(part).is(*wanted),
            Formula::Coalesce(parts) => Truth::coalesce(parts.iter().map(|part| self.truth(part))),
            Formula::IsNull(term) => certain(self.value(term) == Value::Null),
            Formula::Equal(left, right) => match (self.value(left), self.value(right)) {
                (Value::Null, _) | (_, Value::Null) => Truth::UNKNOWN,
                (left, right) => certain(left == right),
            },
            Formula::Distinct(left, right) => certain(self.value(left) != self.value(right)),
            Formula::Boolean(place) => match self.values.get(*place) {
                Some(Value::Boolean(value)) => certain(*value),
                _ => Truth::UNKNOWN,
            },
            Formula::In { term, set, absent, null } => match self.value(term) {
                Value::Null => *null,
                value if self.members.get(&(*set, value.clone())) == Some(&true) => Truth::TRUE,
                _ => *absent,
            },
        }
    }

    fn witness(&self) -> Witness {
        let named = self.parts.variables.iter().zip(&self.values);
        let tenants = self.members.iter().filter(|(_, holds)| **holds).filter_map(|((set, value), _)| match self.parts.sets.get(*set) {
            Some(Set::Function(call)) => Some((call.clone(), value.clone())),
            _ => None,
        });
        let of_scope = |scope: usize| {
            let own = named.clone().filter(move |(variable, _)| variable.scope == scope);
            own.filter_map(|(variable, value)| Some((variable.column.clone()?, value.clone()))).collect::<Vec<_>>()
        };
        let value = |place: &usize| self.values.get(*place).cloned().unwrap_or(Value::Null);
        let hangs_on = self.parts.hangs_on.iter().enumerate().rev().filter_map(|(scope, parent)| {
            let table = parent.table.clone()?;
            let keys = parent.pairs.iter().map(|(place, there)| (there.clone(), value(place)));
            let is_there = parent.keys.iter().all(|key| value(key) != Value::Null);
            is_there.then(|| ParentRow { table, row: keys.chain(of_scope(scope)).collect() })
        });
        Witness {
            row: of_scope(0),
            parents: hangs_on.collect(),
            caller: self.parts.caller.and_then(|place| self.values.get(place).cloned()),
            tenants: tenants.collect(),
        }
    }
}

fn certain(holds: bool) -> Truth {
    if holds { Truth::TRUE } else { Truth::FALSE }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => formatter.write_str("NULL"),
            Value::Boolean(value) => write!(formatter, "{value}"),
            Value::Constant(text) => write!(formatter, "'{}'", text.replace('\'', "''")),
            Value::Other(_, number) => write!(formatter, "{}", letter(*number)),
        }
    }
}

/// `A`, `B`, … as values are called of which only matters whether they are equal.
fn letter(number: usize) -> String {
    let letter = u8::try_from(number).ok().filter(|number| *number < 26).map(|number| char::from(b'A' + number));
    letter.map_or_else(|| format!("value {number}"), String::from)
}

impl fmt::Display for Witness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row: Vec<String> = self.row.iter().map(|(column, value)| format!("{column} = {value}")).collect();
        write!(formatter, "the row ({})", row.join(", "))?;
        for parent in &self.parents {
            let row: Vec<String> = parent.row.iter().map(|(column, value)| format!("{column} = {value}")).collect();
            write!(formatter, " of `{}` ({})", parent.table, row.join(", "))?;
        }
        match &self.caller {
            Some(Value::Null) => formatter.write_str(" to callers who are not signed in"),
            Some(caller) => write!(formatter, " to user {caller}, to whom it does not belong"),
            None => formatter.write_str(" to everybody"),
        }
    }
}
