//! Gives the same answer to every request, on a port for HTTP and on one for HTTPS. Writes the certificate of its authority
//! to the file that it is given, and prints the two endpoints.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\nconnection: close\r\n\r\n{\"success\": true}";

fn main() {
    let file = std::env::args().nth(1).expect("the file for the certificate of the authority");
    let config = Arc::new(config(&file));
    let (http, https) = (listen(), listen());
    println!("http://{}/api", http.local_addr().unwrap());
    println!("https://localhost:{}/api", https.local_addr().unwrap().port());
    thread::spawn(move || {
        for stream in http.incoming().flatten() {
            thread::spawn(|| answer(stream));
        }
    });
    for stream in https.incoming().flatten() {
        let connection = ServerConnection::new(config.clone()).unwrap();
        thread::spawn(|| answer(StreamOwned::new(connection, stream)));
    }
}

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn config(file: &str) -> ServerConfig {
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "hosts");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(file, authority.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap()
}

/// Answers one request after its body. A connection that is given up before is none of the server's business.
fn answer(stream: impl Read + Write) {
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while stream.read_line(&mut line).is_ok_and(|read| read > 0) && line != "\r\n" {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    if stream.read_exact(&mut vec![0; length]).is_ok() {
        let _ = stream.get_mut().write_all(ANSWER);
        let _ = stream.get_mut().flush();
    }
}
