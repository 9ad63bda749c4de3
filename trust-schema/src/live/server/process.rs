//! The process of a server: `initdb`, start, readiness, and its end with ours.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::directory::{Directory, read_log};
use super::install::failed;
use super::{Account, Error, Server};

/// Safety is not wanted of a cluster that is thrown away, speed is. Local socket only, no background work that a test
/// could see, and nothing in the files of the machine: shared segments lie in the data directory.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=16MB",
    "dynamic_shared_memory_type=mmap",
    "autovacuum=off",
    "jit=off",
    "max_connections=100",
    "max_locks_per_transaction=256",
    "logging_collector=off",
    "max_parallel_workers=0",
    "max_logical_replication_workers=0",
    "timezone=UTC",
];
/// Start takes 20 ms on a quiet machine; this is for one that is not.
const PATIENCE: Duration = Duration::from_secs(60);
/// An immediate stop takes some milliseconds.
const STOP_PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(2);

/// A running server. It is stopped when this value is dropped, and by the kernel when the program dies.
#[derive(Debug)]
pub(super) struct Process {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Makes the data directory. The superuser is `postgres`, and whoever reaches the socket is let in.
pub(super) fn initialise(server: &Server, directory: &Directory, account: Option<&Account>) -> Result<(), Error> {
    let program = server.binaries.join("initdb");
    let output = command(&program, account)
        .arg("-D")
        .arg(directory.data())
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"])
        .stdin(Stdio::null())
        .output()
        .map_err(|source| failed("run", &program, source))?;
    if output.status.success() {
        return Ok(());
    }
    let output = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(Error::Initialise { binaries: server.binaries.clone(), output: output.trim().to_owned() })
}

/// Starts the server and returns when it takes connections.
pub(super) fn start(server: &Server, directory: &Directory, account: Option<&Account>, settings: &[&str]) -> Result<Process, Error> {
    let log = directory.log();
    let log = File::create(&log).map_err(|source| failed("create", &log, source))?;
    let program = server.binaries.join("postgres");
    let mut command = command(&program, account);
    command.arg("-D").arg(directory.data()).arg("-k").arg(directory.path()).args(["-p", "5432"]);
    for setting in SETTINGS.iter().chain(settings) {
        command.args(["-c", setting]);
    }
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);

    let (stop, stopped) = channel();
    let (report, reported) = channel();
    let pid_file = directory.data().join("postmaster.pid");
    // The signal at the parent's death is sent at the death of the thread that spawned the server. This one does
    // nothing but live until the cluster is dropped.
    let thread = thread::Builder::new()
        .name("trust-schema-server".to_owned())
        .spawn(move || attend(command, &pid_file, &report, &stopped))
        .map_err(|source| failed("start a thread for", &program, source))?;
    let process = Process { stop: Some(stop), thread: Some(thread) };
    let problem = match reported.recv() {
        Ok(Ok(())) => return Ok(process),
        Ok(Err(problem)) => problem,
        Err(_) => "its thread ended".to_owned(),
    };
    drop(process);
    Err(Error::Start { binaries: server.binaries.clone(), problem, log: read_log(directory)? })
}

fn attend(mut command: Command, pid_file: &Path, report: &Sender<Result<(), String>>, stopped: &Receiver<()>) {
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let _ = report.send(Err(error.to_string()));
            return;
        }
    };
    let ready = wait_until_ready(&mut child, pid_file);
    let came_up = ready.is_ok();
    let _ = report.send(ready);
    if came_up {
        // Returns when the other end is dropped.
        let _ = stopped.recv();
    }
    stop(&mut child);
}

/// The server writes `ready` into the eighth line of its pid file when it takes connections, a standby `standby`.
fn wait_until_ready(child: &mut Child, pid_file: &Path) -> Result<(), String> {
    let start = Instant::now();
    loop {
        let state = fs::read_to_string(pid_file).unwrap_or_default();
        if state.lines().nth(7).is_some_and(|line| ["ready", "standby"].contains(&line.trim())) {
            return Ok(());
        }
        match child.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) => return Err(format!("it ended with {status}")),
            Err(error) => return Err(error.to_string()),
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("it was not ready after {} s", PATIENCE.as_secs()));
        }
        thread::sleep(POLL);
    }
}

/// SIGQUIT is an immediate shutdown: no checkpoint, and no shared segment left behind, as SIGKILL would.
fn stop(child: &mut Child) {
    // One that has ended has been waited for by this very call, and its id may be another process's by now.
    let Ok(None) = child.try_wait() else { return };
    if let Ok(process) = i32::try_from(child.id()) {
        // SAFETY: the process is our child and has not been waited for, so its id is still its own.
        unsafe { libc::kill(process, libc::SIGQUIT) };
    }
    let start = Instant::now();
    while let Ok(None) = child.try_wait() {
        if start.elapsed() > STOP_PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        thread::sleep(POLL);
    }
}

/// A command with nothing of the caller's environment, in a directory every account may enter, under the account given,
/// and ending with the thread that spawns it (Linux).
fn command(program: &PathBuf, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").env("TZ", "UTC").current_dir("/");
    if let Some(account) = account {
        // With a user id set, the standard library drops the supplementary groups too.
        command.uid(account.user).gid(account.group);
    }
    end_with_parent(&mut command);
    command
}

#[cfg(target_os = "linux")]
fn end_with_parent(command: &mut Command) {
    let parent = std::process::id();
    let set = move || {
        // SAFETY: both calls are async-signal-safe and take no pointer.
        if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGQUIT) } != 0 {
            return Err(std::io::Error::last_os_error());
        }
        // The parent may have died before the line above.
        if u32::try_from(unsafe { libc::getppid() }) != Ok(parent) {
            return Err(std::io::Error::from_raw_os_error(libc::ESRCH));
        }
        Ok(())
    };
    // SAFETY: the closure only makes system calls and allocates nothing. It runs after the change of the user id, which
    // would clear the setting.
    unsafe { command.pre_exec(set) };
}

/// Elsewhere the caretaker of the directory stops the server.
#[cfg(not(target_os = "linux"))]
fn end_with_parent(_command: &mut Command) {}
