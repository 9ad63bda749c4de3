//! Functions that a role may call, and the writes in them that no assertion stands in front of.
//!
//! Bodies are looked at as they are compiled, with their guards in front. What remains is what the effect alone promises: PostgreSQL refuses a
//! write in a stable function, but not in a volatile function that a stable one calls ("Function
//! Volatility Categories" in its manual), and not `nextval` or `set_config`.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{Id, Object};
use crate::diagnostic::{Diagnostic, Severity, Voice, codes};
use crate::kinds::function::{Effect, Function, Returns, Security, WaiverSpec};
use crate::kinds::grant::{Grant, Privilege};
use crate::names::{Names, Output, WrittenBody};
use crate::plpgsql::{Demand, Identities, Language, Refutation, Report, Subject, Unchecked, Verdict, analyse_for};
use crate::resolve::identities::identities;
use crate::source::{At, Sources, Span};
use crate::spec::Text;

/// How many findings of one function are told: the others mostly have the same cause.
const TOLD_AT_MOST: usize = 3;

/// A function to judge, whoever wrote it.
pub(crate) struct Given<'o> {
    pub id: &'o Id,
    pub function: &'o Function,
    /// Its body as its author wrote it; with where what he wrote begins in it, and in the body that PostgreSQL holds.
    pub written: Option<(&'o At<String>, (usize, usize))>,
    /// Where it is declared.
    pub place: Option<Span>,
    /// It is declared to be an assertion.
    pub is_assertion: bool,
    /// Somebody may call it whose right to do so has to be asserted.
    pub is_called: bool,
    /// Clients can call it.
    pub is_exposed: bool,
    /// It says what belongs to who calls: `[tenancy] context`.
    pub is_context: bool,
}

struct Analysed<'o> {
    given: &'o Given<'o>,
    report: Report,
}

/// Reports what is wrong with bodies, and waivers that are not needed.
pub fn check(names: &Names, output: &Output, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
    let written: FxHashMap<&Id, &WrittenBody> = output.bodies.iter().map(|body| (&body.function, body)).collect();
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
    let functions = output.contract.functions.iter().filter_map(|(id, contract)| {
        if let Some(Object::Function(function)) = output.catalog.get(id) { Some((id, contract, function)) } else { None }
    });
    let given: Vec<Given<'_>> = functions
        .map(|(id, contract, function)| Given {
            id,
            function,
            written: written.get(id).map(|body| (&body.text, body.starts)),
            place: output.origins.get(id).map(|origin| origin.span),
            is_assertion: contract.effect == Effect::Assert,
            is_called: called.contains(id),
            is_exposed: exposed.contains(id),
            is_context: output.operations.tenancy.as_ref().is_some_and(|tenancy| tenancy.context.contains(&function.name)),
        })
        .collect();
    let mut identities = identities(&output.catalog, output.operations.tenancy.as_ref());
    trusted.iter().for_each(|role| identities.trust(role));
    for (one, found) in given.iter().zip(judge(&given, &[], &identities, Demand::Assertion, Voice::Spec, sources)) {
        let written = written.get(one.id);
        let waived = written.map(|body| body.waived.as_slice()).unwrap_or_default();
        let waives = |waiver: &WaiverSpec, finding: &Diagnostic| {
            let names = |argument: &Text| finding.message.contains(&format!("`{}`", argument.value));
            codes::find(&waiver.code.value) == Some(finding.code) && waiver.argument.as_ref().is_none_or(names)
        };
        for waiver in
            waived.iter().filter(|waiver| waiver.argument.is_none() && codes::find(&waiver.code.value) == Some(&codes::CALLER_IDENTITY_UNCHECKED))
        {
            let message = format!("function `{}` waives `{}` for all of its arguments", one.function.name, waiver.code.value);
            diagnostics.push(Diagnostic::error(&codes::BAD_VALUE, message, waiver.code.span).help("name the one that is meant: `argument = \"…\"`"));
        }
        for waiver in waived.iter().filter(|waiver| waiver.reason.value.trim().is_empty()) {
            let message = format!("function `{}` waives `{}` without a reason", one.function.name, waiver.code.value);
            diagnostics.push(Diagnostic::error(&codes::BAD_VALUE, message, waiver.reason.span));
        }
        for waiver in waived.iter().filter(|waiver| found.iter().all(|finding| !waives(waiver, finding))) {
            let message = format!("function `{}` does not have the finding `{}` that it waives", one.function.name, waiver.code.value);
            diagnostics.push(Diagnostic::error(&codes::UNUSED_WAIVER, message, waiver.code.span).help("remove the waiver"));
        }
        diagnostics.extend(found.into_iter().filter(|finding| waived.iter().all(|waiver| !waives(waiver, finding))).take(TOLD_AT_MOST));
    }
}

/// What is found of each function. They may call the strangers, too, of which nothing is told.
pub(crate) fn judge(
    given: &[Given<'_>],
    strangers: &[Subject<'_>],
    identities: &Identities,
    demand: Demand,
    voice: Voice,
    sources: &Sources,
) -> Vec<Vec<Diagnostic>> {
    let mut subjects: Vec<Subject<'_>> = given.iter().map(subject).collect();
    subjects.extend_from_slice(strangers);
    let reports = analyse_for(&subjects, identities, demand);
    let analysed: Vec<Analysed<'_>> = given.iter().zip(reports).map(|(given, report)| Analysed { given, report }).collect();
    analysed.iter().map(|one| findings(one, &analysed, voice, sources)).collect()
}

fn subject<'o>(given: &'o Given<'_>) -> Subject<'o> {
    let function = given.function;
    Subject {
        schema: &function.name.schema,
        name: &function.name.name,
        arguments: function.parameter_names(),
        given: function.arguments.len(),
        language: Language::of(&function.language),
        text: &function.body,
        is_assertion: given.is_assertion,
        is_strict: function.strict,
        returns_boolean: matches!(&function.returns, Returns::Type(ty) if ty == "boolean"),
        is_exposed: given.is_exposed && function.security == Security::Definer,
        is_context: given.is_context,
    }
}

/// Where a part of a compiled body stands in the author's text; the whole text for what the compiler put in front, and the function itself
/// where the compiler wrote everything.
fn place(one: &Analysed<'_>, bytes: &Range<usize>, sources: &Sources) -> Option<Span> {
    let Some((text, (written, compiled))) = one.given.written else { return one.given.place };
    let inside = |at: usize| Some(at.checked_sub(compiled)? + written).filter(|at| *at <= text.value.len());
    let range = inside(bytes.start).and_then(|start| Some(start..inside(bytes.end)?));
    Some(range.map_or(text.span, |range| sources.inside(text, range)))
}

fn findings(one: &Analysed<'_>, all: &[Analysed<'_>], voice: Voice, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = of_verdict(one, all, voice, sources);
    found.extend(one.report.of_others.iter().filter_map(|bytes| of_others(one, bytes, sources)));
    let unchecked = one.report.unchecked.iter().filter_map(|unchecked| believed(one, unchecked, all, voice, sources));
    // Who has to be somebody to get there may be meant to act for others, as administrators are. A spec says so by a waiver.
    let severity = if voice == Voice::Sql && one.report.verdict == Verdict::Proved { Severity::Warning } else { Severity::Error };
    found.extend(unchecked.map(|diagnostic| Diagnostic { severity, ..diagnostic }));
    found
}

fn of_verdict(one: &Analysed<'_>, all: &[Analysed<'_>], voice: Voice, sources: &Sources) -> Vec<Diagnostic> {
    match &one.report.verdict {
        Verdict::NotAnalysable { bytes, reason } => {
            let message = format!("the body of function `{}` cannot be analysed: {reason}", one.given.function.name);
            let place = place(one, bytes, sources);
            place.map(|place| Diagnostic::error(&codes::BODY_NOT_ANALYSABLE, message, place)).into_iter().collect()
        }
        Verdict::Refuted(refutations) if one.given.is_called => {
            refutations.iter().filter_map(|refutation| refuted(one, refutation, all, voice, sources)).collect()
        }
        _ => Vec::new(),
    }
}

fn refuted(one: &Analysed<'_>, refutation: &Refutation, all: &[Analysed<'_>], voice: Voice, sources: &Sources) -> Option<Diagnostic> {
    let at = |bytes| place(one, bytes, sources);
    let code = if refutation.passes_null.is_some() { &codes::GUARD_PASSES_NULL } else { &codes::WRITE_NOT_DOMINATED };
    let fate = if refutation.escapes { "without an assertion of who calls" } else { "before anything is asserted" };
    let message = format!("function `{}` reaches {} {fate}", one.given.function.name, described(&refutation.what));
    let mut diagnostic = Diagnostic::error(code, message, at(&refutation.bytes)?).here("reached");
    for step in &refutation.path {
        let null = refutation.passes_null.as_ref() == Some(&step.bytes);
        diagnostic = diagnostic.label(at(&step.bytes)?, if null { "NULL lets the caller pass" } else { step.what });
    }
    // Down the calls to what writes in the end.
    let mut seen = vec![one.given.id];
    let mut callees = refutation.callees.as_slice();
    while let Some((callee, inner)) = callees.iter().filter_map(|index| all.get(*index)).find_map(|callee| leak(callee).map(|inner| (callee, inner)))
    {
        if seen.contains(&callee.given.id) {
            break;
        }
        seen.push(callee.given.id);
        let what = if inner.callees.is_empty() { "which writes here" } else { "which goes on here" };
        diagnostic = diagnostic.label(place(callee, &inner.bytes, sources)?, format!("`{}`, {what}", callee.given.function.name));
        callees = &inner.callees;
    }
    let help = match (&refutation.passes_null, refutation.escapes) {
        (Some(_), _) if voice == Voice::Sql => "write `if (… = …) is not true then raise exception …`, which refuses NULL, too",
        (None, true) if voice == Voice::Sql => "compare with `auth.uid()` in front of it and raise an exception where the caller may not do this",
        (None, false) if voice == Voice::Sql => "move the assertion in front of it",
        (Some(_), _) => "write `(…) is not true`, or name a guard: `guard = [\"…\"]`",
        (None, true) => "name a guard, `guard = [\"…\"]`: it is compiled in front of the body",
        (None, false) => "move the assertion in front of it, or name a guard: `guard = [\"…\"]`",
    };
    Some(diagnostic.help(help))
}

/// What a function of `[tenancy] context` returns and nobody knows to be the caller's.
fn of_others(one: &Analysed<'_>, bytes: &Range<usize>, sources: &Sources) -> Option<Diagnostic> {
    let message = format!("function `{}` of `[tenancy] context` returns what is not bound to who calls", one.given.function.name);
    let diagnostic = Diagnostic::error(&codes::CONTEXT_OF_OTHERS, message, place(one, bytes, sources)?).here("returned here");
    Some(diagnostic.help("demand the caller's own rows in the query: `where … = auth.uid()`, with nothing beside it by `or`"))
}

/// An argument whose word is taken.
fn believed(one: &Analysed<'_>, unchecked: &Unchecked, all: &[Analysed<'_>], voice: Voice, sources: &Sources) -> Option<Diagnostic> {
    let Unchecked { bytes, argument, what, calls } = unchecked;
    let message =
        format!("function `{}` takes its caller's word for `{argument}`: nothing compares it with who calls before {what}", one.given.function.name);
    let here = if calls.is_empty() { "used here" } else { "given on here" };
    let mut diagnostic = Diagnostic::error(&codes::CALLER_IDENTITY_UNCHECKED, message, place(one, bytes, sources)?).here(here);
    for (number, (callee, bytes)) in calls.iter().enumerate() {
        let callee = all.get(*callee)?;
        let what = if number + 1 == calls.len() { "which uses it here" } else { "which gives it on here" };
        diagnostic = diagnostic.label(place(callee, bytes, sources)?, format!("`{}`, {what}", callee.given.function.name));
    }
    Some(diagnostic.help(match voice {
        Voice::Spec => "name a guard that compares it, `guard = [{ … = [\"…\"] }]`, or demand the caller's own rows in the same query",
        Voice::Sql => "take it from `auth.uid()` instead, compare it with that, or demand the caller's own rows in the same query",
    }))
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
