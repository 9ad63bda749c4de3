//! Many sessions at once: real connections, each driven by a task of its own.

pub mod limits;
pub mod once;
pub mod tokens;

use std::future::Future;

use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinSet;

/// Sessions that act at once.
pub const CROWD: usize = 32;

/// One crowd at a time: a cluster takes 100 connections.
pub async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

/// Runs tasks at once, and returns their results when all have ended.
///
/// # Panics
/// Where one of them does.
pub async fn together<T: Send + 'static, F: Future<Output = T> + Send + 'static>(tasks: Vec<F>) -> Vec<T> {
    let mut running = JoinSet::new();
    for task in tasks {
        running.spawn(task);
    }
    running.join_all().await
}
