//! The build script's half of the library.

use std::time::{Duration, SystemTime};

use trust_schema::build::{self, Options};

use super::shared::Project;

#[test]
fn what_a_script_writes_is_older_than_its_start() {
    let project = Project::first();
    let outputs = build::compile(&project.path("spec")).expect("read").outputs.expect("outputs");
    let time = SystemTime::now() - Duration::from_secs(100);
    let report = build::persist(&project.path("generated"), &outputs, Options { modified: Some(time), observe: None }).expect("written");
    assert!(!report.created.is_empty());
    for path in &report.created {
        let modified = std::fs::metadata(project.path("generated").join(path)).and_then(|metadata| metadata.modified()).expect("a time");
        assert!(modified.duration_since(time).unwrap_or_default() < Duration::from_secs(1), "{path}");
    }
}
