//! Recorded changes: a folder each, with the spec before and after, `[release]`, and what comes of them: diagnostics, or the statements there and
//! back with their hazards. Each is run on a real server, in both directions.

use std::path::{Path, PathBuf};

use tests::compile::files;
use tests::postgres::{any_major, database};
use trust_schema::compile::{Compilation, compile, compile_after};
use trust_schema::diagnostic::render::full::{self, Style};
use trust_schema::live::server::Regime;
use trust_schema::source::SourceFile;

use super::run::{PROJECT, build, compiled, differences, found, rows, run_part, text};
use tests::compile::release;

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/evolution")
}

pub(super) fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder()).expect("the cases").map(|entry| entry.expect("an entry").path()).collect();
    cases.sort();
    cases
}

pub(super) fn read(case: &Path, file: &str) -> String {
    std::fs::read_to_string(case.join(file)).unwrap_or_default()
}

pub(super) fn module(text: &str) -> String {
    format!("[module]\nmigration = \"20260101000000_case\"\n\n{text}")
}

pub(super) fn both(case: &Path) -> (Compilation, Compilation) {
    let before = compile(files(&[("trust.toml", PROJECT), ("case.toml", &module(&read(case, "before.toml")))]));
    let told = || before.diagnostics.iter().map(|diagnostic| full::render(diagnostic, &before.sources, "spec", Style::Plain)).collect::<String>();
    assert!(before.outputs.is_some(), "{}\n{}", case.display(), told());
    let after = compile_after(files_after(case), Some(release(&before)));
    (before, after)
}

pub(super) fn files_after(case: &Path) -> Vec<SourceFile> {
    let head = format!("{PROJECT}\n{}", read(case, "release.toml"));
    files(&[("trust.toml", &head), ("case.toml", &module(&read(case, "after.toml")))])
}

#[test]
fn every_change_is_as_recorded() {
    let mut codes = std::collections::BTreeSet::new();
    for case in cases() {
        let (_, after) = both(&case);
        let mut record = String::new();
        for diagnostic in &after.diagnostics {
            codes.insert(diagnostic.code.name);
            record.push_str(&full::render(diagnostic, &after.sources, "spec", Style::Plain));
            record.push('\n');
        }
        if let Some((resolution, pending)) = after.resolution.as_ref().and_then(|resolution| Some((resolution, resolution.pending.as_ref()?))) {
            record.push_str(&format!("──── there\n{}", text(&pending.evolution)));
            let outputs = after.outputs.as_ref().expect("outputs");
            let new = resolution.modules.iter().skip(pending.released.release.migrations.len());
            for (number, (back, module)) in pending.back.iter().zip(new).enumerate() {
                let file = &outputs.0[&format!("rollback/{}.sql", module.migration)];
                // What whoever runs it is told before its statements.
                let told = file.lines().filter(|line| {
                    line.starts_with("-- While it runs") || line.starts_with("-- What the migration") || line.starts_with("-- Values that")
                });
                let told = told.map(|line| format!("{line}\n")).collect::<String>();
                record.push_str(&format!("──── back over part {}\n{told}{}", number + 1, text(back)));
            }
            record.push_str("──── hazards\n");
            for hazard in &pending.hazards {
                record.push_str(&format!("{}\n", serde_json::to_string(hazard).expect("a hazard is JSON")));
            }
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&case);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("evolution", record));
    }
    for name in [
        "pending-without-name",
        "loss-not-accepted",
        "contract-broken",
        "intent-released",
        "rename-impossible",
        "value-without-successor",
        "no-cast",
        "no-value-for-rows",
    ] {
        assert!(codes.contains(name), "no case gives {name}");
    }
}

#[tokio::test]
async fn every_change_leads_there_and_back() {
    for case in cases() {
        let (_, after) = both(&case);
        let Some(pending) = after.resolution.as_ref().and_then(|resolution| resolution.pending.as_ref()) else { continue };
        let name = case.file_name().unwrap_or_default().to_string_lossy();
        let (old, new) = (compiled(&module(&read(&case, "before.toml"))), compiled(&module(&read(&case, "after.toml"))));
        let (Ok(old), Ok(new)) = (old, new) else { panic!("{name}") };
        let fresh = database(any_major(), Regime::Legacy).await;
        build(&fresh.connect().await.expect("a connection"), &new).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let scratch = database(any_major(), Regime::Legacy).await;
        let (client, administrator) =
            (scratch.connect().await.expect("a connection"), scratch.connect_as_administrator().await.expect("a connection"));
        build(&client, &old).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        client.batch_execute(&read(&case, "rows.sql")).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let start = found(&administrator).await;
        let rows_before = rows(&administrator).await;
        for part in &pending.evolution.parts {
            run_part(&client, part).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let wanted = found(&fresh.connect_as_administrator().await.expect("a connection")).await;
        let wrong = differences(&wanted, &found(&administrator).await);
        assert!(wrong.is_empty(), "{name} does not lead where a fresh build does:\n{}", wrong.join("\n"));
        // What has to be true of the rows then.
        if case.join("holds.sql").exists() {
            let holds: bool =
                administrator.query_one(&read(&case, "holds.sql"), &[]).await.unwrap_or_else(|error| panic!("{name}: {error:?}")).get(0);
            assert!(holds, "{name}: {:#?}", rows(&administrator).await);
        }
        for part in pending.back.iter().rev().flat_map(|back| &back.parts) {
            run_part(&client, part).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let wrong = differences(&start, &found(&administrator).await);
        assert!(wrong.is_empty(), "{name} does not lead back:\n{}", wrong.join("\n"));
        let release = read(&case, "release.toml");
        if !release.contains("loses") || release.contains("restores") {
            assert_eq!(rows_before, rows(&administrator).await, "{name} does not bring the rows back");
        }
    }
}
