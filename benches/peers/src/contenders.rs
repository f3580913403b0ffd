//! The same event through each library: five properties (two static strings, an integer, a boolean and a string of 20
//! characters), and where the library has a place for them a name and two ids of 36 characters.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use fastrace::collector::{Config as FastraceConfig, Reporter, SpanRecord};
use fastrace::prelude::SpanContext;
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{BatchLogProcessor, LogBatch, LogExporter, SdkLoggerProvider};
use thrivestack_benches::cases::{self, ACCOUNT, Case, Function, NoReport, TITLE, USER};

/// The event as ThriveStack takes it, with the length that ours have.
pub const EVENT: &str = concat!(
    r#"{"event_name":"report_created","user_id":"6f1f0b34-9a3e-4c38-8a1e-6f4d9b3f2a10","properties":{"format":"pdf","#,
    r#""source_view":"dashboard","pages":417,"shared":true,"title":"Quarterly report #42"},"context":{"#,
    r#""group_id":"b0a7f9d2-4b1c-4c55-9d5e-2f6f4c1e8d77","source":"product","#,
    r#""message_id":"0198a3c4-7f00-7a1e-9d2b-3c4d5e6f7a8b"},"timestamp":"2026-08-01T12:00:00.000Z"}"#
);

/// One library.
pub struct Contender {
    pub name: &'static str,
    /// Sends the event.
    pub emit: Box<dyn Fn(u64)>,
    /// What has to be alive while events are sent.
    scope: fn() -> Box<dyn Any>,
    /// Waits until everything was handed on.
    pub settle: Box<dyn Fn()>,
}

impl Contender {
    fn new(name: &'static str, emit: impl Fn(u64) + 'static) -> Self {
        Self { name, emit: Box::new(emit), scope: || Box::new(()), settle: Box::new(|| ()) }
    }

    fn settled_by(self, settle: impl Fn() + 'static) -> Self {
        Self { settle: Box::new(settle), ..self }
    }

    /// Sends a number of events as quickly as it goes.
    pub fn burst(&self, events: u64) {
        let _scope = (self.scope)();
        (0..events).for_each(|pages| (self.emit)(black_box(pages)));
    }
}

/// Where annotated functions are compared with: the same function without anything.
pub fn bare() -> Contender {
    let case = cases::named("bare");
    Contender::new("the bare function", move |pages| case.call(pages))
}

/// What no event can do without: reading the clock, taking a lock, and copying the event.
pub fn limit() -> Contender {
    let buffer = Mutex::new(Vec::with_capacity(EVENT.len() * 1_000));
    Contender::new("clock + lock + memcpy", move |_| {
        black_box(SystemTime::now());
        let mut buffer = buffer.lock().expect("nothing panics under this lock");
        if buffer.len() == buffer.capacity() {
            buffer.clear();
        }
        buffer.extend_from_slice(black_box(EVENT).as_bytes());
    })
}

/// The parts of [`limit`], one by one.
pub fn parts() -> Vec<Contender> {
    let lock = Mutex::new(0);
    let copy = Mutex::new([0; EVENT.len()]);
    vec![
        Contender::new("`SystemTime::now`", |_| {
            black_box(SystemTime::now());
        }),
        Contender::new("an uncontended lock", move |pages| *lock.lock().expect("nothing panics") = pages),
        Contender::new("an uncontended lock and a `memcpy` of the event", move |_| {
            copy.lock().expect("nothing panics").copy_from_slice(black_box(EVENT).as_bytes());
        }),
    ]
}

fn ours(name: &'static str, case: Case) -> Contender {
    Contender::new(name, move |pages| case.call(pages)).settled_by(thrivestack_benches::flush)
}

/// Everything that sends the event when it is switched on. Called once: most of them are global.
pub fn enabled(sink: &str) -> Vec<Contender> {
    vec![
        ours("`#[track_event]`, sync", cases::named("five properties")),
        ours("`#[track_event]`, async", cases::named("five properties, async")),
        tracing_json(),
        function("`#[tracing::instrument]`, a span without events", instrumented),
        fastrace(),
        posthog(sink),
        sentry(),
        opentelemetry(),
    ]
}

/// The same switched off, as far as the library has a switch.
pub fn disabled() -> Vec<Contender> {
    let posthog = PostHog::disabled();
    vec![
        ours("`#[track_event]`, sync", cases::named("disabled")),
        ours("`#[track_event]`, async", cases::named("disabled, async")),
        function("`tracing::debug!`", debug),
        function("`#[tracing::instrument]`", instrumented_for_debug),
        function("`#[fastrace::trace]`", traced),
        Contender::new("posthog-rs", move |pages| posthog.capture(pages)),
    ]
}

fn function(name: &'static str, function: Function) -> Contender {
    Contender::new(name, move |pages| cases::call(function, pages))
}

fn tracing_json() -> Contender {
    let (writer, guard) = tracing_appender::non_blocking(std::io::sink());
    tracing_subscriber::fmt().json().with_writer(writer).init();
    Contender::new("`tracing::info!`, JSON, non-blocking appender", move |pages| {
        // The appender lives as long as its guard.
        let _ = &guard;
        cases::call(info, pages);
    })
}

/// What the functions below do beside their event.
macro_rules! body {
    ($user:ident, $account:ident, $pages:ident, $shared:ident, $title:ident) => {
        if $title.is_empty() && $shared && $user.len() == $account.len() {
            Err(NoReport)
        } else {
            Ok($pages + 1)
        }
    };
}

#[inline(never)]
fn info(user: &str, account: &str, pages: u64, shared: bool, title: &str) -> Result<u64, NoReport> {
    tracing::info!(format = "pdf", source_view = "dashboard", pages, shared, title, "report_created");
    body!(user, account, pages, shared, title)
}

#[inline(never)]
fn debug(user: &str, account: &str, pages: u64, shared: bool, title: &str) -> Result<u64, NoReport> {
    tracing::debug!(format = "pdf", source_view = "dashboard", pages, shared, title, "report_created");
    body!(user, account, pages, shared, title)
}

#[inline(never)]
#[tracing::instrument(skip(user, account), fields(format = "pdf", source_view = "dashboard"))]
fn instrumented(user: &str, account: &str, pages: u64, shared: bool, title: &str) -> Result<u64, NoReport> {
    body!(user, account, pages, shared, title)
}

#[inline(never)]
#[tracing::instrument(
    level = "debug",
    skip(user, account),
    fields(format = "pdf", source_view = "dashboard")
)]
fn instrumented_for_debug(
    user: &str,
    account: &str,
    pages: u64,
    shared: bool,
    title: &str,
) -> Result<u64, NoReport> {
    body!(user, account, pages, shared, title)
}

#[inline(never)]
#[fastrace::trace(properties = {
    "format": "pdf", "source_view": "dashboard", "pages": "{pages}", "shared": "{shared}", "title": "{title}",
})]
fn traced(user: &str, account: &str, pages: u64, shared: bool, title: &str) -> Result<u64, NoReport> {
    body!(user, account, pages, shared, title)
}

struct Nowhere;

impl Reporter for Nowhere {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        drop(spans);
    }
}

fn fastrace() -> Contender {
    fastrace::set_reporter(Nowhere, FastraceConfig::default());
    let scope: fn() -> Box<dyn Any> = || {
        let root = fastrace::Span::root("request", SpanContext::random());
        let guard = root.set_local_parent();
        Box::new((guard, root))
    };
    Contender { scope, ..function("`#[fastrace::trace]`", traced).settled_by(fastrace::flush) }
}

/// A client of PostHog's, and what its async functions are waited for with.
pub struct PostHog {
    client: posthog_rs::Client,
    runtime: tokio::runtime::Runtime,
}

impl PostHog {
    pub fn new(host: &str) -> Self {
        let mut options = posthog_rs::ClientOptionsBuilder::default();
        options.host(host).on_error(|error| panic!("{error:?}"));
        // By default it drops events beyond 10,000, and does not tell how many are pending.
        options.max_queue_size(1_000_000_usize);
        Self::with(&mut options)
    }

    fn disabled() -> Self {
        Self::with(posthog_rs::ClientOptionsBuilder::default().disabled(true))
    }

    fn with(options: &mut posthog_rs::ClientOptionsBuilder) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let options = options.api_key("key".to_owned()).build().expect("valid options");
        Self { client: runtime.block_on(posthog_rs::client(options)), runtime }
    }

    pub fn capture(&self, pages: u64) {
        self.client.capture(posthog_event(pages));
    }

    pub fn flush(&self) {
        self.runtime.block_on(self.client.flush());
    }
}

fn posthog_event(pages: u64) -> posthog_rs::Event {
    let mut event = posthog_rs::Event::new(black_box("report_created"), black_box(USER));
    event.add_group("account", black_box(ACCOUNT));
    let values = [("format", "pdf"), ("source_view", "dashboard"), ("title", black_box(TITLE))];
    for (key, value) in values {
        event.insert_prop(key, value).expect("a string is JSON");
    }
    event.insert_prop("pages", pages).expect("a number is JSON");
    event.insert_prop("shared", true).expect("a boolean is JSON");
    event
}

fn posthog(host: &str) -> Contender {
    let client = Arc::new(PostHog::new(host));
    let flushed = client.clone();
    Contender::new("posthog-rs", move |pages| client.capture(pages)).settled_by(move || flushed.flush())
}

impl sentry::Transport for Nowhere {
    fn send_envelope(&self, envelope: sentry::Envelope) {
        drop(envelope);
    }
}

/// The options of a client of Sentry's with its defaults.
pub fn sentry_options(host: &str) -> sentry::ClientOptions {
    let dsn = format!("{}/1", host.replacen("://", "://key@", 1));
    let mut options = sentry::ClientOptions::default();
    options.dsn = Some(dsn.parse().expect("the address of a host"));
    options
}

fn sentry() -> Contender {
    let mut options = sentry_options("http://127.0.0.1:9");
    options.transport =
        Some(Arc::new(|_: &sentry::ClientOptions| Arc::new(Nowhere) as Arc<dyn sentry::Transport>));
    let guard = sentry::init(options);
    Contender::new("`sentry::capture_event`, no transport", move |pages| {
        // The client lives as long as its guard.
        let _ = &guard;
        let extra = BTreeMap::from([
            ("format".to_owned(), "pdf".into()),
            ("source_view".to_owned(), "dashboard".into()),
            ("pages".to_owned(), pages.into()),
            ("shared".to_owned(), true.into()),
            ("title".to_owned(), black_box(TITLE).into()),
        ]);
        let user = sentry::User { id: Some(black_box(USER).to_owned()), ..Default::default() };
        let event = sentry::protocol::Event {
            message: Some("report_created".to_owned()),
            user: Some(user),
            extra,
            ..Default::default()
        };
        black_box(sentry::capture_event(event));
    })
}

#[derive(Debug)]
struct NoExport;

impl LogExporter for NoExport {
    fn export(&self, _: LogBatch<'_>) -> impl Future<Output = OTelSdkResult> + Send {
        std::future::ready(Ok(()))
    }
}

fn opentelemetry() -> Contender {
    let processor = BatchLogProcessor::builder(NoExport).build();
    let provider = SdkLoggerProvider::builder().with_log_processor(processor).build();
    let logger = provider.logger("reports");
    let emit = move |pages: u64| {
        let mut record = logger.create_log_record();
        record.set_event_name("report_created");
        record.set_severity_number(Severity::Info);
        record.set_timestamp(SystemTime::now());
        record.add_attribute("user_id", black_box(USER));
        record.add_attribute("group_id", black_box(ACCOUNT));
        record.add_attribute("format", "pdf");
        record.add_attribute("source_view", "dashboard");
        record.add_attribute("pages", i64::try_from(pages).unwrap_or(i64::MAX));
        record.add_attribute("shared", true);
        record.add_attribute("title", black_box(TITLE).to_owned());
        logger.emit(record);
    };
    Contender::new("opentelemetry log, batch processor, no exporter", emit)
        .settled_by(move || provider.force_flush().expect("nothing to export"))
}
