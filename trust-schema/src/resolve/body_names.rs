//! Names in bodies that mean nothing.

use rustc_hash::FxHashMap;

use crate::catalog::{Catalog, Object, QualifiedName};
use crate::diagnostic::{Diagnostic, codes, counted};
use crate::names::{Names, Output};
use crate::plpgsql::Language;
use crate::plpgsql::names::{Declared, Unknown, What, look_up};
use crate::source::{Sources, Span};
use crate::sql::builtin;

/// What a spec declares, as bodies see it.
pub struct Known<'a> {
    names: &'a Names,
    /// By function, the names of its arguments, those of all overloads.
    arguments: FxHashMap<&'a QualifiedName, Vec<&'a str>>,
}

impl<'a> Known<'a> {
    /// The names of a spec, and the functions that it compiles to.
    pub fn new(names: &'a Names, catalog: &'a Catalog) -> Self {
        let mut arguments: FxHashMap<&QualifiedName, Vec<&str>> = FxHashMap::default();
        for object in catalog.objects() {
            if let Object::Function(function) = object {
                arguments.entry(&function.name).or_default().extend(function.parameter_names());
            }
        }
        Self { names, arguments }
    }
}

impl Declared for Known<'_> {
    fn columns(&self, schema: &str, relation: &str) -> Option<Vec<String>> {
        let relation = self.names.relation(&QualifiedName::new(schema, relation))?;
        // Of what others own, the spec names the columns that it uses.
        Some(relation.columns.iter().map(|column| column.name.clone()).collect())
    }

    fn accepts(&self, schema: &str, function: &str, arguments: usize) -> Option<bool> {
        let routines = self.names.routines(&QualifiedName::new(schema, function));
        (!routines.is_empty()).then(|| routines.iter().any(|routine| routine.accepts(arguments)))
    }

    fn arguments(&self, schema: &str, function: &str) -> Option<Vec<String>> {
        let known = self.arguments.get(&QualifiedName::new(schema, function))?;
        Some(known.iter().map(|name| (*name).to_owned()).collect())
    }
}

/// Reports every name of a body that is not known.
pub fn check(names: &Names, output: &Output, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
    let known = Known::new(names, &output.catalog);
    for body in &output.bodies {
        let Some(Object::Function(function)) = output.catalog.get(&body.function) else { continue };
        let language = Language::of(&function.language);
        for unknown in look_up(&body.text.value, language, &function.parameter_names(), &known).unknown {
            let span = sources.inside(&body.text, unknown.bytes.clone());
            diagnostics.push(told(&|name| places(names, name), unknown, span, span == body.text.span));
        }
    }
}

/// Where a relation or function of ours is declared.
fn places(names: &Names, name: &QualifiedName) -> Option<Span> {
    let routine = || names.routines(name).first().filter(|routine| !routine.external).map(|routine| routine.span);
    names.relation(name).map(|relation| relation.span).or_else(routine)
}

/// An unknown name as a diagnostic; `places` says where a relation or function is declared.
pub(crate) fn told(places: &dyn Fn(&QualifiedName) -> Option<Span>, unknown: Unknown, span: Span, is_vague: bool) -> Diagnostic {
    let Unknown { name, what, .. } = unknown;
    let patch = (!is_vague).then_some(span);
    match what {
        What::Name(known) => {
            let message = format!("`{name}` is neither a variable nor a column of what the statement reads");
            Diagnostic::error(&codes::UNKNOWN_NAME_IN_BODY, message, span).suggest(&name, known.iter().map(String::as_str), patch)
        }
        What::Variable(known) => {
            let message = format!("unknown variable `{name}`");
            Diagnostic::error(&codes::UNKNOWN_NAME_IN_BODY, message, span).suggest(&name, known.iter().map(String::as_str), patch)
        }
        What::Column(relation, columns) => {
            let message = format!("unknown column `{name}` of `{relation}`");
            let diagnostic = Diagnostic::error(&codes::UNKNOWN_COLUMN, message, span).suggest(&name, columns.iter().map(String::as_str), patch);
            let declared = relation.split_once('.').and_then(|(schema, relation)| places(&QualifiedName::new(schema, relation)));
            match declared {
                Some(declared) => diagnostic.label(declared, "declared here"),
                None => diagnostic,
            }
        }
        What::Function => {
            let known = builtin::function_names();
            Diagnostic::error(&codes::UNKNOWN_FUNCTION, format!("unknown function `{name}`"), span).suggest(&name, known, patch)
        }
        What::Arguments(count) => {
            let message = format!("no function `{name}` takes {}", counted(count, "argument"));
            let declared = name.split_once('.').and_then(|(schema, name)| places(&QualifiedName::new(schema, name)));
            let diagnostic = Diagnostic::error(&codes::WRONG_ARGUMENTS, message, span);
            match declared {
                Some(declared) => diagnostic.label(declared, "declared here"),
                None => diagnostic,
            }
        }
        What::Argument(function, arguments) => {
            let message = format!("`{function}` has no argument `{name}`");
            Diagnostic::error(&codes::WRONG_ARGUMENTS, message, span).suggest(&name, arguments.iter().map(String::as_str), patch)
        }
        What::Condition => {
            let message = format!("PostgreSQL knows no error `{name}`");
            Diagnostic::error(&codes::UNKNOWN_NAME_IN_BODY, message, span).suggest(&name, builtin::conditions(), patch)
        }
        What::Field(record, fields) => {
            let message = format!("nothing called `{name}` is selected into `{record}`");
            Diagnostic::error(&codes::UNKNOWN_NAME_IN_BODY, message, span).suggest(&name, fields.iter().map(String::as_str), patch)
        }
        What::Type => Diagnostic::error(&codes::UNKNOWN_TYPE, format!("unknown type `{name}`"), span).suggest(&name, builtin::type_names(), patch),
    }
}
