//! One throw-away server for this test program; it ends with the program, however that ends.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// A connection with blocking calls.
pub struct Session {
    runtime: Runtime,
    client: Client,
}

impl Session {
    pub fn new() -> Self {
        let socket = server();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut config = tokio_postgres::Config::new();
        config.host_path(socket).user("postgres").dbname("postgres");
        let (client, connection) = runtime.block_on(config.connect(NoTls)).expect("a connection");
        runtime.spawn(async move {
            // The connection ends with the client.
            let _ = connection.await;
        });
        Self { runtime, client }
    }

    pub fn try_run(&self, sql: &str) -> Result<(), String> {
        let done = self.runtime.block_on(self.client.batch_execute(sql));
        done.map_err(|error| error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned()))
    }

    pub fn run(&self, sql: &str) {
        self.try_run(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The first column of the only row, as text.
    pub fn value(&self, sql: &str) -> String {
        let messages = self.runtime.block_on(self.client.simple_query(sql)).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let row = messages.iter().find_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None });
        row.and_then(|row| row.get(0)).unwrap_or_else(|| panic!("{sql}: no value")).to_owned()
    }

    pub fn column_names(&self, sql: &str) -> Vec<String> {
        let statement = self.runtime.block_on(self.client.prepare(sql)).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        statement.columns().iter().map(|column| column.name().to_owned()).collect()
    }

    pub fn column_name(&self, sql: &str) -> String {
        self.column_names(sql).pop().unwrap_or_default()
    }
}

/// The directory of the server's socket.
fn server() -> &'static Path {
    static SERVER: OnceLock<PathBuf> = OnceLock::new();
    SERVER.get_or_init(start)
}

/// The server refuses to run as root.
fn unprivileged() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    if fs::metadata("/proc/self").map(|own| own.uid()).unwrap_or(0) != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("the list of users");
    let line = users.lines().find(|line| line.starts_with("postgres:")).expect("a user postgres");
    let mut fields = line.split(':').skip(2).map(|field| field.parse().expect("a number"));
    Some((fields.next().expect("a user id"), fields.next().expect("a group id")))
}

fn command(program: &str, ids: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").current_dir("/");
    if let Some((user, group)) = ids {
        command.uid(user).gid(group);
    }
    command
}

#[allow(clippy::zombie_processes, reason = "the server ends with this program, which nothing outlives to wait for it")]
fn start() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let directory = parent.join(format!("sql-leaf-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory");
    let ids = unprivileged();
    if let Some((user, group)) = ids {
        chown(&directory, Some(user), Some(group)).expect("a directory of the server's user");
    }
    let data = directory.join("data");
    let made = command(&format!("{BIN}/initdb"), ids)
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions", "-D"])
        .arg(&data)
        .output()
        .expect("initdb");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    // The shell waits for the end of its input, which comes with the end of this program, then stops the server.
    let script = r#"trap '' INT; "$@" & server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf "$DIRECTORY""#;
    let mut child = command("/bin/sh", ids)
        .env("DIRECTORY", &directory)
        .args(["-c", script, "sh", &format!("{BIN}/postgres"), "-D"])
        .arg(&data)
        .arg("-k")
        .arg(&directory)
        .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "autovacuum=off", "-c", "max_connections=30"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a server");
    // Open until the program ends.
    std::mem::forget(child.stdin.take());
    let started = Instant::now();
    while !fs::read_to_string(data.join("postmaster.pid")).is_ok_and(|state| state.lines().nth(7).is_some_and(|line| line.trim() == "ready")) {
        assert!(started.elapsed() < Duration::from_secs(30), "the server did not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    directory
}
