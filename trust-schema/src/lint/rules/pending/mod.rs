//! What a pending migration costs, and whom it keeps waiting.

use crate::lint::rules::shared::group;

group! {
    "What leads on from a release";
    pending_rewrites,
    pending_blocks,
    pending_loss_for_good,
    pending_locks_many,
    pending_reads_time_zone,
}
