//! A web server on this machine for tests of downloads: it can answer well, and
//! in all the ways in which real servers fail.

#![allow(
    dead_code,
    reason = "each test binary that includes this uses a part of it"
)]

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Reaction of the server to a request.
pub enum Answer {
    /// Sends this file.
    File(Vec<u8>),
    /// Sends this file without telling its length before; the end is the connection's.
    Unmeasured(Vec<u8>),
    /// Announces this file, sends half of it and closes.
    Cut(Vec<u8>),
    /// Announces this file, sends half of it and then nothing.
    Stall(Vec<u8>),
    /// Announces this file and sends a byte now and then.
    Drip(Vec<u8>),
    /// Sends this status without content.
    Status(u16),
    /// Takes the request and never answers.
    Silence,
}

/// A server on a free port of the loopback address. It stops when dropped.
pub struct Server {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
}

impl Server {
    /// Starts a server. `choose` is given the path asked for, such as `/a.gz`,
    /// and how often it was asked for before.
    pub fn start(choose: impl Fn(&str, usize) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let server = Self {
            url,
            seen: Arc::clone(&seen),
            stopped: Arc::clone(&stopped),
        };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(path) = requested_path(&stream) else {
                    continue;
                };
                let before = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(path.clone());
                    seen.iter().filter(|p| **p == path).count() - 1
                };
                let answer = choose(&path, before);
                let stopped = Arc::clone(&stopped);
                // A client that goes away amid an answer is what some tests are about.
                thread::spawn(move || reply(stream, &answer, &stopped).ok());
            }
        });
        server
    }

    /// Such as `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The paths asked for so far, in order.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

/// Reads a request to its end; the path of its first line.
fn requested_path(mut stream: &TcpStream) -> io::Result<String> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&request);
    let path = text.split_whitespace().nth(1);
    Ok(path.unwrap_or_default().to_owned())
}

fn reply(mut stream: TcpStream, answer: &Answer, stopped: &AtomicBool) -> io::Result<()> {
    match answer {
        Answer::File(body) => {
            announce(&mut stream, body)?;
            stream.write_all(body)?;
        }
        Answer::Unmeasured(body) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            stream.write_all(body)?;
        }
        Answer::Cut(body) => {
            announce(&mut stream, body)?;
            stream.write_all(&body[..body.len() / 2])?;
        }
        Answer::Stall(body) => {
            announce(&mut stream, body)?;
            stream.write_all(&body[..body.len() / 2])?;
            wait(stopped, || Ok(()))?;
        }
        Answer::Drip(body) => {
            announce(&mut stream, body)?;
            let mut bytes = body.iter();
            wait(stopped, || match bytes.next() {
                Some(&byte) => stream.write_all(&[byte]),
                None => Ok(()),
            })?;
        }
        Answer::Status(code) => {
            write!(
                stream,
                "HTTP/1.1 {code} Told\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )?;
        }
        Answer::Silence => wait(stopped, || Ok(()))?,
    }
    stream.shutdown(Shutdown::Write)
}

fn announce(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
}

/// Keeps the connection open until the server stops, and does `each` now and then.
fn wait(stopped: &AtomicBool, mut each: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    while !stopped.load(Ordering::SeqCst) {
        each()?;
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
