//! The log of deployments: one line of JSON for each beginning and each end, in a file of the project.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use super::Stop;

/// A log file.
#[derive(Debug, Clone)]
pub struct Record {
    path: PathBuf,
    /// What all lines of one run have in common.
    run: String,
    common: Value,
}

impl Record {
    /// Opens the log and notes that a run begins. It is brought to the disk before anything is changed.
    ///
    /// # Errors
    /// [`Stop`] `log` where it cannot be written: then nothing may be changed.
    pub fn begin(path: &Path, verb: &str, common: Value, details: &impl Serialize) -> Result<Record, Stop> {
        let run = format!("{}-{:08x}", now(), fastrand::u32(..));
        let record = Record { path: path.to_path_buf(), run, common: json!({ "verb": verb, "where": common }) };
        record.note("begun", details)?;
        Ok(record)
    }

    /// Notes how it ended, or what happened on the way.
    ///
    /// # Errors
    /// As [`Record::begin`].
    pub fn note(&self, event: &str, details: &impl Serialize) -> Result<(), Stop> {
        let failed = |error: &dyn std::fmt::Display| {
            Stop::new("log", format!("the log of deployments `{}` cannot be written: {error}", self.path.display()))
                .help("every deployment is logged: make the file writable, or name another one, `--log FILE`")
        };
        let mut line = json!({ "at": now(), "run": self.run, "event": event });
        if let (Value::Object(line), Value::Object(common)) = (&mut line, &self.common) {
            line.extend(common.clone());
            line.insert("details".to_owned(), serde_json::to_value(details).map_err(|error| failed(&error))?);
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).map_err(|error| failed(&error))?;
        // In one piece: other runs may write at the same moment.
        file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_data()).map_err(|error| failed(&error))
    }
}

/// The time, in UTC.
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The time as a part of file names.
pub fn stamp() -> String {
    jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string()
}
