//! The first system: each of its functions writes nothing, or behind an assertion, and the analysis is linear.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tests::compile::{compile, folder};
use trust_schema::catalog::{Id, Object};
use trust_schema::kinds::ObjectKind;
use trust_schema::kinds::function::{Effect, Returns};
use trust_schema::kinds::grant::Privilege;
use trust_schema::plpgsql::{Identities, Language, Subject, Verdict, analyse};

use super::shapes::{label, shapes, world};

#[test]
fn every_function_of_the_spec_is_proved_or_writes_nothing() {
    let compiled = compile(folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")));
    let resolution = compiled.0.resolution.as_ref().expect("the spec has no mistakes");
    let functions: Vec<_> = resolution
        .contract
        .functions
        .iter()
        .filter_map(|(id, contract)| match resolution.catalog.get(id) {
            Some(Object::Function(function)) => Some((contract, function)),
            _ => None,
        })
        .collect();
    // As PostgreSQL holds them: the guards are in the bodies.
    let subjects: Vec<Subject<'_>> = functions
        .iter()
        .map(|(contract, function)| Subject {
            schema: &function.name.schema,
            name: &function.name.name,
            arguments: function.arguments.iter().map(|argument| argument.name.as_str()).collect(),
            language: Language::of(&function.language),
            text: &function.body,
            given: 0,
            is_assertion: contract.effect == Effect::Assert,
            is_strict: function.strict,
            returns_boolean: matches!(&function.returns, Returns::Type(ty) if ty == "boolean"),
            is_exposed: false,
            is_context: false,
        })
        .collect();
    let called: BTreeSet<Id> = resolution
        .catalog
        .objects()
        .filter_map(|object| match object {
            Object::Grant(grant) if grant.privileges.contains(&Privilege::Execute) => Some(grant.target.clone()),
            _ => None,
        })
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut open = Vec::new();
    for (report, (_, function)) in analyse(&subjects, &Identities::default()).iter().zip(&functions) {
        let verdict = label(&report.verdict);
        *counts.entry(verdict).or_default() += 1;
        // What no role may call is reached through others only.
        let is_called = called.contains(&function.id());
        if is_called && !matches!(report.verdict, Verdict::Proved | Verdict::NoWrite) {
            open.push(format!("{}: {:?}", function.name, report.verdict));
        }
        assert!(!matches!(report.verdict, Verdict::NotAnalysable { .. }), "{}: {:?}", function.name, report.verdict);
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
    println!("{counts:?}");
    assert!(counts.get("proved").is_some_and(|proved| *proved >= 10), "{counts:?}");
}

/// Many copies of all shapes that call one another: `cargo test --release -p tests --test bodies thousands -- --nocapture` prints how long it takes.
#[test]
fn thousands_of_functions_are_analysed() {
    let (world, shapes) = (world(), shapes());
    let bodies: Vec<_> = shapes.iter().filter(|shape| shape.language == "plpgsql").map(|shape| shape.body.clone()).collect();
    let names: Vec<String> = (0..2000).map(|number| format!("f{number}")).collect();
    let texts: Vec<String> = (0..names.len())
        .map(|number| {
            let call = format!("begin perform app.f{}(p_user); end", number + 1);
            format!("begin {}; {call}; end", bodies[number % bodies.len()].replace("-- perform app.assert_actor();", ""))
        })
        .collect();
    let subject = |name, text, is_assertion| Subject {
        schema: "app",
        name,
        arguments: vec!["p_user"],
        language: Language::Plpgsql,
        text,
        given: 0,
        is_assertion,
        is_strict: false,
        returns_boolean: false,
        is_exposed: false,
        is_context: false,
    };
    let own = names.iter().zip(&texts).map(|(name, text)| subject(name, text, false));
    let others = world
        .function
        .iter()
        .filter(|function| function.language == "plpgsql")
        .map(|function| subject(&function.name, &function.body, function.assert));
    let subjects: Vec<Subject<'_>> = own.chain(others).collect();
    let start = std::time::Instant::now();
    let reports = analyse(&subjects, &Identities::default());
    println!("{} functions in {:?}", subjects.len(), start.elapsed());
    assert!(reports.iter().all(|report| !matches!(report.verdict, Verdict::NotAnalysable { .. })));
}

/// A body near the longest that is allowed: a quadratic analysis would take minutes.
#[test]
fn long_bodies_are_analysed() {
    let statement = "begin if p_user is null then perform app.nobody(p_user); insert into app.notes (owner) values (p_user); end if; exception when others then null; end;\n";
    let text = format!("begin\n{}end", statement.repeat(6000));
    let subject = Subject {
        schema: "app",
        name: "f",
        arguments: vec!["p_user"],
        language: Language::Plpgsql,
        text: &text,
        given: 0,
        is_assertion: false,
        is_strict: false,
        returns_boolean: false,
        is_exposed: false,
        is_context: false,
    };
    let start = std::time::Instant::now();
    let reports = analyse(&[subject], &Identities::default());
    println!("{} bytes in {:?}", text.len(), start.elapsed());
    assert!(matches!(&reports[0].verdict, Verdict::Refuted(refutations) if !refutations.is_empty()));
}
