//! The connections of the server: how many there may be, and for how long one may wait for a request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::{sleep, timeout},
};
use tower_service::Service;

use super::socket::{ResetSwitch, Socket};

/// The most connections at once. A process may have no more than 256 descriptors, of which others need some too.
const MAX_CONNECTIONS: usize = 128;
/// The longest time that the head of a request may take, and that a connection may wait for the next one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of a head, and of what is read ahead.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The pause after the system could not give a connection, mostly for want of file handles.
const PAUSE: Duration = Duration::from_millis(100);

/// The time that a peer has for its request before another connection may take its place.
const GRACE: Duration = Duration::from_millis(100);

/// The connections that are open.
#[derive(Default)]
struct Connections {
    open: Mutex<HashMap<u64, Connection>>,
    /// Tells that one has ended.
    closed: Notify,
}

struct Connection {
    /// Since when it has no request that waits for the head of an answer. `None` while there is one.
    idle_since: Option<Instant>,
    /// Ends the connection.
    end: Arc<Notify>,
}

/// Accepts connections, and answers their requests by the router.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    let connections = Arc::new(Connections::default());
    for number in 0.. {
        let stream = accept(&listener).await;
        connections.make_room().await;
        let end = connections.open(number);
        let (connections, router) = (Arc::clone(&connections), router.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = answer(stream, router, &connections, number) => {}
                () = end.notified() => {}
            }
            connections.close(number);
        });
        // What it has sent already is read before the next one is accepted.
        tokio::task::yield_now().await;
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // An answer is one small write; a socket that refuses the option is only slower.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn answer(stream: TcpStream, router: Router, connections: &Arc<Connections>, number: u64) {
    let switch = ResetSwitch::default();
    let socket = Socket::new(stream, switch.clone());
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let busy = Busy::begin(Arc::clone(connections), number);
        request.extensions_mut().insert(switch.clone());
        // A router is always ready.
        let response = router.clone().call(request);
        async move {
            let response = response.await;
            drop(busy);
            response
        }
    });
    // A connection that breaks off is its peer's business.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

impl Connections {
    /// Waits until there may be one more. The one that has been idle for longest has to go.
    async fn make_room(&self) {
        while self.lock().len() >= MAX_CONNECTIONS {
            self.end_idle();
            // One that was told to end needs its turn to do so; others end by themselves.
            let _ = timeout(GRACE, self.closed.notified()).await;
        }
    }

    fn end_idle(&self) {
        let open = self.lock();
        let idle = open.values().filter_map(|connection| Some((connection.idle_since?, &connection.end)));
        let longest = idle.min_by_key(|(since, _)| *since).filter(|(since, _)| since.elapsed() >= GRACE);
        if let Some((_, end)) = longest {
            end.notify_one();
        }
    }

    fn open(&self, number: u64) -> Arc<Notify> {
        let end = Arc::new(Notify::new());
        let connection = Connection { idle_since: Some(Instant::now()), end: Arc::clone(&end) };
        self.lock().insert(number, connection);
        end
    }

    fn set_idle_since(&self, number: u64, idle_since: Option<Instant>) {
        if let Some(connection) = self.lock().get_mut(&number) {
            connection.idle_since = idle_since;
        }
    }

    fn close(&self, number: u64) {
        self.lock().remove(&number);
        self.closed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Connection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits for the head of its answer.
struct Busy(Arc<Connections>, u64);

impl Busy {
    fn begin(connections: Arc<Connections>, number: u64) -> Self {
        connections.set_idle_since(number, None);
        Self(connections, number)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.set_idle_since(self.1, Some(Instant::now()));
    }
}
