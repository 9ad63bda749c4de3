//! Names in bodies: variables, columns, functions and types. PL/pgSQL looks them up when a statement first runs; here they are looked up
//! before. Where a statement reads from something whose columns nobody knows, names without a qualifier are not judged, and counted.

mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::effects::{Action, actions};
use super::parts::{Piece, pieces};
use super::read;
use super::records;
use super::syntax::{Block, Part};
use super::system::Language;
use super::tokens::Tokens;
use crate::sql::lexer::TokenKind;
use crate::sql::type_name::TypeName;
use crate::sql::{builtin, keyword};
use sources::{Sources, sources};

/// What is declared outside of a body.
pub trait Declared {
    /// The columns of a relation; `None` where it is not known.
    fn columns(&self, schema: &str, relation: &str) -> Option<Vec<String>>;
    /// Whether a function of this name takes so many arguments; `None` where it is not known.
    fn accepts(&self, schema: &str, function: &str, arguments: usize) -> Option<bool>;
    /// The names of the arguments that functions of this name take; `None` where they are not known.
    fn arguments(&self, schema: &str, function: &str) -> Option<Vec<String>>;
}

/// A name that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub bytes: Range<usize>,
    pub name: String,
    pub what: What,
}

/// What a name should have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A variable or a column; with those that it could have been.
    Name(Vec<String>),
    /// A variable that is set.
    Variable(Vec<String>),
    /// A column of this relation, with its columns.
    Column(String, Vec<String>),
    Function,
    /// A function that does not take so many arguments.
    Arguments(usize),
    /// An argument of this function, with those that it takes.
    Argument(String, Vec<String>),
    Type,
    /// An error that RAISE or a handler names.
    Condition,
    /// A field of a record, with those that are selected into it.
    Field(String, Vec<String>),
}

/// What was looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    pub unknown: Vec<Unknown>,
    /// Names that were found.
    pub known: usize,
    /// Names of which nothing can be said.
    pub unresolved: usize,
}

/// Names that every PL/pgSQL body knows.
const SPECIAL: &[&str] = &[
    "found",
    "sqlstate",
    "sqlerrm",
    "new",
    "old",
    "tg_name",
    "tg_when",
    "tg_level",
    "tg_op",
    "tg_relid",
    "tg_relname",
    "tg_table_name",
    "tg_table_schema",
    "tg_nargs",
    "tg_argv",
    "tg_event",
    "tg_tag",
    "excluded",
];
/// Columns that every table has.
const SYSTEM_COLUMNS: &[&str] = &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// Looks up the names of a body. What cannot be read is told elsewhere.
pub fn look_up(text: &str, language: Language, arguments: &[&str], declared: &dyn Declared) -> Looked {
    let Ok(tokens) = Tokens::new(text) else { return Looked::default() };
    let block = match language {
        Language::Plpgsql => read::plpgsql(&tokens),
        Language::Sql => read::sql(&tokens),
    };
    let Ok(block) = block else { return Looked::default() };
    let mut variables: BTreeSet<String> = arguments.iter().map(|name| (*name).to_owned()).collect();
    variables.extend(super::variables::variables(&block, &tokens));
    let records = records::records(&block, &tokens);
    let mut looker = Looker { tokens: &tokens, declared, variables, records, looked: Looked::default() };
    looker.block(&block);
    looker.looked.unknown.sort_by_key(|unknown| unknown.bytes.start);
    looker.looked
}

struct Looker<'t, 'a> {
    tokens: &'t Tokens<'a>,
    declared: &'t dyn Declared,
    variables: BTreeSet<String>,
    /// The fields of records of which all are known.
    records: BTreeMap<String, BTreeSet<String>>,
    looked: Looked,
}

impl Looker<'_, '_> {
    fn block(&mut self, block: &Block) {
        for piece in pieces(block) {
            match piece {
                Piece::Sql(part) => self.statement(&part),
                Piece::Raise(part) => self.raise(&part),
                Piece::Conditions(bytes) => self.conditions(&self.tokens.part(&bytes)),
                Piece::Type(part) => self.data_type(part.start, part.end),
                Piece::Target(name, part) => self.target(&name, &part),
            }
        }
    }

    fn tell(&mut self, part: &Part, name: &str, what: What) {
        self.looked.unknown.push(Unknown { bytes: self.tokens.bytes(part), name: name.to_owned(), what });
    }

    fn target(&mut self, name: &str, part: &Part) {
        if self.variables.contains(name) || SPECIAL.contains(&name) || name.starts_with('$') {
            return self.looked.known += 1;
        }
        let at = part.clone().find(|at| self.tokens.name(*at).as_deref() == Some(name)).unwrap_or(part.start);
        let known = self.variables.iter().cloned().collect();
        self.tell(&(at..at + 1), name, What::Variable(known));
    }

    /// `when unique_violation or sqlstate 'PT404'`
    fn conditions(&mut self, part: &Part) {
        for at in part.clone() {
            if self.tokens.follows(at, &["when", "or"]) && !self.tokens.is(at, &["others"]) {
                self.condition(at);
            }
        }
    }

    /// The name of an error, or `sqlstate`.
    fn condition(&mut self, at: usize) {
        match self.tokens.word(at) {
            Some(word) if word != "sqlstate" && !builtin::is_condition(&word) => self.tell(&(at..at + 1), &word, What::Condition),
            Some(_) => self.looked.known += 1,
            None => {}
        }
    }

    fn raise(&mut self, part: &Part) {
        let level = ["debug", "log", "info", "notice", "warning", "exception"];
        let first = part.start + usize::from(self.tokens.is(part.start, &level));
        if first < part.end && !self.tokens.is(first, &["using"]) {
            self.condition(first);
        }
        // `raise [level] ['format', x, y] [condition] [using option = x, …]`: what follows a `,`, and there an option with its `=`.
        let options = ["message", "detail", "hint", "errcode", "column", "constraint", "datatype", "table", "schema"];
        let mut depth = 0;
        let mut start = None;
        for at in part.clone().chain([part.end]) {
            depth += self.tokens.turn(at);
            let is_option =
                self.tokens.is(at + 1, &options) && (self.tokens.is_operator(at + 2, &["="]) || self.tokens.is_kind(at + 2, TokenKind::ColonEquals));
            let begins = depth == 0 && (self.tokens.is_kind(at, TokenKind::Comma) || self.tokens.is(at, &["using"]));
            if !begins && at != part.end {
                continue;
            }
            if let Some(start) = start.filter(|start| *start < at) {
                self.statement(&(start..at));
            }
            start = Some(if is_option { at + 3 } else { at + 1 });
        }
    }

    fn statement(&mut self, part: &Part) {
        let sources = sources(self.tokens, self.declared, &self.variables, part);
        self.calls(part);
        let mut at = part.start;
        while at < part.end {
            if self.tokens.is_kind(at, TokenKind::TypeCast) {
                self.data_type(at + 1, part.end);
                at += 2;
                continue;
            }
            let Some((name, behind)) = self.tokens.dotted(at, part.end) else {
                at += 1;
                continue;
            };
            if !self.tokens.follows_kind(at, TokenKind::Dot) && !self.tokens.follows_kind(at, TokenKind::TypeCast) {
                self.name(at, &name, behind, part, &sources);
            }
            at = behind;
        }
    }

    fn name(&mut self, at: usize, name: &[String], behind: usize, part: &Part, sources: &Sources) {
        let in_part = behind < part.end;
        if let Some(target) = sources.changed.get(&at) {
            return self.column(at, &name[0], &sources.targets[*target..=*target]);
        }
        // `insert into t as x (…)`
        let list = if self.tokens.follows(at, &["into"]) && self.tokens.is(behind, &["as"]) { behind + 2 } else { behind };
        if let [schema, relation] = name
            && self.tokens.follows(at, &["into"])
            && list < part.end
            && self.tokens.is_kind(list, TokenKind::LeftParenthesis)
            && let Some(columns) = self.declared.columns(schema, relation)
        {
            let list = list + 1..self.tokens.behind(list, part.end).saturating_sub(1);
            return self.listed_columns(&list, &format!("{schema}.{relation}"), &columns);
        }
        if in_part && self.tokens.is_kind(behind, TokenKind::LeftParenthesis) {
            return;
        }
        match name {
            [name] => self.bare(at, name, part, sources),
            [qualifier, column] => {
                let Some(relations) = sources.relations.get(qualifier).filter(|_| !sources.vague.contains(qualifier)) else {
                    if let Some(fields) = self.records.get(qualifier).filter(|fields| !sources.own.contains(qualifier) && !fields.contains(column)) {
                        let what = What::Field(qualifier.clone(), fields.iter().cloned().collect());
                        return self.tell(&(behind - 1..behind), column, what);
                    }
                    let is_row = self.variables.contains(qualifier) || SPECIAL.contains(&qualifier.as_str());
                    return if is_row { self.looked.known += 1 } else { self.looked.unresolved += 1 };
                };
                self.column(behind - 1, column, relations);
            }
            [schema, relation, column] => match self.declared.columns(schema, relation) {
                Some(columns) => self.column(behind - 1, column, &[(format!("{schema}.{relation}"), columns)]),
                None => self.looked.unresolved += 1,
            },
            _ => self.looked.unresolved += 1,
        }
    }

    fn listed_columns(&mut self, list: &Part, relation: &str, columns: &[String]) {
        for at in list.clone() {
            if let Some(name) = self.tokens.name(at).filter(|_| !self.tokens.follows_kind(at, TokenKind::Dot)) {
                self.column(at, &name, &[(relation.to_owned(), columns.to_vec())]);
            }
        }
    }

    fn column(&mut self, at: usize, column: &str, relations: &[(String, Vec<String>)]) {
        let has = |columns: &[String]| columns.iter().any(|known| known == column) || SYSTEM_COLUMNS.contains(&column);
        if relations.iter().any(|(_, columns)| has(columns)) {
            return self.looked.known += 1;
        }
        if let Some((relation, columns)) = relations.first() {
            self.tell(&(at..at + 1), column, What::Column(relation.clone(), columns.clone()));
        }
    }

    fn bare(&mut self, at: usize, name: &str, part: &Part, sources: &Sources) {
        let columns = || sources.relations.values().flatten().flat_map(|(_, columns)| columns.iter().map(String::as_str));
        let is_known = self.variables.contains(name)
            || SPECIAL.contains(&name)
            || sources.own.contains(name)
            || sources.relations.contains_key(name)
            || columns().any(|column| column == name);
        if is_known {
            return self.looked.known += 1;
        }
        let word = self.tokens.word(at);
        let is_keyword = word.as_ref().is_some_and(|word| keyword::find(word).is_some() || builtin::VALUE_FUNCTIONS.contains(&word.as_str()));
        let next = at + 1;
        let is_named_argument = next < part.end && matches!(self.tokens.kind(next), Some(TokenKind::EqualsGreater | TokenKind::ColonEquals));
        let is_typed = next < part.end && self.tokens.kind(next).is_some_and(TokenKind::is_string);
        let has_own_meaning = self.tokens.follows(at, &["as", "constraint", "collate", "nothing", "of", "window", "over", "type", "savepoint"]);
        // `extract(epoch from x)`
        let is_field = self.tokens.is(next, &["from"]) && self.tokens.follows_kind(at, TokenKind::LeftParenthesis);
        let names_relation = self.tokens.follows(at, &["into", "from", "join", "update"]) && !sources.before_values.contains(&(at - 1));
        if is_keyword || is_named_argument || is_typed || has_own_meaning || is_field || names_relation {
            return;
        }
        if sources.is_open {
            return self.looked.unresolved += 1;
        }
        let known = self.variables.iter().map(String::as_str).chain(columns()).map(str::to_owned).collect();
        self.tell(&(at..at + 1), name, What::Name(known));
    }

    /// Functions, and how many arguments they take.
    fn calls(&mut self, part: &Part) {
        for action in actions(self.tokens, part) {
            let Action::Call { bytes, name } = action else { continue };
            if let [name] = name.as_slice() {
                self.looked.unknown.push(Unknown { bytes, name: name.clone(), what: What::Function });
            }
        }
        for at in part.clone() {
            let Some((name, behind)) = self.tokens.dotted(at, part.end).filter(|_| !self.tokens.follows_kind(at, TokenKind::Dot)) else { continue };
            let [schema, function] = name.as_slice() else { continue };
            if behind >= part.end || !self.tokens.is_kind(behind, TokenKind::LeftParenthesis) || self.tokens.follows(at, &["into"]) {
                continue;
            }
            let Some(count) = self.arguments(behind, part.end) else { continue };
            match self.declared.accepts(schema, function, count) {
                Some(true) => {
                    self.looked.known += 1;
                    self.named_arguments(behind, part.end, schema, function);
                }
                Some(false) => self.tell(&(at..behind), &name.join("."), What::Arguments(count)),
                None => {}
            }
        }
    }

    /// `name => value` and `name := value` in the parentheses of a call.
    fn named_arguments(&mut self, open: usize, end: usize, schema: &str, function: &str) {
        let inside = open + 1..self.tokens.behind(open, end).saturating_sub(1);
        let mut depth = 0;
        let mut known = None;
        for at in inside {
            depth += self.tokens.turn(at);
            let is_named = depth == 0 && matches!(self.tokens.kind(at + 1), Some(TokenKind::EqualsGreater | TokenKind::ColonEquals));
            let Some(name) = self.tokens.name(at).filter(|_| is_named) else { continue };
            let Some(known) = known.get_or_insert_with(|| self.declared.arguments(schema, function)) else { return };
            if known.contains(&name) {
                self.looked.known += 1;
            } else {
                let what = What::Argument(format!("{schema}.{function}"), known.clone());
                self.tell(&(at..at + 1), &name, what);
            }
        }
    }

    /// How many arguments stand in the parentheses; `None` where that is not told by commas.
    fn arguments(&self, open: usize, end: usize) -> Option<usize> {
        let close = self.tokens.behind(open, end).saturating_sub(1);
        let inside = open + 1..close;
        if inside.is_empty() {
            return Some(0);
        }
        let mut depth = 0;
        let mut commas = 0;
        for at in inside {
            depth += self.tokens.turn(at);
            if depth == 0 && self.tokens.is(at, &["variadic", "order", "distinct", "all"]) {
                return None;
            }
            commas += usize::from(depth == 0 && self.tokens.is_kind(at, TokenKind::Comma));
        }
        Some(commas + 1)
    }

    /// A type without a schema that PostgreSQL does not have; those with one are looked up elsewhere.
    fn data_type(&mut self, at: usize, end: usize) {
        let at = at + usize::from(self.tokens.is(at, &["constant", "setof"]));
        let Some(name) = self.tokens.name(at).filter(|_| at < end && !self.tokens.is_kind(at + 1, TokenKind::Dot)) else { return };
        let refers = self.tokens.is_operator(at + 1, &["%"]);
        let is_word =
            self.tokens.word(at).is_some_and(|word| keyword::find(&word).is_some() || ["alias", "record", "refcursor"].contains(&word.as_str()));
        if refers || is_word || builtin::type_kind(&name).is_some() || TypeName::parse(&name).is_ok_and(|ty| ty.is_builtin()) {
            return self.looked.known += 1;
        }
        self.tell(&(at..at + 1), &name, What::Type);
    }
}
