//! What a statement reads from: relations, sub-queries, functions and common tables by the names that it gives them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::records;
use super::super::syntax::Part;
use super::super::tokens::Tokens;
use super::Declared;
use crate::sql::lexer::TokenKind;

/// A relation, or what stands for one, with all of its columns.
pub(super) type Relation = (String, Vec<String>);

/// What a statement reads from.
#[derive(Default)]
pub(super) struct Sources {
    /// By alias or name, the relations whose columns are known.
    pub(super) relations: BTreeMap<String, Vec<Relation>>,
    /// Aliases of something whose columns nobody knows.
    pub(super) vague: BTreeSet<String>,
    /// Names that the statement itself gives.
    pub(super) own: BTreeSet<String>,
    /// Something is among them whose columns nobody knows.
    pub(super) is_open: bool,
    /// Behind these words no relation stands: `extract(epoch from x)`, `a is distinct from x`, `execute … using x`.
    pub(super) before_values: BTreeSet<usize>,
    /// Tokens that name a column of what the statement changes, those of SET and of ON CONFLICT, with the place of that in `targets`.
    pub(super) changed: BTreeMap<usize, usize>,
    /// What is changed.
    pub(super) targets: Vec<Relation>,
    /// Common tables whose columns are known.
    common: BTreeMap<String, Vec<String>>,
}

/// What stands in one pair of parentheses.
#[derive(Default)]
struct Level {
    /// The token that opens it.
    open: usize,
    /// A relation may stand here.
    expects: bool,
    /// What INSERT or UPDATE changes: its place among the targets.
    target: Option<usize>,
    /// Between SET and what follows it.
    sets: bool,
}

/// Functions whose grammar has a FROM.
const WITH_FROM: &[&str] = &["extract", "substring", "trim", "overlay"];
/// Words behind which no further relation stands.
const ENDS: &[&str] = &["where", "group", "order", "having", "limit", "set", "on", "values", "select", "returning", "window"];

/// The relations and names of a statement, wherever in it they stand.
pub(super) fn sources(tokens: &Tokens<'_>, declared: &dyn Declared, variables: &BTreeSet<String>, part: &Part) -> Sources {
    let mut reader = Reader { tokens, declared, variables, end: part.end, sources: Sources::default() };
    reader.read(part);
    reader.sources
}

struct Reader<'t, 'a> {
    tokens: &'t Tokens<'a>,
    declared: &'t dyn Declared,
    variables: &'t BTreeSet<String>,
    end: usize,
    sources: Sources,
}

impl Reader<'_, '_> {
    fn read(&mut self, part: &Part) {
        let tokens = self.tokens;
        let has_using = part.clone().any(|at| tokens.is(at, &["delete", "merge"]));
        let mut outer: Vec<Level> = Vec::new();
        let mut level = Level::default();
        for at in part.clone() {
            // Before a list is entered: `on conflict (a)` belongs to what is outside of it.
            if let Some(target) = level.target {
                self.changes(at, level.sets, target);
            }
            match tokens.turn(at) {
                // A list of columns, arguments, or a query with a FROM of its own.
                1 => outer.push(std::mem::replace(&mut level, Level { open: at, ..Level::default() })),
                -1 => {
                    let inner = std::mem::replace(&mut level, outer.pop().unwrap_or_default());
                    self.query(inner.open..at, level.expects);
                }
                _ => {}
            }
            let is_word = tokens.is(at, &["from", "join", "using", "into", "update"]) && !tokens.follows_kind(at, TokenKind::Dot);
            let is_value = tokens.is(at, &["from"])
                && (tokens.follows(at, &["distinct"]) || tokens.follows(level.open, WITH_FROM) && !outer.is_empty())
                || tokens.is(at, &["using"]) && !has_using && !tokens.is_kind(at + 1, TokenKind::LeftParenthesis);
            if is_word && is_value {
                self.sources.before_values.insert(at);
            } else if is_word && !(tokens.is(at, &["update"]) && at > part.start && tokens.follows(at, &["do", "for", "key", "then"])) {
                level.expects = true;
                let known = self.source(at + 1);
                if tokens.is(at, &["update"]) || tokens.follows(at, &["insert", "merge"]) {
                    level.target = known.map(|known| {
                        self.sources.targets.push(known);
                        self.sources.targets.len() - 1
                    });
                }
            } else if level.expects && tokens.is_kind(at, TokenKind::Comma) {
                self.source(at + 1);
            } else if tokens.is(at, ENDS) {
                level.expects = false;
                level.sets = tokens.is(at, &["set"]);
            } else if tokens.is(at, &["from"]) {
                level.sets = false;
            }
            self.gives(at, part);
        }
    }

    /// Names that are given here: `as x`, `) x`, `x (a, b)`, and the columns of a WITH.
    fn gives(&mut self, at: usize, part: &Part) {
        let tokens = self.tokens;
        if tokens.follows(at, &["as"]) || tokens.follows_kind(at, TokenKind::RightParenthesis) && !self.tokens.is_keyword(at) {
            self.sources.own.extend(tokens.name(at));
            // Not the columns of `insert into t as x (…)`.
            let is_target = at.checked_sub(5).is_some_and(|into| tokens.is(into, &["into"]) && tokens.is(at - 1, &["as"]));
            if !is_target {
                let listed = self.listed(at + 1);
                self.sources.own.extend(listed);
            }
        }
        let is_common = tokens.is(at + 1, &["as"]) || tokens.is_kind(at + 1, TokenKind::LeftParenthesis);
        if is_common && (tokens.follows(at, &["with", "recursive"]) || tokens.follows_kind(at, TokenKind::Comma)) {
            self.sources.own.extend(tokens.name(at).filter(|_| tokens.is(at + 1, &["as"])));
            if tokens.follows(at, &["with", "recursive"]) {
                let listed = self.listed(at + 1);
                self.sources.own.extend(listed);
            }
        }
        // An alias without AS behind an expression: `count(*) n`, `a b`.
        let before = at.checked_sub(1).filter(|before| part.contains(before));
        let follows_value = before
            .and_then(|before| tokens.kind(before))
            .is_some_and(|kind| kind.is_string() || matches!(kind, TokenKind::Word | TokenKind::QuotedName | TokenKind::Integer));
        if follows_value && !self.tokens.is_keyword(at) && before.is_some_and(|before| !self.tokens.is_keyword(before)) {
            self.sources.own.extend(tokens.name(at));
        }
    }

    /// `set a = …, b = …`, `set (a, b) = …`, `on conflict (a, b)`, and what `excluded` means then.
    fn changes(&mut self, at: usize, sets: bool, target: usize) {
        let tokens = self.tokens;
        let begins = sets && (tokens.follows(at, &["set"]) || tokens.follows_kind(at, TokenKind::Comma));
        if tokens.is(at, &["conflict"]) && tokens.follows(at, &["on"]) {
            self.sources.relations.entry("excluded".to_owned()).or_default().push(self.sources.targets[target].clone());
        }
        let is_list = tokens.is_kind(at, TokenKind::LeftParenthesis) && (tokens.follows(at, &["conflict"]) || begins);
        if !is_list {
            let assigns = begins && (tokens.is_operator(at + 1, &["="]) || tokens.is_kind(at + 1, TokenKind::LeftBracket));
            if assigns && tokens.name(at).is_some() {
                self.sources.changed.insert(at, target);
            }
            return;
        }
        let inside = at + 1..tokens.behind(at, self.end).saturating_sub(1);
        let is_alone = |at: &usize| {
            let begins = tokens.follows_kind(*at, TokenKind::LeftParenthesis) || tokens.follows_kind(*at, TokenKind::Comma);
            begins && tokens.name(*at).is_some() && !matches!(tokens.kind(*at + 1), Some(TokenKind::LeftParenthesis | TokenKind::Dot))
        };
        // An expression has a level of its own: `on conflict (lower(a))`.
        let mut depth = 0;
        for at in inside {
            depth += tokens.turn(at);
            if depth == 0 && is_alone(&at) {
                self.sources.changed.insert(at, target);
            }
        }
    }

    /// Names in parentheses, where a list of columns stands behind an alias.
    fn listed(&self, at: usize) -> Vec<String> {
        if at >= self.end || !self.tokens.is_kind(at, TokenKind::LeftParenthesis) {
            return Vec::new();
        }
        (at + 1..self.tokens.behind(at, self.end).saturating_sub(1)).filter_map(|at| self.tokens.name(at)).collect()
    }

    /// Parentheses that end here: those of a common table, or of a sub-query with an alias.
    fn query(&mut self, parentheses: Part, is_source: bool) {
        let tokens = self.tokens;
        let query = parentheses.start + 1..parentheses.end;
        if !tokens.is(query.start, &["select", "values", "with"]) {
            return;
        }
        if let Some(name) = self.common(parentheses.start) {
            if let Some(columns) = records::columns(tokens, &query) {
                self.sources.common.insert(name, columns);
            }
            return;
        }
        let next = parentheses.end + 1;
        let next = next + usize::from(tokens.is(next, &["as"]));
        let Some(alias) = tokens.name(next).filter(|_| is_source && next < self.end && !self.tokens.is_keyword(next)) else { return };
        let is_listed = tokens.is_kind(next + 1, TokenKind::LeftParenthesis);
        match records::columns(tokens, &query).filter(|_| !is_listed) {
            Some(columns) => self.sources.relations.entry(alias.clone()).or_default().push((alias, columns)),
            None => {
                self.sources.vague.insert(alias);
            }
        }
    }

    /// The common table whose query these parentheses hold: `with x as [[not] materialized] (`. One with a list of columns is none here.
    fn common(&self, open: usize) -> Option<String> {
        let tokens = self.tokens;
        let before = |at: usize, words: &[&str]| at - usize::from(tokens.follows(at, words));
        let behind_as = before(before(open, &["materialized"]), &["not"]);
        let name = behind_as.checked_sub(2).filter(|_| tokens.follows(behind_as, &["as"]))?;
        let begins = tokens.follows(name, &["with", "recursive"]) || tokens.follows_kind(name, TokenKind::Comma);
        tokens.name(name).filter(|_| begins)
    }

    /// What stands behind FROM, INTO or a comma there; the relation where its columns are known.
    fn source(&mut self, at: usize) -> Option<Relation> {
        let (tokens, end) = (self.tokens, self.end);
        let at = at + usize::from(tokens.is(at, &["only", "lateral", "strict"]));
        // A sub-query: what is in it is found there. What it calls its columns stands behind AS, or is a column of its relations.
        let (name, behind) = tokens.dotted(at, end).filter(|_| at < end)?;
        let is_into = tokens.follows(at, &["into"]);
        let calls = behind < end && tokens.is_kind(behind, TokenKind::LeftParenthesis) && !is_into;
        let columns = match name.as_slice() {
            [schema, relation] if !calls => self.declared.columns(schema, relation),
            [name] if !calls => self.sources.common.get(name).cloned(),
            _ => None,
        };
        let mut next = if calls { tokens.behind(behind, end) } else { behind };
        while tokens.is(next, &["with", "ordinality"]) && next < end {
            next += 1;
        }
        next += usize::from(tokens.is(next, &["as"]));
        let is_alias = next < end && !self.tokens.is_keyword(next);
        let alias = tokens.name(next).filter(|_| is_alias);
        let listed = if alias.is_some() && !is_into { self.listed(next + 1) } else { Vec::new() };
        self.sources.own.extend(alias.clone());
        if let Some(columns) = columns.filter(|_| listed.is_empty()) {
            let last = name.last().cloned().unwrap_or_default();
            let known = (name.join("."), columns);
            self.sources.relations.entry(alias.unwrap_or(last)).or_default().push(known.clone());
            return Some(known);
        }
        let is_own = name.len() == 1 && (self.sources.own.contains(&name[0]) || self.variables.contains(&name[0])) && !calls;
        if !listed.is_empty() {
            self.sources.own.extend(listed.iter().cloned());
            // PostgreSQL's own functions return rows of one column, or all of their columns are listed.
            match alias.clone().filter(|_| calls && name.len() == 1) {
                Some(alias) => self.sources.relations.entry(alias.clone()).or_default().push((alias, listed)),
                None => self.sources.vague.extend(alias),
            }
        } else if !is_own {
            // A function in FROM, or a relation of PostgreSQL.
            self.sources.is_open = true;
            self.sources.vague.extend(alias.or_else(|| name.last().cloned()));
        } else if !is_into {
            // A common table.
            self.sources.vague.extend(alias.or_else(|| name.last().cloned()));
        }
        None
    }
}
