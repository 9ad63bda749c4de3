//! The drift gate: every output of Trust-lite is what its spec compiles to, and every output of a spec with all kinds is snapshotted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trust_schema::build;
use trust_schema::compile::{Compilation, compile};
use trust_schema::diagnostic::render::full;
use trust_schema::emit::Files;
use trust_schema::source::SourceFile;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The outputs, or what the compiler has to say.
fn outputs(compilation: Compilation) -> Files {
    let Compilation { sources, outputs, diagnostics, .. } = compilation;
    let told: Vec<String> = diagnostics.iter().map(|diagnostic| full::render(diagnostic, &sources, "spec", full::Style::Plain)).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
    outputs.expect("a spec without diagnostics has outputs")
}

#[test]
fn trust_lite_is_what_its_spec_compiles_to() {
    let files = outputs(build::compile(&root().join("spec")).expect("the spec can be read"));
    let mut stale = Vec::new();
    for (path, expected) in files.iter() {
        let committed = std::fs::read_to_string(root().join("generated").join(path)).unwrap_or_default();
        if committed != expected {
            let difference = similar::TextDiff::from_lines(committed.as_str(), expected);
            stale.push(difference.unified_diff().header(&format!("generated/{path}"), "compiled").to_string());
        }
    }
    assert!(stale.is_empty(), "run `cargo run -p trust-schema -- generate`\n{}", stale.join("\n"));
    let check = build::check(&root().join("generated"), &files).expect("the outputs can be read");
    assert!(check.is_fresh(), "left-over files lie in generated/: run `cargo run -p trust-schema -- generate`");
}

#[test]
fn the_same_spec_gives_the_same_bytes() {
    let compiled = || outputs(build::compile(&root().join("spec")).expect("the spec can be read"));
    assert!(compiled() == compiled());
}

#[test]
fn moving_lines_and_files_changes_no_output() {
    let folder = root().join("spec");
    let read = |path: &Path| std::fs::read_to_string(path).expect("a file of the spec");
    let mut original = Vec::new();
    let mut moved = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the spec").chain(std::fs::read_dir(folder.join("functions")).expect("its bodies")) {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let name = path.strip_prefix(&folder).expect("below the spec").to_string_lossy().into_owned();
            let text = read(&path);
            let shifted = if name.ends_with(".toml") { format!("# A comment.\n\n\n{text}") } else { text.clone() };
            original.push(SourceFile { path: name.clone(), text });
            moved.push(SourceFile { path: name, text: shifted });
        }
    }
    moved.reverse();
    assert!(outputs(compile(original)) == outputs(compile(moved)));
}

/// The spec of the introduction has an object of every kind.
#[test]
fn outputs_of_a_spec_with_every_kind() {
    let text = include_str!("../../docs/spec-language.md");
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    for block in text.split("```").skip(1).step_by(2) {
        let (_, block) = block.split_once('\n').expect("a fence has a line of its own");
        let (name, block) = block.split_once('\n').expect("a block begins with its file's name");
        sources.entry(name.trim_start_matches(['#', '-', ' ']).to_owned()).or_default().push_str(block);
    }
    let files = outputs(compile(sources.into_iter().map(|(path, text)| SourceFile { path, text }).collect()));
    let settings = {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path("outputs");
        settings.set_omit_expression(true);
        settings
    };
    for (path, text) in files.iter().filter(|(path, _)| !path.starts_with("src/support")) {
        settings.bind(|| insta::assert_snapshot!(path.replace('/', "__"), text));
    }
}
