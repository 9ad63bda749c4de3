//! The unprivileged account a server runs under when the program runs as root: PostgreSQL refuses to run as root.

use std::ffi::CString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// An account of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name, for messages.
    pub name: String,
    /// Its user id.
    pub user: u32,
    /// Its group id.
    pub group: u32,
}

/// The id of the user that the program runs as.
pub(crate) fn effective_user() -> u32 {
    // SAFETY: geteuid has no preconditions and cannot fail.
    unsafe { libc::geteuid() }
}

impl Account {
    /// The account to drop to: `None` unless the program runs as root, then `postgres`, else `nobody`.
    pub fn to_drop_to() -> Option<Self> {
        if effective_user() != 0 {
            return None;
        }
        let known = ["postgres", "nobody"].into_iter().find_map(look_up);
        // 65534 is the kernel's overflow id, which owns nothing: the choice where the user database names neither.
        Some(known.unwrap_or(Self { name: "nobody".to_owned(), user: 65534, group: 65534 }))
    }

    /// The first directory on the way to `path` (or `path` itself) that this account may not enter.
    pub fn barrier(&self, path: &Path) -> Option<PathBuf> {
        let mut way: Vec<&Path> = path.ancestors().collect();
        way.reverse();
        way.into_iter().find(|step| !self.may_enter(step)).map(Path::to_path_buf)
    }

    /// By the mode bits alone; an access list that grants more is not seen.
    fn may_enter(&self, path: &Path) -> bool {
        let Ok(metadata) = path.metadata() else {
            return false;
        };
        let execute = if metadata.uid() == self.user {
            0o100
        } else if metadata.gid() == self.group {
            0o010
        } else {
            0o001
        };
        metadata.mode() & execute != 0
    }
}

/// An account by its name, from the system's user database.
fn look_up(name: &str) -> Option<Account> {
    let name_for_c = CString::new(name).ok()?;
    let mut buffer = vec![0; 16 * 1024];
    // SAFETY: all-zero is a valid passwd: integers and null pointers.
    let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
    let mut found: *mut libc::passwd = std::ptr::null_mut();
    // SAFETY: every pointer is to a live local of the right type, and the length is the buffer's.
    let status = unsafe { libc::getpwnam_r(name_for_c.as_ptr(), &mut entry, buffer.as_mut_ptr(), buffer.len(), &mut found) };
    (status == 0 && !found.is_null()).then(|| Account { name: name.to_owned(), user: entry.pw_uid, group: entry.pw_gid })
}
