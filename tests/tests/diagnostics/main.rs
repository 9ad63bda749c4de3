//! What the compiler says about mistakes: one folder for each in `cases/diagnostics`.
//!
//! A case holds the files that differ from `cases/diagnostics/_base`, or, with a file `alone`, all files of its spec; beside them lies
//! the snapshot: the case's files and what the compiler says about them.

mod coverage;

use std::path::{Path, PathBuf};

use tests::compile::{Compiled, compile, folder, overlay};

/// The folder of all cases.
fn cases_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/diagnostics")
}

/// The folders of the cases, sorted.
fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cases_folder()).expect("the folder of cases is readable");
    let mut cases: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry is readable").path()).filter(|path| path.is_dir() && name(path) != "_base").collect();
    cases.sort();
    cases
}

fn name(case: &Path) -> String {
    case.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn run(case: &Path) -> Compiled {
    let own = folder(case);
    if case.join("alone").exists() { compile(own) } else { compile(overlay(folder(&cases_folder().join("_base")), own)) }
}

#[test]
fn every_mistake_is_told_as_recorded() {
    let mut failed = Vec::new();
    for case in cases() {
        let compiled = run(&case);
        let mut text = String::new();
        for file in folder(&case) {
            text.push_str(&format!("──── {}\n{}\n", file.path, file.text.trim_end()));
        }
        text.push_str(&format!("──── full\n{}\n──── concise\n{}\n", compiled.full(), compiled.concise()));
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&case);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        // Every case is looked at, so that all differences are seen in one run.
        let matched = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| settings.bind(|| insta::assert_snapshot!("diagnostics", text))));
        if matched.is_err() {
            failed.push(name(&case));
        }
    }
    assert!(failed.is_empty(), "{} cases differ: {}", failed.len(), failed.join(", "));
}

#[test]
fn the_base_alone_has_no_mistake() {
    let compiled = compile(folder(&cases_folder().join("_base")));
    assert_eq!(compiled.full(), "");
    assert!(compiled.0.resolution.is_some());
}

#[test]
fn there_are_as_many_cases_as_promised() {
    assert!(cases().len() >= 90, "{} cases", cases().len());
}
