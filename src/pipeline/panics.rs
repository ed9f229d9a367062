//! Panics of jobs as errors: one replicate fails, the others continue.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};

use super::error::RunError;
use crate::model::panic_message;

thread_local! {
    /// True while panics of this thread are caught.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
    /// Place of the last panic in the code.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Turns a panic into an error.
///
/// # Errors
/// With the message of the panic, or the error of `run`.
pub fn caught<T>(run: impl FnOnce() -> Result<T, RunError>) -> Result<T, RunError> {
    let before = CAUGHT.replace(true);
    // Locks survive a panic, and half-written files are never read.
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    CAUGHT.set(before);
    result.unwrap_or_else(|payload| {
        let place = PLACE.take().map(|place| format!(" ({place})"));
        let message = panic_message(&*payload);
        Err(RunError::Panicked(message + &place.unwrap_or_default()))
    })
}

/// Stops printing panics that are caught: their errors report them.
pub fn keep_panics_quiet() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !CAUGHT.get() {
            return print(info);
        }
        let place = info.location().map(ToString::to_string);
        PLACE.replace(place);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_message_and_place() {
        keep_panics_quiet();
        let error = caught::<()>(|| panic!("index {} out of range", 7)).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("index 7 out of range (src/pipeline/panics.rs:"),
            "{text}"
        );
        assert_eq!(caught(|| Ok(3)).unwrap(), 3);
        assert!(!CAUGHT.get());
    }
}
