//! A host's use of the SDK.

use std::time::Duration;

use thrivestack::{Client, Config};

/// The server's ports, by the names of the variables in which the hosts find them.
const PORTS: [&str; 2] = ["HOSTS_HTTP", "HOSTS_HTTPS"];

/// Delivers one event over HTTP, and with a feature for TLS one over HTTPS.
///
/// # Panics
///
/// If an event is not delivered.
pub fn deliver() {
    for name in PORTS {
        match start(name) {
            Ok(client) => deliver_with(&client, name),
            // Without TLS there is an error, and no event goes anywhere.
            Err(error) if error.to_string().contains("needs TLS") => assert_eq!(name, "HOSTS_HTTPS"),
            Err(error) => panic!("{name}: {error:?}"),
        }
    }
}

/// Checks that no client starts, and says that there is no provider.
///
/// # Panics
///
/// If a client starts, or its error is about something else.
pub fn start_without_provider() {
    for name in PORTS {
        let error = start(name).expect_err("there is no provider");
        assert!(error.to_string().contains("install_default"), "{name}: {error:?}");
    }
}

fn start(name: &str) -> Result<Client, thrivestack::Error> {
    let endpoint = std::env::var(name).expect("the endpoint of the server");
    Client::new(Config::new("hosts-key").endpoint(endpoint).flush_interval(Duration::from_millis(10)))
}

fn deliver_with(client: &Client, name: &str) {
    client.track("report_created").user_id("u").send();
    assert!(client.flush(Duration::from_secs(60)), "{name}: {client:?}");
    assert_eq!(client.stats().delivered(), 1, "{name}: {client:?}");
    eprintln!("delivered to {name}");
}
