//! Ctrl-C.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// The exit code of an interrupted command, as shells have it for Ctrl-C.
const CODE: i32 = 130;

/// How long the message may take.
const PATIENCE: Duration = Duration::from_millis(300);

/// How often a folder is removed that is filled again.
const ATTEMPTS: usize = 100;

/// Lets Ctrl-C end the program at once. Nothing needs to be put in order
/// first but a temporary folder: whatever else is half done is what a killed
/// process leaves, and the next run deals with it.
pub fn listen(temporary: Option<PathBuf>) {
    let handler = move || {
        let next = match temporary {
            Some(_) => "nothing was verified",
            None => {
                "run the same command again to go on; what is finished is kept, \
                 and a training goes on from its last checkpoint"
            }
        };
        let (done, is_done) = channel();
        thread::spawn(move || {
            let _ = writeln!(std::io::stderr(), "\ninterrupted: {next}");
            let _ = done.send(());
        });
        // Whoever reads standard error may have stopped to.
        let _ = is_done.recv_timeout(PATIENCE);
        if let Some(folder) = &temporary {
            remove(folder);
        }
        exit(CODE)
    };
    // Without a handler it ends the program as well, only with no word.
    let _ = ctrlc::set_handler(handler);
}

/// Removes a folder in which others still write: last of all, and again if
/// something new is in it.
fn remove(folder: &Path) {
    for _ in 0..ATTEMPTS {
        let _ = std::fs::remove_dir_all(folder);
        if !folder.exists() {
            return;
        }
    }
}
