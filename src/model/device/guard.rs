//! Panics of drivers as errors.
//!
//! A GPU can be lost at any time, or have no memory left. What burn reads back then is an
//! error, but much else is a panic, often in a thread of the driver's, whose message is
//! the only one that tells what happened.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use burn::tensor::Device;

use super::is_host;

/// How many guarded computations are going on.
static GUARDED: AtomicUsize = AtomicUsize::new(0);
/// The first message since one of them began.
static MESSAGE: Mutex<Option<String>> = Mutex::new(None);

/// Computes something on a device. On one that is not the processor a panic is an error;
/// it, and any other failure after one in a thread of the driver's, is told in the words
/// of whichever thread was the first to fail.
///
/// # Errors
/// With what the driver said; errors of the computation itself lie within.
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
        Err(payload) => Err(message().take().unwrap_or_else(|| text(&*payload))),
    }
}

/// From now on the messages of panics within [`guarded`] computations are kept for their
/// errors in place of being printed with a backtrace; for a program whose output is for
/// people.
pub fn listen() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if GUARDED.load(Ordering::SeqCst) == 0 {
            return print(info);
        }
        message().get_or_insert_with(|| text(info.payload()));
    }));
}

fn message() -> std::sync::MutexGuard<'static, Option<String>> {
    MESSAGE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("it gave no reason").to_owned()
}
