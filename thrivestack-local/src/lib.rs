//! A ThriveStack on your own machine.
//!
//! [`LocalServer`] listens on loopback, asks for an API key, and answers the four telemetry calls (identify,
//! group, track, page) as ThriveStack's documentation says: the same scopes of keys, limits, refusals and
//! warnings. It keeps what it took, so that a test can look at it. Nothing leaves the machine, and no account
//! is needed.
//!
//! ```
//! use std::{io::{Read, Write}, net::TcpStream, time::Duration};
//! use thrivestack_local::{LocalKey, LocalServer};
//!
//! let key = LocalKey::new("dev").scope("telemetry_apis");
//! let secret = key.secret().to_owned();
//! let server = LocalServer::builder().key(key).start()?;
//!
//! // Any client will do: give it `secret` as the API key and `server.endpoint()` as the base address.
//! let body = r#"[{"event_name": "signed_in", "user_id": "u1", "context": {"source": "product"}}]"#;
//! let length = body.len();
//! let mut stream = TcpStream::connect(server.address())?;
//! write!(
//!     stream,
//!     "POST /api/track HTTP/1.1\r\nhost: local\r\nconnection: close\r\nx-api-key: {secret}\r\n\
//!      content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
//! )?;
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer)?;
//! assert!(answer.starts_with("HTTP/1.1 200 OK"));
//!
//! let calls = server.wait_for(1, Duration::from_secs(5))?;
//! assert_eq!(calls[0].event_name(), Some("signed_in"));
//! assert!(calls[0].warnings().iter().any(|warning| warning.contains("context.group_id")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a request must be
//!
//! A `POST` of `application/json` to `/api/identify`, `/api/group`, `/api/track` or `/api/page`, with a key
//! in `x-api-key` that may make that call, and with a JSON array of 1 to 1,000 objects in at most 2,000,000
//! bytes. It is taken or refused as a whole; a refusal names the index and the field of the first object that
//! is wrong.
//!
//! | status | when |
//! | --- | --- |
//! | `200` | every object was taken; `warnings` says what reports will miss |
//! | `400` | another content type, invalid UTF-8 or JSON, a missing or malformed field, over a limit |
//! | `401` | the key is missing, unknown, expired, or lacks the scope; decided before the body is read |
//! | `404`, `405` | another path, another method |
//!
//! Where ThriveStack's documentation is silent, this server refuses or warns, so that what
//! passes here should pass there.
//!
//! # To look at, and to fail on purpose
//!
//! [`LocalServer::page`] is the address of a live page: events as they come, ThriveStack's checklist of
//! instrumentation, the order of each user's calls, and what was refused. It answers only to names of loopback.
//! [`LocalServer::set_fault`] makes the server slow, failing, full or gone, so that a test can see what its
//! application does then.

mod http;
mod ingest;
mod ledger;
mod page;
mod record;
mod remark;
mod review;
mod server;
mod start;

/// The README's examples are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use self::{
    ingest::{Endpoint, Fault, LocalKey},
    ledger::WaitTimeout,
    record::{LocalCall, LocalRequest},
    server::LocalServer,
    start::LocalServerBuilder,
};
