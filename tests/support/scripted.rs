//! A TCP server that answers what its script says, byte for byte, and keeps what it was sent.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// What the server does with one request.
#[derive(Clone)]
pub enum Reply {
    /// Answers with these bytes and closes the connection.
    Bytes(Vec<u8>),
    /// Answers with these bytes one at a time, with a pause before each.
    Drip(Vec<u8>, Duration),
    /// Answers with the first bytes, and with the second ones again and again until it has sent so many of them or the
    /// client has had enough.
    Flood(Vec<u8>, Vec<u8>, u64),
    /// Closes the connection without an answer.
    Close,
    /// Resets the connection without an answer.
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
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    answer: Box<dyn FnMut(&Request) -> Reply + Send>,
    connections: usize,
    keeps: bool,
    requests: Vec<Request>,
    flooded: u64,
    /// The connections that are kept open.
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
        let mut script: VecDeque<_> = script.into_iter().collect();
        Self::answering(move |_| script.pop_front().unwrap_or_else(|| afterwards.clone()))
    }

    /// Answers every request by what is in it.
    pub fn answering(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        Self::listening(anywhere(), answer, |_, stream| Some(stream))
    }

    /// Answers every request that comes to this listener by what is in it.
    pub fn on(listener: TcpListener, answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        Self::listening(listener, answer, |_, stream| Some(stream))
    }

    /// Has `connected` deal with every connection, by its number. What that gives back is read as a request and answered
    /// with 200.
    pub fn connected(
        connected: impl Fn(usize, TcpStream) -> Option<TcpStream> + Send + Sync + 'static,
    ) -> Self {
        Self::listening(anywhere(), |_| Reply::status(200), connected)
    }

    fn listening(
        listener: TcpListener,
        answer: impl FnMut(&Request) -> Reply + Send + 'static,
        connected: impl Fn(usize, TcpStream) -> Option<TcpStream> + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().expect("an address");
        let state = State {
            answer: Box::new(answer),
            connections: 0,
            keeps: true,
            requests: Vec::new(),
            flooded: 0,
            hanging: Vec::new(),
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let accepting = shared.clone();
        let connected = Arc::new(connected);
        // The thread ends with the test's process; it holds nothing but its port.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = accepting.change(|state| {
                    state.connections += 1;
                    state.connections - 1
                });
                let (shared, connected) = (accepting.clone(), connected.clone());
                std::thread::spawn(move || {
                    if let Some(stream) = connected(number, stream) {
                        // The client may be gone by now, which is its business.
                        let _ = serve(stream, &shared);
                    }
                });
            }
        });
        Self { address, shared }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address, for [`Config::endpoint`](thrivestack::Config::endpoint).
    pub fn endpoint(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// Keeps no request from now on.
    pub fn forget(&self) {
        self.shared.change(|state| state.keeps = false);
    }

    /// What came so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state.lock().unwrap().requests.clone()
    }

    /// How many connections came so far.
    pub fn connections(&self) -> usize {
        self.shared.state.lock().unwrap().connections
    }

    /// How many bytes of floods the clients took.
    pub fn flooded(&self) -> u64 {
        self.shared.state.lock().unwrap().flooded
    }

    /// Waits until so many requests have come.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Vec<Request> {
        self.wait(timeout, |state| state.requests.len() >= count);
        self.requests()
    }

    /// Waits until so many connections have come.
    pub fn wait_for_connections(&self, count: usize, timeout: Duration) {
        self.wait(timeout, |state| state.connections >= count);
    }

    fn wait(&self, timeout: Duration, is_reached: impl Fn(&State) -> bool) {
        let state = self.shared.state.lock().unwrap();
        let (state, result) =
            self.shared.changed.wait_timeout_while(state, timeout, |state| !is_reached(state)).unwrap();
        assert!(
            !result.timed_out(),
            "only {} connections with {} requests came",
            state.connections,
            state.requests.len()
        );
    }
}

impl Shared {
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
        result
    }
}

fn anywhere() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port on loopback")
}

fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut stream = reader.into_inner();
    let request = Request { head, body, at: Instant::now() };
    let reply = shared.change(|state| {
        let reply = (state.answer)(&request);
        if state.keeps {
            state.requests.push(request);
        }
        reply
    });
    match reply {
        Reply::Bytes(bytes) => stream.write_all(&bytes)?,
        Reply::Drip(bytes, pause) => {
            for byte in bytes {
                std::thread::sleep(pause);
                stream.write_all(&[byte])?;
            }
        }
        Reply::Flood(head, again, most) => {
            stream.write_all(&head)?;
            let mut sent = 0;
            while sent < most {
                stream.write_all(&again)?;
                sent += again.len() as u64;
                shared.change(|state| state.flooded += again.len() as u64);
            }
        }
        Reply::Close => {}
        Reply::Reset => reset(&stream),
        Reply::Hang => shared.change(|state| state.hanging.push(stream)),
    }
    Ok(())
}

/// Has the connection end with a reset when it is dropped.
pub fn reset(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
