//! The values of an event as a hook sees them. Pure, and the same whichever features of serde_json a build turns on.

use serde_json::{Map, Number, Value};

use super::reader::{self, Kind, Malformed, Reader, Token};

/// The deepest nesting that is shown, as serde_json has it.
pub(crate) const LEVELS: usize = 128;

/// Returns the members of an object. A key that is there twice has its last value.
pub(crate) fn object(json: &[u8]) -> Result<Map<String, Value>, Malformed> {
    match value(json, LEVELS + 1)? {
        Value::Object(object) => Ok(object),
        _ => Err(Malformed),
    }
}

/// Returns a value, at most `levels` deep. What has no [`Value`] of its own is shown as the text of its JSON: a number
/// beyond those of `f64`, and what is nested deeper.
pub(crate) fn value(json: &[u8], levels: usize) -> Result<Value, Malformed> {
    let mut reader = Reader::new(json);
    let first = reader.token()?;
    let value = Shown { json, reader: &mut reader }.value(first, levels)?;
    reader.next()?.map_or(Ok(value), |_| Err(Malformed))
}

struct Shown<'a, 'r> {
    json: &'a [u8],
    reader: &'r mut Reader<'a>,
}

impl Shown<'_, '_> {
    fn value(&mut self, first: Token, levels: usize) -> Result<Value, Malformed> {
        let json = &self.json[first.range()];
        match first.kind {
            Kind::Text => Ok(Value::String(reader::text(json).into_owned())),
            Kind::Number => Ok(number(json)),
            Kind::Word if json == b"null" => Ok(Value::Null),
            Kind::Word => Ok(Value::Bool(json == b"true")),
            Kind::Object | Kind::Array if levels == 0 => {
                let range = self.reader.rest_of(first)?;
                Ok(raw(&self.json[range]))
            }
            Kind::Object => self.members(levels - 1).map(Value::Object),
            Kind::Array => self.items(levels - 1).map(Value::Array),
            Kind::Key | Kind::End => Err(Malformed),
        }
    }

    fn members(&mut self, levels: usize) -> Result<Map<String, Value>, Malformed> {
        let mut members = Map::new();
        loop {
            let key = self.reader.token()?;
            if key.kind == Kind::End {
                return Ok(members);
            }
            let first = self.reader.token()?;
            let value = self.value(first, levels)?;
            members.insert(reader::text(&self.json[key.range()]).into_owned(), value);
        }
    }

    fn items(&mut self, levels: usize) -> Result<Vec<Value>, Malformed> {
        let mut items = Vec::new();
        loop {
            let first = self.reader.token()?;
            if first.kind == Kind::End {
                return Ok(items);
            }
            items.push(self.value(first, levels)?);
        }
    }
}

fn number(json: &[u8]) -> Value {
    let text = String::from_utf8_lossy(json);
    if let Ok(number) = text.parse::<u64>() {
        return number.into();
    }
    if let Ok(number) = text.parse::<i64>() {
        return number.into();
    }
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    number.map_or_else(|| raw(json), Value::Number)
}

fn raw(json: &[u8]) -> Value {
    Value::String(String::from_utf8_lossy(json).into_owned())
}
