//! References to tables, columns, types and functions.

use std::collections::BTreeSet;

use super::{Lowering, Names, Relation, RelationColumn, Routine, TypeForm};
use crate::catalog::{Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::Kind;
use crate::source::Span;
use crate::spec::Text;
use crate::sql::type_name::TypeName;

/// Where a type stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeUse {
    /// Holds values: a column, attribute, argument.
    Column,
    /// The result of a function, which may also be `void` or `trigger`.
    Result,
    /// What a function returns any number of: values, or rows.
    Rows,
}

/// A type that exists.
#[derive(Debug, Clone)]
pub struct ResolvedType {
    /// As PostgreSQL's `format_type` prints it, with the schema.
    pub text: String,
    pub name: TypeName,
    pub base: TypeBase,
}

/// What is known of a type's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeBase {
    Builtin,
    /// Its values.
    Enum(Vec<String>),
    /// A domain, composite, row or foreign type: PostgreSQL decides.
    Other,
}

impl<'a> Lowering<'a> {
    /// A type by name; adds what it needs.
    pub fn type_reference(&mut self, written: &Text, place: TypeUse, needs: &mut BTreeSet<Id>) -> Option<ResolvedType> {
        let parsed = match place {
            TypeUse::Column | TypeUse::Rows => TypeName::parse_column(&written.value),
            TypeUse::Result => TypeName::parse(&written.value),
        };
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(problem) => {
                let span = self.sources.inside(written, problem.range);
                let diagnostic = Diagnostic::error(&codes::BAD_TYPE, problem.message, span);
                self.report(problem.help.into_iter().fold(diagnostic, Diagnostic::help));
                return None;
            }
        };
        let names: &'a Names = self.names;
        let bare = parsed.schema.iter().chain([&parsed.name]).map(String::as_str).collect::<Vec<_>>().join(".");
        let Some((name, declared)) = names.find_type(parsed, &self.default_schema) else {
            self.unknown_type(&bare, written.span);
            return None;
        };
        let base = match declared.map(|declared| &declared.form) {
            None if name.is_builtin() => {
                self.namesake_of_postgresql(written, place, &name);
                TypeBase::Builtin
            }
            Some(TypeForm::Enum(values)) => TypeBase::Enum(values.clone()),
            _ => TypeBase::Other,
        };
        match declared {
            Some(declared) => needs.extend(declared.id.clone()),
            None => {
                let row = QualifiedName::new(name.schema.clone().unwrap_or_default(), name.name.as_str());
                needs.extend(names.relation(&row).filter(|relation| !relation.external).map(|relation| relation.id.clone()));
            }
        }
        Some(ResolvedType { text: name.to_string(), name, base })
    }

    /// A type of PostgreSQL is written without its schema, and the spec has one of that name: whoever wrote it can have meant either. Rows of a
    /// table are meant in results alone; elsewhere its name is that of the type, as in a column of type `text` beside a table `text`.
    fn namesake_of_postgresql(&mut self, written: &Text, place: TypeUse, builtin: &TypeName) {
        let names: &'a Names = self.names;
        if names.namesakes.is_empty() {
            return;
        }
        let Some(bare) = TypeName::bare_name(&written.value).filter(|bare| names.namesakes.contains(bare.as_str())) else { return };
        let name = QualifiedName::new(self.default_schema.as_str(), bare.as_str());
        let relation = names.relation(&name).filter(|_| place != TypeUse::Column).map(|relation| (relation.id.to_string(), relation.span));
        let declared =
            names.types.get(&name).map(|declared| (declared.id.as_ref().map_or_else(|| format!("type {name}"), Id::to_string), declared.span));
        let Some((what, span)) = declared.or(relation) else { return };
        let message = format!("`{bare}` means the type of PostgreSQL here, and {what} has its name");
        let own = TypeName { schema: Some(name.schema.to_string()), name: bare.clone(), modifiers: Vec::new(), ..builtin.clone() };
        let help = format!("write `{own}`, or `{}` for that of PostgreSQL", builtin.qualified());
        self.report(Diagnostic::error(&codes::AMBIGUOUS_NAME, message, written.span).label(span, "declared here").help(help));
    }

    pub(super) fn unknown_type(&mut self, name: &str, span: Span) {
        let known: Vec<String> = self.names.types.keys().flat_map(|name| [name.name.to_string(), name.to_string()]).collect();
        let known = known.iter().map(String::as_str).chain(crate::sql::builtin::type_names().map(|name: &str| name));
        let diagnostic = Diagnostic::error(&codes::UNKNOWN_TYPE, format!("unknown type `{name}`"), span).suggest(name, known, None);
        self.report(diagnostic);
    }

    /// A table of the spec or of others; adds it to the needs unless others own it.
    pub fn table_reference(&mut self, written: &Text, needs: &mut BTreeSet<Id>) -> Option<&'a Relation> {
        let name = self.reference(written)?;
        let names: &'a Names = self.names;
        let relation = names.relation(&name);
        match relation {
            Some(relation) if !relation.external => {
                needs.insert(relation.id.clone());
            }
            Some(_) => {}
            None => self.unknown_relation(&written.value, written.span),
        }
        relation
    }

    /// A table of the spec: what others own is not changed.
    pub fn own_table_reference(&mut self, written: &Text, needs: &mut BTreeSet<Id>) -> Option<&'a Relation> {
        let relation = self.table_reference(written, needs)?;
        if relation.external {
            let message = format!("table `{}` belongs to the platform", relation.name);
            self.report(Diagnostic::error(&codes::NOT_OURS, message, written.span).help("what others own is referred to, never changed"));
            return None;
        }
        if relation.id.kind() != Kind::Table {
            let message = format!("`{}` is no table", relation.name);
            self.report(Diagnostic::error(&codes::UNKNOWN_TABLE, message, written.span).label(relation.span, "declared here"));
            return None;
        }
        Some(relation)
    }

    pub(super) fn unknown_relation(&mut self, name: &str, span: Span) {
        let known: Vec<String> = self.names.relation_suggestions().collect();
        let message = format!("unknown table or view `{name}`");
        self.report(Diagnostic::error(&codes::UNKNOWN_TABLE, message, span).suggest(name, known.iter().map(String::as_str), None));
    }

    /// Reads `name` or `schema.name`.
    pub fn reference(&mut self, written: &Text) -> Option<QualifiedName> {
        match Names::qualify(written, &self.default_schema) {
            Ok(name) => Some(name),
            Err(problem) => {
                let span = self.sources.inside(written, problem.range);
                self.report(Diagnostic::error(&codes::BAD_NAME, problem.message, span));
                None
            }
        }
    }

    /// A column of a relation.
    pub fn column_reference<'r>(&mut self, relation: &'r Relation, written: &Text) -> Option<&'r RelationColumn> {
        let found = relation.column(&written.value);
        if found.is_none() {
            self.unknown_column(relation, &written.value, written.span);
        }
        found
    }

    pub(super) fn unknown_column(&mut self, relation: &Relation, name: &str, span: Span) {
        let known = relation.columns.iter().map(|column| column.name.as_str());
        let message = format!("unknown column `{name}` of `{}`", relation.name);
        let diagnostic = Diagnostic::error(&codes::UNKNOWN_COLUMN, message, span).suggest(name, known, None);
        self.report(diagnostic.label(relation.span, "declared here"));
    }

    /// A function by its name alone: there must be exactly one.
    pub fn single_function(&mut self, written: &Text) -> Option<Id> {
        let routine = self.routine(written)?;
        let id = routine.id.clone();
        if id.is_none() {
            let message = format!("function `{}` belongs to the platform", written.value);
            self.report(Diagnostic::error(&codes::NOT_OURS, message, written.span));
        }
        id
    }

    fn routine(&mut self, written: &Text) -> Option<&'a Routine> {
        let name = self.reference(written)?;
        let names: &'a Names = self.names;
        match names.functions.get(&name).map(Vec::as_slice) {
            Some([routine]) => Some(routine),
            Some([first, ..]) => {
                let message = format!("`{}` means several functions", written.value);
                self.report(Diagnostic::error(&codes::AMBIGUOUS_NAME, message, written.span).label(first.span, "one of them is declared here"));
                None
            }
            _ => {
                self.unknown_function(&name.to_string(), written.span);
                None
            }
        }
    }

    pub(super) fn unknown_function(&mut self, name: &str, span: Span) {
        let known: Vec<String> = self.names.functions.keys().flat_map(|name| [name.name.to_string(), name.to_string()]).collect();
        let known = known.iter().map(String::as_str).chain(crate::sql::builtin::function_names().map(|name: &str| name));
        let message = format!("unknown function `{name}`");
        self.report(Diagnostic::error(&codes::UNKNOWN_FUNCTION, message, span).suggest(name, known, None));
    }

    /// A function of the spec that can be called without arguments.
    pub fn callable_without_arguments(&mut self, written: &Text, needs: &mut BTreeSet<Id>) -> Option<QualifiedName> {
        let name = self.reference(written)?;
        let routine = self.routine(written)?;
        if !routine.accepts(0) {
            let message = format!("function `{}` cannot be called without arguments", written.value);
            self.report(Diagnostic::error(&codes::WRONG_ARGUMENTS, message, written.span).label(routine.span, "declared here"));
            return None;
        }
        needs.extend(routine.id.clone());
        Some(name)
    }

    /// The trigger function of a name.
    pub fn trigger_function(&mut self, written: &Text, needs: &mut BTreeSet<Id>) -> Option<QualifiedName> {
        let name = self.reference(written)?;
        let routine = self.routine(written)?;
        let is_trigger = matches!(&routine.returns, TypeForm::Named(ty) if ty == "trigger");
        if !is_trigger {
            let message = format!("`{}` is no trigger function", written.value);
            let diagnostic = Diagnostic::error(&codes::WRONG_ARGUMENTS, message, written.span).label(routine.span, "declared here");
            self.report(diagnostic.help("a trigger function has effect `trigger` and returns `trigger`"));
            return None;
        }
        needs.extend(routine.id.clone());
        Some(name)
    }
}
