//! Panics of drivers as errors.
//!
//! A GPU can be lost at any time, or run out of memory. burn then returns an error when data
//! is read back, but panics elsewhere, often in a thread of the driver; only the message of
//! that panic says what happened.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use burn::tensor::Device;

use super::is_host;

/// Number of guarded computations that are running.
static GUARDED: AtomicUsize = AtomicUsize::new(0);
/// First message of a panic since a guarded computation began.
static MESSAGE: Mutex<Option<String>> = Mutex::new(None);

/// Computes something on a device. On a GPU, a panic becomes an error. Its message, and that
/// of any other failure after a panic in a thread of the driver, is the message of the first
/// thread that failed.
///
/// # Errors
/// With the message of the driver; errors of the computation itself are in the inner result.
pub fn guarded<T, E>(
    device: &Device,
    compute: impl FnOnce() -> Result<T, E>,
) -> Result<Result<T, E>, String> {
    if is_host(device) {
        return Ok(compute());
    }
    if GUARDED.fetch_add(1, Ordering::SeqCst) == 0 {
        message().take();
    }
    let computed = panic::catch_unwind(AssertUnwindSafe(compute));
    GUARDED.fetch_sub(1, Ordering::SeqCst);
    match computed {
        Ok(Ok(value)) => Ok(Ok(value)),
        Ok(Err(error)) => message().take().map_or(Ok(Err(error)), Err),
        Err(payload) => Err(message().take().unwrap_or_else(|| panic_message(&*payload))),
    }
}

/// Installs a panic hook that keeps messages of panics within [`guarded`] computations for
/// their errors, instead of printing them with a backtrace.
pub fn listen() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if GUARDED.load(Ordering::SeqCst) == 0 {
            return print(info);
        }
        message().get_or_insert_with(|| panic_message(info.payload()));
    }));
}

fn message() -> std::sync::MutexGuard<'static, Option<String>> {
    MESSAGE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the message of a panic.
pub fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("it gave no reason").to_owned()
}
