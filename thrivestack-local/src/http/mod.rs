//! The HTTP side: from a request to what the ledger keeps of it and the answer.

mod bodies;
mod connections;
mod socket;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Json, Router,
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::json;
use thrivestack_core::{calls::MAX_REQUEST_BYTES, key};

pub(crate) use self::connections::serve;
use self::{bodies::Room, socket::ResetSwitch};
use crate::ingest::{self, Checked, Endpoint, Strike, summary};
use crate::ledger::Ledger;
use crate::record::Arrival;

/// The longest time that a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

const DOCUMENTATION: &str = "https://docs.thrivestack.ai";

/// Adds the four calls to the routes of the live page; every other path is not found.
pub(super) fn router(ledger: &Arc<Ledger>, page: Router) -> Router {
    Endpoint::ALL.into_iter().fold(page.fallback(not_found), |router, endpoint| {
        let ledger = Arc::clone(ledger);
        router.route(endpoint.path(), any(move |request| receive(Arc::clone(&ledger), endpoint, request)))
    })
}

async fn not_found(request: Request) -> Response {
    discard(request.into_body());
    let paths = Endpoint::ALL.map(Endpoint::path).join(", ");
    let message = format!("there is nothing at this path: the calls are POST {paths}");
    let answer = json!({"success": false, "message": message, "documentation": DOCUMENTATION});
    (StatusCode::NOT_FOUND, Json(answer)).into_response()
}

async fn receive(ledger: Arc<Ledger>, endpoint: Endpoint, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body_bytes = body.size_hint().exact().unwrap_or(0);
    let mut arrival = Arrival { endpoint, key_name: None, body_bytes, objects: 0 };
    match ledger.next_strike() {
        None => answer(&ledger, &head, body, arrival).await,
        Some(Strike::Delay(delay)) => {
            let response = answer(&ledger, &head, body, arrival).await;
            tokio::time::sleep(delay).await;
            response
        }
        Some(Strike::Reset) => {
            let message = "a fault is switched on: the connection was reset";
            ledger.refuse(arrival, 0, message, SystemTime::now());
            if let Some(switch) = head.extensions.get::<ResetSwitch>() {
                switch.pull();
            }
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Some(Strike::Refuse { status, message, retry_after }) => {
            // The key is read only to say whose request it was.
            let _ = admit(&ledger, &head, &mut arrival);
            discard(body);
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = refuse(&ledger, arrival, Refusal { status, message: message.to_owned() });
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
    }
}

async fn answer(ledger: &Ledger, head: &Parts, body: Body, mut arrival: Arrival) -> Response {
    match take(ledger, head, body, &mut arrival).await {
        Ok(objects) => {
            let warnings = summary(objects.iter().flat_map(|(checked, _)| &checked.warnings));
            let message = match objects.len() {
                1 => "1 object was taken".to_owned(),
                count => format!("{count} objects were taken"),
            };
            let number = ledger.accept(arrival, objects, SystemTime::now());
            let answer = json!({
                "success": true,
                "response_id": response_id(number),
                "message": message,
                "warnings": warnings,
                "documentation": DOCUMENTATION,
            });
            Json(answer).into_response()
        }
        Err(refusal) => refuse(ledger, arrival, refusal),
    }
}

fn refuse(ledger: &Ledger, arrival: Arrival, Refusal { status, message }: Refusal) -> Response {
    let number = ledger.refuse(arrival, status.as_u16(), &message, SystemTime::now());
    let answer = json!({
        "success": false,
        "response_id": response_id(number),
        "message": message,
        "documentation": DOCUMENTATION,
    });
    let mut response = (status, Json(answer)).into_response();
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
    }
    response
}

fn response_id(number: u64) -> String {
    format!("local-{number}")
}

struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    fn bad_request(message: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message }
    }
}

async fn take(
    ledger: &Ledger,
    head: &Parts,
    body: Body,
    arrival: &mut Arrival,
) -> Result<Vec<(Checked, Arc<str>)>, Refusal> {
    if let Err(refusal) = admit(ledger, head, arrival) {
        discard(body);
        return Err(refusal);
    }
    // Held until the body is parsed, so that only so many of them are in memory.
    let _room = Room::take(body.size_hint().exact()).await;
    let bytes = match tokio::time::timeout(BODY_TIMEOUT, read(body, arrival)).await {
        Ok(read) => read.map_err(Refusal::bad_request)?,
        Err(_) => {
            let message = format!("the body did not come within {BODY_TIMEOUT:?}: send it at once");
            return Err(Refusal { status: StatusCode::REQUEST_TIMEOUT, message });
        }
    };
    // One request is judged at a time, since there is one thread: its values take many times as much as its text.
    let objects = ingest::parse(&bytes).map_err(Refusal::bad_request)?;
    arrival.objects = objects.len();
    let objects =
        ingest::check(arrival.endpoint, objects, ledger.eu_compliance()).map_err(Refusal::bad_request)?;
    let texts = ingest::texts(&bytes).map_err(Refusal::bad_request)?;
    Ok(objects.into_iter().zip(texts).collect())
}

/// All that can be decided without the body.
fn admit(ledger: &Ledger, head: &Parts, arrival: &mut Arrival) -> Result<(), Refusal> {
    if head.method != Method::POST {
        let message = format!("{} is not a method of this path: use POST", head.method);
        return Err(Refusal { status: StatusCode::METHOD_NOT_ALLOWED, message });
    }
    let header = |name: &str| head.headers.get(name).map(header::HeaderValue::as_bytes);
    match ledger.admit(header(key::HEADER), arrival.endpoint, SystemTime::now()) {
        Ok(name) => arrival.key_name = Some(name),
        Err(refusal) => {
            arrival.key_name = refusal.key_name().map(str::to_owned);
            return Err(Refusal { status: StatusCode::UNAUTHORIZED, message: refusal.to_string() });
        }
    }
    ingest::check_content_type(header("content-type")).map_err(Refusal::bad_request)
}

/// Reads the body to its end, but never more than the limit.
async fn read(mut body: Body, arrival: &mut Arrival) -> Result<Vec<u8>, String> {
    let declared = body.size_hint().exact();
    let mut bytes = Vec::new();
    loop {
        if declared.unwrap_or(bytes.len() as u64) > MAX_REQUEST_BYTES as u64 {
            discard(body);
            return Err(format!(
                "the body is over the limit of {MAX_REQUEST_BYTES} bytes: send several requests"
            ));
        }
        match next_chunk(&mut body).await {
            None => return Ok(bytes),
            Some(Err(_)) => return Err("the connection broke off before the end of the body".to_owned()),
            Some(Ok(chunk)) => bytes.extend_from_slice(&chunk),
        }
        arrival.body_bytes = declared.unwrap_or(bytes.len() as u64);
    }
}

/// Reads the rest of a body that does not matter any more, while the answer is on its way. Otherwise the
/// connection would be reset under a client that writes all before it reads, and the reason would never reach
/// it.
pub(super) fn discard(mut body: Body) {
    let rest = async move { while let Some(Ok(_)) = next_chunk(&mut body).await {} };
    tokio::spawn(tokio::time::timeout(BODY_TIMEOUT, rest));
}

async fn next_chunk(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}
