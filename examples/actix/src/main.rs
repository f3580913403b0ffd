//! An actix-web service whose events know who did it.
//!
//! `THRIVESTACK_DEBUG=1 cargo run` serves on port 3000 and prints events; `cargo test` captures them.
//!
//! ```sh
//! curl -X POST localhost:3000/reports/Q3 -H 'authorization: Bearer ada'
//! ```

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpMessage, HttpServer, error, post, rt, web};
use thrivestack::actix::{ContextMiddleware, cookie, user_agent};
use thrivestack::{Config, Context, track_event};

/// Who is logged in.
#[derive(Clone)]
struct Session {
    user_id: String,
    account_id: &'static str,
}

/// Stands for a product's authentication: whoever is named is believed.
async fn authenticate<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    if let Some(user) = header.and_then(|header| header.strip_prefix("Bearer ")) {
        let session = Session { user_id: user.to_owned(), account_id: "acme" };
        request.extensions_mut().insert(session);
    }
    next.call(request).await
}

/// What every request's events say of who did it.
fn context(request: &ServiceRequest) -> Context {
    let session = request.extensions().get::<Session>().cloned();
    Context::new()
        .maybe_user_id(session.as_ref().map(|session| &session.user_id))
        .maybe_group_id(session.as_ref().map(|session| session.account_id))
        .maybe_session_id(cookie(request.headers(), "visitor"))
        .with("user_agent", user_agent(request.headers()))
}

/// The event leaves if this returns `Ok`. It says nothing of users and accounts: the middleware does.
#[post("/reports/{title}")]
#[track_event("feature_used", properties(feature_name = "report_created", feature_type = "core", bytes = |csv| csv.len()))]
async fn create_report(title: web::Path<String>) -> Result<String, Error> {
    if title.len() > 100 {
        return Err(error::ErrorBadRequest("a title has at most 100 bytes"));
    }
    // Another thread is outside of the request's context, unless it takes it along.
    let context = Context::current();
    let csv = move || context.in_scope(|| to_csv(&title));
    Ok(web::block(csv).await?)
}

#[track_event("report_rendered", properties(bytes = |csv| csv.len()))]
fn to_csv(title: &str) -> String {
    format!("title\n{title}\n")
}

fn app() -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .service(create_report)
        .wrap(ContextMiddleware::new(context))
        // What is added later runs earlier: the session is there when the context is made.
        .wrap(from_fn(authenticate))
}

fn main() -> std::io::Result<()> {
    // Outlives the runtime, and delivers what is queued at the end.
    let _guard = thrivestack::init_or_disabled(Config::from_env());
    rt::System::new().block_on(HttpServer::new(app).bind("127.0.0.1:3000")?.run())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{COOKIE, HeaderValue, USER_AGENT};
    use actix_web::test::{TestRequest, call_service, init_service};
    use thrivestack::testing;

    use super::*;

    #[actix_web::test]
    async fn a_handler_emits_in_the_context_of_its_request() {
        let app = init_service(app()).await;
        let events = testing::capture();
        let request = TestRequest::post()
            .uri("/reports/Q3")
            .insert_header((AUTHORIZATION, "Bearer ada"))
            .insert_header((COOKIE, "theme=dark; visitor=v-1"))
            .to_request();
        assert!(call_service(&app, request).await.status().is_success());
        events.assert_order(["report_rendered", "feature_used"]);
        for name in ["report_rendered", "feature_used"] {
            events.assert_tracked(name).user_id("ada").group_id("acme").session_id("v-1").with("bytes", 9);
        }
        let all = events.all();
        assert!(all[0].timestamp() < all[1].timestamp());
    }

    #[actix_web::test]
    async fn one_value_in_another_encoding_costs_no_other_value_of_a_request() {
        let app = init_service(app()).await;
        let events = testing::capture();
        let header = |value: &[u8]| HeaderValue::from_bytes(value).unwrap();
        let request = TestRequest::post()
            .uri("/reports/Q3")
            .insert_header((AUTHORIZATION, "Bearer ada"))
            .insert_header((COOKIE, header(b"name=Ren\xc3\xa9; other=\xe9; visitor=v-1")))
            .insert_header((USER_AGENT, header(b"Caf\xc3\xa9/1")))
            .to_request();
        assert!(call_service(&app, request).await.status().is_success());
        let event = events.assert_tracked("feature_used").session_id("v-1").once();
        assert_eq!(event.context("user_agent").unwrap(), "Caf\u{e9}/1");
    }

    #[actix_web::test]
    async fn a_handler_that_fails_emits_nothing() {
        let app = init_service(app()).await;
        let events = testing::capture();
        let uri = format!("/reports/{}", "x".repeat(101));
        let request = TestRequest::post().uri(&uri).insert_header((AUTHORIZATION, "Bearer ada")).to_request();
        assert!(call_service(&app, request).await.status().is_client_error());
        events.assert_nothing();
    }

    #[actix_web::test]
    async fn interleaved_requests_do_not_see_each_other() {
        let app = std::rc::Rc::new(init_service(app()).await);
        let events = testing::capture();
        let requests: Vec<_> = (0..500)
            .map(|number| {
                let app = app.clone();
                rt::spawn(async move {
                    let request = TestRequest::post()
                        .uri(&format!("/reports/{number}"))
                        .insert_header((AUTHORIZATION, format!("Bearer {number}")))
                        .to_request();
                    assert!(call_service(&app, request).await.status().is_success());
                })
            })
            .collect();
        for request in requests {
            request.await.unwrap();
        }
        assert_eq!(events.all().len(), 1_000);
        for number in 0..500 {
            let bytes = format!("title\n{number}\n").len();
            events.assert_tracked("report_rendered").user_id(number).with("bytes", bytes).once();
            events.assert_tracked("feature_used").user_id(number).with("bytes", bytes).once();
        }
    }
}
