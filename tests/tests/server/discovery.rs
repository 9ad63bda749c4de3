//! The order of the search, on machines laid out in a directory.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use trust_schema::live::server::{
    Account, Environment, Error, Found, Installing, Origin, Request, Server, find, installed, installed_majors, package,
};

/// Writes an executable file. Through a shell: a file that this process has open for writing, in whatever thread that just
/// forks, cannot be executed ("text file busy").
pub fn script(path: &Path, text: &str) {
    let status = Command::new("/bin/sh")
        .args(["-c", r#"mkdir -p "$(dirname "$1")" && printf '%s' "$2" > "$1" && chmod 755 "$1""#, "sh"])
        .arg(path)
        .arg(text)
        .status()
        .unwrap();
    assert!(status.success());
}

struct Machine {
    directory: tempfile::TempDir,
    environment: Environment,
}

fn machine() -> Machine {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    let environment = Environment {
        binaries: None,
        path: OsString::from(top.join("usr/bin")),
        root: top.to_path_buf(),
        cache: Some(top.join("cache")),
        memory: top.join("shm"),
        temporary: vec![top.join("tmp")],
        platform: "linux-x64".to_owned(),
        account: None,
    };
    Machine { directory, environment }
}

impl Machine {
    fn at(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    /// Puts something there that says it is a server of this version.
    fn server(&self, path: &str, version: &str) -> PathBuf {
        let binaries = self.at(path);
        script(&binaries.join("initdb"), "#!/bin/sh\n");
        script(&binaries.join("postgres"), &format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version} (Debian)'\n"));
        binaries
    }

    fn find(&self, major: Option<u32>) -> Result<Server, Error> {
        let request = Request { url: None, major, installing: Installing::Forbidden, environment: &self.environment };
        match find(&request, &mut |_| {})? {
            Found::Server(server) => Ok(server),
            Found::Url(_) => panic!("no URL was given"),
        }
    }
}

#[test]
fn each_source_comes_before_the_next() {
    let mut machine = machine();
    let cached = package("linux-x64", 17).unwrap().directory();
    machine.server(&format!("cache/pg/{cached}/bin"), "17.10");
    assert_eq!(machine.find(None).unwrap().origin, Origin::Cache);

    machine.server("usr/lib/postgresql/15/bin", "15.18");
    machine.server("usr/pgsql-16/bin", "16.1");
    let server = machine.find(None).unwrap();
    assert_eq!((server.origin, server.major, server.version.as_str()), (Origin::UsualPlace, 16, "16.1"));
    assert_eq!(server.binaries, machine.at("usr/pgsql-16/bin"));

    machine.server("usr/bin", "15.3");
    assert_eq!(machine.find(None).unwrap().origin, Origin::Path);

    let elsewhere = machine.server("elsewhere", "15.4");
    script(&machine.at("usr/bin/pg_config"), &format!("#!/bin/sh\necho '{}'\n", elsewhere.display()));
    assert_eq!(machine.find(None).unwrap().origin, Origin::PgConfig);

    machine.environment.binaries = Some(machine.server("mine", "15.5"));
    let server = machine.find(None).unwrap();
    assert_eq!((server.origin, server.version.as_str()), (Origin::Variable, "15.5"));

    // A major version that is asked for is looked for in every source.
    assert_eq!(machine.find(Some(16)).unwrap().origin, Origin::UsualPlace);
    assert_eq!(machine.find(Some(17)).unwrap().origin, Origin::Cache);
    assert_eq!(installed_majors(&machine.environment).unwrap(), [15, 16, 17]);
    let origins: Vec<Origin> = installed(&machine.environment).unwrap().iter().map(|server| server.origin).collect();
    let usual = Origin::UsualPlace;
    assert_eq!(origins, [Origin::Variable, Origin::PgConfig, Origin::Path, usual, usual, Origin::Cache]);
}

#[test]
fn every_usual_place_is_known() {
    for place in [
        "usr/lib/postgresql/15/bin",
        "usr/pgsql-17/bin",
        "usr/lib/postgresql16/bin",
        "usr/libexec/postgresql17",
        "opt/homebrew/opt/postgresql@17/bin",
        "usr/local/opt/postgresql@16/bin",
        "home/linuxbrew/.linuxbrew/opt/postgresql@18/bin",
        "Applications/Postgres.app/Contents/Versions/18/bin",
    ] {
        let machine = machine();
        let binaries = machine.server(place, "16.2");
        assert_eq!(machine.find(None).unwrap().binaries, binaries);
    }
}

#[test]
fn a_url_comes_before_everything() {
    let machine = machine();
    machine.server("usr/bin", "15.3");
    let mut request = Request {
        url: Some("postgresql://me:secret@host.example/db"),
        major: Some(17),
        installing: Installing::Allowed,
        environment: &machine.environment,
    };
    let Found::Url(config) = find(&request, &mut |line| panic!("{line}")).unwrap() else { panic!("the URL was ignored") };
    assert_eq!((config.get_user(), config.get_dbname()), (Some("me"), Some("db")));

    request.url = Some("postgresql://me:secret@host.example:port/db");
    let message = find(&request, &mut |_| {}).unwrap_err().to_string();
    assert!(message.contains("invalid value for option `port`") && !message.contains("secret"), "{message}");
    request.url = Some("postgresql:///db");
    assert!(find(&request, &mut |_| {}).unwrap_err().to_string().contains("it names no host"));
}

#[test]
fn an_old_server_and_half_a_server_are_no_servers() {
    let machine = machine();
    machine.server("usr/lib/postgresql/13/bin", "13.23");
    script(&machine.at("usr/lib/postgresql/16/bin/initdb"), "#!/bin/sh\n");
    script(&machine.at("usr/pgsql-17/bin/initdb"), "#!/bin/sh\n");
    script(&machine.at("usr/pgsql-17/bin/postgres"), "#!/bin/sh\necho 'libicu is missing' >&2\nexit 127\n");
    let message = machine.find(None).unwrap_err().to_string();
    insta::assert_snapshot!(message.replace(&machine.at("").display().to_string(), "/"));
}

#[test]
fn a_wrong_variable_is_an_error_and_not_stepped_over() {
    let mut machine = machine();
    machine.server("usr/bin", "15.3");
    machine.environment.binaries = Some(machine.at("nothing"));
    let error = machine.find(None).unwrap_err();
    insta::assert_snapshot!(error.to_string().replace(&machine.at("").display().to_string(), "/"));
}

#[test]
fn a_newer_server_than_tested_is_used_and_said() {
    let machine = machine();
    machine.server("usr/bin", "19devel");
    let request = Request { url: None, major: None, installing: Installing::Forbidden, environment: &machine.environment };
    let mut said = Vec::new();
    let found = find(&request, &mut |line| said.push(line.to_owned())).unwrap();
    assert!(matches!(found, Found::Server(server) if server.major == 19));
    assert!(matches!(said.as_slice(), [line] if line.ends_with("newer than 18, the newest version this program is tested with")));
}

#[test]
fn without_npm_nothing_is_installed_and_the_error_says_so() {
    let machine = machine();
    let request = Request { url: None, major: Some(16), installing: Installing::Allowed, environment: &machine.environment };
    let error = find(&request, &mut |line| panic!("{line}")).unwrap_err();
    insta::assert_snapshot!(error.to_string().replace(&machine.at("").display().to_string(), "/"));
}

#[test]
fn a_server_its_account_may_not_reach_is_no_server() {
    let mut machine = machine();
    let binaries = machine.server("usr/bin", "15.3");
    assert_eq!(machine.find(None).unwrap().binaries, binaries);
    fs::set_permissions(machine.directory.path(), Permissions::from_mode(0o700)).unwrap();
    machine.environment.account = Some(Account { name: "somebody".to_owned(), user: 54321, group: 54321 });
    let Err(Error::NoServer { tried, .. }) = machine.find(None) else { panic!("a server out of reach was chosen") };
    let closed = format!("may not enter `{}`", machine.directory.path().display());
    assert!(tried.iter().any(|line| line.starts_with("PATH: ") && line.ends_with(&closed)), "{tried:?}");
}

#[test]
fn nothing_is_run_from_a_relative_directory() {
    let mut machine = machine();
    machine.environment.path = OsString::from(".:bin:");
    let Err(Error::NoServer { tried, .. }) = machine.find(None) else { panic!("there is no server") };
    assert!(tried.contains(&"pg_config: not in `PATH`".to_owned()), "{tried:?}");
}

#[test]
fn a_major_that_is_not_covered_is_refused_before_the_search() {
    let machine = machine();
    machine.server("usr/bin", "13.1");
    insta::assert_snapshot!(machine.find(Some(13)).unwrap_err());
}
