//! Colours where a terminal shows them, and text from outside made harmless for it.

use std::{env, fmt::Write, io::IsTerminal};

/// The few colours that the program uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
}

/// Whether to colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    is_on: bool,
}

impl Paint {
    /// Colours the standard output if it is a terminal, unless `NO_COLOR` asks for none.
    pub(super) fn of_stdout() -> Self {
        let is_refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { is_on: std::io::stdout().is_terminal() && !is_refused }
    }

    /// The text in a colour. It is padded before, so that columns stand whatever the colour.
    pub(super) fn paint(self, colour: Colour, text: &str) -> String {
        if !self.is_on {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Bold => 1,
            Colour::Dim => 2,
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Blue => 34,
            Colour::Magenta => 35,
            Colour::Cyan => 36,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// The text without anything that would move the cursor, recolour the terminal or turn the writing around, and cut
/// where it is longer than a line is worth.
pub(super) fn harmless(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == most {
            shown.push('…');
            break;
        }
        let turns_around =
            matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || turns_around {
            // Writing to a `String` does not fail.
            let _ = write!(shown, "{}", character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_would_do_something_to_a_terminal() {
        let table = [
            ("invite_sent", "invite_sent"),
            ("Grüße, 世界", "Grüße, 世界"),
            ("\x1b[31mred", "\\u{1b}[31mred"),
            ("a\r\nb\t\u{9b}0m", "a\\u{d}\\u{a}b\\u{9}\\u{9b}0m"),
            ("user\u{202e}drawkcab", "user\\u{202e}drawkcab"),
        ];
        for (text, expected) in table {
            assert_eq!(harmless(text, 40), expected);
        }
        assert_eq!(harmless("abcdef", 6), "abcdef");
        assert_eq!(harmless("abcdefg", 6), "abcdef…");
    }

    #[test]
    fn colours_only_where_they_are_on() {
        assert_eq!(Paint { is_on: false }.paint(Colour::Red, "x"), "x");
        assert_eq!(Paint { is_on: true }.paint(Colour::Red, "x"), "\x1b[31mx\x1b[0m");
    }
}
