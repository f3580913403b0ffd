//! The faults of networks, servers and hosts that the guide's page on faults promises to survive, one test a row. Every
//! test ends with the same questions: is every event accounted for, and did the key stay where it belongs?

mod answers;
mod case;
mod connections;
mod guide;
mod lifecycle;
#[cfg(target_os = "linux")]
mod lookup;
mod policy;
#[cfg(target_os = "linux")]
mod preload;
mod programs;
mod proxies;
#[cfg(target_os = "linux")]
mod resources;
mod reused;
#[cfg(target_os = "linux")]
mod signals;
mod soak;
mod socks;
mod spread;
mod tls;
