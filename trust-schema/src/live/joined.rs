//! Waiting for several futures at once, in the task that waits: queries that are polled together travel together.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A future and, once it has ended, its result.
type Running<F> = (Pin<Box<F>>, Option<<F as Future>::Output>);

/// Runs all futures to their end; results in their order.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Running<F>> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut pending = false;
        for (future, output) in running.iter_mut().filter(|(_, output)| output.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(ready) => *output = Some(ready),
                Poll::Pending => pending = true,
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}
