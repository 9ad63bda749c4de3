//! A PostgreSQL server for one test: a new cluster in a temporary folder, reached by a socket in it, gone at the end.

use std::{
    error::Error,
    fs, io,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio_postgres::{Client, Config, NoTls};

/// What makes a server fast that nobody will miss.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=16MB",
    "max_connections=10",
    "timezone=UTC",
];

/// A running server.
pub struct Server {
    process: Child,
    folder: TempDir,
    programs: PathBuf,
    owner: Option<(u32, u32)>,
}

impl Server {
    /// Makes a cluster and starts it.
    pub fn start() -> Result<Server, Box<dyn Error>> {
        let programs = programs()?;
        let owner = owner()?;
        let folder = tempfile::Builder::new()
            .prefix("trust-lite-")
            .tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())?;
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let data = folder.path().join("data");
        let made = command(&programs, "initdb", owner)
            .arg("-D")
            .arg(&data)
            .args([
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--no-instructions",
            ])
            .output()?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into());
        }
        let log = folder.path().join("log");
        let mut start = command(&programs, "postgres", owner);
        start.arg("-D").arg(&data).arg("-k").arg(folder.path());
        for setting in SETTINGS {
            start.args(["-c", setting]);
        }
        let process = start
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log)?)
            .spawn()?;
        let mut server = Server {
            process,
            folder,
            programs,
            owner,
        };
        server.wait_until_ready(&data.join("postmaster.pid"), &log)?;
        Ok(server)
    }

    /// Connects as the superuser.
    pub async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        let mut config = Config::new();
        config
            .host_path(self.folder.path())
            .user("postgres")
            .dbname("postgres");
        let (client, connection) = config.connect(NoTls).await?;
        // A broken connection shows in the client's next answer.
        tokio::spawn(connection);
        Ok(client)
    }

    fn wait_until_ready(&mut self, status: &Path, log: &Path) -> Result<(), Box<dyn Error>> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            // The eighth line of postmaster.pid is the server's state.
            let text = fs::read_to_string(status).unwrap_or_default();
            if text
                .lines()
                .nth(7)
                .is_some_and(|state| state.trim() == "ready")
            {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("{status}: {}", fs::read_to_string(log)?).into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err("the server was not ready after a minute".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = command(&self.programs, "pg_ctl", self.owner)
            .args(["stop", "--silent", "-m", "immediate", "-D"])
            .arg(self.folder.path().join("data"))
            .status();
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// The folder of PostgreSQL's programs: `PG_BIN`, or the newest installed one.
fn programs() -> io::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("PG_BIN") {
        return Ok(folder.into());
    }
    let mut versions = Vec::new();
    for entry in fs::read_dir("/usr/lib/postgresql")? {
        let entry = entry?;
        if let Some(version) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        {
            versions.push((version, entry.path().join("bin")));
        }
    }
    versions.sort();
    versions
        .pop()
        .map(|(_, path)| path)
        .ok_or_else(|| io::Error::other("no PostgreSQL is installed"))
}

/// Whom to run as: PostgreSQL refuses root, so root becomes the user `postgres`.
fn owner() -> io::Result<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let fields = users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>());
    let found = fields
        .filter(|fields| fields.first() == Some(&"postgres"))
        .find_map(|fields| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)));
    found
        .map(Some)
        .ok_or_else(|| io::Error::other("root needs a user `postgres` to run the server as"))
}

fn command(programs: &Path, name: &str, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(programs.join(name));
    command
        .env_clear()
        .env("LC_ALL", "C")
        .env("PATH", "/usr/bin:/bin")
        .env("TZ", "UTC")
        .current_dir("/");
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}
