//! From trees to formulas over variables: the columns, the caller, and the sets of the caller's tenants.

use super::scopes::{Named, Scope};
use super::search::Value;
use super::{Comparable, Ground};
use crate::catalog::QualifiedName;
use crate::lint::expression::{Call, Query, Test, Tree, Truth};

/// A condition. What is not understood is `Open`: it can have these truth values.
#[derive(Debug, Clone)]
pub enum Formula {
    Open(Truth),
    And(Vec<Formula>),
    Or(Vec<Formula>),
    Not(Box<Formula>),
    Is(Box<Formula>, Truth),
    /// The first that is not unknown.
    Coalesce(Vec<Formula>),
    IsNull(Term),
    Equal(Term, Term),
    Distinct(Term, Term),
    Boolean(usize),
    /// Whether a term is in a set; `absent` is what it can be where it is not, and `null` where the term is NULL.
    In {
        term: Term,
        set: usize,
        absent: Truth,
        null: Truth,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    Null,
    Constant(Value),
    Variable(usize),
}

/// Something that has one value for a row and session.
#[derive(Debug, Clone)]
pub struct Variable {
    /// `None`: the caller, who is NULL where nobody is signed in.
    pub column: Option<String>,
    /// Whose column it is: 0 for the row itself.
    pub scope: usize,
    pub comparable: Comparable,
    pub not_null: bool,
    /// Variables of one sort are compared with each other.
    pub sort: usize,
}

/// What a condition is made of.
#[derive(Debug, Default)]
pub struct Parts {
    pub variables: Vec<Variable>,
    /// How the sets are written.
    pub sets: Vec<Set>,
    /// Constants, with the variables that are compared with them.
    pub constants: Vec<(usize, Value)>,
    /// The variables that name the row's tenant and users, and the caller.
    pub tenant: Option<usize>,
    pub users: Vec<usize>,
    pub caller: Option<usize>,
    /// To whom the row belongs through others.
    pub through: Vec<Through>,
    /// The rows on which it hangs, by their scopes; the first is the row itself.
    pub hangs_on: Vec<HangsOn>,
}

/// Tenant and users of a row on which the row hangs.
#[derive(Debug, Clone)]
pub struct Through {
    /// What must not be NULL, or there is no such row.
    pub keys: Vec<usize>,
    pub tenant: Option<usize>,
    pub users: Vec<usize>,
}

/// A row on which the row hangs.
#[derive(Debug, Clone)]
pub struct HangsOn {
    pub table: Option<QualifiedName>,
    pub keys: Vec<usize>,
    /// Columns there that are those of the key.
    pub pairs: Vec<(usize, String)>,
}

/// A set of tenants of the caller.
#[derive(Debug, Clone, PartialEq)]
pub enum Set {
    /// What a function returns.
    Function(Call),
    /// The tenants of a query over memberships.
    Memberships(Query),
}

/// Reads trees.
pub struct Reader<'g> {
    pub(super) ground: &'g Ground<'g>,
    parts: Parts,
    pub(super) scopes: Vec<Scope<'g>>,
    /// Whose columns are meant that stand outside of sub-queries.
    pub(super) base: usize,
    /// What the names of the sub-queries around stand for, the innermost last, and how many each of these has.
    pub(super) names: Vec<(String, Named)>,
    pub(super) lists: Vec<usize>,
}

impl<'g> Reader<'g> {
    pub fn new(ground: &'g Ground<'g>) -> Reader<'g> {
        let scopes = vec![Scope::row(&ground.columns, ground.parents)];
        let mut reader = Reader { ground, parts: Parts::default(), scopes, base: 0, names: Vec::new(), lists: Vec::new() };
        reader.parts.tenant = ground.tenant.and_then(|column| reader.column(0, column));
        reader.parts.users = ground.users.iter().filter_map(|column| reader.column(0, column)).collect();
        if ground.tenant.is_none() {
            reader.belongs_through(0);
        }
        let through = reader.parts.through.clone();
        for (one, other) in through.iter().filter_map(|through| through.tenant).zip(through.iter().skip(1).filter_map(|through| through.tenant)) {
            reader.merge(one, other);
        }
        let users: Vec<usize> = through.iter().flat_map(|through| through.users.iter().copied()).chain(reader.parts.users.iter().copied()).collect();
        if !users.is_empty() {
            let caller = reader.caller();
            users.into_iter().for_each(|user| reader.merge(user, caller));
        }
        reader
    }

    /// To whom a row belongs that names no tenant: to whom those belong on which it hangs.
    fn belongs_through(&mut self, from: usize) {
        let parents = self.scopes.get(from).map(|scope| scope.parents).unwrap_or_default();
        for parent in parents.iter().filter(|parent| !parent.shared) {
            let scope = self.scope(from, parent);
            let tenant = parent.tenant.and_then(|column| self.column(scope, column));
            let users: Vec<usize> = parent.users.iter().filter_map(|column| self.column(scope, column)).collect();
            if tenant.is_some() || !users.is_empty() {
                let keys = self.keys(scope);
                self.parts.through.push(Through { keys, tenant, users });
            }
            if parent.tenant.is_none() {
                self.belongs_through(scope);
            }
        }
    }

    /// A variable for tenants.
    fn some_tenant(&self) -> Option<usize> {
        self.parts.tenant.or_else(|| self.parts.through.iter().find_map(|through| through.tenant))
    }

    pub fn finish(mut self) -> Parts {
        for scope in 0..self.scopes.len() {
            let keys = self.keys(scope);
            let from = self.scopes.get(scope).and_then(|scope| scope.from);
            let mut pairs = Vec::new();
            for (from, own, there) in from.iter().flat_map(|(from, parent)| parent.key.iter().map(move |(own, there)| (*from, *own, *there))) {
                pairs.extend(self.column(from, own).map(|place| (place, there.to_owned())));
            }
            let table = from.map(|(_, parent)| parent.table.clone());
            self.parts.hangs_on.push(HangsOn { table, keys, pairs });
        }
        self.parts
    }

    pub fn formula(&mut self, tree: &Tree) -> Formula {
        match tree {
            Tree::True => Formula::Open(Truth::TRUE),
            Tree::False => Formula::Open(Truth::FALSE),
            Tree::Null => Formula::Open(Truth::UNKNOWN),
            Tree::And(parts) => Formula::And(parts.iter().map(|part| self.formula(part)).collect()),
            Tree::Or(parts) => Formula::Or(parts.iter().map(|part| self.formula(part)).collect()),
            Tree::Not(part) => Formula::Not(Box::new(self.formula(part))),
            Tree::Is(part, test) => {
                let wanted = match test {
                    Test::True => Truth::TRUE,
                    Test::False => Truth::FALSE,
                    Test::Unknown => Truth::UNKNOWN,
                };
                Formula::Is(Box::new(self.formula(part)), wanted)
            }
            Tree::IsNull(part) => match self.term(part) {
                Some(term) => Formula::IsNull(term),
                None if is_condition(part) => Formula::Is(Box::new(self.formula(part)), Truth::UNKNOWN),
                None => Formula::Open(Truth::TRUE.or(Truth::FALSE)),
            },
            Tree::IsDistinct(left, right) => match self.pair(left, right) {
                Some((left, right)) => Formula::Distinct(left, right),
                None => Formula::Open(Truth::TRUE.or(Truth::FALSE)),
            },
            Tree::Binary { operator, left, right } => match operator.as_str() {
                "=" => self.equality(left, right),
                "<>" | "!=" => Formula::Not(Box::new(self.equality(left, right))),
                _ => Formula::Open(Truth::ANY),
            },
            Tree::Any { operator, left, right } if operator == "=" => self.any(left, right),
            Tree::InList { value, list } => Formula::Or(list.iter().map(|item| self.equality(value, item)).collect()),
            Tree::InQuery { value, query } => self.among(value, query),
            Tree::Exists(query) => self.exists(query),
            Tree::Column(_) | Tree::Foreign { .. } => match self.term(tree) {
                Some(Term::Variable(place)) if self.is_boolean(place) => Formula::Boolean(place),
                _ => Formula::Open(Truth::ANY),
            },
            Tree::Call(call) if call.schema.is_none() && call.name == "coalesce" => {
                Formula::Coalesce(call.arguments.iter().map(|argument| self.formula(argument)).collect())
            }
            Tree::Scalar(_) if !std::ptr::eq(tree.core(), tree) => self.formula(tree.core()),
            _ => Formula::Open(Truth::ANY),
        }
    }

    fn equality(&mut self, left: &Tree, right: &Tree) -> Formula {
        for (side, other) in [(left, right), (right, left)] {
            if let Tree::Call(call) = side.core()
                && self.ground.is_context(call)
            {
                return self.member(other, Set::Function(call.clone()), Truth::FALSE.or(Truth::UNKNOWN), Truth::UNKNOWN);
            }
        }
        match self.pair(left, right) {
            Some((left, right)) => Formula::Equal(left, right),
            None => Formula::Open(Truth::ANY),
        }
    }

    /// `value = any (…)`
    fn any(&mut self, value: &Tree, array: &Tree) -> Formula {
        match array.core() {
            Tree::Array(query) => self.among(value, query),
            Tree::Call(call) if self.ground.is_context(call) => {
                self.member(value, Set::Function(call.clone()), Truth::FALSE.or(Truth::UNKNOWN), Truth::UNKNOWN.or(Truth::FALSE))
            }
            _ => Formula::Open(Truth::ANY),
        }
    }

    /// `value in (select …)`
    fn among(&mut self, value: &Tree, query: &Query) -> Formula {
        // NULL among what is returned makes the answer unknown; of nothing, even NULL is certainly none.
        let (absent, null) = (Truth::FALSE.or(Truth::UNKNOWN), Truth::UNKNOWN.or(Truth::FALSE));
        if let ([Tree::Call(call)], [], [], []) =
            (query.output.as_slice(), query.relations.as_slice(), query.calls.as_slice(), query.conditions.as_slice())
            && self.ground.is_context(call)
        {
            return self.member(value, Set::Function(call.clone()), absent, null);
        }
        if let ([(schema, table)], [alias], []) = (query.relations.as_slice(), query.aliases.as_slice(), query.calls.as_slice())
            && let ground = self.ground
            && let Some(membership) = ground.membership(schema, table)
        {
            let is_own = |of: &Option<String>| of.as_ref().is_none_or(|of| of == alias);
            let returned = matches!(query.output.as_slice(), [Tree::Foreign { of, column }] if is_own(of) && column == membership.tenant);
            if returned && binds_caller(query, alias, membership.user) && !reads_row(query) {
                return self.member(value, Set::Memberships(query.clone()), absent, null);
            }
        }
        // The same as EXISTS with one comparison more, but that it may be unknown where it is not true.
        let [output] = query.output.as_slice() else { return Formula::Open(Truth::ANY) };
        let mut joined = query.clone();
        joined.conditions.push(Tree::Binary { operator: "=".to_owned(), left: Box::new(value.clone()), right: Box::new(output.clone()) });
        match self.exists(&joined) {
            Formula::Open(_) => Formula::Open(Truth::ANY),
            exists => Formula::Or(vec![exists, Formula::Open(absent)]),
        }
    }

    pub(super) fn member(&mut self, value: &Tree, set: Set, absent: Truth, null: Truth) -> Formula {
        let Some(term) = self.term(value) else { return Formula::Open(Truth::ANY) };
        if matches!(set, Set::Memberships(_)) {
            self.caller();
        }
        let place = self.parts.sets.iter().position(|known| *known == set).unwrap_or_else(|| {
            self.parts.sets.push(set);
            self.parts.sets.len() - 1
        });
        // Tenants are of one sort.
        match (&term, self.some_tenant()) {
            (Term::Variable(variable), Some(tenant)) => self.merge(*variable, tenant),
            (Term::Constant(value), Some(tenant)) => self.parts.constants.push((tenant, value.clone())),
            _ => {}
        }
        Formula::In { term, set: place, absent, null }
    }

    /// Two terms of which it is certain when they are equal.
    fn pair(&mut self, left: &Tree, right: &Tree) -> Option<(Term, Term)> {
        let (left, right) = (self.term(left)?, self.term(right)?);
        match (&left, &right) {
            (Term::Variable(a), Term::Variable(b)) => {
                (self.is_boolean(*a) == self.is_boolean(*b)).then(|| self.merge(*a, *b))?;
            }
            (Term::Variable(variable), Term::Constant(value)) | (Term::Constant(value), Term::Variable(variable)) => {
                let comparable = self.parts.variables.get(*variable)?.comparable;
                if !is_canonical(value, comparable) {
                    return None;
                }
                self.parts.constants.push((*variable, value.clone()));
            }
            (Term::Constant(a), Term::Constant(b)) if a != b => return None,
            _ => {}
        }
        Some((left, right))
    }

    pub(super) fn term(&mut self, tree: &Tree) -> Option<Term> {
        match tree {
            Tree::Null => Some(Term::Null),
            Tree::True => Some(Term::Constant(Value::Boolean(true))),
            Tree::False => Some(Term::Constant(Value::Boolean(false))),
            Tree::Literal(text) => Some(Term::Constant(Value::Constant(text.clone()))),
            Tree::Column(column) => self.column(self.base, column).map(Term::Variable),
            Tree::Foreign { of, column } => {
                let scope = self.named(of.as_deref(), column)?;
                self.column(scope, column).map(Term::Variable)
            }
            tree if is_caller(tree) => Some(Term::Variable(self.caller())),
            Tree::Cast { value, data_type } => self.cast(value, data_type),
            Tree::Scalar(_) if !std::ptr::eq(tree.core(), tree) => match tree {
                Tree::Scalar(query) => query.output.first().and_then(|output| self.term(output)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A cast, where different values stay different.
    fn cast(&mut self, value: &Tree, data_type: &str) -> Option<Term> {
        let wanted = Comparable::of(data_type)?;
        match self.term(value)? {
            Term::Variable(place) => {
                let from = self.parts.variables.get(place)?.comparable;
                (from == wanted || (from == Comparable::Uuid && wanted == Comparable::Text)).then_some(Term::Variable(place))
            }
            Term::Constant(Value::Constant(text)) if wanted == Comparable::Boolean => match text.as_str() {
                "t" | "true" => Some(Term::Constant(Value::Boolean(true))),
                "f" | "false" => Some(Term::Constant(Value::Boolean(false))),
                _ => None,
            },
            Term::Constant(value) => is_canonical(&value, wanted).then_some(Term::Constant(value)),
            Term::Null => Some(Term::Null),
        }
    }

    fn is_boolean(&self, place: usize) -> bool {
        self.parts.variables.get(place).is_some_and(|variable| variable.comparable == Comparable::Boolean)
    }

    pub(super) fn column(&mut self, scope: usize, name: &str) -> Option<usize> {
        let known = self.scopes.get(scope)?;
        if let Some((from, parent)) = known.from
            && let Some((own, _)) = parent.key.iter().find(|(_, there)| *there == name)
        {
            return self.column(from, own);
        }
        let facts = *known.columns.get(name)?;
        let known = self.parts.variables.iter().position(|variable| variable.scope == scope && variable.column.as_deref() == Some(name));
        known.or_else(|| Some(self.variable(scope, Some(name.to_owned()), facts.comparable?, facts.not_null)))
    }

    fn caller(&mut self) -> usize {
        let known = self.parts.caller;
        known.unwrap_or_else(|| {
            let place = self.variable(0, None, Comparable::Uuid, false);
            self.parts.caller = Some(place);
            // Where each user is a tenant, the ids are the same.
            self.some_tenant().into_iter().for_each(|tenant| self.merge(tenant, place));
            place
        })
    }

    fn variable(&mut self, scope: usize, column: Option<String>, comparable: Comparable, not_null: bool) -> usize {
        let place = self.parts.variables.len();
        self.parts.variables.push(Variable { column, scope, comparable, not_null, sort: place });
        place
    }

    /// Makes two variables one sort.
    fn merge(&mut self, a: usize, b: usize) {
        let sort = |place: usize| self.parts.variables.get(place).map(|variable| variable.sort);
        let (Some(kept), Some(gone)) = (sort(a), sort(b)) else { return };
        self.parts.variables.iter_mut().filter(|variable| variable.sort == gone).for_each(|variable| variable.sort = kept);
    }
}

impl Comparable {
    /// Of a data type, as PostgreSQL prints it or as it is written.
    pub fn of(data_type: &str) -> Option<Comparable> {
        match data_type {
            "uuid" => Some(Comparable::Uuid),
            "text" | "varchar" | "character varying" => Some(Comparable::Text),
            "smallint" | "integer" | "int" | "bigint" => Some(Comparable::Integer),
            "boolean" | "bool" => Some(Comparable::Boolean),
            _ => None,
        }
    }
}

/// Whether a constant is written in the one way in which values of this form are.
pub(super) fn is_canonical(value: &Value, comparable: Comparable) -> bool {
    match (value, comparable) {
        (Value::Boolean(_), Comparable::Boolean) | (Value::Constant(_), Comparable::Text) => true,
        (Value::Constant(text), Comparable::Uuid) => {
            let fits = |(place, byte): (usize, u8)| match place {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            };
            text.len() == 36 && text.bytes().enumerate().all(fits)
        }
        (Value::Constant(text), Comparable::Integer) => {
            // Within every kind of integer: a constant out of range is an error when it is compared.
            !text.is_empty() && text.len() < 5 && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
        }
        _ => false,
    }
}

/// Whether a tree is true, false or unknown, and no other value.
fn is_condition(tree: &Tree) -> bool {
    matches!(tree, Tree::And(_) | Tree::Or(_) | Tree::Not(_) | Tree::Is(..) | Tree::IsNull(_) | Tree::IsDistinct(..) | Tree::InList { .. })
        || matches!(tree, Tree::Binary { operator, .. } if matches!(operator.as_str(), "=" | "<>" | "!="))
}

/// Whether it is the caller's id.
pub(super) fn is_caller(tree: &Tree) -> bool {
    matches!(tree, Tree::Call(call) if call.is("auth", "uid") && call.arguments.is_empty())
}

/// Whether the rows of a query are those of the caller.
fn binds_caller(query: &Query, alias: &str, user: &str) -> bool {
    let is_user = |side: &Tree| matches!(side, Tree::Foreign { of, column } if column == user && of.as_ref().is_none_or(|of| of == alias));
    let binds = |tree: &Tree| match tree {
        Tree::Binary { operator, left, right } if operator == "=" => {
            let of = |side: &Tree, other: &Tree| is_user(side) && is_caller(other.core());
            of(left, right) || of(right, left)
        }
        _ => false,
    };
    query.conditions.iter().flat_map(Tree::conjuncts).any(binds)
}

/// Whether a query depends on a row around it: a column of the row, or a sub-query in which one could hide.
pub(super) fn reads_row(query: &Query) -> bool {
    let of_row = |tree: &Tree| match tree {
        Tree::Column(_) => true,
        Tree::Foreign { of: Some(of), .. } => !query.aliases.contains(of),
        tree => tree.query().is_some_and(|inner| !inner.relations.is_empty()),
    };
    query.output.iter().chain(&query.conditions).any(|tree| tree.any(of_row))
}
