//! Programs, measured as whole processes.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One run: how long it took, and the peak memory in KiB, as `/proc` tells while it runs. What it prints is thrown away.
///
/// # Errors
/// Where it cannot be run, or fails.
pub fn run(command: &mut Command) -> std::io::Result<(Duration, u64)> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        if let Some(line) =
            std::fs::read_to_string(&status).ok().and_then(|text| text.lines().find(|line| line.starts_with("VmHWM")).map(str::to_owned))
        {
            peak = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(peak).max(peak);
        }
        match child.try_wait()? {
            Some(status) if status.success() => return Ok((start.elapsed(), peak)),
            Some(status) => return Err(std::io::Error::other(format!("{:?}: {status}", command.get_program()))),
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// The median of some times.
pub fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
