//! Work on many items at once, with results in the order of the items.

use std::num::NonZero;

/// Stack of each worker: what a main thread has, since parsers recurse.
const STACK: usize = 8 << 20;

/// Applies `work` to every item on as many threads as the machine has processors. The result does not depend on their number.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get).min(items.len().max(1));
    let size = items.len().div_ceil(workers).max(1);
    let chunk = |number: usize, chunk: &[T]| -> Vec<R> { chunk.iter().enumerate().map(|(index, item)| work(number * size + index, item)).collect() };
    if workers == 1 {
        return chunk(0, items);
    }
    std::thread::scope(|scope| {
        let chunks: Vec<&[T]> = items.chunks(size).collect();
        let (first, rest) = match chunks.split_first() {
            Some(split) => split,
            None => return Vec::new(),
        };
        let chunk = &chunk;
        let handles: Vec<_> = rest
            .iter()
            .enumerate()
            .map(|(index, items)| {
                let items: &[T] = items;
                // Where the system gives no further thread, the work is done here.
                (items, index + 1, std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || chunk(index + 1, items)).ok())
            })
            .collect();
        let mut results = chunk(0, first);
        for (items, number, handle) in handles {
            match handle.map(|handle| handle.join()) {
                Some(Ok(more)) => results.extend(more),
                Some(Err(panic)) => std::panic::resume_unwind(panic),
                None => results.extend(chunk(number, items)),
            }
        }
        results
    })
}
