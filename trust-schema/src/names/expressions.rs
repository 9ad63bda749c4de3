//! SQL that authors write: contained, parsed, and every name in it resolved.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Lowering, Scope};
use crate::catalog::{Expression, Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes, counted};
use crate::kinds::function::Language;
use crate::source::Span;
use crate::spec::{Entries, Text};
use crate::sql::bare_names::BareName;
use crate::sql::body::{self, Body};
use crate::sql::builtin;
use crate::sql::expression::{self, Expression as Parsed};
use crate::sql::fragment;
use crate::sql::query::{self, Query};
use crate::sql::raise::{Level, Raise};

/// How many expressions of a module are kept for reuse: what is repeated comes early, and trees are large.
const PARSED_AT_MOST: usize = 256;

/// What a body does, as far as its text says.
#[derive(Debug, Clone, Default)]
pub struct ReadBody {
    /// Functions of the spec that it calls.
    pub calls: BTreeSet<Id>,
    /// Names of the errors that it raises.
    pub raises: BTreeSet<String>,
    /// The block itself, without what stands around it; empty for a body in SQL.
    pub block: Range<usize>,
    /// Where it changes data, or runs a text as SQL.
    pub writes: Option<Range<usize>>,
}

impl Lowering<'_> {
    /// The place of a part of a text.
    pub fn inside(&self, text: &Text, range: Range<usize>) -> Span {
        self.sources.inside(text, range)
    }

    fn report_sql(&mut self, text: &Text, problem: crate::sql::Error) {
        let span = self.sources.inside(text, problem.range);
        let diagnostic = Diagnostic::error(&codes::BAD_SQL, problem.message, span);
        self.report(problem.help.into_iter().fold(diagnostic, Diagnostic::help));
    }

    /// Whether a text stays an expression wherever it is put.
    pub fn contained(&mut self, text: &Text) -> bool {
        match fragment::check_expression(&text.value) {
            Ok(()) => true,
            Err(problems) => {
                problems.into_iter().for_each(|problem| self.report_sql(text, problem));
                false
            }
        }
    }

    /// Exactly one expression, every name of which exists.
    pub fn expression(&mut self, text: &Text, scope: &Scope<'_>, needs: &mut BTreeSet<Id>) -> Option<Expression> {
        let parsed = self.parse(text)?;
        let exists = self.resolve_references(text, expression::references(&parsed), scope, needs);
        (exists && self.one_value(text, &parsed)).then(|| Expression::checked(text.value.trim()))
    }

    /// Whether a text is one expression; the names in it are looked at elsewhere.
    pub fn one_expression(&mut self, text: &Text) -> bool {
        if !self.contained(text) {
            return false;
        }
        let parsed = expression::parse(&text.value);
        parsed.map_err(|problem| self.report_sql(text, problem)).is_ok()
    }

    /// An expression over a single row: PostgreSQL takes no sub-query in checks, defaults, generated columns and indexes.
    pub fn row_expression(&mut self, text: &Text, scope: &Scope<'_>, needs: &mut BTreeSet<Id>) -> Option<Expression> {
        let parsed = self.parse(text)?;
        if expression::has_query(&parsed) {
            let diagnostic = Diagnostic::error(&codes::BAD_SQL, "a sub-query cannot stand here", text.span);
            self.report(diagnostic.help("PostgreSQL evaluates this for one row alone; a trigger can look at other rows"));
            return None;
        }
        self.expression(text, scope, needs)
    }

    /// Parses an expression, and tells what is wrong.
    pub(super) fn parse(&mut self, text: &Text) -> Option<Parsed> {
        match self.parsed(&text.value) {
            Ok(parsed) => Some(parsed),
            Err(problem) => {
                // The parser stops at the first problem; what a text contains is told completely.
                if self.contained(text) {
                    self.report_sql(text, problem);
                }
                None
            }
        }
    }

    /// Parses an expression. The same few (`now()`, `(select auth.uid())`) stand in many places of a spec: each text is parsed once.
    pub(super) fn parsed(&mut self, text: &str) -> Result<Parsed, crate::sql::Error> {
        if let Some(parsed) = self.output.parsed.get(text) {
            return Ok(parsed.clone());
        }
        let parsed = expression::parse(text)?;
        if self.output.parsed.len() < PARSED_AT_MOST {
            self.output.parsed.insert(text.to_owned(), parsed.clone());
        }
        Ok(parsed)
    }

    /// A SELECT with as many columns as are declared, every name of which exists.
    pub fn query(&mut self, text: &Text, columns: &Entries<Text>, needs: &mut BTreeSet<Id>) -> Option<Expression> {
        let query = self.parsed_query(text)?;
        let problem = match query.column_names() {
            None => Some("the query returns `*`: its columns would change with the table".to_owned()),
            Some(names) if names.len() != columns.len() => {
                Some(format!("the query returns {}, `columns` names {}", counted(names.len(), "column"), columns.len()))
            }
            Some(_) if query.locks_rows() => Some("the query of a view locks no rows".to_owned()),
            Some(_) => None,
        };
        if let Some(problem) = problem {
            let diagnostic = Diagnostic::error(&codes::BAD_SQL, problem, text.span);
            self.report(diagnostic.help("list the columns in the query and in `columns`, in the same order"));
            return None;
        }
        self.resolve_references(text, query.references(), &Scope::Nothing, needs).then(|| Expression::checked(text.value.trim()))
    }

    /// A SELECT, every name of which exists.
    pub fn any_query(&mut self, text: &Text, needs: &mut BTreeSet<Id>) -> Option<Expression> {
        let query = self.parsed_query(text)?;
        self.resolve_references(text, query.references(), &Scope::Nothing, needs).then(|| Expression::checked(text.value.trim()))
    }

    fn parsed_query(&mut self, text: &Text) -> Option<Query> {
        match query::parse_query(&text.value) {
            Ok(query) => Some(query),
            Err(problem) => {
                if self.contained(text) {
                    self.report_sql(text, problem);
                }
                None
            }
        }
    }

    /// Whole statements without transaction control, one by one.
    pub fn statements(&mut self, text: &Text) -> Option<Vec<String>> {
        match fragment::check_statements(&text.value) {
            Ok(statements) => Some(statements.iter().filter_map(|statement| text.value.get(statement.range.clone())).map(str::to_owned).collect()),
            Err(problems) => {
                problems.into_iter().for_each(|problem| self.report_sql(text, problem));
                None
            }
        }
    }

    /// The text of a file of the spec.
    pub fn file(&mut self, path: &Text) -> Option<Text> {
        let found = self.sources.find(&path.value).filter(|_| path.value.ends_with(".sql"));
        let Some((file, source)) = found else {
            let known: Vec<&str> = self.sources.iter().map(|(_, source)| source.path.as_str()).filter(|path| path.ends_with(".sql")).collect();
            let message = format!("the spec has no file `{}`", crate::spec::printable(&path.value));
            self.report(
                Diagnostic::error(&codes::UNKNOWN_NAME, message, path.span)
                    .suggest(&path.value, known, None)
                    .help("the path is relative to the spec's folder and ends in `.sql`"),
            );
            return None;
        };
        let span = Span::new(file, 0..source.text.len());
        let mut clean = Vec::new();
        let text = source.text.clone();
        let is_clean = crate::spec::Decoder::new(file, &mut clean).clean(&text, span);
        clean.into_iter().for_each(|diagnostic| self.report(diagnostic));
        is_clean.then(|| Text::new(text, span))
    }

    /// A function's body: exactly one block or whole statements; the functions that it calls and the errors that it raises. The SQL inside of a
    /// block is not looked at again where `is_released` says so of its bytes.
    pub fn body(
        &mut self,
        text: &Text,
        language: Language,
        is_released: impl FnOnce(Range<usize>) -> bool,
        needs: &mut BTreeSet<Id>,
    ) -> Option<ReadBody> {
        let checked = match language {
            Language::Plpgsql => body::check_plpgsql_unless(&text.value, is_released),
            Language::Sql => body::check_sql_body(&text.value),
        };
        let body = match checked {
            Ok(body) => body,
            Err(problems) => {
                problems.into_iter().for_each(|problem| self.report_sql(text, problem));
                return None;
            }
        };
        let mut read = ReadBody { block: body.block.clone(), writes: body::first_write(&text.value), ..ReadBody::default() };
        let referenced = self.body_references(text, &body, &mut read);
        // PL/pgSQL looks names up when a statement first runs; a body in SQL is analysed when the function is created.
        if language == Language::Sql {
            needs.extend(referenced);
        }
        for raise in &body.raises {
            self.raise(text, raise, &mut read);
        }
        Some(read)
    }

    /// Names with the schema of the spec in front of them must exist.
    fn body_references(&mut self, text: &Text, body: &Body, read: &mut ReadBody) -> BTreeSet<Id> {
        let mut referenced = BTreeSet::new();
        for reference in &body.references {
            let [schema, name, ..] = reference.parts.as_slice() else { continue };
            if !self.names.schemas.get(schema).is_some_and(|declared| !declared.external || schema == super::DEFAULT_SCHEMA) {
                continue;
            }
            let qualified = QualifiedName::new(schema.as_str(), name.as_str());
            let routines = self.names.functions.get(&qualified).map(Vec::as_slice).unwrap_or_default();
            let functions: Vec<Id> = routines.iter().filter_map(|routine| routine.id.clone()).collect();
            let relation = self.names.relations.get(&qualified).map(|relation| relation.id.clone());
            let ty = self.names.types.get(&qualified).and_then(|ty| ty.id.clone());
            let other = self.names.relation_names.contains_key(&qualified);
            if functions.is_empty() && relation.is_none() && ty.is_none() && !other {
                let span = self.sources.inside(text, reference.range.clone());
                let name = qualified.to_string();
                if reference.is_called {
                    self.unknown_function(&name, span)
                } else {
                    self.unknown_relation(&name, span)
                }
                continue;
            }
            if reference.is_called {
                read.calls.extend(functions.iter().cloned());
            }
            referenced.extend(functions.into_iter().chain(relation).chain(ty));
        }
        for bare in &body.bare_names {
            self.bare_name(text, bare);
        }
        referenced
    }

    /// A name of the spec without its schema: a function runs under a `search_path` in which it is not found.
    fn bare_name(&mut self, text: &Text, bare: &BareName) {
        let found = if bare.is_called {
            self.names.bare_functions.get(bare.name.as_str()).filter(|_| builtin::function(&bare.name).is_none())
        } else {
            self.names.bare_relations.get(bare.name.as_str()).filter(|_| !builtin::is_relation(&bare.name))
        };
        let Some(qualified) = found.map(ToString::to_string) else { return };
        let span = self.sources.inside(text, bare.range.clone());
        let what = if bare.is_called { "function" } else { "table or view" };
        let message = format!("{what} `{}` is named without its schema", bare.name);
        let diagnostic = Diagnostic::error(&codes::UNQUALIFIED_NAME, message, span).help(format!("write `{qualified}`"));
        self.report(if span == text.span { diagnostic } else { diagnostic.patch(span, qualified) });
    }

    /// An error that PostgREST would answer with a status of its own is one that the spec declares.
    fn raise(&mut self, text: &Text, raise: &Raise, read: &mut ReadBody) {
        if raise.level != Level::Exception || raise.is_again {
            return;
        }
        let span = self.sources.inside(text, raise.range.clone());
        let (sqlstate, message) = (raise.sqlstate.as_deref(), raise.message.as_deref());
        let declared = message.and_then(|message| self.names.errors.get(message).map(|(status, first)| (message, *status, *first)));
        match (sqlstate, declared) {
            (Some(sqlstate), Some((name, status, first))) => {
                read.raises.insert(name.to_owned());
                if sqlstate != format!("PT{status:03}") {
                    let message = format!("error `{name}` is raised with SQLSTATE {sqlstate}, but declared with status {status}");
                    self.report(Diagnostic::error(&codes::UNDECLARED_ERROR, message, span).label(first, "declared here"));
                }
            }
            (Some(sqlstate), None) if sqlstate.starts_with("PT") => {
                let Some(name) = message else {
                    let diagnostic =
                        Diagnostic::error(&codes::UNDECLARED_ERROR, format!("an error with SQLSTATE {sqlstate} has no constant message"), span);
                    self.report(
                        diagnostic.help("callers tell errors apart by the message: raise a declared error, and put what varies into `detail`"),
                    );
                    return;
                };
                let known = self.names.errors.keys().map(String::as_str).collect::<Vec<_>>();
                let diagnostic =
                    Diagnostic::error(&codes::UNDECLARED_ERROR, format!("error `{name}` is not declared"), span).suggest(name, known, None);
                self.report(diagnostic.help("declare it: `[error.<name>]`"));
            }
            // Errors of PostgreSQL's own classes need no declaration.
            _ => {}
        }
    }
}
