//! From a function of the spec to the function that PostgreSQL gets.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Argument, BodySpec, Effect, Function, FunctionSpec, Language, Returns, ReturnsSpec, SEARCH_PATH, Security, Volatility};
use crate::catalog::Id;
use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::Section;
use crate::kinds::literal::Literal;
use crate::names::{CompiledGuards, Declaring, Lowering, TypeForm, TypeUse, WrittenBody};
use crate::spec::{Entries, Name, Text};

/// A function with everything that is known of it.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub function: Function,
    pub needs: BTreeSet<Id>,
    pub summary: Option<String>,
    pub effect: Effect,
    /// Names of the guards, in order.
    pub guards: Vec<String>,
    /// Names of the errors that the body itself raises.
    pub raises: BTreeSet<String>,
    /// Functions of the spec that it calls.
    pub calls: BTreeSet<Id>,
    /// See [`crate::contract::FunctionContract::nullable`].
    pub nullable: BTreeSet<String>,
}

impl Section for Entries<FunctionSpec> {
    fn declare(&self, declaring: &mut Declaring<'_>) {
        for (name, spec) in self.iter() {
            let arguments: Vec<Text> = spec.args.iter().map(|argument| argument.data_type.clone()).collect();
            let defaults = spec.args.iter().filter(|argument| argument.default.is_some()).count();
            let returns = match &spec.returns {
                None => TypeForm::Named("void".to_owned()),
                Some(ReturnsSpec { table: Some(columns), .. }) => {
                    TypeForm::Row(columns.iter().map(|(name, ty)| (name.value.clone(), ty.data_type.value.clone())).collect())
                }
                Some(ReturnsSpec { set_of: Some(ty), .. }) => TypeForm::SetOf(ty.value.clone()),
                Some(returns) => {
                    let written = returns.data_type.as_ref();
                    TypeForm::Named(written.map_or_else(|| "void".to_owned(), |ty| ty.value.clone()))
                }
            };
            declaring.function(name, spec.schema.as_ref(), spec.effect, &arguments, defaults, returns);
        }
    }
    fn lower(&self, lowering: &mut Lowering<'_>) {
        for (name, spec) in self.iter() {
            lower(name, spec, lowering);
        }
    }
}

/// Adds one function.
pub fn lower(name: &Name, spec: &FunctionSpec, lowering: &mut Lowering<'_>) {
    let Some(qualified) = lowering.qualify(name, spec.schema.as_ref()) else { return };
    let mut needs = BTreeSet::new();
    let arguments = arguments(spec, &mut needs, lowering);
    let returns = returns(name, spec, &mut needs, lowering);
    let typed: Vec<(String, String)> = arguments.iter().flatten().map(|argument| (argument.name.clone(), argument.data_type.clone())).collect();
    let guards = lowering.guards(&spec.guard, &typed);
    check_effect(name, spec, returns.as_ref(), lowering);
    let Some(body) = body_text(&spec.body, lowering) else { return };
    let released = lowering.released_bodies;
    // What PostgreSQL took then it takes now: the very same text.
    let compile = |block| if spec.verbatim { (body.value.clone(), (0, 0)) } else { compiled_body(&body.value, block, &guards) };
    let is_released = |block| !released.is_empty() && released.contains(compile(block).0.as_str());
    let Some(read) = lowering.body(&body, spec.language, is_released, &mut needs) else { return };
    if let (Effect::Assert, Some(place)) = (spec.effect, &read.writes) {
        let message = format!("function `{}` of effect `assert` writes", name.value);
        let diagnostic = Diagnostic::error(&codes::WRITE_WITHOUT_GUARD, message, lowering.inside(&body, place.clone()));
        lowering.report(diagnostic.label(name.span, "an assertion looks and raises, no more").help("give it effect `write` and a guard"));
    }
    let (Some(arguments), Some(returns)) = (arguments, returns) else { return };
    let security = spec.security.unwrap_or(Security::Definer);
    let (compiled, starts) = compile(read.block);
    let function = Function {
        name: qualified,
        arguments,
        returns,
        language: spec.language.label().to_owned(),
        volatility: spec.volatility.unwrap_or(match spec.effect {
            Effect::Read => Volatility::Stable,
            Effect::Write | Effect::Assert | Effect::Trigger | Effect::Internal => Volatility::Volatile,
        }),
        security,
        strict: spec.strict,
        settings: BTreeMap::from([("search_path".to_owned(), SEARCH_PATH.to_owned())]),
        body: compiled,
    };
    let mut calls = read.calls;
    calls.extend(guards.calls.iter().cloned());
    let nullable = nullable(spec);
    let compiled = Compiled {
        function,
        needs,
        summary: spec.summary.as_ref().map(|summary| summary.value.clone()),
        effect: spec.effect,
        guards: guards.names.clone(),
        raises: read.raises,
        calls,
        nullable,
    };
    let function = lowering.add_function(compiled, &spec.execute, name.span);
    lowering.renamed(&function, spec.renamed_from.as_ref());
    lowering.output.bodies.push(WrittenBody { function, text: body, starts, waived: spec.waive.clone() });
}

/// Names of the result's columns that may be NULL; of a single value, the function's own name.
fn nullable(spec: &FunctionSpec) -> BTreeSet<String> {
    let Some(returns) = &spec.returns else { return BTreeSet::new() };
    let columns = returns.table.iter().flat_map(Entries::iter).filter(|(_, column)| column.nullable).map(|(name, _)| name.value.clone());
    columns.chain(returns.nullable.then(String::new)).collect()
}

fn arguments(spec: &FunctionSpec, needs: &mut BTreeSet<Id>, lowering: &mut Lowering<'_>) -> Option<Vec<Argument>> {
    let mut arguments = Vec::with_capacity(spec.args.len());
    let mut complete = true;
    for (index, argument) in spec.args.iter().enumerate() {
        if let Err(problem) = crate::sql::identifier::check(&argument.name.value) {
            lowering.report(Diagnostic::error(&codes::BAD_NAME, problem.message, argument.name.span));
        }
        if let Some(first) = spec.args[..index].iter().find(|earlier| earlier.name.value == argument.name.value) {
            let message = format!("argument `{}` is declared twice", argument.name.value);
            lowering.report(Diagnostic::error(&codes::DUPLICATE_NAME, message, argument.name.span).label(first.name.span, "first declared here"));
        }
        let defaulted = spec.args[..index].iter().find(|earlier| earlier.default.is_some());
        if let (None, Some(earlier)) = (&argument.default, defaulted) {
            let message = format!("argument `{}` needs a default, since an argument before it has one", argument.name.value);
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, argument.name.span).label(earlier.name.span, "has a default"));
        }
        let Some(ty) = lowering.type_reference(&argument.data_type, TypeUse::Column, needs) else {
            complete = false;
            continue;
        };
        let default = match &argument.default {
            None => None,
            Some(literal) => match lowering.literal(literal, &ty, needs) {
                Some(default) => Some(default),
                None => {
                    complete = false;
                    continue;
                }
            },
        };
        arguments.push(Argument { name: argument.name.value.clone(), data_type: ty.text, default });
    }
    complete.then_some(arguments)
}

fn returns(name: &Name, spec: &FunctionSpec, needs: &mut BTreeSet<Id>, lowering: &mut Lowering<'_>) -> Option<Returns> {
    let Some(returns) = &spec.returns else { return Some(Returns::Type("void".to_owned())) };
    match (&returns.data_type, &returns.set_of, &returns.table) {
        (Some(ty), None, None) => lowering.type_reference(ty, TypeUse::Result, needs).map(|ty| Returns::Type(ty.text)),
        (None, Some(ty), None) => lowering.type_reference(ty, TypeUse::Rows, needs).map(|ty| Returns::SetOf(ty.text)),
        (None, None, Some(columns)) => {
            let mut typed = Vec::with_capacity(columns.len());
            for (column, ty) in columns.iter() {
                if let Some(argument) = spec.args.iter().find(|argument| argument.name.value == column.value) {
                    let message = format!("result column `{}` has the name of an argument", column.value);
                    lowering.report(Diagnostic::error(&codes::DUPLICATE_NAME, message, column.span).label(argument.name.span, "the argument"));
                }
                typed.push((column.value.clone(), lowering.type_reference(&ty.data_type, TypeUse::Column, needs)?.text));
            }
            if typed.is_empty() {
                lowering.report(Diagnostic::error(&codes::EMPTY_LIST, format!("the result of `{}` has no columns", name.value), returns.span));
            }
            Some(Returns::Table(typed))
        }
        _ => {
            let message = "a result has exactly one of `type`, `set_of` and `table`";
            lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, returns.span));
            None
        }
    }
}

/// What the effect promises must be possible.
fn check_effect(name: &Name, spec: &FunctionSpec, returns: Option<&Returns>, lowering: &mut Lowering<'_>) {
    let label = spec.effect.label();
    if spec.effect == Effect::Write && spec.guard.is_empty() {
        lowering.report(
            Diagnostic::error(&codes::WRITE_WITHOUT_GUARD, format!("function `{}` writes and has no guard", name.value), name.span)
                .help("name the guards that let its callers pass: `guard = [\"…\"]`"),
        );
    }
    if spec.language == Language::Sql && (!spec.guard.is_empty() || spec.effect == Effect::Write) {
        let message = format!("function `{}` has a guard, so its language is PL/pgSQL", name.value);
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span).help("SQL gives no order of evaluation to rely on"));
    }
    if spec.verbatim && !spec.guard.is_empty() {
        let message = format!("function `{}` has a guard, and a body that is kept as it is", name.value);
        let help = "leave out `verbatim`: the guard is compiled in front of the body";
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span).help(help));
    }
    let returns_trigger = matches!(returns, Some(Returns::Type(ty)) if ty == "trigger");
    if returns.is_some() && returns_trigger != (spec.effect == Effect::Trigger) {
        let message =
            format!("function `{}` of effect `{label}` cannot return {}", name.value, if returns_trigger { "`trigger`" } else { "a value" });
        lowering.report(
            Diagnostic::error(&codes::CONTRADICTION, message, name.span).help("effect `trigger` and `returns = \"trigger\"` belong together"),
        );
    }
    if spec.strict && spec.effect == Effect::Assert {
        let message = format!("function `{}` of effect `assert` cannot be strict", name.value);
        let help = "with a NULL argument it would not run, and its guard would let everybody pass";
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span).help(help));
    }
    let private = matches!(spec.effect, Effect::Trigger | Effect::Internal);
    if let Some(role) = spec.execute.first().filter(|_| private) {
        let message = format!("function `{}` of effect `{label}` is called by no role", name.value);
        lowering
            .report(Diagnostic::error(&codes::CONTRADICTION, message, role.span).help("leave out `execute`, or give it effect `read` or `write`"));
    }
    let calmed = spec.volatility.is_some_and(|volatility| volatility != Volatility::Volatile);
    if calmed && matches!(spec.effect, Effect::Write | Effect::Assert) {
        let message = format!("function `{}` of effect `{label}` is volatile", name.value);
        let help = "PostgreSQL may leave out calls of stable and immutable functions";
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span).help(help));
    }
    if spec.effect == Effect::Read && spec.volatility == Some(Volatility::Volatile) {
        let message = format!("function `{}` of effect `read` cannot be volatile", name.value);
        lowering.report(Diagnostic::error(&codes::CONTRADICTION, message, name.span).help("a function that writes has effect `write` and a guard"));
    }
}

fn body_text(body: &BodySpec, lowering: &mut Lowering<'_>) -> Option<Text> {
    let path = match body {
        BodySpec::Inline(text) => return Some(text.clone()),
        BodySpec::File(path) => path,
    };
    lowering.file(path)
}

/// The author's block stands inside a block of ours, behind the guards: neither its DECLARE initialisers nor its exception handlers can
/// come before them, or swallow what they raise. Only the block itself is taken: a comment behind it would swallow what follows.
///
/// Also tells where what is taken begins: in the author's text, and in the compiled body.
fn compiled_body(body: &str, block: Range<usize>, guards: &CompiledGuards) -> (String, (usize, usize)) {
    if guards.is_empty() {
        return (format!("\n{}\n", body.trim()), (body.len() - body.trim_start().len(), 1));
    }
    let front = format!("\nBEGIN\n{}\n", guards.statements());
    let starts = (block.start, front.len());
    (format!("{front}{};\nEND\n", body.get(block).unwrap_or_default()), starts)
}

impl Literal {
    /// Whether the value is SQL's NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Literal::Sql(sql) if sql.0.value.trim().eq_ignore_ascii_case("null"))
    }
}
