//! Somebody between the deployer and the server, who cuts the connection, or kills the server's process, at a message of choice.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use trust_schema::live::deploy::connection::Connection;
use trust_schema::live::server::{DEPLOYER, Scratch};

use crate::support::connect_to;

/// What happens at the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: messages are counted.
    None,
    /// The connection is cut, and the server does not get it.
    CutBefore,
    /// The server gets it, and its answer is lost.
    CutAfter,
    /// As `CutBefore`, and the server's side stays open for a while: it does not know.
    HalfOpen,
    /// The server's process is ended, as by `pg_terminate_backend`.
    Terminate,
    /// The server's process is killed.
    Kill,
    /// Something of the test's own.
    Call,
}

/// Which messages count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Simple queries: the statements of migrations, and what surrounds them.
    Statements,
    /// Simple queries that are COMMIT.
    Commits,
}

type Call = Arc<Mutex<Box<dyn FnMut() + Send>>>;

/// A listener, with its threads. They end with their connections; the listener with the process.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    socket: PathBuf,
    fault: Fault,
    counting: Counting,
    at: usize,
    seen: AtomicUsize,
    fired: AtomicBool,
    call: Option<Call>,
}

impl Proxy {
    /// A proxy in front of a cluster, whose fault is at the message with this number, from 1. It happens once.
    pub fn start(directory: &Path, fault: Fault, counting: Counting, at: usize) -> Proxy {
        Proxy::with(directory, fault, counting, at, None)
    }

    /// As [`Proxy::start`] with [`Fault::Call`].
    pub fn calling(directory: &Path, counting: Counting, at: usize, call: impl FnMut() + Send + 'static) -> Proxy {
        Proxy::with(directory, Fault::Call, counting, at, Some(Arc::new(Mutex::new(Box::new(call)))))
    }

    fn with(directory: &Path, fault: Fault, counting: Counting, at: usize, call: Option<Call>) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let socket = directory.join(".s.PGSQL.5432");
        let shared = Arc::new(Shared { socket, fault, counting, at, seen: AtomicUsize::new(0), fired: AtomicBool::new(false), call });
        let here = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&here);
                thread::spawn(move || serve(&shared, client));
            }
        });
        Proxy { port, shared }
    }

    pub fn connection(&self, database: &Scratch) -> Connection {
        connect_to(&format!("postgresql://{DEPLOYER}@127.0.0.1:{}/{}?sslmode=disable", self.port, database.name()))
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many messages were counted so far.
    pub fn seen(&self) -> usize {
        self.shared.seen.load(Ordering::SeqCst)
    }

    pub fn has_fired(&self) -> bool {
        self.shared.fired.load(Ordering::SeqCst)
    }
}

fn serve(shared: &Arc<Shared>, mut client: TcpStream) {
    // A server that is gone: the client's connection ends.
    let Ok(mut server) = UnixStream::connect(&shared.socket) else { return };
    let process = Arc::new(AtomicI32::new(0));
    let (mut answers, mut back) = (server.try_clone().expect("a socket"), client.try_clone().expect("a socket"));
    let learned = Arc::clone(&process);
    thread::spawn(move || {
        let mut buffer = [0_u8; 1 << 16];
        let mut head = Vec::new();
        while let Ok(read @ 1..) = answers.read(&mut buffer) {
            if learned.load(Ordering::SeqCst) == 0 {
                head.extend_from_slice(&buffer[..read]);
                learned.store(process_of(&head), Ordering::SeqCst);
            }
            if back.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = back.shutdown(Shutdown::Both);
    });
    let mut is_startup = true;
    while let Some(message) = next(&mut client, is_startup) {
        let is_startup_now = std::mem::replace(&mut is_startup, false);
        if !is_startup_now && counts(shared.counting, &message) {
            let number = shared.seen.fetch_add(1, Ordering::SeqCst) + 1;
            if number == shared.at && shared.fault != Fault::None && !shared.fired.swap(true, Ordering::SeqCst) {
                match shared.fault {
                    Fault::None => {}
                    Fault::CutBefore => break,
                    Fault::CutAfter => {
                        let _ = client.shutdown(Shutdown::Both);
                        let _ = server.write_all(&message);
                        // The server works on it before it sees the end of the connection.
                        let _ = server.shutdown(Shutdown::Write);
                        return;
                    }
                    Fault::HalfOpen => {
                        let _ = client.shutdown(Shutdown::Both);
                        thread::sleep(Duration::from_millis(400));
                        break;
                    }
                    Fault::Terminate => signal("-TERM", process.load(Ordering::SeqCst)),
                    Fault::Kill => signal("-KILL", process.load(Ordering::SeqCst)),
                    Fault::Call => {
                        if let Some(call) = &shared.call {
                            call.lock().expect("the call")();
                        }
                    }
                }
            }
        }
        if server.write_all(&message).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
}

/// A message of the client, with its head. The first one has no letter.
fn next(client: &mut TcpStream, is_startup: bool) -> Option<Vec<u8>> {
    let mut message = vec![0_u8; if is_startup { 4 } else { 5 }];
    client.read_exact(&mut message).ok()?;
    let start = message.len() - 4;
    let length = u32::from_be_bytes(message[start..].try_into().expect("four bytes")) as usize;
    let mut rest = vec![0_u8; length - 4];
    client.read_exact(&mut rest).ok()?;
    message.extend(rest);
    Some(message)
}

fn counts(counting: Counting, message: &[u8]) -> bool {
    message.first() == Some(&b'Q') && (counting == Counting::Statements || message.get(5..) == Some(b"commit\0"))
}

/// The process of the server, from its message `K`.
fn process_of(mut head: &[u8]) -> i32 {
    while head.len() >= 9 {
        let length = u32::from_be_bytes(head[1..5].try_into().expect("four bytes")) as usize;
        if head[0] == b'K' {
            return i32::from_be_bytes(head[5..9].try_into().expect("four bytes"));
        }
        let Some(rest) = head.get(length + 1..) else { return 0 };
        head = rest;
    }
    0
}

/// To a process of a cluster that this test has started, as its server has named it.
fn signal(signal: &str, process: i32) {
    assert!(process > 1, "the server has not named its process");
    let status = Command::new("kill").args([signal, &process.to_string()]).status().expect("kill");
    assert!(status.success(), "kill {signal} {process}");
    // Gone, or in its last moments: what follows meets a session that has ended.
    for _ in 0..500 {
        if !Path::new(&format!("/proc/{process}")).exists() {
            break;
        }
        thread::sleep(Duration::from_millis(2));
    }
}
