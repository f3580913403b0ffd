//! Whether the endpoint can be reached: its name, its port and its certificate. Nothing is sent to it but a handshake.

use std::{
    ffi::OsString,
    io,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use hyper_util::client::proxy::matcher::Matcher;
use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, crypto::CryptoProvider, pki_types::ServerName,
};
use rustls_platform_verifier::BuilderVerifierExt;
use url::{Host, Url};

use super::{Finding, Level};

/// The longest wait for each step.
const PATIENCE: Duration = Duration::from_secs(5);

/// Follows the way to an endpoint that the SDK takes, up to the first thing that is wrong.
pub(super) fn check(endpoint: &str, variable: impl Fn(&str) -> Option<OsString>) -> Vec<Finding> {
    let Ok(url) = Url::parse(endpoint) else { return Vec::new() };
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return Vec::new() };
    let is_encrypted = url.scheme() == "https";
    if is_encrypted && let Some(scheme) = proxy_scheme(endpoint, variable) {
        // Without the feature `socks`, the SDK did not take the environment.
        let advice = if scheme.starts_with("socks") {
            "; an application needs the feature `socks` of thrivestack for it"
        } else {
            ""
        };
        let text = format!(
            "not checked, because the environment names a proxy ({scheme}): `thrivestack doctor --send` goes through \
             it{advice}"
        );
        return vec![Finding::new(Level::Note, "network", text)];
    }
    let mut findings = Vec::new();
    if let Err(problem) = follow(&host.to_owned(), port, is_encrypted, &mut findings) {
        findings.push(problem);
    }
    findings
}

/// Returns how the proxy is spoken to through which the SDK reaches an https endpoint.
fn proxy_scheme(endpoint: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    let first = |names: [&str; 2]| {
        let value = names.into_iter().find_map(|name| variable(name)?.into_string().ok());
        value.unwrap_or_default()
    };
    let matcher = Matcher::builder()
        .all(first(["ALL_PROXY", "all_proxy"]))
        .https(first(["HTTPS_PROXY", "https_proxy"]))
        .no(first(["NO_PROXY", "no_proxy"]))
        .build();
    Some(matcher.intercept(&endpoint.parse().ok()?)?.uri().scheme_str()?.to_owned())
}

fn follow(host: &Host, port: u16, is_encrypted: bool, findings: &mut Vec<Finding>) -> Result<(), Finding> {
    let addresses = resolve(host, port).map_err(|text| Finding::new(Level::Problem, "name", text))?;
    let stream = connect(host, &addresses).map_err(|text| Finding::new(Level::Problem, "network", text))?;
    let address = stream.peer_addr().map_or_else(|_| host.to_string(), |address| address.to_string());
    findings.push(Finding::new(Level::Good, "network", format!("{address} answers")));
    let tls = if is_encrypted {
        shake_hands(host, stream).map_err(|text| Finding::new(Level::Problem, "TLS", text))?
    } else {
        "none: plain http, which is for this machine only".to_owned()
    };
    findings.push(Finding::new(if is_encrypted { Level::Good } else { Level::Note }, "TLS", tls));
    Ok(())
}

/// The system may take minutes to give up on a name, so it is asked on a thread that nobody has to wait for.
fn resolve(host: &Host, port: u16) -> Result<Vec<SocketAddr>, String> {
    let name = match host {
        Host::Domain(name) => name.clone(),
        Host::Ipv4(address) => return Ok(vec![SocketAddr::from((*address, port))]),
        Host::Ipv6(address) => return Ok(vec![SocketAddr::from((*address, port))]),
    };
    let (sender, answer) = mpsc::channel();
    let asked = name.clone();
    thread::spawn(move || {
        let _ = sender.send((asked.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>));
    });
    match answer.recv_timeout(PATIENCE) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Ok(_)) => Err(format!("{name} has no address: check THRIVESTACK_ENDPOINT")),
        Ok(Err(error)) => {
            Err(format!("{name} was not found ({error}): check THRIVESTACK_ENDPOINT and this machine's DNS"))
        }
        Err(_) => Err(format!("asking for {name} took longer than {PATIENCE:?}: check this machine's DNS")),
    }
}

fn connect(host: &Host, addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some((address, error)),
        }
    }
    let Some((address, error)) = last else { return Err(format!("{host} has no address")) };
    let advice = if address.ip().is_loopback() {
        "start `thrivestack dev`, or unset THRIVESTACK_ENDPOINT to send to ThriveStack"
    } else {
        "check the firewall, and whether this machine needs a proxy (HTTPS_PROXY)"
    };
    Err(format!("{address} does not answer ({error}): {advice}"))
}

fn shake_hands(host: &Host, mut stream: TcpStream) -> Result<String, String> {
    let setup = |error: &dyn std::fmt::Display| {
        format!("cannot be set up ({error}): install the root certificates of the system (`ca-certificates`)")
    };
    // As the SDK chooses it.
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| setup(&error))?
        .with_no_client_auth();
    let name = match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|error| setup(&error))?,
        Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(*address)),
        Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(*address)),
    };
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|error| setup(&error))?;
    let patient =
        stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
    patient.map_err(|error| setup(&error))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|error| refused(host, &error))?;
    }
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        _ => "TLS 1.2",
    };
    Ok(format!("{version}, and the certificate of {host} is one that this system trusts"))
}

fn refused(host: &Host, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            format!(
                "{host} did not finish the handshake within {PATIENCE:?}: check the firewall, and the port"
            )
        }
        io::ErrorKind::InvalidData => format!(
            "the handshake with {host} failed ({error}): check the clock of this machine, its root certificates \
             (`ca-certificates`), and whether something on the way opens TLS"
        ),
        _ => format!(
            "{host} ended the handshake ({error}): check that THRIVESTACK_ENDPOINT names an https port"
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, net::TcpListener};

    use super::*;

    fn levels(findings: &[Finding]) -> Vec<(Level, &'static str)> {
        findings.iter().map(|finding| (finding.level, finding.about)).collect()
    }

    #[test]
    fn plain_http_on_this_machine() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let found = check(&format!("http://{address}/api"), |_| None);
        assert_eq!(levels(&found), [(Level::Good, "network"), (Level::Note, "TLS")]);
        drop(listener);
        let found = check(&format!("http://{address}/api"), |_| None);
        assert_eq!(levels(&found), [(Level::Problem, "network")]);
        assert!(found[0].text.contains("start `thrivestack dev`"), "{}", found[0].text);
    }

    #[test]
    fn a_port_that_does_not_speak_tls() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
                // What was sent stays unread: the other side may be reset, and has its answer before.
                io::copy(&mut stream, &mut io::sink()).ok();
            });
            let found = check(&format!("https://{address}/api"), |_| None);
            assert_eq!(levels(&found), [(Level::Good, "network"), (Level::Problem, "TLS")]);
            assert!(found[1].text.contains("handshake with 127.0.0.1 failed"), "{}", found[1].text);
        });
    }

    #[test]
    fn a_name_that_nobody_has() {
        let found = check("https://nobody.invalid/api", |_| None);
        assert_eq!(levels(&found), [(Level::Problem, "name")]);
    }

    #[test]
    fn a_proxy_is_left_to_the_sdk() {
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            for scheme in ["http", "socks5h"] {
                let value = OsString::from(format!("{scheme}://user:secret@proxy"));
                let proxy = |asked: &str| (asked == name).then(|| value.clone());
                let found = check("https://nobody.invalid/api", proxy);
                assert_eq!(levels(&found), [(Level::Note, "network")]);
                assert!(!found[0].text.contains("secret"), "{}", found[0].text);
                assert_eq!(found[0].text.contains("feature `socks`"), scheme != "http", "{}", found[0].text);
            }
        }
    }

    #[test]
    fn a_proxy_for_others_is_none() {
        let environment = |name: &str| match name {
            "HTTPS_PROXY" => Some(OsString::from("http://proxy")),
            "NO_PROXY" => Some(OsString::from("nobody.invalid")),
            _ => None,
        };
        let found = check("https://nobody.invalid/api", environment);
        assert_eq!(levels(&found), [(Level::Problem, "name")]);
    }
}
