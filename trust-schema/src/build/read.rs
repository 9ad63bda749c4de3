//! Reading a spec's folder.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Error;
use crate::compile::{self, Compilation};
use crate::diagnostic::{Diagnostic, codes};
use crate::parallel;
use crate::release::Previous;
use crate::resolve::{self, Begun, Resolved};
use crate::source::{SourceFile, Sources};

/// Largest file of a spec; nobody writes one by hand, and places in it are counted in 32 bits.
const MAXIMUM_FILE: u64 = 64 << 20;
/// Bounds that no spec comes near: they end a walk through a folder that is none (a home, a disk) before it fills the memory.
const MAXIMUM_TOTAL: u64 = 256 << 20;
const MAXIMUM_ENTRIES: usize = 100_000;
const MAXIMUM_DEPTH: usize = 32;

/// What a spec's folder holds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// In the order of their paths.
    pub files: Vec<SourceFile>,
    /// Files that are no text, or too large.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads every `*.toml` and `*.sql` beneath a folder, once. Hidden files and folders are left out, since editors and version control keep
/// theirs there. Symbolic links are refused, not followed: a link in a checked-out repository could bring any file of the machine into a message.
///
/// # Errors
/// [`Error::File`], [`Error::OddSource`], [`Error::TooMuch`].
pub fn load(spec: &Path) -> Result<Loaded, Error> {
    let mut walk = Walk { spec, loaded: Loaded::default(), entries: 0, bytes: 0 };
    walk.folder(spec, "", 0)?;
    walk.loaded.files.sort_by(|a, b| a.path.cmp(&b.path));
    walk.loaded.diagnostics.sort_by(|a, b| a.message.cmp(&b.message));
    Ok(walk.loaded)
}

/// Reads a spec's folder and compiles it. Files that cannot be read are told alone: without them, everything else would seem to be wrong.
///
/// # Errors
/// Those of [`load`].
pub fn compile(spec: &Path) -> Result<Compilation, Error> {
    Ok(compile::compile_resolved(resolve(spec)?))
}

/// As [`compile`], of a spec that leads on from what was released into its output folder.
///
/// # Errors
/// Those of [`load`] and of [`super::released`].
pub fn compile_into(spec: &Path, output: &Path) -> Result<Compilation, Error> {
    Ok(compile::compile_resolved(resolve_into(spec, output)?))
}

/// Reads a spec's folder and resolves it, without outputs. As [`compile`] otherwise.
///
/// # Errors
/// Those of [`load`].
pub fn resolve(spec: &Path) -> Result<Resolved, Error> {
    Ok(match begin(spec)? {
        Ok(begun) => begun.resolve(None),
        Err(unreadable) => unreadable,
    })
}

/// As [`resolve`], of a spec that leads on from what was released into its output folder.
///
/// # Errors
/// Those of [`load`] and of [`super::released`].
pub fn resolve_into(spec: &Path, output: &Path) -> Result<Resolved, Error> {
    let (released, begun) = parallel::join(|| super::release::unread(output), || begin(spec));
    Ok(match (released?, begun?) {
        (Ok(unread), Ok(begun)) => begun.resolve(unread.map(Previous::Unread)),
        (Ok(_), Err(unreadable)) => unreadable,
        (Err(diagnostic), Ok(Begun { sources, .. }) | Err(Resolved { sources, .. })) => {
            Resolved { sources, resolution: None, diagnostics: vec![*diagnostic] }
        }
    })
}

/// Begins, or has said what cannot be read.
fn begin(spec: &Path) -> Result<Result<Begun, Resolved>, Error> {
    let loaded = load(spec)?;
    Ok(if loaded.diagnostics.is_empty() {
        Ok(resolve::begin(loaded.files))
    } else {
        Err(Resolved { sources: Sources::new(loaded.files), resolution: None, diagnostics: loaded.diagnostics })
    })
}

/// Reads the SQL scripts of a folder, those beneath its folder `migrations` where it has one, and of it nothing deeper. Scripts that undo
/// others (`*.down.sql`) are left out. Also gives back the folder in which they lie.
///
/// # Errors
/// Those of [`load`].
pub fn scripts(folder: &Path) -> Result<(PathBuf, Loaded), Error> {
    let places = [folder.join("supabase/migrations"), folder.join("migrations")];
    let folder = places.into_iter().find(|place| place.is_dir()).unwrap_or_else(|| folder.to_path_buf());
    // As messages name it.
    let folder = folder.strip_prefix(".").ok().filter(|rest| !rest.as_os_str().is_empty()).map(Path::to_path_buf).unwrap_or(folder);
    let mut walk = Walk { spec: &folder, loaded: Loaded::default(), entries: 0, bytes: 0 };
    walk.scripts(&folder)?;
    let loaded = walk.loaded;
    Ok((folder, loaded))
}

struct Walk<'p> {
    spec: &'p Path,
    loaded: Loaded,
    entries: usize,
    bytes: u64,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), Error> {
        if depth > MAXIMUM_DEPTH {
            return Err(self.too_much(format!("{MAXIMUM_DEPTH} folders in each other")));
        }
        let entries = fs::read_dir(folder).map_err(Error::file("read the folder", folder))?;
        for entry in entries {
            let entry = entry.map_err(Error::file("read the folder", folder))?;
            self.entries += 1;
            if self.entries > MAXIMUM_ENTRIES {
                return Err(self.too_much(format!("{MAXIMUM_ENTRIES} files")));
            }
            let path = entry.path();
            let name = entry.file_name();
            let lossy = name.to_string_lossy();
            if lossy.starts_with('.') {
                continue;
            }
            let odd = |problem| Err(Error::OddSource { path: path.clone(), problem });
            let wanted = lossy.ends_with(".toml") || lossy.ends_with(".sql");
            let kind = entry.file_type().map_err(Error::file("look at", &path))?;
            if kind.is_symlink() && (wanted || path.is_dir()) {
                return odd("it is a symbolic link; put the file or folder itself there");
            }
            if !kind.is_dir() && !wanted {
                continue;
            }
            let Some(name) = name.to_str() else { return odd("its name is not UTF-8") };
            if name.contains(|character: char| character.is_control() || matches!(character, '\\' | '<' | '>')) {
                return odd("its name holds a character that has no place in a name");
            }
            let relative = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            if kind.is_dir() {
                self.folder(&path, &relative, depth + 1)?;
            } else if kind.is_file() {
                self.file(&path, relative)?;
            } else {
                return odd("it is no ordinary file");
            }
        }
        Ok(())
    }

    fn scripts(&mut self, folder: &Path) -> Result<(), Error> {
        for entry in fs::read_dir(folder).map_err(Error::file("read the folder", folder))? {
            let entry = entry.map_err(Error::file("read the folder", folder))?;
            let kind = entry.file_type().map_err(Error::file("look at", &entry.path()))?;
            let name = entry.file_name();
            let is_script = name.to_str().is_some_and(|name| name.ends_with(".sql") && !name.ends_with(".down.sql") && !name.starts_with('.'));
            if kind.is_symlink() && is_script {
                return Err(Error::OddSource { path: entry.path(), problem: "it is a symbolic link; put the file itself there" });
            }
            if let Some(name) = name.to_str().filter(|_| is_script && kind.is_file()) {
                self.file(&entry.path(), name.to_owned())?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, relative: String) -> Result<(), Error> {
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(Error::file("open", path))?;
        let read = file.take(MAXIMUM_FILE + 1).read_to_end(&mut bytes).map_err(Error::file("read", path))? as u64;
        if read > MAXIMUM_FILE {
            let message = format!("`{relative}` is larger than {} MiB", MAXIMUM_FILE >> 20);
            self.loaded.diagnostics.push(Diagnostic::global(&codes::TOO_LARGE, message));
            return Ok(());
        }
        self.bytes += read;
        if self.bytes > MAXIMUM_TOTAL {
            return Err(self.too_much(format!("{} MiB", MAXIMUM_TOTAL >> 20)));
        }
        match String::from_utf8(bytes) {
            Ok(text) => self.loaded.files.push(SourceFile { path: relative, text }),
            Err(error) => {
                let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
                let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
                let message = format!("`{relative}` is not UTF-8: line {line}, byte {}", valid.len() + 1);
                self.loaded.diagnostics.push(Diagnostic::global(&codes::NOT_TEXT, message).help("save the file as UTF-8"));
            }
        }
        Ok(())
    }

    fn too_much(&self, limit: String) -> Error {
        Error::TooMuch { folder: self.spec.to_path_buf(), limit }
    }
}
