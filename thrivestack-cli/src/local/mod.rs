//! The local server. Everything below is pure but `http` (sockets), `ledger` (a lock to wait on) and this
//! file (the thread): keys, requests and warnings are decided by functions of what came and of the time that
//! is passed in.

mod endpoint;
mod http;
mod ingest;
mod keys;
mod ledger;
mod record;
mod standard;
mod warnings;

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use axum::Router;
use tokio::{
    runtime::{self, Runtime},
    sync::oneshot,
};

use self::ledger::Ledger;
pub use self::{
    endpoint::Endpoint,
    keys::LocalKey,
    ledger::WaitTimeout,
    record::{LocalCall, LocalRequest},
};

/// A ThriveStack that listens on 127.0.0.1 until it is dropped.
///
/// It runs on a thread of its own, so it may be started, asked and dropped inside any async runtime or
/// outside of one.
pub struct LocalServer {
    ledger: Arc<Ledger>,
    address: SocketAddr,
    /// The thread runs for as long as this exists.
    running: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LocalServer {
    /// Begins with a server that has no key, on a free port.
    pub fn builder() -> LocalServerBuilder {
        LocalServerBuilder { keys: Vec::new(), port: 0 }
    }

    /// The base address for a client, such as `http://127.0.0.1:4318/api`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every object that it took, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<LocalCall> {
        self.ledger.calls()
    }

    /// Every request to the path of a call, taken or refused, in order of their answers.
    #[must_use]
    pub fn requests(&self) -> Vec<LocalRequest> {
        self.ledger.requests()
    }

    /// Waits until at least `count` calls were taken since the start, and gives all of them.
    ///
    /// It blocks the calling thread. In async code, do so only where the client under test has a thread of
    /// its own.
    ///
    /// # Errors
    ///
    /// When fewer came within `timeout`; the error says what came instead.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Result<Vec<LocalCall>, WaitTimeout> {
        self.ledger.wait_for_calls(count, timeout)
    }

    /// Waits until at least `count` requests were answered since the start, and gives all of them.
    ///
    /// It blocks the calling thread, as [`wait_for`](Self::wait_for) does.
    ///
    /// # Errors
    ///
    /// When fewer came within `timeout`; the error says what came instead.
    pub fn wait_for_requests(
        &self,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<LocalRequest>, WaitTimeout> {
        self.ledger.wait_for_requests(count, timeout)
    }

    /// Makes one more key valid, from the next request on.
    ///
    /// # Errors
    ///
    /// `InvalidInput` when a key has its name or its secret already, or when its secret cannot be sent in a
    /// header.
    pub fn add_key(&self, key: LocalKey) -> io::Result<()> {
        self.ledger.add_key(key)
    }

    /// Makes the key of that name unknown, from the next request on. Gives false when there is none.
    pub fn revoke(&self, name: &str) -> bool {
        self.ledger.revoke(name)
    }
}

impl fmt::Debug for LocalServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed already, and is no reason to panic in a drop.
            let _ = thread.join();
        }
    }
}

/// What a [`LocalServer`] will know and where it will listen.
#[derive(Debug)]
#[must_use = "nothing listens before `start`"]
pub struct LocalServerBuilder {
    keys: Vec<LocalKey>,
    port: u16,
}

impl LocalServerBuilder {
    /// Adds a key. A server without any refuses every call.
    pub fn key(mut self, key: LocalKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Sets the port to listen on. The default, 0, takes any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts to listen. When this returns, the server answers.
    ///
    /// # Errors
    ///
    /// When the port is taken, when the system gives no thread or socket, and as [`LocalServer::add_key`]
    /// says.
    pub fn start(self) -> io::Result<LocalServer> {
        let ledger = Arc::new(Ledger::default());
        for key in self.keys {
            ledger.add_key(key)?;
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;

        let router = http::router(&ledger);
        let (running, stopped) = oneshot::channel();
        let (report, started) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("thrivestack-local".to_owned())
            .spawn(move || serve(listener, router, stopped, &report))?;
        started
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("the thread of the local server panicked")))?;
        Ok(LocalServer { ledger, address, running: Some(running), thread: Some(thread) })
    }
}

/// Serves until `stopped`. The runtime lives on this thread alone, because it may not be dropped in an async
/// context; its drop closes the listener and every connection.
fn serve(
    listener: TcpListener,
    router: Router,
    stopped: oneshot::Receiver<()>,
    report: &mpsc::Sender<io::Result<()>>,
) {
    let (runtime, listener) = match open(listener) {
        Ok(opened) => opened,
        Err(error) => {
            let _ = report.send(Err(error));
            return;
        }
    };
    let _ = report.send(Ok(()));
    runtime.block_on(async {
        tokio::spawn(axum::serve(listener, router).into_future());
        let _ = stopped.await;
    });
}

fn open(listener: TcpListener) -> io::Result<(Runtime, tokio::net::TcpListener)> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let context = runtime.enter();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    drop(context);
    Ok((runtime, listener))
}
