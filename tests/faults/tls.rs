//! TLS that is not what it should be. The programs trust an authority of the test's own, so that each server is refused
//! for the one thing that is wrong with it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::NamedTempFile;
use thrivestack_tests::{LONG, Reply, Scripted};

use crate::case::{Case, KEY};
use crate::programs::{Running, emit_one, output_of, try_to_emit_one};

/// OpenSSL has words of its own, and starts without roots.
const IS_RUSTLS: bool = cfg!(any(feature = "rustls", feature = "rustls-ring"));

/// An authority, in the form in which the operating system has it.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(issuer.pem().as_bytes()).unwrap();
        Self { issuer, file }
    }

    /// A server with a certificate of this authority.
    pub(crate) fn server(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> TlsServer {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![certificate.der().clone()],
                    PrivateKeyDer::Pkcs8(key.serialize_der().into()),
                )
                .unwrap();
        TlsServer::start(Arc::new(config))
    }

    /// Returns the environment of a program that trusts this authority only.
    pub(crate) fn environment(&self) -> [(&str, &str); 2] {
        [("SSL_CERT_FILE", self.file.path().to_str().unwrap()), ("SSL_CERT_DIR", "")]
    }

    /// What comes of an event that is emitted to this server by a program that trusts this authority.
    fn emit_one(&self, server: &TlsServer) -> String {
        emit_one(&server.endpoint(), &self.environment())
    }
}

/// Answers one request with 200, and tells what it was sent inside TLS.
pub(crate) struct TlsServer {
    pub(crate) port: u16,
    decrypted: Mutex<Receiver<Vec<u8>>>,
}

impl TlsServer {
    fn start(config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, decrypted) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                sender.send(read_head(StreamOwned::new(connection, stream))).unwrap();
            }
        });
        Self { port, decrypted: Mutex::new(decrypted) }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("https://localhost:{}/api", self.port)
    }

    pub(crate) fn decrypted(&self) -> Vec<u8> {
        self.decrypted.lock().unwrap().recv_timeout(LONG).expect("a connection")
    }
}

fn read_head(mut stream: StreamOwned<ServerConnection, TcpStream>) -> Vec<u8> {
    let mut head = Vec::new();
    let mut buffer = [0; 4_096];
    while !head.ends_with(b"]") {
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            // The client did not like the certificate.
            _ => return head,
        }
    }
    let Reply::Bytes(answer) = Reply::status(200) else { unreachable!() };
    stream.write_all(&answer).unwrap();
    stream.conn.send_close_notify();
    stream.flush().unwrap();
    head
}

#[test]
fn a_good_certificate_is_taken_and_a_bad_one_never_sees_the_key() {
    let authority = Authority::new("known");
    let good = authority.server("localhost", |_| ());
    let printed = authority.emit_one(&good);
    assert!(printed.starts_with("Delivered"), "{printed}");
    let head = String::from_utf8(good.decrypted()).unwrap();
    assert!(head.contains(KEY), "the test looks in the right place: {head}");

    let expired = authority.server("localhost", |params| params.not_after = date_time_ymd(2020, 1, 1));
    let too_early = authority.server("localhost", |params| params.not_before = date_time_ymd(2400, 1, 1));
    let wrong_name = authority.server("thrivestack.example", |_| ());
    let unknown = Authority::new("unknown").server("localhost", |_| ());
    for (what, server, words) in [
        ("expired", &expired, "expired"),
        ("not yet valid", &too_early, "not valid yet"),
        ("of another name", &wrong_name, "not valid for name"),
        ("of an unknown authority", &unknown, "UnknownIssuer"),
    ] {
        let printed = authority.emit_one(server);
        let words = if IS_RUSTLS { words } else { "certificate verify failed" };
        assert!(printed.starts_with("WillRetry") && printed.contains(words), "{what}: {printed}");
        assert!(server.decrypted().is_empty(), "{what}");
    }
}

#[test]
fn a_system_without_roots_is_an_error_unless_they_are_compiled_in() {
    let server = Authority::new("unknown").server("localhost", |_| ());
    let no_roots = [("SSL_CERT_FILE", "/there/is/no/such/file"), ("SSL_CERT_DIR", "")];
    let printed = try_to_emit_one(&server.endpoint(), &no_roots);
    if cfg!(feature = "bundled-roots") || !IS_RUSTLS {
        let words = if IS_RUSTLS { "UnknownIssuer" } else { "certificate verify failed" };
        assert!(printed.as_ref().is_ok_and(|printed| printed.contains(words)), "{printed:?}");
        assert!(server.decrypted().is_empty());
    } else {
        assert!(printed.as_ref().is_err_and(|printed| printed.contains("bundled-roots")), "{printed:?}");
    }
}

#[test]
fn an_authority_that_is_rotated_needs_no_restart() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let server = new.server("localhost", |_| ());
    let program = Running::start(&server.endpoint(), &old.environment());
    let printed = program.line();
    assert!(printed.starts_with("WillRetry"), "{printed}");
    assert!(server.decrypted().is_empty());

    std::fs::copy(new.file.path(), old.file.path()).unwrap();
    let last = std::iter::repeat_with(|| program.line()).find(|line| !line.starts_with("WillRetry"));
    assert!(last.as_ref().is_some_and(|line| line.starts_with("Delivered")), "{last:?}");
}

#[test]
fn a_provider_that_is_installed_later_changes_nothing_about_a_running_client() {
    let authority = Authority::new("known");
    let server = authority.server("localhost", |_| ());
    let program = env!("CARGO_BIN_EXE_another-provider");
    let printed = output_of(program, &server.endpoint(), &authority.environment()).unwrap();
    let last = if IS_RUSTLS { "error" } else { "delivered 1" };
    assert_eq!(printed.lines().collect::<Vec<_>>(), ["delivered 1", "delivered 2", last]);
}

#[test]
fn an_answer_in_plaintext_does_not_downgrade() {
    let (sender, received) = channel();
    let sender = Mutex::new(sender);
    let server = Scripted::connected(move |_, mut stream| {
        let Reply::Bytes(answer) = Reply::status(200) else { unreachable!() };
        let mut hello = vec![0; 16_384];
        let read = stream.read(&mut hello).unwrap();
        stream.write_all(&answer).unwrap();
        // What comes until the client is gone.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        let _ = sender.lock().unwrap().send([&hello[..read], &rest].concat());
        None
    });
    let case = Case::new(format!("https://localhost:{}/api", server.address().port()));
    case.emit(1);
    assert_eq!(case.report().outcome(), thrivestack::ReportOutcome::WillRetry);
    assert_eq!(case.client.stats().pending(), 1);
    let received = received.recv_timeout(LONG).unwrap();
    assert_eq!(received[0], 0x16, "it begins with a TLS handshake");
    for secret in [KEY.as_bytes(), b"x-api-key", b"report_created"] {
        assert!(!received.windows(secret.len()).any(|bytes| bytes == secret));
    }
    case.check();
}
