//! Emits one event as the environment configures it, asks for a flush and shuts down, and prints what came of them.

use std::time::Duration;

use thrivestack::{Client, Config, DropReason};

fn main() {
    let config = Config::from_env().expect("a configuration in the environment");
    let client = Client::new(config).expect("a valid configuration");
    client.track("signed_in").user_id("u").send();
    println!("flushed: {}", client.flush(Duration::from_millis(200)));
    println!("shut down: {}", client.shutdown());
    println!("dropped: {}", client.stats().dropped(DropReason::ShutDown));
}
