//! One value of an event.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use super::json::{self, Escaped};
use super::serialize::Json;

/// A value, borrowed until it is written.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// Nothing: the key is left out.
    Absent,
    /// A value that is JSON already.
    Raw(&'a str),
    /// A value that serde serializes.
    Json(&'a dyn Json),
    /// A value whose text is known without its `Display`. By reference, which the caller has at hand: to copy a text's
    /// own pointer and length here would have a processor wait that has only just stored them.
    Text(&'a dyn Text),
    /// A value that is sent as the text of its `Display`.
    Display(&'a dyn fmt::Display),
    /// A value that is sent as the text of its `Debug`.
    Debug(&'a dyn fmt::Debug),
    /// The time of the event.
    Time(SystemTime),
    /// Every entry of a map or struct, each key with the prefix before it.
    Flatten {
        /// What is put before each key.
        prefix: &'static str,
        /// What serializes as a map or struct.
        value: &'a dyn Json,
    },
}

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It counts.
    Value,
    /// Left out, because it is `null`.
    Null,
    /// Left out, because it could not be serialized.
    Failed,
}

/// What most ids are: the texts and integers of the standard library.
pub trait Text {
    /// Appends what stands between the quotes of a JSON string.
    fn write_text(&self, out: &mut Vec<u8>);
}

macro_rules! texts {
    ($($text:ty),*; $($number:ty),*) => {
        $(impl Text for $text {
            fn write_text(&self, out: &mut Vec<u8>) {
                json::write_escaped(out, self);
            }
        })*
        $(impl Text for $number {
            fn write_text(&self, out: &mut Vec<u8>) {
                json::write_integer(out, *self);
            }
        })*
    };
}

texts!(&str, String, Box<str>, Rc<str>, Arc<str>, Cow<'_, str>; u8, u16, u32, u64, i8, i16, i32, i64);

impl Value<'_> {
    /// Appends it as JSON. The user's code runs in it, unguarded; what is left out may have left a part of it behind.
    #[inline]
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Written {
        // What most properties are.
        if let Self::Json(value) = self { value.write_json(out) } else { self.write_as_json(out) }
    }

    fn write_as_json(&self, out: &mut Vec<u8>) -> Written {
        match self {
            Self::Json(value) => return value.write_json(out),
            Self::Raw("null") => return Written::Null,
            Self::Raw(json) => out.extend_from_slice(json.as_bytes()),
            _ => {
                out.push(b'"');
                if self.write_text(out).is_err() {
                    return Written::Failed;
                }
                out.push(b'"');
            }
        }
        Written::Value
    }

    /// Appends what stands between the quotes of a JSON string. An error if it is no text. The user's code runs in it,
    /// unguarded; what failed may have left a part of it behind.
    #[inline]
    pub(super) fn write_text(&self, out: &mut Vec<u8>) -> fmt::Result {
        // What most ids are.
        if let Self::Text(text) = self {
            text.write_text(out);
            return Ok(());
        }
        self.write_as_text(out)
    }

    #[inline(never)]
    fn write_as_text(&self, out: &mut Vec<u8>) -> fmt::Result {
        match self {
            Self::Text(text) => text.write_text(out),
            Self::Display(value) => return fmt::write(&mut Escaped(out), format_args!("{value}")),
            Self::Debug(value) => return fmt::write(&mut Escaped(out), format_args!("{value:?}")),
            Self::Absent | Self::Raw(_) | Self::Json(_) | Self::Time(_) | Self::Flatten { .. } => {
                return Err(fmt::Error);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: Value<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        assert_eq!(value.write(&mut out), Written::Value);
        out
    }

    proptest! {
        #[test]
        fn a_text_is_written_as_serde_json_writes_it(text: String) {
            let json = serde_json::to_vec(&text).unwrap();
            prop_assert_eq!(&written(Value::Text(&text)), &json);
            prop_assert_eq!(&written(Value::Display(&text)), &json);
            prop_assert_eq!(&written(Value::Json(&text)), &json);
        }

        #[test]
        fn a_number_is_written_as_the_text_of_its_display(unsigned: u64, signed: i64) {
            prop_assert_eq!(written(Value::Text(&unsigned)), serde_json::to_vec(&unsigned.to_string()).unwrap());
            prop_assert_eq!(written(Value::Text(&signed)), serde_json::to_vec(&signed.to_string()).unwrap());
        }
    }

    #[test]
    fn null_is_told_apart_from_its_text() {
        assert_eq!(Value::Json(&None::<u8>).write(&mut Vec::new()), Written::Null);
        assert_eq!(written(Value::Text(&"null")), b"\"null\"");
    }
}
