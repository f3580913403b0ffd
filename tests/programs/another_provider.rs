//! Starts a client, installs a provider with which no TLS is possible, and starts another client: for who uses which.

use std::time::Duration;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use thrivestack::{Client, Config, Error};

fn main() {
    let first = start().expect("a valid configuration");
    deliver(&first);
    let useless = CryptoProvider { cipher_suites: Vec::new(), ..aws_lc_rs::default_provider() };
    useless.install_default().expect("no provider was installed");
    deliver(&first);
    match start() {
        Ok(second) => deliver(&second),
        Err(_) => println!("error"),
    }
}

fn start() -> Result<Client, Error> {
    Client::new(Config::from_env()?.flush_interval(Duration::from_millis(10)))
}

fn deliver(client: &Client) {
    client.track("signed_in").user_id("u").send();
    assert!(client.flush(Duration::from_secs(60)), "{client:?}");
    println!("delivered {}", client.stats().delivered());
}
