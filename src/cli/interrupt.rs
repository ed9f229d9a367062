//! Ctrl-C and the signals that ask a program to end.

use std::io::Write;
use std::path::PathBuf;
use std::process::exit;

/// The exit code of an interrupted command, as shells have it for Ctrl-C.
const CODE: i32 = 130;

/// Lets a signal end the program at once. Nothing needs to be put in order
/// first but a temporary folder: whatever else is half done is what a killed
/// process leaves, and the next run deals with it.
pub fn listen(temporary: Option<PathBuf>) {
    let handler = move || {
        if let Some(folder) = &temporary {
            let _ = std::fs::remove_dir_all(folder);
        }
        let next = match temporary {
            Some(_) => "nothing was verified",
            None => {
                "run the same command again to go on; what is finished is kept, \
                 and a training goes on from its last checkpoint"
            }
        };
        let _ = writeln!(std::io::stderr(), "\ninterrupted: {next}");
        exit(CODE)
    };
    // Without a handler the signal ends the program as well, only with no word.
    let _ = ctrlc::set_handler(handler);
}
