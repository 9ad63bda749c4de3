//! A run that ends in the middle: killed at each of its steps, at any moment, by an error, or beside another one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use trust_schema::build::{self, Options, STAGING, Step};
use trust_schema::emit::Files;
use trust_schema::fix::Changed;

use super::shared::{Project, tree};

const FOLDER: &str = "TEST_INTERRUPTED_FOLDER";
const STEP: &str = "TEST_INTERRUPTED_STEP";

fn files(entries: &[(&str, &str)]) -> Files {
    Files(entries.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>())
}

fn old() -> Files {
    files(&[("a/changed", "old"), ("a/same", "same"), ("gone/removed", "old"), ("z", "old")])
}

fn new() -> Files {
    files(&[("a/changed", "new"), ("a/same", "same"), ("fresh/created", "new"), ("z", "new")])
}

fn written(files: &Files) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    build::persist(folder.path(), files, Options::default()).expect("written");
    tree(folder.path())
}

/// The files of a tree, without those of a run in preparation.
fn outputs(folder: &Path) -> BTreeMap<String, String> {
    tree(folder).into_iter().filter(|(path, _)| !path.starts_with(STAGING) && !path.ends_with('/')).collect()
}

/// The other half of the next test: dies before the step of the given number.
#[test]
#[ignore = "run by killed_before_every_step in a process of its own"]
fn dying_child() {
    let folder = std::env::var(FOLDER).expect(FOLDER);
    let mut left: usize = std::env::var(STEP).expect(STEP).parse().expect("a number");
    let mut observe = |_: Step<'_>| match left.checked_sub(1) {
        Some(less) => left = less,
        None => std::process::abort(),
    };
    build::persist(Path::new(&folder), &new(), Options { observe: Some(&mut observe), ..Options::default() }).expect("written");
}

#[test]
fn killed_before_every_step() {
    let (old_tree, new_tree) = (written(&old()), written(&new()));
    let mut mixtures = 0;
    for step in 0.. {
        assert!(step < 100, "the run never ends");
        let folder = tempfile::tempdir().expect("a folder");
        build::persist(folder.path(), &old(), Options::default()).expect("written");
        let mut child = Command::new(std::env::current_exe().expect("the tests"));
        child.args(["--exact", "interrupted::dying_child", "--ignored"]).env(FOLDER, folder.path()).env(STEP, step.to_string());
        if child.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("a run").success() {
            assert_eq!(tree(folder.path()), new_tree);
            assert!(step > 8 && mixtures > 2, "{step} steps, {mixtures} mixtures");
            return;
        }
        // Every file is whole, and a mixture is told of.
        let found = outputs(folder.path());
        for (path, text) in &found {
            assert!(old_tree.get(path) == Some(text) || new_tree.get(path) == Some(text), "step {step}: {path} holds {text:?}");
        }
        let is_mixture = found != outputs_of(&old_tree) && found != outputs_of(&new_tree);
        mixtures += usize::from(is_mixture);
        if is_mixture {
            let before = tree(folder.path());
            assert!(!build::check(folder.path(), &new()).expect("checked").is_fresh(), "step {step}");
            assert_eq!(tree(folder.path()), before, "a check writes nothing");
        }
        // Whatever the next run wants, it gets all of it, and nothing else is left.
        let copy = tempfile::tempdir().expect("a folder");
        copy_tree(folder.path(), copy.path());
        build::persist(folder.path(), &new(), Options::default()).expect("written");
        assert_eq!(tree(folder.path()), new_tree, "step {step}");
        build::persist(copy.path(), &old(), Options::default()).expect("written");
        assert_eq!(tree(copy.path()), old_tree, "step {step}");
    }
}

fn outputs_of(tree: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    tree.iter().filter(|(path, _)| !path.ends_with('/')).map(|(path, text)| (path.clone(), text.clone())).collect()
}

fn copy_tree(from: &Path, to: &Path) {
    for (path, text) in tree(from) {
        match path.strip_suffix('/') {
            Some(folder) => fs::create_dir_all(to.join(folder)).expect("a folder"),
            None => fs::write(to.join(path), text).expect("a copy"),
        }
    }
}

#[test]
fn an_error_at_any_step_undoes_everything() {
    let old_tree = written(&old());
    for obstacle in ["a/changed", "fresh/created", "gone/removed", "z"] {
        let folder = tempfile::tempdir().expect("a folder");
        build::persist(folder.path(), &old(), Options::default()).expect("written");
        let place = folder.path().join(obstacle);
        // Something comes into the way at the last moment: a folder that is not empty.
        let mut observe = |step: Step<'_>| {
            if step == Step::Placing(obstacle) {
                let _ = fs::remove_file(&place);
                fs::create_dir_all(place.join("in the way")).expect("a folder");
            }
        };
        let error = build::persist(folder.path(), &new(), Options { observe: Some(&mut observe), ..Options::default() });
        assert!(error.is_err(), "{obstacle}");
        fs::remove_dir_all(&place).expect("removed");
        let mut found = outputs(folder.path());
        let mut expected = outputs_of(&old_tree);
        // What the obstacle destroyed was not ours to bring back.
        found.remove(obstacle);
        expected.remove(obstacle);
        assert_eq!(found, expected, "{obstacle}");
        build::persist(folder.path(), &new(), Options::default()).expect("written");
        assert_eq!(outputs(folder.path()), outputs_of(&written(&new())), "{obstacle}");
    }
}

#[test]
fn a_hostile_journal_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("generated");
    fs::create_dir_all(output.join(STAGING)).expect("a folder");
    fs::write(output.join(STAGING).join("new-0"), "evil").expect("written");
    for path in ["../escaped", "Cargo.toml", "/tmp/escaped-from-trust-schema"] {
        fs::write(output.join(STAGING).join("journal.json"), format!("[{{\"do\":\"write\",\"path\":\"{path}\"}}]")).expect("written");
        let before = tree(folder.path());
        let error = build::persist(&output, &new(), Options::default()).expect_err("refused");
        assert!(matches!(error, build::Error::Journal { .. }), "{error}");
        assert_eq!(tree(folder.path()), before);
    }
}

#[test]
fn killed_at_any_moment() {
    let project = Project::first();
    assert_eq!(project.outcome(&["generate"]).0, 0);
    // Delays that cover a whole run, in an order without a pattern.
    for round in 0..24_u64 {
        project.edit("spec/notes.toml", |text| {
            let (from, to) = if round % 2 == 0 { ("20260101", "20260102") } else { ("20260102", "20260101") };
            text.replace(from, to)
        });
        let mut child = project.command(&["generate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a run");
        std::thread::sleep(Duration::from_millis(round * 7 % 48));
        // It may have ended already.
        let _ = child.kill();
        child.wait().expect("an end");
        let (code, stdout, stderr) = project.outcome(&["generate"]);
        assert_eq!(code, 0, "{stdout}{stderr}");
        assert_eq!(project.outcome(&["check"]).0, 0);
        assert!(!project.path("generated").join(STAGING).exists());
    }
}

#[test]
fn several_at_once_end_in_one_state() {
    let project = Project::first();
    for round in 0..4 {
        project.edit("spec/notes.toml", |text| text.replace(&format!("2026010{}", round + 1), &format!("2026010{}", round + 2)));
        let children: Vec<_> =
            (0..4).map(|_| project.command(&["generate"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("a run")).collect();
        for child in children {
            let output = child.wait_with_output().expect("an end");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(project.outcome(&["check"]).0, 0);
        assert!(!project.path("generated").join(STAGING).exists());
    }
}

#[test]
fn a_spec_is_changed_as_a_whole_or_not_at_all() {
    let change = |path: &str, before: &str| Changed { path: path.to_owned(), before: before.to_owned(), now: "new".to_owned() };
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).expect("a file");
    write("a.toml", "old");
    write("b.toml", "edited meanwhile");
    let refused = build::rewrite(folder.path(), &[change("a.toml", "old"), change("b.toml", "old")]).expect_err("one of them is another");
    assert!(matches!(refused, build::Error::SourceChanged { .. }), "{refused}");
    assert_eq!(fs::read_to_string(folder.path().join("a.toml")).expect("a file"), "old");
    write("b.toml", "old");
    // What an earlier run left before it had begun is cleared away.
    fs::create_dir(folder.path().join(STAGING)).expect("a folder");
    build::rewrite(folder.path(), &[change("a.toml", "old"), change("b.toml", "old")]).expect("both are as they were read");
    assert_eq!(tree(folder.path()), BTreeMap::from([("a.toml".to_owned(), "new".to_owned()), ("b.toml".to_owned(), "new".to_owned())]));
}
