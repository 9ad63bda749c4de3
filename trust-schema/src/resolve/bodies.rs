//! Functions that a role may call, and the writes in them that no assertion stands in front of.
//!
//! Bodies are looked at as they are compiled, with their guards in front. What remains is what the effect alone promises: PostgreSQL refuses a write in a stable function, but not in a volatile function that a stable one calls ("Function
//! Volatility Categories" in its manual), and not `nextval` or `set_config`.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{Id, Object};
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::kinds::function::{Effect, Function, Returns, Security};
use crate::kinds::grant::{Grant, Privilege};
use crate::names::{Names, Output, WrittenBody};
use crate::plpgsql::{Language, Refutation, Report, Subject, Unchecked, Verdict, analyse};
use crate::resolve::identities::identities;
use crate::source::{Sources, Span};

/// How many findings of one function are told: the others mostly have the same cause.
const TOLD_AT_MOST: usize = 3;

struct Analysed<'o> {
    id: &'o Id,
    function: &'o Function,
    written: Option<&'o WrittenBody>,
    report: Report,
}

/// Reports what is wrong with bodies, and waivers that are not needed.
pub fn check(names: &Names, output: &Output, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
    let written: FxHashMap<&Id, &WrittenBody> = output.bodies.iter().map(|body| (&body.function, body)).collect();
    let functions: Vec<(&Id, &Function)> = output
        .contract
        .functions
        .keys()
        .filter_map(|id| if let Some(Object::Function(function)) = output.catalog.get(id) { Some((id, function)) } else { None })
        .collect();
    let grants = || {
        output.catalog.objects().filter_map(|object| match object {
            Object::Grant(grant) if grant.privileges.contains(&Privilege::Execute) => Some(grant),
            _ => None,
        })
    };
    let called: FxHashSet<&Id> = grants().map(|grant| &grant.target).collect();
    let trusted: FxHashSet<&str> = names.bypassing_roles().collect();
    let is_client = |grant: &&Grant| !trusted.contains(grant.grantee.as_str());
    let exposed: FxHashSet<&Id> = grants().filter(is_client).map(|grant| &grant.target).collect();
    let subjects: Vec<Subject<'_>> = functions.iter().map(|(id, function)| subject(id, function, exposed.contains(id), output)).collect();
    let reports = analyse(&subjects, &identities(&output.catalog, output.operations.tenancy.as_ref()));
    let analysed: Vec<Analysed<'_>> = functions
        .into_iter()
        .zip(reports)
        .map(|((id, function), report)| Analysed { id, function, written: written.get(id).copied(), report })
        .collect();
    for one in &analysed {
        let found = findings(one, &analysed, called.contains(one.id), output, sources);
        let waived = one.written.map(|body| body.waived.as_slice()).unwrap_or_default();
        let waives = |waiver: &crate::kinds::function::WaiverSpec, code: &Code| codes::find(&waiver.code.value) == Some(code);
        for waiver in waived.iter().filter(|waiver| waiver.reason.value.trim().is_empty()) {
            let message = format!("function `{}` waives `{}` without a reason", one.function.name, waiver.code.value);
            diagnostics.push(Diagnostic::error(&codes::BAD_VALUE, message, waiver.reason.span));
        }
        for waiver in waived.iter().filter(|waiver| found.iter().all(|finding| !waives(waiver, finding.code))) {
            let message = format!("function `{}` does not have the finding `{}` that it waives", one.function.name, waiver.code.value);
            diagnostics.push(Diagnostic::error(&codes::UNUSED_WAIVER, message, waiver.code.span).help("remove the waiver"));
        }
        diagnostics.extend(found.into_iter().filter(|finding| waived.iter().all(|waiver| !waives(waiver, finding.code))).take(TOLD_AT_MOST));
    }
}

fn subject<'o>(id: &Id, function: &'o Function, is_exposed: bool, output: &Output) -> Subject<'o> {
    let contract = output.contract.functions.get(id);
    Subject {
        schema: &function.name.schema,
        name: &function.name.name,
        arguments: function.parameter_names(),
        given: function.arguments.len(),
        language: Language::of(&function.language),
        text: &function.body,
        is_assertion: contract.is_some_and(|contract| contract.effect == Effect::Assert),
        is_strict: function.strict,
        returns_boolean: matches!(&function.returns, Returns::Type(ty) if ty == "boolean"),
        is_exposed: is_exposed && function.security == Security::Definer,
    }
}

/// Where a part of a compiled body stands in the author's text; the whole text for what the compiler put in front, and the function itself
/// where the compiler wrote everything.
fn place(one: &Analysed<'_>, bytes: &Range<usize>, output: &Output, sources: &Sources) -> Option<Span> {
    let Some(body) = one.written else { return output.origins.get(one.id).map(|origin| origin.span) };
    let (written, compiled) = body.starts;
    let inside = |at: usize| Some(at.checked_sub(compiled)? + written).filter(|at| *at <= body.text.value.len());
    let range = inside(bytes.start).and_then(|start| Some(start..inside(bytes.end)?));
    Some(range.map_or(body.text.span, |range| sources.inside(&body.text, range)))
}

fn findings(one: &Analysed<'_>, all: &[Analysed<'_>], is_called: bool, output: &Output, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = of_verdict(one, all, is_called, output, sources);
    found.extend(one.report.unchecked.iter().filter_map(|unchecked| believed(one, unchecked, all, output, sources)));
    found
}

fn of_verdict(one: &Analysed<'_>, all: &[Analysed<'_>], is_called: bool, output: &Output, sources: &Sources) -> Vec<Diagnostic> {
    match &one.report.verdict {
        Verdict::NotAnalysable { bytes, reason } => {
            let message = format!("the body of function `{}` cannot be analysed: {reason}", one.function.name);
            let place = place(one, bytes, output, sources);
            place.map(|place| Diagnostic::error(&codes::BODY_NOT_ANALYSABLE, message, place)).into_iter().collect()
        }
        Verdict::Refuted(refutations) if is_called => {
            refutations.iter().filter_map(|refutation| refuted(one, refutation, all, output, sources)).collect()
        }
        _ => Vec::new(),
    }
}

fn refuted(one: &Analysed<'_>, refutation: &Refutation, all: &[Analysed<'_>], output: &Output, sources: &Sources) -> Option<Diagnostic> {
    let at = |bytes| place(one, bytes, output, sources);
    let code = if refutation.passes_null.is_some() { &codes::GUARD_PASSES_NULL } else { &codes::WRITE_NOT_DOMINATED };
    let fate = if refutation.escapes { "without an assertion of who calls" } else { "before anything is asserted" };
    let message = format!("function `{}` reaches {} {fate}", one.function.name, described(&refutation.what));
    let mut diagnostic = Diagnostic::error(code, message, at(&refutation.bytes)?).here("reached");
    for step in &refutation.path {
        let null = refutation.passes_null.as_ref() == Some(&step.bytes);
        diagnostic = diagnostic.label(at(&step.bytes)?, if null { "NULL lets the caller pass" } else { step.what });
    }
    // Down the calls to what writes in the end.
    let mut seen = vec![one.id];
    let mut callees = refutation.callees.as_slice();
    while let Some((callee, inner)) = callees.iter().filter_map(|index| all.get(*index)).find_map(|callee| leak(callee).map(|inner| (callee, inner)))
    {
        if seen.contains(&callee.id) {
            break;
        }
        seen.push(callee.id);
        let what = if inner.callees.is_empty() { "which writes here" } else { "which goes on here" };
        diagnostic = diagnostic.label(place(callee, &inner.bytes, output, sources)?, format!("`{}`, {what}", callee.function.name));
        callees = &inner.callees;
    }
    let help = match (&refutation.passes_null, refutation.escapes) {
        (Some(_), _) => "write `(…) is not true`, or name a guard: `guard = [\"…\"]`",
        (None, true) => "name a guard, `guard = [\"…\"]`: it is compiled in front of the body",
        (None, false) => "move the assertion in front of it, or name a guard: `guard = [\"…\"]`",
    };
    Some(diagnostic.help(help))
}

/// An argument whose word is taken.
fn believed(one: &Analysed<'_>, unchecked: &Unchecked, all: &[Analysed<'_>], output: &Output, sources: &Sources) -> Option<Diagnostic> {
    let Unchecked { bytes, argument, what, calls } = unchecked;
    let message = format!("function `{}` takes its caller's word for `{argument}`: nothing compares it before {what}", one.function.name);
    let here = if calls.is_empty() { "used here" } else { "given on here" };
    let mut diagnostic = Diagnostic::error(&codes::CALLER_IDENTITY_UNCHECKED, message, place(one, bytes, output, sources)?).here(here);
    for (number, (callee, bytes)) in calls.iter().enumerate() {
        let callee = all.get(*callee)?;
        let what = if number + 1 == calls.len() { "which uses it here" } else { "which gives it on here" };
        diagnostic = diagnostic.label(place(callee, bytes, output, sources)?, format!("`{}`, {what}", callee.function.name));
    }
    Some(diagnostic.help(
        "compare it first with what the context says of the caller, best by a guard that takes it: `guard = [{ … = [\"…\"] }]`, or demand the caller's own rows in the same query",
    ))
}

/// The first write of a function that no assertion stands in front of.
fn leak<'a>(one: &'a Analysed<'_>) -> Option<&'a Refutation> {
    match &one.report.verdict {
        Verdict::Refuted(refutations) => refutations.first(),
        _ => None,
    }
}

fn described(what: &str) -> String {
    match what.strip_prefix("call of ") {
        Some(name) => format!("the call of {name}"),
        None if what.starts_with('`') || what.contains(' ') => what.to_owned(),
        None => format!("`{what}`"),
    }
}
