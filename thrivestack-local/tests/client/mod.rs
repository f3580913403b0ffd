//! A client of a few lines, exact about the bytes that it sends.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;
use thrivestack_local::{LocalKey, LocalServer};

pub(crate) const SECRET: &str = "q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iA=";
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn start() -> LocalServer {
    LocalServer::builder()
        .key(LocalKey::new("all").scope("telemetry_apis").secret_value(SECRET))
        .start()
        .unwrap()
}

/// A request in the making; what is not set is what the API asks for.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) key: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
    pub(crate) chunked: bool,
}

pub(crate) const CALL: Call<'static> = Call {
    method: "POST",
    path: "/api/identify",
    key: Some(SECRET),
    content_type: Some("application/json"),
    body: br#"[{"user_id": "u1"}]"#,
    chunked: false,
};

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn message(&self) -> &str {
        self.json["message"].as_str().unwrap()
    }
}

impl Call<'_> {
    pub(crate) fn head(&self) -> String {
        let mut head =
            format!("{} {} HTTP/1.1\r\nhost: local\r\nconnection: close\r\n", self.method, self.path);
        for (name, value) in [("x-api-key", self.key), ("content-type", self.content_type)] {
            if let Some(value) = value {
                head += &format!("{name}: {value}\r\n");
            }
        }
        if self.chunked {
            head + "transfer-encoding: chunked\r\n\r\n"
        } else {
            head + &format!("content-length: {}\r\n\r\n", self.body.len())
        }
    }

    pub(crate) fn send(&self, server: &LocalServer) -> Answer {
        let mut stream = connect(server.address());
        stream.write_all(self.head().as_bytes()).unwrap();
        if self.chunked {
            for chunk in self.body.chunks(65_536) {
                write!(stream, "{:x}\r\n", chunk.len()).unwrap();
                stream.write_all(chunk).unwrap();
                stream.write_all(b"\r\n").unwrap();
            }
            stream.write_all(b"0\r\n\r\n").unwrap();
        } else {
            stream.write_all(self.body).unwrap();
        }
        read_answer(stream)
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Every request asks for the connection to be closed, so the answer ends where the stream does.
pub(crate) fn read_answer(mut stream: TcpStream) -> Answer {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), json: serde_json::from_str(body).unwrap() }
}

/// A valid identify body of exactly that many bytes.
pub(crate) fn body_of(bytes: usize) -> Vec<u8> {
    let frame = r#"[{"user_id":""}]"#.len();
    format!(r#"[{{"user_id":"{}"}}]"#, "u".repeat(bytes - frame)).into_bytes()
}
