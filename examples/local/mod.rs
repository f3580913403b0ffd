//! A ThriveStack on loopback, so that the examples need neither an account nor a network.

use thrivestack::Config;
use thrivestack_local::{LocalKey, LocalServer};

/// Starts it, and gives the configuration for it. A product takes `Config::from_env()`.
pub(crate) fn start() -> (LocalServer, Config) {
    let key = LocalKey::new("example").scope("telemetry_apis");
    let server = LocalServer::builder().key(key.clone()).start().expect("a port on loopback");
    let config = Config::new(key.secret()).endpoint(server.endpoint());
    (server, config)
}

/// Prints what it took.
pub(crate) fn print(server: &LocalServer) {
    for call in server.calls() {
        println!(
            "{:8} {:22} user {:5} group {:5} {}",
            call.endpoint().to_string(),
            call.event_name().unwrap_or_default(),
            call.user_id().unwrap_or("-"),
            call.group_id().unwrap_or("-"),
            call.object().get("properties").or(call.object().get("traits")).unwrap_or_default(),
        );
    }
}
