//! The one event that `--send` sends, and what the answer to it means.

use std::{sync::mpsc::Receiver, time::Duration};

use thrivestack::{Client, Report, ReportOutcome};

use super::{Finding, Level};

/// The longest wait for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The user of the event, by whom it can be found and deleted in ThriveStack.
const TEST_USER: &str = "thrivestack-doctor";

pub(super) fn send(client: &Client, reports: &Receiver<Report>) -> Vec<Finding> {
    let call =
        client.identify(TEST_USER).with("is_test_user", true).with("sent_by", "thrivestack doctor --send");
    if let Err(rejected) = client.try_send(call) {
        return vec![Finding::new(
            Level::Problem,
            "sending",
            format!("the SDK refused the test event: {rejected}"),
        )];
    }
    // Wakes the sender; what came of it, the report says.
    let _ = client.flush(Duration::ZERO);
    match reports.recv_timeout(PATIENCE + Duration::from_secs(2)) {
        Ok(report) => explain(&report),
        Err(_) => {
            vec![Finding::new(Level::Problem, "sending", format!("there was no answer within {PATIENCE:?}"))]
        }
    }
}

fn explain(report: &Report) -> Vec<Finding> {
    let words = report.message().map(|message| format!(" It said: {message}")).unwrap_or_default();
    if report.outcome() == ReportOutcome::Delivered {
        let text = format!(
            "the test event of user `{TEST_USER}` was taken; it can be deleted in ThriveStack.{words}"
        );
        let warnings = report
            .warnings()
            .iter()
            .map(|warning| Finding::new(Level::Warning, "its warning", warning.clone()));
        return [Finding::new(Level::Good, "sending", text)].into_iter().chain(warnings).collect();
    }
    vec![Finding::new(Level::Problem, "sending", format!("{}{words}", meaning(report.status())))]
}

/// What an answer other than yes means, and what to do.
fn meaning(status: Option<u16>) -> String {
    let Some(status) = status else {
        return "the request failed before there was an answer: check the network and the proxy.".to_owned();
    };
    let advice = match status {
        300..=399 => {
            "the endpoint redirects, which the SDK does not follow with a key: set THRIVESTACK_ENDPOINT to \
                      where it leads"
        }
        400 => {
            "the server did not take the event: check that THRIVESTACK_ENDPOINT is the base address of the \
                telemetry API, such as https://api.app.thrivestack.ai/api"
        }
        401 | 403 => {
            "the key was refused: it is wrong, has expired, or lacks the scope `telemetry_apis`. Make a new \
                      one in the ThriveStack console and set THRIVESTACK_API_KEY"
        }
        404 | 405 => {
            "there is no telemetry API at that address: THRIVESTACK_ENDPOINT ends in /api, without the name \
                      of a call"
        }
        429 => "the rate limit is reached: wait a minute and try again",
        500..=599 => "the server has trouble of its own: try again later, events wait meanwhile",
        _ => "that is no answer of the telemetry API: check THRIVESTACK_ENDPOINT",
    };
    format!("status {status}: {advice}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_meaning_and_an_advice() {
        let table = [
            (None, "before there was an answer"),
            (Some(302), "redirects"),
            (Some(400), "base address of the telemetry API"),
            (Some(401), "lacks the scope `telemetry_apis`"),
            (Some(403), "Make a new one"),
            (Some(404), "ends in /api"),
            (Some(429), "wait a minute"),
            (Some(503), "try again later"),
            (Some(204), "no answer of the telemetry API"),
        ];
        for (status, expected) in table {
            let text = meaning(status);
            assert!(text.contains(expected), "{status:?}: {text}");
        }
    }
}
