//! A host that uses tonic with TLS, which asks rustls for its provider by itself.

use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    ask().await;
    #[cfg(feature = "sdk")]
    hosts_sdk::deliver();
    ask().await;
}

async fn ask() {
    let authority = std::fs::read(std::env::var("SSL_CERT_FILE").unwrap()).unwrap();
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority));
    let endpoint = Endpoint::from_shared(std::env::var("HOSTS_HTTPS").unwrap()).unwrap().tls_config(tls);
    // The handshake succeeds, and the server says then that it does not speak HTTP/2.
    println!("{:?}", endpoint.unwrap().connect().await.map(drop));
}
