//! The listener of the host that hears the crate: a subscriber of `tracing`, or else the logger of `log`.
//!
//! `log` is called directly. The feature `log` of `tracing` would do it too, but Cargo would turn it on for the whole host,
//! whose other crates would then log more than before.

use std::fmt;
use std::io::Write as _;

use tracing::Dispatch;
use tracing::dispatcher::{self, WeakDispatch};
use tracing::subscriber::NoSubscriber;

use crate::panics;

/// The target of every message.
pub(crate) const TARGET: &str = "thrivestack";

/// The one of the two that a message goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    Tracing,
    Log,
    /// Neither would show it.
    Nobody,
}

/// The subscriber of the thread on which a client was made, for messages from the worker's thread. A subscriber that is
/// set for one thread only would not hear them otherwise.
#[derive(Default)]
pub(crate) struct Maker(Option<WeakDispatch>);

/// The fields of a message, as text behind it.
pub(crate) struct Fields<'a>(pub(crate) &'a [(&'static str, &'a dyn fmt::Display)]);

/// Says something to the host, once: to `tracing` or to `log`. The fields are variables that implement `Display`. Returns
/// the listener.
macro_rules! say {
    ($maker:expr, $level:ident, $message:literal $(, $field:ident)* $(,)?) => {
        $crate::listener::speak($maker, |listener| match listener {
            $crate::listener::Listener::Tracing => {
                ::tracing::$level!(target: $crate::listener::TARGET, $($field = %$field,)* $message);
            }
            $crate::listener::Listener::Log => {
                let fields = [$((stringify!($field), &$field as &dyn ::std::fmt::Display)),*];
                ::log::$level!(target: $crate::listener::TARGET, "{}{}", $message, $crate::listener::Fields(&fields));
            }
            $crate::listener::Listener::Nobody => {}
        })
    };
}
pub(crate) use say;

/// Hands a message to the listener. The host's subscriber or logger may panic: that ends neither the worker nor the host's
/// start.
pub(crate) fn speak(maker: &Maker, message: impl Fn(Listener)) -> Listener {
    let spoken = panics::catch(|| {
        if let Some(subscriber) = maker.subscriber() {
            dispatcher::with_default(&subscriber, || message(Listener::Tracing));
            return Listener::Tracing;
        }
        let listener = if dispatcher::get_default(hears) {
            Listener::Tracing
        } else if log::max_level() > log::LevelFilter::Off {
            Listener::Log
        } else {
            Listener::Nobody
        };
        message(listener);
        listener
    });
    // A listener that panicked was there.
    spoken.unwrap_or(Listener::Tracing)
}

/// Prints a line on the standard error, for what the host has to know though it listens to nothing.
pub(crate) fn print(line: &str) {
    // A closed standard error is no reason to fail.
    let _ = writeln!(std::io::stderr().lock(), "thrivestack: {line}");
}

/// Returns the beginning of a text in one line, for what comes from outside: a message is no place for more.
pub(crate) fn one_line(text: &str, most: usize) -> String {
    let cut = text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end]);
    let mut line: String = cut.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    if cut.len() < text.len() {
        line.push('…');
    }
    line
}

fn hears(subscriber: &Dispatch) -> bool {
    !subscriber.is::<NoSubscriber>()
}

impl Maker {
    /// Returns the subscriber of this thread, if it has one now. It is not kept alive.
    pub(crate) fn current() -> Self {
        // The subscriber's own code may run in it, and may panic.
        let current = || dispatcher::get_default(|current| hears(current).then(|| current.downgrade()));
        Self(panics::catch(current).flatten())
    }

    fn subscriber(&self) -> Option<Dispatch> {
        self.0.as_ref()?.upgrade()
    }
}

impl fmt::Display for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_outside_is_one_line_of_bounded_length() {
        for (text, expected) in [
            ("", ""),
            ("no such key", "no such key"),
            ("a\nb\r\n\u{1b}[31mc\0", "a b   [31mc "),
            ("exactly 16 chars", "exactly 16 chars"),
            ("more than sixteen", "more than sixtee…"),
            ("größer als sechzehn", "größer als sechz…"),
        ] {
            assert_eq!(one_line(text, 16), expected, "{text:?}");
        }
    }

    #[test]
    fn fields_follow_the_message() {
        assert_eq!(Fields(&[]).to_string(), "");
        assert_eq!(Fields(&[("endpoint", &"track"), ("events", &3)]).to_string(), " endpoint=track events=3");
    }
}
