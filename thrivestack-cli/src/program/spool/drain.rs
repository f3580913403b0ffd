//! `thrivestack spool drain`: a client that has nothing of its own to send.

use std::{
    env,
    path::Path,
    process::ExitCode,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use thrivestack::{
    Client, Config, DropReason, Report, ReportOutcome,
    spool::{ClientDirectory, Segment},
};

use super::super::{
    print,
    terminal::{Colour, Paint, harmless},
    variables::{DEBUG, DISABLED, is_yes},
};
use super::shown::counted;

/// How long one wait is, after which the answers are looked at.
const STEP: Duration = Duration::from_millis(200);

/// How long to go on once the server refused the key for a call.
const PATIENCE_WITH_A_REFUSAL: Duration = Duration::from_secs(1);

const REASONS: [DropReason; 8] = [
    DropReason::RefusedByServer,
    DropReason::Hook,
    DropReason::HookPanicked,
    DropReason::TooLarge,
    DropReason::ShutDown,
    DropReason::Damaged,
    DropReason::Malformed,
    DropReason::Expired,
];

pub(super) fn run(dir: &Path, patience: Duration) -> Result<ExitCode, String> {
    for name in [DISABLED, DEBUG] {
        if is_yes(env::var(name).ok().as_deref()) {
            return Err(format!("{name} is on, so nothing would be delivered: unset it and try again"));
        }
    }
    // Before a client makes a directory of what is perhaps a misspelled name.
    let before = super::read(dir)?;
    if before.waiting_total() == 0 {
        return Ok(print("Nothing waits.\n"));
    }
    let dir = before.dir();
    let key = super::key_of_environment();
    let mut told = Told::default();
    loop {
        let has_moved = told.round(dir, patience)?;
        let left = super::read(dir)?;
        told.left = left.clients().iter().flat_map(|client| lefts_of(client, key.as_deref())).collect();
        // A client takes over so many directories at once; where there were more, another one takes over the others.
        let has_more = told.left.iter().any(|left| left.why == Why::NotDelivered);
        if !(has_moved && has_more && told.last.is_none()) {
            break;
        }
    }
    print(&told.text(Paint::of_stdout()));
    Ok(if told.is_done() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn with_cause(error: &thrivestack::Error) -> String {
    let cause = std::error::Error::source(error).map(|source| format!(" ({source})")).unwrap_or_default();
    format!("{error}{cause}")
}

/// Delivers until nothing is pending, nothing moves any more, or the server wants another key. Gives the last answer that
/// was not a yes if something is still pending.
fn deliver(client: &Client, reports: &Receiver<Report>, patience: Duration) -> Option<Report> {
    let mut last = None;
    let mut settled = 0;
    let mut moved = Instant::now();
    while !client.flush(STEP) {
        last =
            reports.try_iter().filter(|report| report.outcome() != ReportOutcome::Delivered).last().or(last);
        let stats = client.stats();
        let now_settled = stats.delivered() + stats.dropped_total();
        if now_settled > settled {
            settled = now_settled;
            moved = Instant::now();
        }
        let is_parked = last.as_ref().is_some_and(|report| report.outcome() == ReportOutcome::Parked);
        // Another endpoint may still be delivered.
        let patience = if is_parked { patience.min(PATIENCE_WITH_A_REFUSAL) } else { patience };
        if moved.elapsed() >= patience {
            return last;
        }
    }
    None
}

/// What came of it.
#[derive(Default)]
struct Told {
    delivered: u64,
    dropped: [u64; REASONS.len()],
    /// The last answer that was not a yes, if it was not followed by the delivery of everything.
    last: Option<Report>,
    left: Vec<Left>,
}

/// Events that are still there, and why.
struct Left {
    name: String,
    events: u64,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Held,
    AnotherKey,
    Unreadable,
    NotDelivered,
}

/// What is left in one directory, by the reasons.
fn lefts_of(client: &ClientDirectory, key: Option<&str>) -> Vec<Left> {
    let name = client.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let why = |segment: &Segment| {
        if client.is_held() {
            Why::Held
        } else if segment.unreadable().is_some() {
            Why::Unreadable
        } else if key.is_some_and(|key| segment.is_for(key)) {
            Why::NotDelivered
        } else {
            Why::AnotherKey
        }
    };
    let by_reason = [Why::Held, Why::AnotherKey, Why::Unreadable, Why::NotDelivered].map(|reason| Left {
        name: name.clone(),
        events: client
            .segments()
            .iter()
            .filter(|segment| why(segment) == reason)
            .map(Segment::waiting_total)
            .sum(),
        why: reason,
    });
    by_reason.into_iter().filter(|left| left.events > 0).collect()
}

impl Told {
    /// Delivers what one client takes over. Returns whether anything was delivered or dropped.
    fn round(&mut self, dir: &Path, patience: Duration) -> Result<bool, String> {
        let (sender, reports) = channel();
        let config = Config::from_env()
            .map_err(|error| with_cause(&error))?
            .spool(dir)
            .shutdown_timeout(Duration::ZERO)
            .on_report(move |report| drop(sender.send(report.clone())));
        let client = Client::new(config).map_err(|error| with_cause(&error))?;
        self.last = deliver(&client, &reports, patience);
        // What is not delivered by now stays where it is.
        client.shutdown();
        let stats = client.stats();
        self.delivered += stats.delivered();
        for (sum, reason) in self.dropped.iter_mut().zip(REASONS) {
            *sum += stats.dropped(reason);
        }
        Ok(stats.delivered() + stats.dropped_total() > 0)
    }

    /// Whether there is nothing left to do for this key, and nothing was lost.
    fn is_done(&self) -> bool {
        self.dropped.iter().sum::<u64>() == 0 && self.left.iter().all(|left| left.why == Why::Held)
    }

    fn text(&self, paint: Paint) -> String {
        let events = |number| counted(number, "event", "events");
        let mut text = String::new();
        let mut line = |mark: &str, colour, what: &str| {
            text += &format!("{} {what}\n", paint.paint(colour, mark));
        };
        line("✓", Colour::Green, &format!("{} delivered", events(self.delivered)));
        for (dropped, reason) in self.dropped.into_iter().zip(REASONS) {
            if dropped > 0 {
                line("✗", Colour::Red, &format!("{} dropped: {reason}", events(dropped)));
            }
        }
        for left in &self.left {
            let colour = if left.why == Why::Held { Colour::Dim } else { Colour::Yellow };
            let name = harmless(&left.name, 100);
            line("·", colour, &format!("{} left in {name}: {}", events(left.events), self.explain(left.why)));
        }
        text
    }

    fn explain(&self, why: Why) -> String {
        match why {
            Why::Held => "a process that lives holds them, and delivers them itself".to_owned(),
            Why::AnotherKey => "they were written for another key than that of this environment: set \
                                THRIVESTACK_API_KEY to that one and drain again"
                .to_owned(),
            Why::Unreadable => "their file cannot be read: `thrivestack spool inspect` says why".to_owned(),
            Why::NotDelivered => self.not_delivered(),
        }
    }

    fn not_delivered(&self) -> String {
        let Some(report) = &self.last else {
            return "the time ran out: drain again, with a larger --patience".to_owned();
        };
        let words =
            report.message().map(|words| format!(" It said: {}", harmless(words, 500))).unwrap_or_default();
        match report.status() {
            _ if report.outcome() == ReportOutcome::Parked => {
                let status = report.status().unwrap_or_default();
                format!(
                    "the server answered {status}, so the key or the endpoint is wrong: `thrivestack doctor --send` \
                     says which.{words}"
                )
            }
            Some(status) => format!("the server answered {status}: drain again later.{words}"),
            None => {
                "the server cannot be reached: `thrivestack doctor` says why, then drain again".to_owned()
            }
        }
    }
}
