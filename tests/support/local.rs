//! A local ThriveStack with one key, and a client that sends to it.

use std::time::Duration;

use thrivestack::{Client, Config};
use thrivestack_local::{LocalCall, LocalKey, LocalServer};

/// Longer than anything takes on a busy machine; nothing waits for it to pass.
pub const LONG: Duration = Duration::from_secs(30);

/// The two of them.
pub struct Local {
    /// Where the client sends to.
    pub server: LocalServer,
    /// Sends to the server.
    pub client: Client,
}

/// A configuration for the server, whose key is the server's. Looks at the queue often, so that tests are quick.
pub fn config(server: &LocalServer, key: &LocalKey) -> Config {
    Config::new(key.secret()).endpoint(server.endpoint()).flush_interval(Duration::from_millis(20))
}

/// Starts both with the defaults.
pub fn start() -> Local {
    start_with(|config| config)
}

/// Starts both, the client as configured.
pub fn start_with(configure: impl FnOnce(Config) -> Config) -> Local {
    let key = LocalKey::new("test").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().expect("a port on loopback");
    let client = Client::new(configure(config(&server, &key))).expect("a valid configuration");
    Local { server, client }
}

impl Local {
    /// Delivers what was sent, and gives what the server took.
    pub fn calls(&self) -> Vec<LocalCall> {
        assert!(self.client.flush(LONG), "not delivered: {:?}", self.client.stats());
        self.server.calls()
    }

    /// Like [`Local::calls`], for the only call there was.
    pub fn only_call(&self) -> LocalCall {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls.remove(0)
    }
}
