//! Odd folders and files where a spec should be.

use std::fs;
use std::os::unix::fs::symlink;

use super::shared::Project;

#[test]
fn what_is_no_text_is_told_by_its_place() {
    let project = Project::first();
    fs::write(project.path("spec/functions.sql"), b"begin\n  \xff end").expect("a file");
    let before = project.tree();
    let (code, stdout, _) = project.outcome(&["generate", "--format", "concise"]);
    assert_eq!((code, stdout.as_str()), (1, "spec: error[TS0006]: `functions.sql` is not UTF-8: line 2, byte 9 (save the file as UTF-8)\n"));
    assert_eq!(project.tree(), before);
}

#[test]
fn symbolic_links_and_odd_names_are_refused() {
    let project = Project::first();
    project.write("secret.toml", "password = 1\n");
    for (name, target) in [("spec/linked.toml", "../secret.toml"), ("spec/loop", "."), ("spec/dangling.sql", "nowhere")] {
        symlink(target, project.path(name)).expect("a link");
        let (code, stdout, stderr) = project.outcome(&["check"]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{name}");
        assert!(stderr.contains(name) && stderr.contains("symbolic link") && !stderr.contains("password"), "{stderr}");
        fs::remove_file(project.path(name)).expect("the link");
    }
    project.write("spec/a\nb.toml", "");
    let (code, _, stderr) = project.outcome(&["check"]);
    assert!(code == 2 && stderr.contains("spec/a\\nb.toml"), "{stderr}");
}

#[test]
fn what_editors_and_others_leave_is_no_part_of_the_spec() {
    let project = Project::first();
    assert_eq!(project.outcome(&["generate"]).0, 0);
    symlink("nowhere", project.path("spec/.#notes.toml")).expect("a link");
    project.write("spec/.git/x.toml", "not = ");
    project.write("spec/README.md", "# Notes");
    project.write("spec/notes.toml~", "not = ");
    assert_eq!(project.outcome(&["check"]).0, 0);
}

#[test]
fn outputs_do_not_lie_within_the_spec() {
    let project = Project::first();
    let before = project.tree();
    for output in ["spec", "spec/generated", "spec/../spec/out"] {
        let (code, _, stderr) = project.outcome(&["generate", "--output", output]);
        assert!(code == 2 && stderr.contains("would lie in the spec's folder"), "{output}: {stderr}");
    }
    assert_eq!(project.tree(), before);
}

#[test]
fn init_changes_nothing_where_something_is() {
    let project = Project::empty();
    project.write("spec/trust.toml", "# mine\n");
    let before = project.tree();
    let (code, _, stderr) = project.outcome(&["init"]);
    assert!(code == 2 && stderr.contains("`spec/trust.toml` exists"), "{stderr}");
    assert_eq!(project.tree(), before);
}
