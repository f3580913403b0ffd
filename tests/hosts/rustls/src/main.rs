//! A host that uses rustls as its documentation begins: `ClientConfig::builder()`, without a provider by name.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

fn main() {
    ask();
    #[cfg(feature = "sdk")]
    hosts_sdk::deliver();
    ask();
}

fn ask() {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(std::env::var("SSL_CERT_FILE").unwrap()).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    println!("{:?}", config.crypto_provider().kx_groups);
    println!("{:?}", config.crypto_provider().cipher_suites);

    let name = ServerName::try_from("localhost").unwrap();
    let endpoint = std::env::var("HOSTS_HTTPS").unwrap();
    let port = endpoint.trim_start_matches("https://").trim_end_matches("/api");
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(port).unwrap());
    stream.write_all(b"GET /api HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // The server ends the connection without a word.
    let _ = stream.read_to_end(&mut answer);
    println!("{:?}", String::from_utf8(answer).unwrap());
    println!("{:?}", stream.conn.negotiated_cipher_suite());
    println!("{:?}", stream.conn.negotiated_key_exchange_group());
}
