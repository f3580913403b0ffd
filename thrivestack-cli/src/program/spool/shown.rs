//! What waits, in words.

use std::time::SystemTime;

use thrivestack::{
    Endpoint,
    spool::{ClientDirectory, Inspection, Segment},
};

use super::super::terminal::{Colour, Paint, harmless};

/// In the order in which they are sent.
const CALLS: [Endpoint; 4] = [Endpoint::Identify, Endpoint::Group, Endpoint::Track, Endpoint::Page];

/// All that `inspect` says.
pub(super) fn inspection(inspection: &Inspection, key: Option<&str>, paint: Paint) -> String {
    let mut text = format!(
        "{}\n",
        paint.paint(
            Colour::Bold,
            &format!(
                "{} in {}, {}",
                counted(inspection.waiting_total(), "event waits", "events wait"),
                counted(inspection.clients().len() as u64, "directory", "directories"),
                size(inspection.bytes()),
            )
        )
    );
    for client in inspection.clients() {
        text += &directory(client, key, paint);
    }
    text
}

/// Whose the events of a segment are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    ThisKey,
    AnotherKey,
    /// There is no key to compare with.
    Unknown,
}

impl Owner {
    pub(super) fn of(segment: &Segment, key: Option<&str>) -> Self {
        match key {
            None => Self::Unknown,
            Some(key) if segment.is_for(key) => Self::ThisKey,
            Some(_) => Self::AnotherKey,
        }
    }
}

fn directory(client: &ClientDirectory, key: Option<&str>, paint: Paint) -> String {
    let name = client.path().file_name().unwrap_or_default().to_string_lossy();
    let mut text = format!("\n{}\n", paint.paint(Colour::Bold, &harmless(&name, 100)));
    let mut line = |about: &str, colour: Option<Colour>, what: &str| {
        let what = colour.map_or_else(|| what.to_owned(), |colour| paint.paint(colour, what));
        text += &format!("  {}  {what}\n", paint.paint(Colour::Dim, &format!("{about:8}")));
    };
    if client.is_held() {
        line("held", Some(Colour::Green), "by a process that lives, and delivers it itself");
    } else {
        line(
            "held",
            None,
            "by nobody: the next client with its key delivers it, and so does `thrivestack spool drain`",
        );
    }
    line("waiting", None, &waiting(client));
    line(
        "size",
        None,
        &format!("{} in {}", size(client.bytes()), counted(client.segments().len() as u64, "file", "files")),
    );
    if let Some((colour, what)) = about_key(client, key) {
        line("key", colour, what);
    }
    if client.damaged() > 0 {
        let what = format!("{}: they cannot be delivered", counted(client.damaged(), "record", "records"));
        line("damaged", Some(Colour::Yellow), &what);
    }
    if client.is_cursor_damaged() {
        let what = "its cursor is damaged, so events that were delivered before will be delivered again";
        line("damaged", Some(Colour::Yellow), what);
    }
    for segment in client.segments() {
        if let Some(why) = segment.unreadable() {
            let name = segment.path().file_name().unwrap_or_default().to_string_lossy();
            line("file", Some(Colour::Yellow), &format!("{}: {why}", harmless(&name, 100)));
        }
    }
    text
}

/// `3 identify, 800 track; the oldest since 2026-11-24T07:26:15Z`
fn waiting(client: &ClientDirectory) -> String {
    let calls: Vec<_> = CALLS
        .into_iter()
        .filter(|call| client.waiting(*call) > 0)
        .map(|call| format!("{} {call}", grouped(client.waiting(call))))
        .collect();
    if calls.is_empty() {
        return "nothing".to_owned();
    }
    let oldest = client.oldest().map(moment).unwrap_or_default();
    format!("{}; the oldest since {oldest}", calls.join(", "))
}

fn about_key(client: &ClientDirectory, key: Option<&str>) -> Option<(Option<Colour>, &'static str)> {
    let mut owners: Vec<_> = client
        .segments()
        .iter()
        .filter(|segment| segment.waiting_total() > 0 && segment.unreadable().is_none())
        .map(|segment| Owner::of(segment, key))
        .collect();
    owners.dedup();
    match owners[..] {
        [] => None,
        [Owner::ThisKey] => Some((Some(Colour::Green), "that of this environment")),
        [Owner::AnotherKey] => Some((
            Some(Colour::Yellow),
            "another than that of this environment: these events wait for that one",
        )),
        [Owner::Unknown] => {
            Some((None, "there is none in this environment to compare with: set THRIVESTACK_API_KEY"))
        }
        _ => Some((
            Some(Colour::Yellow),
            "some of that of this environment, some of another: the others wait for that one",
        )),
    }
}

pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => counted(bytes, "byte", "bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn moment(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), expected);
        }
        for (bytes, expected) in [(1, "1 byte"), (999, "999 bytes"), (1_000, "1.0 kB"), (8_400_000, "8.4 MB")]
        {
            assert_eq!(size(bytes), expected);
        }
    }
}
