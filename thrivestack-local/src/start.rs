//! How a local server is set up and started.

use std::{
    fmt, io,
    net::{Ipv4Addr, TcpListener},
    sync::{Arc, mpsc},
    thread,
};

use axum::Router;
use tokio::{
    runtime::{self, Runtime},
    sync::oneshot,
};

use crate::http;
use crate::ingest::{Fault, LocalKey};
use crate::ledger::{Ledger, Observer};
use crate::page;
use crate::record::{LocalCall, LocalRequest};
use crate::server::LocalServer;

impl LocalServer {
    /// Begins with a server that has no key, on a free port.
    pub fn builder() -> LocalServerBuilder {
        LocalServerBuilder::new()
    }
}

/// What a [`LocalServer`] will know and where it will listen.
#[must_use = "nothing listens before `start`"]
pub struct LocalServerBuilder {
    keys: Vec<LocalKey>,
    port: u16,
    fault: Option<Fault>,
    keep_at_most: Option<usize>,
    observer: Option<Observer>,
    eu_compliance: bool,
}

impl LocalServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            keys: Vec::new(),
            port: 0,
            fault: None,
            keep_at_most: None,
            observer: None,
            eu_compliance: false,
        }
    }

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

    /// Switches a fault on from the start; see [`LocalServer::set_fault`].
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Keeps so many calls and so many requests at most, in 100 MB of memory each, and forgets the oldest. The default is
    /// to keep everything, as a test wants it; a server that runs for days needs a limit.
    pub fn keep_at_most(mut self, count: usize) -> Self {
        self.keep_at_most = Some(count);
        self
    }

    /// Has `observer` told of each request with what was taken of it, in order, before it is answered. It runs on
    /// the server's thread: nothing else is answered meanwhile.
    pub fn on_request<F>(mut self, observer: F) -> Self
    where
        F: Fn(&LocalRequest, &[LocalCall]) + Send + Sync + 'static,
    {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Says that the senders have EU compliance on. What the mode removes is not missing then, such as the `invitee_email`
    /// of `invite_sent`, and a warning tells of an e-mail address or a user's name that comes nevertheless. Off by default.
    pub fn eu_compliance(mut self, on: bool) -> Self {
        self.eu_compliance = on;
        self
    }

    /// Starts to listen. When this returns, the server answers.
    ///
    /// # Errors
    ///
    /// When the port is taken, when the system gives no thread or socket, and as [`LocalServer::add_key`]
    /// says.
    pub fn start(self) -> io::Result<LocalServer> {
        let ledger = Arc::new(Ledger::new(self.keep_at_most, self.fault, self.observer, self.eu_compliance));
        for key in self.keys {
            ledger.add_key(key)?;
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;

        let router = http::router(&ledger, page::router(&ledger));
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

impl fmt::Debug for LocalServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalServerBuilder")
            .field("keys", &self.keys)
            .field("port", &self.port)
            .field("fault", &self.fault)
            .field("keep_at_most", &self.keep_at_most)
            .field("eu_compliance", &self.eu_compliance)
            .finish_non_exhaustive()
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
        tokio::spawn(http::serve(listener, router));
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
