//! Proxies of the environment: they carry what is encrypted, and see nothing else.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use thrivestack_tests::{LONG, Scripted};

use crate::case::KEY;
use crate::programs::emit_one;

/// Refuses every request, and tells its head.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let (sender, came) = channel();
    let kept = heads.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            kept.lock().unwrap().push(refuse(stream));
            sender.send(()).unwrap();
        }
    });
    (address, heads, came)
}

fn refuse(stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
    let _ = reader.into_inner().write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    head
}

#[test]
fn a_proxy_of_the_environment_sees_a_connect_and_never_the_key() {
    let (address, heads, came) = proxy();
    let printed = emit_one(
        "https://api.thrivestack.invalid/api",
        &[("HTTPS_PROXY", &address), ("https_proxy", &address), ("NO_PROXY", ""), ("no_proxy", "")],
    );
    assert!(printed.starts_with("WillRetry"), "{printed}");
    came.recv_timeout(LONG).unwrap();
    let heads = heads.lock().unwrap();
    assert!(heads[0].starts_with("CONNECT api.thrivestack.invalid:443 "), "{heads:?}");
    assert!(heads.iter().all(|head| !head.contains(KEY) && !head.contains("x-api-key")), "{heads:?}");
}

#[test]
fn plain_http_on_loopback_passes_no_proxy() {
    let (address, heads, _) = proxy();
    let server = Scripted::start([]);
    let proxies = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"];
    let mut environment: Vec<_> = proxies.into_iter().map(|name| (name, address.as_str())).collect();
    environment.extend([("NO_PROXY", ""), ("no_proxy", "")]);
    let printed = emit_one(&server.endpoint(), &environment);
    assert!(printed.starts_with("Delivered"), "{printed}");
    assert!(heads.lock().unwrap().is_empty());
}
