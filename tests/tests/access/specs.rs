//! Specs on servers, in both regimes: Trust-lite, the spec of every kind, and each of the case directories.

use std::path::{Path, PathBuf};

use tests::compile::{apply, compile, folder, introduction};
use tests::postgres::{any_major, database, majors, plain_database};
use tokio_postgres::Client;
use trust_schema::access::{Access, access};
use trust_schema::emit::Files;
use trust_schema::live::server::{DEPLOYER, Regime};
use trust_schema::resolve::Resolution;
use trust_schema::source::SourceFile;

use crate::attempts;
use crate::oracle::Compared;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A spec that compiles, with its migrations.
pub fn compiled(files: Vec<SourceFile>) -> (Resolution, Files) {
    let compiled = compile(files);
    let sql = compiled.expect_sql();
    (compiled.0.resolution.expect("a spec without errors resolves"), sql)
}

pub fn of(resolution: &Resolution) -> Access {
    access(&resolution.catalog, &resolution.project.owner)
}

/// Runs the migrations.
pub async fn migrate(client: &Client, files: &Files) {
    for (path, sql) in files.iter().filter(|(path, _)| path.starts_with("migrations/")) {
        apply(client, path, sql).await.unwrap_or_else(|failure| panic!("{}: {}", failure.file, failure.message));
    }
}

async fn agrees(name: &str, files: Vec<SourceFile>, major: u32, regime: Regime) -> usize {
    let (resolution, sql) = compiled(files);
    let scratch = database(major, regime).await;
    migrate(&scratch.connect().await.unwrap(), &sql).await;
    let client = scratch.connect_as_administrator().await.unwrap();
    let access = of(&resolution);
    let compared = Compared { catalog: &resolution.catalog, access: &access, owner: Some(DEPLOYER), major };
    let (asked, mut wrong) = compared.disagreements(&client).await;
    attempts::prepare(&client).await;
    let (tried, failed) = compared.failed_attempts(&client).await;
    wrong.extend(failed);
    assert!(wrong.is_empty(), "{name} on {major}, {regime}:\n{}", wrong.join("\n"));
    asked + tried
}

#[tokio::test]
async fn trust_lite_is_as_computed() {
    for &major in majors() {
        for regime in Regime::ALL {
            let asked = agrees("Trust-lite", folder(&root().join("spec")), major, regime).await;
            assert!(asked > 5_000, "only {asked} answers were compared");
        }
    }
}

#[tokio::test]
async fn every_kind_is_as_computed() {
    let everything = folder(&root().join("tests/tests/introspection/everything"));
    for regime in Regime::ALL {
        agrees("everything", everything.clone(), any_major(), regime).await;
        agrees("the introduction", introduction(), any_major(), regime).await;
    }
}

#[tokio::test]
async fn every_case_is_as_computed() {
    let cases = root().join("tests/cases/kinds");
    let mut compared = 0;
    for case in std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        // The one with a platform of its own.
        if name == "project" {
            continue;
        }
        for regime in Regime::ALL {
            compared += agrees(&name, folder(&case), any_major(), regime).await;
        }
    }
    assert!(compared > 10_000, "only {compared} answers were compared");
}

#[tokio::test]
async fn a_platform_of_its_own_is_as_computed() {
    let (resolution, sql) = compiled(folder(&root().join("tests/cases/kinds/project")));
    let scratch = plain_database(any_major()).await;
    let client = scratch.connect_as_administrator().await.unwrap();
    client.batch_execute("create role readers; create role app login noinherit bypassrls in role readers").await.unwrap();
    migrate(&client, &sql).await;
    let access = of(&resolution);
    let compared = Compared { catalog: &resolution.catalog, access: &access, owner: None, major: any_major() };
    let (asked, wrong) = compared.disagreements(&client).await;
    assert!(wrong.is_empty() && asked > 20, "{asked} answers\n{}", wrong.join("\n"));
}
