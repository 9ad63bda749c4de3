//! The directory of one cluster: where it is put, and that it goes away whatever becomes of the program.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::install::failed;
use super::{Account, Environment, Error, effective_user};

/// A fresh cluster takes 40 MB and each database 8 MB more; containers often give `/dev/shm` 64 MB in all.
const ROOM: u64 = 300 * 1024 * 1024;
/// What fits into `sun_path` on Linux (108 bytes with the end mark); macOS has 104.
const LONGEST_SOCKET: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
/// The name of a socket, which the server derives from its port.
const SOCKET: &str = ".s.PGSQL.5432";
const PREFIX: &str = "trust-schema-";
const LOCK: &str = "lock";

/// Waits for its standard input. A line says that all is tidied up; its end without a line, that the program died, however
/// it died: then the server is stopped (where the kernel does not, `$2`), waited for, and the directory removed.
const CARETAKER: &str = r#"
if read -r word; then exit 0; fi
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$2" ] && [ -n "$pid" ]; then kill -QUIT "$pid"; fi
tries=0
while [ -e "$1/data/postmaster.pid" ] && [ "$tries" -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
"#;

/// A directory of our own, removed when this value is dropped and when the program dies.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    caretaker: Child,
    /// Held as long as the cluster lives: a sweep that can take it knows that nobody does.
    _lock: File,
}

impl Directory {
    /// Makes one in the first place that can hold a cluster, after sweeping the remains of dead programs there.
    pub(super) fn create(environment: &Environment) -> Result<Self, Error> {
        let account = environment.account.as_ref();
        let mut tried = Vec::new();
        let temporary = environment.temporary.iter().map(|place| (place, None));
        for (place, room) in std::iter::once((&environment.memory, Some(ROOM))).chain(temporary) {
            if let Err(problem) = suits(place, room, account) {
                tried.push(format!("`{}` {problem}", place.display()));
                continue;
            }
            sweep(place, account);
            match create_in(place, account) {
                Ok(directory) => return Ok(directory),
                Err(error) => tried.push(format!("`{}` cannot be written to: {error}", place.display())),
            }
        }
        Err(Error::NoDirectory { tried })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("log")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // Nothing can be done about a failure here: a later sweep takes what is left.
        let _ = fs::remove_dir_all(&self.path);
        if let Some(mut line) = self.caretaker.stdin.take() {
            let _ = line.write_all(b"done\n");
        }
        let _ = self.caretaker.wait();
    }
}

/// Why a place cannot hold a cluster, as what follows its name in a sentence.
fn suits(place: &Path, room: Option<u64>, account: Option<&Account>) -> Result<(), String> {
    if !place.is_dir() {
        return Err("is no directory".to_owned());
    }
    if let Some(needed) = room {
        let free = free_bytes(place).map_err(|error| format!("does not tell its free space: {error}"))?;
        if free < needed {
            return Err(format!("has {} MB free of the {} needed", free >> 20, needed >> 20));
        }
    }
    let longest = place.as_os_str().len() + format!("/{PREFIX}4194304-9999/{SOCKET}").len();
    if longest > LONGEST_SOCKET {
        return Err(format!("is too long a path for a socket in it, by {} bytes", longest - LONGEST_SOCKET));
    }
    match account.and_then(|account| Some((account, account.barrier(place)?))) {
        Some((account, barrier)) => Err(format!("is closed to the account `{}`, which may not enter `{}`", account.name, barrier.display())),
        None => Ok(()),
    }
}

fn free_bytes(place: &Path) -> io::Result<u64> {
    let path = std::ffi::CString::new(place.as_os_str().as_bytes())?;
    // SAFETY: all-zero is a valid statvfs, a struct of integers.
    let mut answer: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live locals.
    if unsafe { libc::statvfs(path.as_ptr(), &mut answer) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // The width of both fields differs between systems.
    #[allow(clippy::unnecessary_cast)]
    Ok((answer.f_bavail as u64).saturating_mul(answer.f_frsize as u64))
}

fn create_in(place: &Path, account: Option<&Account>) -> io::Result<Directory> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let path = loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = place.join(format!("{PREFIX}{}-{number}", std::process::id()));
        // Closed to others: in it lies the socket, behind which everybody is a superuser.
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => break path,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    };
    let furnished = furnish(&path, account);
    if furnished.is_err() {
        let _ = fs::remove_dir_all(&path);
    }
    let (lock, caretaker) = furnished?;
    Ok(Directory { path, caretaker, _lock: lock })
}

fn furnish(path: &Path, account: Option<&Account>) -> io::Result<(File, Child)> {
    let lock = File::create(path.join(LOCK))?;
    lock.try_lock()?;
    if let Some(account) = account {
        chown(path, Some(account.user), Some(account.group))?;
    }
    let stops_server = if cfg!(target_os = "linux") { "" } else { "yes" };
    let mut caretaker = Command::new("/bin/sh");
    caretaker.args(["-c", CARETAKER, "trust-schema-caretaker"]).arg(path).arg(stops_server);
    caretaker.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    // A group of its own: Ctrl-C at the terminal must not take it along with the program.
    caretaker.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(account) = account {
        caretaker.uid(account.user).gid(account.group);
    }
    Ok((lock, caretaker.spawn()?))
}

/// Removes the directories of programs that died together with their caretaker (a crash of the machine, a killed
/// container). Best effort: what cannot be removed stays.
fn sweep(place: &Path, account: Option<&Account>) {
    let Ok(entries) = fs::read_dir(place) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(process_in) else {
            continue;
        };
        let Ok(metadata) = entry.path().symlink_metadata() else {
            continue;
        };
        if metadata.is_dir() && is_ours(&metadata, account) && !is_alive(process) && !is_locked(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The process id in the name of a directory of ours.
fn process_in(name: &str) -> Option<i32> {
    let (process, number) = name.strip_prefix(PREFIX)?.split_once('-')?;
    number.parse::<u32>().ok()?;
    process.parse().ok().filter(|process| *process > 0)
}

fn is_ours(metadata: &Metadata, account: Option<&Account>) -> bool {
    metadata.uid() == effective_user() || account.is_some_and(|account| metadata.uid() == account.user)
}

fn is_alive(process: i32) -> bool {
    // SAFETY: signal 0 only asks whether the process is there.
    let answer = unsafe { libc::kill(process, 0) };
    answer == 0 || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

/// Process ids repeat across containers that share the place; the lock does not.
fn is_locked(directory: &Path) -> bool {
    match File::open(directory.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// The end of a server's log, for an error message.
pub(super) fn read_log(directory: &Directory) -> Result<String, Error> {
    let log = directory.log();
    let bytes = fs::read(&log).map_err(|source| failed("read", &log, source))?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines.iter().skip(lines.len().saturating_sub(20)).copied().collect::<Vec<_>>().join("\n"))
}
