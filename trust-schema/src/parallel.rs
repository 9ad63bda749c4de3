//! Work on many items at once, with results in the order of the items.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Stack of each worker: what a main thread has, since parsers recurse.
pub const STACK: usize = 8 << 20;

/// Applies `work` to every item on as many threads as the machine has processors. Each thread takes the next item when it is done with one,
/// so that large items do not hold up the others. The result does not depend on the number of threads.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get).min(items.len().max(1));
    let next = AtomicUsize::new(0);
    let run = || -> Vec<(usize, R)> {
        let take = || {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, work(index, item)))
        };
        std::iter::from_fn(take).collect()
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        // Where the system gives no further thread, the others do the work.
        let spawn = |_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).ok();
        let handles: Vec<_> = (1..workers).filter_map(spawn).collect();
        let mut results = run();
        for handle in handles {
            match handle.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Does two things at once, the first one on another thread; where the system gives none, one after the other.
pub fn join<A: Send, B>(first: impl Fn() -> A + Sync, second: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let handle = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, &first).ok();
        let second = second();
        let first = match handle.map(std::thread::ScopedJoinHandle::join) {
            Some(Ok(first)) => first,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => first(),
        };
        (first, second)
    })
}
