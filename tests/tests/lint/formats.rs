//! SARIF that readers of SARIF read, and annotations that end where they should.

use serde_sarif::sarif::{ResultLevel, Sarif};
use tests::compile::compile;
use trust_schema::diagnostic::render::{github, sarif};
use trust_schema::lint::{Subject, lint, rules};

/// Every bad example that is a spec, with all that is found in it.
#[test]
fn every_finding_is_sarif_and_an_annotation_of_one_line() {
    let mut results = 0;
    for files in rules::all().filter(|rule| rule.bad.released().is_none()).filter_map(|rule| rule.bad.files()) {
        let compiled = compile(files);
        let Some(resolution) = &compiled.0.resolution else { panic!("{}", compiled.full()) };
        let found = lint(&Subject::of(resolution).with_edits(&compiled.0.sources));
        let text = sarif::render(&found, &compiled.0.sources, "a folder/spec");
        let document: Sarif = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let run = document.runs.first().expect("there is a run");
        let known: Vec<&str> = run.tool.driver.rules.iter().flatten().map(|rule| rule.id.as_str()).collect();
        for result in run.results.iter().flatten() {
            results += 1;
            assert!(known.contains(&result.rule_id.as_deref().expect("a result names its rule")), "{text}");
            assert!(matches!(result.level, Some(ResultLevel::Error | ResultLevel::Warning)), "{text}");
            let location = result.locations.iter().flatten().next().expect("a result has a place");
            let place = location.physical_location.as_ref().expect("in a file");
            let uri = place.artifact_location.as_ref().and_then(|artifact| artifact.uri.as_deref()).expect("with a name");
            assert!(uri.starts_with("a%20folder/spec/"), "{uri}");
            assert!(place.region.as_ref().and_then(|region| region.start_line).is_some_and(|line| line > 0));
        }
        for finding in &found {
            let line = github::render(finding, &compiled.0.sources, "a,folder:spec");
            assert!(line.starts_with("::error file=a%2Cfolder%3Aspec/") || line.starts_with("::warning file=a%2Cfolder%3Aspec/"), "{line}");
            assert_eq!(line.lines().count(), 1, "{line}");
        }
    }
    assert!(results > 70, "{results} results");
}
