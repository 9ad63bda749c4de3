//! Every code has a case, and every message the form that the style asks for.

use std::collections::BTreeSet;

use tests::compile::{compile, files};
use trust_schema::diagnostic::{Severity, codes};

use crate::{cases, name, run};

/// Codes that no spec in memory can cause, and why.
const NOT_FROM_THE_RESOLVER: &[(&str, &str)] = &[
    ("not-text", "texts come to the resolver as UTF-8; whoever reads the files gives it"),
    ("too-large", "has a test of its own: no file of 64 MiB is kept among the cases"),
    ("stale-output", "given where outputs are compared"),
    ("pending-without-name", "behind a release: cases/evolution"),
    ("loss-not-accepted", "behind a release: cases/evolution"),
    ("contract-broken", "behind a release: cases/evolution"),
    ("intent-released", "behind a release: cases/evolution"),
    ("rename-impossible", "behind a release: cases/evolution"),
    ("value-without-successor", "behind a release: cases/evolution"),
    ("no-cast", "behind a release: cases/evolution"),
    ("no-value-for-rows", "behind a release: cases/evolution"),
    ("plan-loses", "told by `plan`: the transcripts of the command line"),
    ("plan-rewrites", "told by `plan`"),
    ("plan-scans", "told by `plan`"),
    ("plan-changes-access", "told by `plan`: the transcripts of the command line"),
    ("released-file-changed", "behind a release: the transcripts of the command line"),
    ("bad-release-lock", "behind a release: the transcripts of the command line"),
    ("changes-without-order", "behind a release: no pair of specs is known that causes it"),
    ("name-collision", "given by the outputs in other languages"),
];

#[test]
fn every_code_has_a_case() {
    let mut given: BTreeSet<&str> = BTreeSet::new();
    for case in cases() {
        given.extend(run(&case).codes().iter().map(|code| code.id));
    }
    // Families that belong to outputs, to the surroundings and to the command line.
    let elsewhere = |id: &str| !matches!(&id[..4], "TS00" | "TS01" | "TS02" | "TS03" | "TS04" | "TS05" | "TS07");
    let missing: Vec<_> = codes::ALL
        .iter()
        .filter(|code| !given.contains(code.id) && !elsewhere(code.id) && NOT_FROM_THE_RESOLVER.iter().all(|(name, _)| *name != code.name))
        .map(|code| format!("{} {}", code.id, code.name))
        .collect();
    assert!(missing.is_empty(), "no case gives {}", missing.join(", "));
    let stale: Vec<_> = NOT_FROM_THE_RESOLVER.iter().filter(|(name, _)| codes::find(name).is_some_and(|code| given.contains(code.id))).collect();
    assert!(stale.is_empty(), "a case gives {stale:?}");
}

#[test]
fn every_case_is_a_mistake() {
    let silent: Vec<_> = cases().iter().filter(|case| run(case).codes().is_empty()).map(|case| name(case)).collect();
    assert!(silent.is_empty(), "no diagnostic: {}", silent.join(", "));
}

#[test]
fn errors_emit_nothing_and_warnings_do() {
    for case in cases() {
        let compiled = run(&case);
        let has_errors = compiled.0.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        assert_eq!(compiled.0.resolution.is_none(), has_errors, "{}", name(&case));
    }
}

#[test]
fn messages_keep_to_the_style() {
    for case in cases() {
        for diagnostic in run(&case).0.diagnostics {
            let texts = [&diagnostic.message].into_iter().chain(&diagnostic.help).chain(diagnostic.labels.iter().map(|label| &label.text));
            for text in texts {
                let context = format!("{}: {text:?}", name(&case));
                assert!(!text.ends_with('.'), "ends in a period: {context}");
                assert!(!text.contains('\n'), "has several lines: {context}");
                assert!(!text.contains("::") || text.contains('`'), "looks like a Rust path: {context}");
                assert!(text.chars().count() <= 400, "is too long: {context}");
                let lower = text.chars().next().is_none_or(|first| !first.is_uppercase());
                let word: String = text.chars().take_while(|character| character.is_alphanumeric()).collect();
                assert!(
                    lower || word.len() > 1 && word.chars().all(|character| !character.is_lowercase()) || word == "PostgreSQL",
                    "begins with a capital: {context}"
                );
            }
        }
    }
}

#[test]
fn every_label_lies_in_its_file() {
    for case in cases() {
        let resolved = run(&case).0;
        for diagnostic in &resolved.diagnostics {
            for label in &diagnostic.labels {
                let text = &resolved.sources.get(label.span.file).text;
                assert!(text.get(label.span.range()).is_some(), "{}: {:?} of {}", name(&case), label.span, text.len());
            }
        }
    }
}

#[test]
fn patches_mend_what_they_promise() {
    for case in cases() {
        let resolved = run(&case).0;
        for diagnostic in &resolved.diagnostics {
            let Some(patch) = diagnostic.fix.as_ref().and_then(|fix| fix.patches.first().filter(|_| fix.patches.len() == 1)) else { continue };
            let (file, source) = resolved.sources.iter().find(|(file, _)| *file == patch.span.file).expect("the file exists");
            let mut text = source.text.clone();
            text.replace_range(patch.span.range(), &patch.replacement);
            let mended: Vec<_> = resolved
                .sources
                .iter()
                .filter(|(_, other)| !other.path.starts_with('<'))
                .map(|(id, other)| if id == file { (other.path.as_str(), text.as_str()) } else { (other.path.as_str(), other.text.as_str()) })
                .collect();
            let again = compile(files(&mended)).0;
            let same = again.diagnostics.iter().filter(|other| other.code == diagnostic.code && other.message == diagnostic.message).count();
            let before = resolved.diagnostics.iter().filter(|other| other.code == diagnostic.code && other.message == diagnostic.message).count();
            assert!(same < before, "{}: `{}` stays after {:?}", name(&case), diagnostic.message, patch.replacement);
            assert!(!again.diagnostics.iter().any(|other| other.code == &codes::TOML_SYNTAX), "{}: the patch breaks the file", name(&case));
        }
    }
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let large = format!("# {}\n", "x".repeat(64 << 20));
    let compiled = compile(files(&[("trust.toml", "[project]\nname = \"a\"\nplatform = \"postgresql\"\n"), ("a.toml", &large)]));
    assert!(compiled.codes().contains(&&codes::TOO_LARGE));
}
