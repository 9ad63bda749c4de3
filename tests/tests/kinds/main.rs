//! Every section of the spec language with all of its keys: one folder for each in `cases/kinds`, with the migration and the rollback that it
//! compiles to, applied and rolled back on every major version of PostgreSQL and in both regimes of Supabase.

mod keys;

use std::path::{Path, PathBuf};

use tests::compile::{compile, folder, round_trip};
use tests::postgres::{database, majors, plain_database};
use trust_schema::live::server::Regime;

fn cases_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/kinds")
}

fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cases_folder()).expect("the folder of cases is readable");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry is readable").path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

fn name(case: &Path) -> String {
    case.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[test]
fn every_kind_compiles_as_recorded() {
    for case in cases() {
        let compiled = compile(folder(&case));
        assert!(compiled.0.diagnostics.is_empty(), "{}:\n{}", name(&case), compiled.full());
        let mut text = String::new();
        for (path, sql) in compiled.expect_sql().iter() {
            text.push_str(&format!("──── {path}\n{}\n", sql.trim_end()));
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&case);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("sql", text));
    }
}

#[test]
fn every_kind_is_made_and_undone_on_every_major_version() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let mut failures = Vec::new();
        for &major in majors() {
            for case in cases() {
                let files = compile(folder(&case)).expect_sql();
                for regime in [Some(Regime::Hardened), Some(Regime::Legacy), None] {
                    // Without Supabase there are none of its roles: the one case that declares its own platform.
                    if regime.is_none() != (name(&case) == "project") {
                        continue;
                    }
                    let scratch = match regime {
                        Some(regime) => database(major, regime).await,
                        None => plain_database(major).await,
                    };
                    let client = scratch.connect().await.expect("the deployer connects");
                    if regime.is_none() {
                        let create = "do $$ begin if not exists (select from pg_roles where rolname = 'app') then create role app; end if; end $$";
                        client.batch_execute(create).await.expect("the role is there");
                    }
                    let context = format!("{} on {major}, {regime:?}", name(&case));
                    match round_trip(&client, &files).await {
                        Err(failure) => failures.push(format!("{context}: {}: {}", failure.file, failure.message)),
                        Ok(applied) => {
                            if !applied.left.is_empty() {
                                failures.push(format!("{context}: {:#?}", applied.left));
                            }
                        }
                    }
                }
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    });
}
