//! A panic is a mistake of the program: it is said so, briefly, and never looks like a finding.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use super::exit::Exit;

/// Runs the program; a panic ends it as [`Exit::Failed`] with a message that can be reported.
pub fn guard(program: impl FnOnce() -> Exit) -> Exit {
    panic::set_hook(Box::new(|information| eprintln!("{}", message(information))));
    panic::catch_unwind(AssertUnwindSafe(program)).unwrap_or(Exit::Failed)
}

fn message(information: &PanicHookInfo<'_>) -> String {
    let payload = information.payload();
    let what = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let place = information.location().map(|location| format!(" ({}:{})", location.file(), location.line())).unwrap_or_default();
    format!(
        "error: trust-schema {} has a bug: {what}{place}\nIt is not your spec. Please report these lines, the command, and the spec if you can share it.",
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure_and_no_finding() {
        let before = panic::take_hook();
        let exit = guard(|| panic!("on purpose"));
        panic::set_hook(before);
        assert_eq!(exit, Exit::Failed);
    }
}
