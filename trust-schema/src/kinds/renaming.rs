//! Names that objects get: what PostgreSQL does with everything that knows an object, when the object is renamed.
//!
//! PostgreSQL keeps references, not names, in tables, views, policies, checks, defaults and indexes: they follow. Texts do not: bodies of
//! functions, jobs of pg_cron. A text of a spec is changed here only where PostgreSQL would print the same in the end; where that is not sure it
//! stays, and is found to differ from the new one.

mod selection;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Kind;
use crate::catalog::{Expression, Id, QualifiedName};
use crate::sql::identifier::{parse_reference, quote};
use crate::sql::lexer::{self, Token, TokenKind};
use crate::sql::{quoted, value};

/// Kinds whose names are of one set in a schema.
pub const RELATIONS: [Kind; 7] = [Kind::Table, Kind::View, Kind::Sequence, Kind::Index, Kind::Enum, Kind::Domain, Kind::Composite];

/// Old names and new ones.
#[derive(Debug, Clone, Default)]
pub struct Renaming {
    pub schemas: FxHashMap<String, String>,
    /// Tables, views, sequences and types, which share one set of names.
    pub relations: FxHashMap<QualifiedName, QualifiedName>,
    pub functions: FxHashMap<QualifiedName, QualifiedName>,
    /// By relation; attributes by composite type, which are of the same set of names.
    pub columns: FxHashMap<QualifiedName, Vec<(String, String)>>,
    /// What domains are made of.
    pub bases: FxHashMap<QualifiedName, String>,
    /// Old names of attributes, for values of which nobody knows the type.
    pub attributes: FxHashSet<String>,
    /// By enum.
    pub values: FxHashMap<QualifiedName, Vec<(String, String)>>,
    /// Identities that changed with all that.
    pub ids: FxHashMap<Id, Id>,
    /// Whether a name that something had becomes that of something else: a text that stays is then another one.
    pub reuses: bool,
    /// The columns of relations and the attributes of composite types with their data types, for texts that name them alone.
    pub columns_of: FxHashMap<QualifiedName, BTreeMap<String, String>>,
}

impl Renaming {
    pub fn schema(&self, schema: &mut String) {
        if let Some(new) = self.schemas.get(schema) {
            schema.clone_from(new);
        }
    }

    /// A new name in its schema as that was called.
    pub fn schema_before(&self, name: &QualifiedName) -> QualifiedName {
        let old = self.schemas.iter().find(|(_, new)| new.as_str() == &*name.schema);
        old.map_or_else(|| name.clone(), |(old, _)| QualifiedName::new(old.as_str(), name.name.clone()))
    }

    /// What a relation was called, whose new name is given.
    pub fn relation_before(&self, name: &QualifiedName) -> QualifiedName {
        let old = self.relations.iter().find(|(_, new)| *new == name);
        old.map_or_else(|| self.schema_before(name), |(old, _)| old.clone())
    }

    fn in_schema(&self, name: &QualifiedName) -> Option<QualifiedName> {
        self.schemas.get(&*name.schema).map(|schema| QualifiedName::new(schema.as_str(), name.name.clone()))
    }

    fn new_relation(&self, name: &QualifiedName) -> Option<QualifiedName> {
        self.relations.get(name).cloned().or_else(|| self.in_schema(name))
    }

    fn new_function(&self, name: &QualifiedName) -> Option<QualifiedName> {
        self.functions.get(name).cloned().or_else(|| self.in_schema(name))
    }

    /// A table, view, sequence or type.
    pub fn relation(&self, name: &mut QualifiedName) {
        if let Some(new) = self.new_relation(name) {
            *name = new;
        }
    }

    pub fn function(&self, name: &mut QualifiedName) {
        if let Some(new) = self.new_function(name) {
            *name = new;
        }
    }

    /// A column of a relation or an attribute of a composite type, whose old name is given.
    pub fn column(&self, table: &QualifiedName, column: &mut String) {
        if let Some((_, new)) = self.columns.get(table).into_iter().flatten().find(|(old, _)| old == column) {
            column.clone_from(new);
        }
    }

    pub fn columns(&self, table: &QualifiedName, columns: &mut [String]) {
        columns.iter_mut().for_each(|column| self.column(table, column));
    }

    pub fn id(&self, id: &mut Id) {
        if let Some(new) = self.ids.get(id) {
            *id = new.clone();
        }
    }

    /// A data type as it is written in the Catalog.
    pub fn data_type(&self, text: &mut String) {
        if let Some(new) = self.rewritten(text, &[]) {
            *text = new;
        }
    }

    /// An expression or query of an object that has to do with these relations.
    pub fn expression(&self, expression: &mut Expression, related: &[QualifiedName]) {
        if let Some(new) = self.rewritten(expression.text(), related) {
            *expression = Expression::checked(new);
        }
    }

    /// The text with new names; `None` where it stays.
    fn rewritten(&self, text: &str, related: &[QualifiedName]) -> Option<String> {
        let tokens = lexer::lex(text).tokens;
        let reader = Reader { text, tokens: &tokens, renaming: self, related, selects: selects(text, &tokens), query: query(text, &tokens) };
        let Some(edits) = reader.edits() else {
            // It must not pass for the text that says the same of other things: in parentheses it says what it said, and differs.
            return self.reuses.then(|| format!("(({text}))"));
        };
        let mut new = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end, replacement) in &edits {
            new.push_str(text.get(done..*start)?);
            new.push_str(replacement);
            done = *end;
        }
        new.push_str(text.get(done..)?);
        (!edits.is_empty()).then_some(new)
    }
}

/// How many queries a text holds; a WITH counts for one more.
fn selects(text: &str, tokens: &[Token]) -> usize {
    tokens.iter().filter(|token| token.is_word(text, "select") || token.is_word(text, "with") || token.is_word(text, "union")).count()
}

/// The tokens of the first query within an expression; none where the text is a query itself, or has none.
fn query(text: &str, tokens: &[Token]) -> Option<Range<usize>> {
    let first = tokens.iter().position(|token| token.is_word(text, "select") || token.is_word(text, "with")).filter(|first| *first > 0)?;
    let mut depth = 0_usize;
    let behind = tokens.iter().skip(first).position(|token| match token.kind {
        TokenKind::LeftParenthesis => {
            depth += 1;
            false
        }
        TokenKind::RightParenthesis if depth == 0 => true,
        TokenKind::RightParenthesis => {
            depth -= 1;
            false
        }
        _ => false,
    });
    Some(first..behind.map_or(tokens.len(), |behind| first + behind))
}

/// Words that follow a relation in a query and are no alias of it.
const NO_ALIAS: [&str; 22] = [
    "where",
    "group",
    "order",
    "limit",
    "offset",
    "on",
    "using",
    "join",
    "left",
    "right",
    "inner",
    "full",
    "cross",
    "natural",
    "union",
    "intersect",
    "except",
    "having",
    "window",
    "for",
    "fetch",
    "tablesample",
];

/// Functions whose argument is the name of a sequence.
const OF_SEQUENCES: [&str; 3] = ["nextval", "currval", "setval"];

struct Reader<'r> {
    text: &'r str,
    tokens: &'r [Token],
    renaming: &'r Renaming,
    related: &'r [QualifiedName],
    selects: usize,
    query: Option<Range<usize>>,
}

type Edit = (usize, usize, String);

impl Reader<'_> {
    /// Places to be changed; `None` where it is not sure that PostgreSQL would print the same.
    fn edits(&self) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        let mut place = 0;
        while let Some(token) = self.tokens.get(place) {
            if self.renaming.reuses && (self.is_value_of_unknown_type(place) || self.is_star(place)) {
                return None;
            }
            if token.kind.is_string() {
                edits.extend(self.string(place, *token));
                place += 1;
                continue;
            }
            let chain = self.chain(place);
            if chain.is_empty() {
                place += 1;
                continue;
            }
            let behind = place + 2 * chain.len() - 1;
            self.names(place, behind, &chain, &mut edits)?;
            place = behind;
        }
        Some(edits)
    }

    fn name(&self, place: usize) -> Option<String> {
        let token = self.tokens.get(place)?;
        value::identifier(token.kind, token.text(self.text))?.ok()
    }

    /// `a`, `a.b`, `a.b.c`: the names from here on.
    fn chain(&self, place: usize) -> Vec<String> {
        let mut names: Vec<String> = self.name(place).into_iter().collect();
        while !names.is_empty() && self.is_kind(place + 2 * names.len() - 1, TokenKind::Dot) {
            let Some(next) = self.name(place + 2 * names.len()) else { break };
            names.push(next);
        }
        names
    }

    fn is_kind(&self, place: usize, kind: TokenKind) -> bool {
        self.tokens.get(place).is_some_and(|token| token.kind == kind)
    }

    fn is_word(&self, place: usize, word: &str) -> bool {
        self.tokens.get(place).is_some_and(|token| token.is_word(self.text, word))
    }

    fn edit(&self, from: usize, to: usize, replacement: String) -> Option<Edit> {
        Some((self.tokens.get(from)?.start, self.tokens.get(to)?.end, replacement))
    }

    fn names(&self, place: usize, behind: usize, chain: &[String], edits: &mut Vec<Edit>) -> Option<()> {
        let calls = self.is_kind(behind, TokenKind::LeftParenthesis);
        let is_type = place.checked_sub(1).is_some_and(|before| self.is_kind(before, TokenKind::TypeCast));
        if let Some(value) = self.selected_from(place) {
            edits.extend(self.selected(place, value, chain)?);
            return Some(());
        }
        match chain {
            [schema, name, rest @ ..] => {
                let qualified = QualifiedName::new(schema.as_str(), name.as_str());
                let new = if calls && rest.is_empty() { self.renaming.new_function(&qualified) } else { self.renaming.new_relation(&qualified) };
                if let Some(new) = new {
                    // Without an alias, the old name goes on being one.
                    let in_query = self.selects > 0 && !is_type && !calls && new.name != qualified.name;
                    if in_query && !self.has_alias(behind) {
                        return None;
                    }
                    edits.push(self.edit(place, place + 2, new.to_string())?);
                    if let [column] = rest {
                        let mut renamed = column.clone();
                        self.renaming.column(&qualified, &mut renamed);
                        if renamed != *column {
                            edits.push(self.edit(place + 4, place + 4, quote(&renamed).into_owned())?);
                        }
                    }
                } else if let [column] = rest {
                    let mut renamed = column.clone();
                    self.renaming.column(&qualified, &mut renamed);
                    if renamed != *column {
                        edits.push(self.edit(place + 4, place + 4, quote(&renamed).into_owned())?);
                    }
                } else if rest.is_empty() && !calls && !is_type {
                    edits.extend(self.column(place + 2, name)?);
                }
                Some(())
            }
            [name] => {
                let is_alias = place.checked_sub(1).is_some_and(|before| self.is_word(before, "as"));
                let is_argument = self.is_kind(behind, TokenKind::EqualsGreater);
                if !calls && !is_type && !is_argument {
                    let edit = self.column(place, name)?;
                    if edit.is_some() && is_alias {
                        return None;
                    }
                    edits.extend(edit);
                }
                Some(())
            }
            [] => Some(()),
        }
    }

    fn has_alias(&self, behind: usize) -> bool {
        if self.is_word(behind, "as") {
            return true;
        }
        let word = self.tokens.get(behind).filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedName));
        word.is_some_and(|word| !NO_ALIAS.iter().any(|keyword| word.is_word(self.text, keyword)))
    }

    /// In a query within a query, or within an expression, the old name goes on being the name of a result.
    fn can_name_a_result(&self, place: usize) -> bool {
        self.selects > 1 || self.query.as_ref().is_some_and(|query| query.contains(&place))
    }

    /// A name that can be that of a renamed column: `Some(None)` where it is none, `None` where nobody can tell.
    fn column(&self, place: usize, name: &str) -> Option<Option<Edit>> {
        let renamed = |table: &QualifiedName| self.renaming.columns.get(table).into_iter().flatten().find(|(old, _)| old == name);
        let mut found = self.related.iter().filter_map(|table| Some((table, renamed(table)?)));
        let Some((table, (old, new))) = found.next() else { return Some(None) };
        let has =
            |other: &QualifiedName| self.renaming.columns_of.get(other).is_none_or(|columns| columns.contains_key(old) || columns.contains_key(new));
        if self.can_name_a_result(place) || self.related.iter().any(|other| other != table && has(other)) {
            return None;
        }
        Some(self.edit(place, place, quote(new).into_owned()))
    }

    /// A string that can be a value of an enum: what is compared with it tells, and it is not written beside it.
    fn is_value_of_unknown_type(&self, place: usize) -> bool {
        let Some(token) = self.tokens.get(place).filter(|token| token.kind.is_string()) else { return false };
        let Some(Ok(written)) = value::string(token.kind, token.text(self.text)) else { return false };
        let cast = if self.is_kind(place + 1, TokenKind::TypeCast) { self.chain(place + 2) } else { Vec::new() };
        let is_known = match cast.as_slice() {
            [schema, name] => self.renaming.values.contains_key(&QualifiedName::new(schema.as_str(), name.as_str())),
            [_] => true,
            _ => false,
        };
        !is_known && self.renaming.values.values().flatten().any(|(old, _)| *old == written)
    }

    /// All columns, by their names of that time.
    fn is_star(&self, place: usize) -> bool {
        let is_star = self.tokens.get(place).is_some_and(|token| token.text(self.text) == "*");
        is_star
            && place.checked_sub(1).is_some_and(|before| {
                self.is_word(before, "select") || self.is_kind(before, TokenKind::Comma) || self.is_kind(before, TokenKind::Dot)
            })
    }

    /// A value of an enum, or a relation that a string names.
    fn string(&self, place: usize, token: Token) -> Option<Edit> {
        let written = value::string(token.kind, token.text(self.text))?.ok()?;
        let is_cast = self.is_kind(place + 1, TokenKind::TypeCast);
        let target = if is_cast { self.chain(place + 2) } else { Vec::new() };
        if let [schema, name] = target.as_slice()
            && let Some(values) = self.renaming.values.get(&QualifiedName::new(schema.as_str(), name.as_str()))
        {
            let (_, new) = values.iter().find(|(old, _)| *old == written)?;
            return self.edit(place, place, quoted::quoted(new));
        }
        let of_sequence = place.checked_sub(2).is_some_and(|before| {
            self.is_kind(before + 1, TokenKind::LeftParenthesis) && OF_SEQUENCES.iter().any(|function| self.is_word(before, function))
        });
        if !of_sequence && target.last().is_none_or(|ty| ty != "regclass") {
            return None;
        }
        let (schema, name) = parse_reference(&written).ok()?;
        let new = self.renaming.new_relation(&QualifiedName::new(schema?, name))?;
        self.edit(place, place, quoted::quoted(&new.to_string()))
    }
}

/// The relations that an object has to do with: what it belongs to, and what it needs.
pub fn related(parents: &[Id], needs: &BTreeSet<Id>) -> Vec<QualifiedName> {
    let relations = parents.iter().chain(needs).filter(|id| matches!(id.kind(), Kind::Table | Kind::View));
    relations.filter_map(|id| parse_reference(id.name()).ok()).filter_map(|(schema, name)| Some(QualifiedName::new(schema?, name))).collect()
}
