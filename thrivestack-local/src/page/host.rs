//! Which names of this machine the page answers to.
//!
//! A site on the internet can let its own name point at 127.0.0.1 after a browser has loaded it (DNS rebinding), and
//! then reads from here what that browser may read. Its name in the `Host` header gives it away.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether a `Host` names loopback, with or without a port.
pub(super) fn is_loopback(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split_once(']').is_some_and(|(address, port)| {
            is_port(port) && address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback())
        });
    }
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    is_port(port)
        && (name.eq_ignore_ascii_case("localhost")
            || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback()))
}

/// Nothing, or a colon and digits.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_loopback() {
        for host in [
            "localhost",
            "localhost:4819",
            "LocalHost:80",
            "127.0.0.1",
            "127.0.0.1:4819",
            "127.9.8.7",
            "[::1]",
            "[::1]:4819",
        ] {
            assert!(is_loopback(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ":4819",
            "local",
            "localhost.",
            "localhost.evil.example",
            "evil.localhost",
            "evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.1:evil",
            "127.0.0.1:",
            "127.0.0.1:1:2",
            "localhost@evil.example",
            "evil@localhost",
            "0.0.0.0",
            "10.0.0.1",
            "127.1",
            "0127.0.0.1",
            "::1",
            "[::1",
            "[::1]x",
            "[::2]:4819",
            "[::ffff:127.0.0.1]",
            " localhost",
            "localhost\t",
        ] {
            assert!(!is_loopback(host.as_bytes()), "{host}");
        }
        assert!(!is_loopback(b"localhost\xff"));
    }
}
