//! SOCKS proxies of the environment: an error at the start, or carriers with the feature `socks`.

use std::io::{Read, Write, copy};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use thrivestack_tests::{LONG, Scripted};

use crate::case::KEY;
use crate::programs::try_to_emit_one;
use crate::tls::Authority;

const NAMES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

#[test]
fn a_socks_proxy_is_an_error_at_the_start_or_carries_the_events() {
    for name in NAMES {
        for scheme in ["socks5", "socks5h", "socks4", "socks4a"] {
            check(name, scheme);
        }
    }
}

fn check(name: &str, scheme: &str) {
    let authority = Authority::new("known");
    let server = authority.server("localhost", |_| ());
    let (port, asked) = proxy();
    let proxy = format!("{scheme}://127.0.0.1:{port}");
    let environment = [&authority.environment()[..], &[(name, &proxy)]].concat();
    let printed = try_to_emit_one(&server.endpoint(), &environment);
    if cfg!(feature = "socks") {
        assert!(printed.as_ref().is_ok_and(|printed| printed.starts_with("Delivered")), "{printed:?}");
        assert_eq!(asked.recv_timeout(LONG), Ok(server.port), "{proxy}");
        assert!(String::from_utf8(server.decrypted()).unwrap().contains(KEY));
    } else {
        let words = ["SOCKS", "feature `socks`", "HTTPS_PROXY"];
        let is_told = |printed: &String| words.iter().all(|word| printed.contains(word));
        assert!(printed.as_ref().is_err_and(is_told), "{name}={proxy}: {printed:?}");
        assert!(asked.try_recv().is_err());
    }
}

#[test]
fn a_socks_proxy_that_is_not_for_the_endpoint_is_no_error() {
    let authority = Authority::new("known");
    let server = authority.server("localhost", |_| ());
    let (port, asked) = proxy();
    let proxy = format!("socks5://127.0.0.1:{port}");
    for other in [&[("ALL_PROXY", &*proxy), ("NO_PROXY", "localhost")][..], &[("HTTP_PROXY", &proxy)]] {
        let printed = try_to_emit_one(&server.endpoint(), &[&authority.environment(), other].concat());
        assert!(printed.as_ref().is_ok_and(|printed| printed.starts_with("Delivered")), "{printed:?}");
    }
    // Plain HTTP passes no proxy at all.
    let printed = try_to_emit_one(&Scripted::start([]).endpoint(), &NAMES.map(|name| (name, &*proxy)));
    assert!(printed.as_ref().is_ok_and(|printed| printed.starts_with("Delivered")), "{printed:?}");
    assert!(asked.try_recv().is_err());
}

/// Connects to the ports of this machine, by all versions of SOCKS, and tells which.
fn proxy() -> (u16, Receiver<u16>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let target = negotiate(&mut stream);
            let _ = sender.send(target);
            relay(stream, TcpStream::connect(("127.0.0.1", target)).unwrap());
        }
    });
    (port, asked)
}

/// Takes whatever is asked for, and returns the port.
fn negotiate(stream: &mut TcpStream) -> u16 {
    if read::<1>(stream) == [4] {
        let [_, high, low, address @ ..] = read::<7>(stream);
        read_text(stream);
        // An address that cannot be stands for a name behind it.
        if address[..3] == [0, 0, 0] {
            read_text(stream);
        }
        stream.write_all(&[0, 90, 0, 0, 0, 0, 0, 0]).unwrap();
        return u16::from_be_bytes([high, low]);
    }
    let [methods] = read::<1>(stream);
    for _ in 0..methods {
        read::<1>(stream);
    }
    stream.write_all(&[5, 0]).unwrap();
    let length = match read::<4>(stream) {
        [5, 1, 0, 1] => 4,
        [5, 1, 0, 3] => read::<1>(stream)[0],
        [5, 1, 0, 4] => 16,
        other => panic!("{other:?}"),
    };
    for _ in 0..length {
        read::<1>(stream);
    }
    let port = u16::from_be_bytes(read(stream));
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).unwrap();
    port
}

fn read<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

fn read_text(stream: &mut TcpStream) {
    while read::<1>(stream) != [0] {}
}

fn relay(client: TcpStream, server: TcpStream) {
    for (mut from, mut to) in [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)] {
        std::thread::spawn(move || {
            let _ = copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Write);
        });
    }
}
