//! Every name in a fragment of SQL means something, and is written so that it means the same under any search path.

use std::collections::BTreeSet;

use super::{Lowering, Relation, Scope};
use crate::catalog::{Id, QualifiedName};
use crate::diagnostic::{Diagnostic, codes, counted};
use crate::source::Span;
use crate::spec::Text;
use crate::sql::builtin;
use crate::sql::references::{Candidate, ColumnReference, FunctionCall, References, RelationReference, Target, TypeReference};

/// Schemas of PostgreSQL itself, of whose relations nothing is known here.
const SYSTEM_SCHEMAS: [&str; 2] = ["pg_catalog", "information_schema"];
/// Columns that every table has (PostgreSQL: "System Columns").
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// What is known of a relation in a fragment.
#[derive(Clone, Copy)]
enum Known<'r> {
    Relation(&'r Relation),
    /// PostgreSQL's own: any column may exist.
    System,
    /// Unknown, and told so already.
    Missing,
}

impl<'a> Lowering<'a> {
    /// Resolves everything that a fragment refers to; whether all of it exists.
    pub(super) fn resolve_references(&mut self, text: &Text, references: &References, scope: &Scope<'_>, needs: &mut BTreeSet<Id>) -> bool {
        let before = self.output.diagnostics.len();
        let relations: Vec<Known<'a>> = references.relations.iter().map(|relation| self.resolve_relation(text, relation, needs)).collect();
        for column in &references.columns {
            self.resolve_column(text, column, &relations, scope);
        }
        for call in &references.functions {
            self.resolve_call(text, call, needs);
        }
        for ty in &references.types {
            self.resolve_type(text, ty, needs);
        }
        self.resolve_strings(text, needs);
        self.output.diagnostics.len() == before
    }

    fn resolve_relation(&mut self, text: &Text, reference: &RelationReference, needs: &mut BTreeSet<Id>) -> Known<'a> {
        let span = self.sources.inside(text, reference.range.clone());
        let Some(schema) = &reference.schema else {
            if builtin::is_relation(&reference.name) {
                return Known::System;
            }
            self.unqualified("table or view", &reference.name, span, |lowering, name| lowering.names.relations.contains_key(name));
            return Known::Missing;
        };
        if SYSTEM_SCHEMAS.contains(&schema.as_str()) {
            return Known::System;
        }
        let names = self.names;
        let name = QualifiedName::new(schema.as_str(), reference.name.as_str());
        match names.relation(&name) {
            Some(relation) => {
                if !relation.external {
                    needs.insert(relation.id.clone());
                }
                Known::Relation(relation)
            }
            None => {
                self.unknown_relation(&name.to_string(), span);
                Known::Missing
            }
        }
    }

    /// A bare name outside `pg_catalog`.
    fn unqualified(&mut self, what: &str, name: &str, span: Span, exists: impl Fn(&Self, &QualifiedName) -> bool) {
        let qualified = QualifiedName::new(self.default_schema.as_str(), name);
        if exists(self, &qualified) {
            let message = format!("{what} `{name}` is named without its schema");
            let diagnostic = Diagnostic::error(&codes::UNQUALIFIED_NAME, message, span).help(format!("write `{qualified}`"));
            // A string with escapes is shown as a whole: it is not what is to be replaced.
            self.report(if self.sources.text(span) == name { diagnostic.sure_patch(span, qualified.to_string()) } else { diagnostic });
            return;
        }
        match what {
            "function" => self.unknown_function(name, span),
            "type" => self.unknown_type(name, span),
            _ => self.unknown_relation(name, span),
        }
    }

    fn resolve_column(&mut self, text: &Text, column: &ColumnReference, relations: &[Known<'a>], scope: &Scope<'_>) {
        let span = self.sources.inside(text, column.range.clone());
        match &column.target {
            Target::Local => {}
            Target::Relation(index) => {
                if let Some(Known::Relation(relation)) = relations.get(*index)
                    && !has_column(relation, &column.column)
                {
                    self.unknown_column(relation, &column.column, span);
                }
            }
            Target::Outer => self.outer_column(column, span, scope),
            Target::Candidates(levels) => {
                let mut has = levels.iter().flatten().map(|candidate| match candidate {
                    Candidate::Relation(index) => match relations.get(*index) {
                        Some(Known::Relation(relation)) => has_column(relation, &column.column),
                        _ => true,
                    },
                    Candidate::Local | Candidate::Unknown | Candidate::WholeRow => true,
                });
                if !has.any(|has| has) {
                    self.outer_column(column, span, scope);
                }
            }
        }
    }

    /// A column of the row for which the fragment is evaluated.
    fn outer_column(&mut self, column: &ColumnReference, span: Span, scope: &Scope<'_>) {
        let qualifier: Vec<&str> = column.qualifier.iter().map(String::as_str).collect();
        let name = column.column.as_str();
        let problem = match (scope, qualifier.as_slice()) {
            (Scope::Value, []) if name == "value" => return,
            (Scope::Row(relation), []) if has_column(relation, name) || name == &*relation.name.name => return,
            (Scope::Row(relation), []) => return self.unknown_column(relation, name, span),
            (Scope::Row(relation), [table]) if *table == &*relation.name.name => return self.row_column(relation, name, span),
            (Scope::Row(relation), [schema, table]) if *table == &*relation.name.name && *schema == &*relation.name.schema => {
                return self.row_column(relation, name, span);
            }
            (Scope::OldAndNew(relation), ["old" | "new"]) => return self.row_column(relation, name, span),
            (Scope::OldAndNew(_), []) if matches!(name, "old" | "new") => return,
            (Scope::Arguments(arguments), []) if arguments.iter().any(|(argument, _)| argument == name) => return,
            (Scope::Nothing, []) => "no column can be named here".to_owned(),
            (Scope::Value, _) => "only `value` can be named here".to_owned(),
            (Scope::OldAndNew(_), []) => format!("write `old.{name}` or `new.{name}`"),
            (Scope::Arguments(arguments), []) => {
                let known = arguments.iter().map(|(argument, _)| format!("`{argument}`")).collect::<Vec<_>>().join(", ");
                if known.is_empty() { "the function has no arguments".to_owned() } else { format!("arguments: {known}") }
            }
            _ => format!("`{}` stands for no table here", qualifier.join(".")),
        };
        let message = format!("unknown column `{}`", column.qualifier.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("."));
        self.report(Diagnostic::error(&codes::UNKNOWN_COLUMN, message, span).help(problem));
    }

    fn row_column(&mut self, relation: &Relation, name: &str, span: Span) {
        if !has_column(relation, name) {
            self.unknown_column(relation, name, span);
        }
    }

    fn resolve_call(&mut self, text: &Text, call: &FunctionCall, needs: &mut BTreeSet<Id>) {
        let span = self.sources.inside(text, call.range.clone());
        let schema = call.schema.as_deref().filter(|schema| *schema != "pg_catalog");
        let Some(schema) = schema else {
            match builtin::function(&call.name) {
                Some(function) if function.accepts(call.arguments) || call.is_star || call.is_in_from => {}
                Some(_) => self.wrong_count(&call.name, call.arguments, span, None),
                None if builtin::is_syntax_function(&call.name) => {}
                None => self.unqualified("function", &call.name, span, |lowering, name| lowering.names.functions.contains_key(name)),
            }
            return;
        };
        let names = self.names;
        let name = QualifiedName::new(schema, call.name.as_str());
        let Some(routines) = names.functions.get(&name) else { return self.unknown_function(&name.to_string(), span) };
        let fitting: Vec<_> = routines.iter().filter(|routine| routine.accepts(call.arguments)).collect();
        if fitting.is_empty() {
            return self.wrong_count(
                &name.to_string(),
                call.arguments,
                span,
                routines.first().filter(|routine| !routine.external).map(|routine| routine.span),
            );
        }
        needs.extend(fitting.iter().filter_map(|routine| routine.id.clone()));
    }

    fn wrong_count(&mut self, name: &str, given: usize, span: Span, declared: Option<Span>) {
        let message = format!("no function `{name}` takes {}", counted(given, "argument"));
        let diagnostic = Diagnostic::error(&codes::WRONG_ARGUMENTS, message, span);
        self.report(match declared {
            Some(declared) => diagnostic.label(declared, "declared here"),
            None => diagnostic,
        });
    }

    fn resolve_type(&mut self, text: &Text, reference: &TypeReference, needs: &mut BTreeSet<Id>) {
        let ty = &reference.type_name;
        if ty.is_builtin() {
            return;
        }
        let span = self.sources.inside(text, reference.range.clone());
        let Some(schema) = &ty.schema else {
            return self.unqualified("type", &ty.name, span, |lowering, name| lowering.names.types.contains_key(name));
        };
        let name = QualifiedName::new(schema.as_str(), ty.name.as_str());
        let names = self.names;
        match (names.types.get(&name), names.relation(&name)) {
            (Some(declared), _) => needs.extend(declared.id.clone()),
            (None, Some(relation)) if !relation.external => {
                needs.insert(relation.id.clone());
            }
            (None, Some(_)) => {}
            (None, None) => self.unknown_type(&name.to_string(), span),
        }
    }
}

fn has_column(relation: &Relation, name: &str) -> bool {
    name == "*" || relation.column(name).is_some() || SYSTEM_COLUMNS.contains(&name)
}
