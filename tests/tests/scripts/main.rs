//! `lint --sql`: migrations that were written by hand, on real servers.

mod cases;
mod generated;
mod program;
mod truth;
mod versions;

use std::path::{Path, PathBuf};

use tests::compile::folder;
use tests::postgres::own_cluster;
use trust_schema::diagnostic::Diagnostic;
use trust_schema::live::scripts::{Checked, check};
use trust_schema::live::server::{Regime, Target};
use trust_schema::scripts::{Project, read};

/// A cluster of a major version: scripts create roles, which belong to a whole cluster.
fn target(major: u32) -> Target {
    Target::Cluster(Box::new(own_cluster(major)))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The scripts of a folder, and what is wrong with them before they are run.
fn project(migrations: &Path) -> (Project, Vec<Diagnostic>) {
    read(folder(migrations))
}

/// What is found in scripts that can be run.
async fn checked(target: &Target, project: &Project, regimes: &[Regime]) -> Checked {
    check(target, project, regimes, &mut |_| {}).await.unwrap_or_else(|error| panic!("{error}"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}
