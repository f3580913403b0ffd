//! A TCP server that answers what its script says, byte for byte, and keeps what it was sent.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// What the server does with one request.
#[derive(Clone)]
pub enum Reply {
    /// Answers with these bytes and closes the connection.
    Bytes(Vec<u8>),
    /// Closes the connection without an answer.
    Reset,
    /// Keeps the connection open and never answers.
    Hang,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request line and the headers, as they were on the wire.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
    /// When it was complete.
    pub at: Instant,
}

/// The server. Its threads end with the process.
pub struct Scripted {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
}

struct State {
    script: VecDeque<Reply>,
    afterwards: Reply,
    requests: Vec<Request>,
    hanging: Vec<TcpStream>,
}

impl Reply {
    /// An answer with this status.
    pub fn status(status: u16) -> Self {
        Self::with_header(status, "x-nothing: 1")
    }

    /// An answer with a header line besides.
    pub fn with_header(status: u16, header: &str) -> Self {
        Self::with_body(status, header, r#"{"success":true}"#)
    }

    /// An answer with a header line and a body of its own.
    pub fn with_body(status: u16, header: &str, body: &str) -> Self {
        let length = body.len();
        Self::Bytes(
            format!("HTTP/1.1 {status} Scripted\r\n{header}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
                .into_bytes(),
        )
    }
}

impl Request {
    /// The path that was asked for.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        lines.filter_map(|line| line.split_once(": ")).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The objects of the body.
    pub fn events(&self) -> Vec<serde_json::Value> {
        serde_json::from_slice(&self.body).expect("a JSON array")
    }
}

impl Scripted {
    /// Follows the script, and answers every later request with 200.
    pub fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        Self::start_then(script, Reply::status(200))
    }

    /// Follows the script, and answers every later request with `afterwards`.
    pub fn start_then(script: impl IntoIterator<Item = Reply>, afterwards: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let state = State {
            script: script.into_iter().collect(),
            afterwards,
            requests: Vec::new(),
            hanging: Vec::new(),
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), arrived: Condvar::new() });
        let accepting = shared.clone();
        // The thread ends with the test's process; it holds nothing but its port.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = accepting.clone();
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// The base address, for [`Config::endpoint`](thrivestack::Config::endpoint).
    pub fn endpoint(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// What came so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state.lock().unwrap().requests.clone()
    }

    /// Waits until so many requests have come.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Vec<Request> {
        let state = self.shared.state.lock().unwrap();
        let (state, result) = self
            .shared
            .arrived
            .wait_timeout_while(state, timeout, |state| state.requests.len() < count)
            .unwrap();
        assert!(!result.timed_out(), "{} of {count} requests came", state.requests.len());
        state.requests.clone()
    }
}

fn serve(stream: TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let mut stream = reader.into_inner();
    let mut state = shared.state.lock().unwrap();
    let reply = state.script.pop_front().unwrap_or_else(|| state.afterwards.clone());
    state.requests.push(Request { head, body, at: Instant::now() });
    shared.arrived.notify_all();
    match reply {
        Reply::Bytes(bytes) => {
            drop(state);
            // The client may be gone by now, which is its business.
            let _ = stream.write_all(&bytes);
        }
        Reply::Reset => {}
        Reply::Hang => state.hanging.push(stream),
    }
}
