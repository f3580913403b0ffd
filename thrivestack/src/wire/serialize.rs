//! The serializer of values: what most values are is written here, and serde_json writes the rest.

use std::fmt::Display;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};

use super::json;
use super::value::Written;

/// A value that can be written as JSON: everything that serde serializes.
///
/// The object-safe face of [`serde::Serialize`], so that expansions can hand values to functions that are compiled
/// once.
pub trait Json {
    /// Appends the value as JSON. If its `Serialize` fails, a part of it may be left behind.
    fn write_json(&self, out: &mut Vec<u8>) -> Written;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Json for T {
    fn write_json(&self, out: &mut Vec<u8>) -> Written {
        let start = out.len();
        let mut whole = None;
        let result = self.serialize(Quick { out, whole: &mut whole });
        match (result, whole.is_some()) {
            // What is written here is never `null`.
            (Ok(()), false) => Written::Value,
            (result, _) => judge(result, out, start),
        }
    }
}

/// What became of a value that serde_json wrote from `start` on, or did not. Compiled once.
#[inline(never)]
#[expect(clippy::needless_pass_by_value, reason = "dropping the error is compiled once as well")]
fn judge(result: Result<(), serde_json::Error>, out: &[u8], start: usize) -> Written {
    match result {
        Ok(()) if out.get(start..) == Some(b"null") => Written::Null,
        Ok(()) => Written::Value,
        Err(_) => Written::Failed,
    }
}

/// Writes texts, which serde_json looks at byte by byte, truths and integers, and makes serde_json's serializer for
/// everything else.
///
/// A value of several parts is serde_json's from its first part on, so that no part is compiled for two serializers.
struct Quick<'s, 'b> {
    out: &'b mut Vec<u8>,
    /// Where serde_json's serializer is put when it is needed.
    whole: &'s mut Option<serde_json::Serializer<&'b mut Vec<u8>>>,
}

type Whole<'s, 'b> = &'s mut serde_json::Serializer<&'b mut Vec<u8>>;

impl<'s, 'b> Quick<'s, 'b> {
    fn whole(self) -> Whole<'s, 'b> {
        self.whole.insert(serde_json::Serializer::new(self.out))
    }
}

macro_rules! whole {
    ($($method:ident($($argument:ident: $type:ty),*) -> $ok:ty;)*) => {$(
        #[inline]
        fn $method(self, $($argument: $type),*) -> Result<$ok, Self::Error> {
            self.whole().$method($($argument),*)
        }
    )*};
}

macro_rules! integers {
    ($($method:ident($type:ty);)*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<(), Self::Error> {
            json::write_integer(self.out, value);
            Ok(())
        }
    )*};
}

impl<'s, 'b> Serializer for Quick<'s, 'b> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeSeq = <Whole<'s, 'b> as Serializer>::SerializeSeq;
    type SerializeTuple = <Whole<'s, 'b> as Serializer>::SerializeTuple;
    type SerializeTupleStruct = <Whole<'s, 'b> as Serializer>::SerializeTupleStruct;
    type SerializeTupleVariant = <Whole<'s, 'b> as Serializer>::SerializeTupleVariant;
    type SerializeMap = <Whole<'s, 'b> as Serializer>::SerializeMap;
    type SerializeStruct = <Whole<'s, 'b> as Serializer>::SerializeStruct;
    type SerializeStructVariant = <Whole<'s, 'b> as Serializer>::SerializeStructVariant;

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Self::Error> {
        json::write_string(self.out, text);
        Ok(())
    }

    fn serialize_char(self, character: char) -> Result<(), Self::Error> {
        json::write_string(self.out, character.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Self::Error> {
        self.serialize_str(variant)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Self::Error> {
        json::write_display(self.out, format_args!("{value}")).map_err(Self::Error::custom)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        self.whole().serialize_newtype_variant(name, index, variant, value)
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<(), Self::Error> {
        // Texts of a known length are copied without a call.
        if value {
            self.out.extend_from_slice(b"true");
        } else {
            self.out.extend_from_slice(b"false");
        }
        Ok(())
    }

    integers! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
    }

    whole! {
        serialize_i128(value: i128) -> ();
        serialize_u128(value: u128) -> ();
        serialize_f32(value: f32) -> ();
        serialize_f64(value: f64) -> ();
        serialize_bytes(value: &[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(name: &'static str) -> ();
        serialize_seq(len: Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(len: usize) -> Self::SerializeTuple;
        serialize_tuple_struct(name: &'static str, len: usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> Self::SerializeTupleVariant;
        serialize_map(len: Option<usize>) -> Self::SerializeMap;
        serialize_struct(name: &'static str, len: usize) -> Self::SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> Self::SerializeStructVariant;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Serialize, Debug)]
    struct Unit;

    #[derive(Serialize, Debug)]
    struct Wrapped<T>(T);

    #[derive(Serialize, Debug)]
    struct Pair(u8, String);

    #[derive(Serialize, Debug)]
    struct Named {
        text: String,
        nested: Wrapped<Option<Pair>>,
    }

    #[derive(Serialize, Debug)]
    enum Kind {
        Plain,
        Newtype(f64),
        Tuple(i8, Unit),
        Struct { character: char },
    }

    fn ours(value: &dyn Json) -> String {
        let mut out = Vec::new();
        assert_ne!(value.write_json(&mut out), Written::Failed);
        String::from_utf8(out).unwrap()
    }

    fn assert_as_serde_json<T: Serialize>(value: T) {
        assert_eq!(ours(&value), serde_json::to_string(&value).unwrap());
        assert_eq!(ours(&Some(Wrapped(&value))), serde_json::to_string(&value).unwrap());
    }

    proptest! {
        #[test]
        fn a_value_is_written_as_serde_json_writes_it(
            text: String, character: char, truth: bool, small: i8, float: f64, single: f32, signed: i64, unsigned: u64,
            large: i128, larger: u128, bytes: Vec<u8>, some: Option<u16>,
        ) {
            let map = BTreeMap::from([(text.clone(), Kind::Newtype(float)), (String::new(), Kind::Plain)]);
            assert_as_serde_json(map);
            assert_as_serde_json((Kind::Tuple(small, Unit), Kind::Struct { character }, Pair(bytes.len() as u8, text.clone())));
            assert_as_serde_json(Kind::Newtype(float));
            assert_as_serde_json(Kind::Tuple(small, Unit));
            assert_as_serde_json(Kind::Struct { character });
            assert_as_serde_json(Pair(7, text.clone()));
            assert_as_serde_json(Named { text: text.clone(), nested: Wrapped(some.map(|_| Pair(1, text.clone()))) });
            assert_as_serde_json(serde_json::json!({ text.clone(): [float, signed, null_if(truth)] }));
            assert_as_serde_json(text.as_str());
            assert_as_serde_json(character);
            assert_as_serde_json(truth);
            assert_as_serde_json((float, single));
            assert_as_serde_json(float);
            assert_as_serde_json(single);
            assert_as_serde_json(small);
            assert_as_serde_json(signed as i16);
            assert_as_serde_json(signed as i32);
            assert_as_serde_json(signed);
            assert_as_serde_json(unsigned as u8);
            assert_as_serde_json(unsigned as u16);
            assert_as_serde_json(unsigned as u32);
            assert_as_serde_json(unsigned);
            assert_as_serde_json(large);
            assert_as_serde_json(larger);
            assert_as_serde_json(bytes);
            assert_as_serde_json(some);
        }
    }

    fn null_if(truth: bool) -> Option<u8> {
        (!truth).then_some(1)
    }

    #[test]
    fn what_has_one_value_is_written_as_serde_json_writes_it() {
        assert_as_serde_json(());
        assert_as_serde_json(Unit);
        assert_as_serde_json(Kind::Plain);
        assert_as_serde_json(f64::NAN);
        assert_as_serde_json(f32::NEG_INFINITY);
        assert_as_serde_json(None::<Pair>);
        assert_as_serde_json(serde_json::value::RawValue::from_string("[1, 2]".to_owned()).unwrap());
    }

    #[test]
    fn text_that_is_formatted_is_written_as_serde_json_writes_it() {
        struct Formatted;
        impl Serialize for Formatted {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&format_args!("{}\n\"{}\"", 1, "a"))
            }
        }
        assert_as_serde_json(Formatted);
    }

    #[test]
    fn a_display_that_fails_is_an_error() {
        struct Fails;
        impl Display for Fails {
            fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                Err(std::fmt::Error)
            }
        }
        impl Serialize for Fails {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        assert_eq!(Fails.write_json(&mut Vec::new()), Written::Failed);
    }
}
