//! The structs that the derives take, under every lint that a user may have on.

#![deny(
    warnings,
    clippy::pedantic,
    clippy::nursery,
    unused_qualifications,
    single_use_lifetimes,
    unused_lifetimes
)]

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Serialize;
use serde_json::json;
use thrivestack::{Event, Group, Identify};
use thrivestack_tests::start;

use super::derives::{sent, values};

const fn identifies<T: Identify + ?Sized>() {}
const fn groups<T: Group + ?Sized>() {}
const fn is_event<T: Event + ?Sized>() {}

/// Has no `Serialize`, and no `Display`.
struct Opaque;

/// Serializes whatever its parameter is.
#[derive(Serialize)]
#[serde(bound = "")]
struct Tagged<T>(u8, PhantomData<T>);

#[derive(Identify)]
struct Generic<'a, T: Clone, I: Iterator, const FIELDS: usize = 2>
where
    I::Item: Copy,
{
    #[identify(user_id)]
    id: T,
    #[identify(group_id)]
    account: Option<T>,
    name: Cow<'a, str>,
    seen: [u8; FIELDS],
    items: Vec<I::Item>,
    tagged: Tagged<I>,
    marker: PhantomData<&'a I>,
    #[identify(skip)]
    _iterator: I,
}

#[derive(Identify, Serialize)]
struct Node<T> {
    #[identify(user_id)]
    id: u64,
    value: T,
    #[identify(rename = "child")]
    next: Option<Box<Self>>,
}

#[derive(Identify)]
struct UnusedParameter<T> {
    #[identify(user_id)]
    id: u64,
    #[identify(skip)]
    _value: T,
    #[identify(with = kind)]
    kind: T,
}

const fn kind<T>(_: &T) -> &'static str {
    "any"
}

#[derive(Group)]
#[group(group_type = "Account")]
struct Unsized<T: ?Sized> {
    #[group(group_id)]
    id: u64,
    tail: T,
}

#[derive(Identify)]
struct Tuple(#[identify(user_id)] u64, #[identify(rename = "user_name")] &'static str, PhantomData<Opaque>);

#[derive(Identify)]
struct Newtype(#[identify(user_id)] u64);

#[derive(Event)]
#[event("report_exported")]
struct Empty {}

#[derive(Identify)]
#[repr(C, packed(2))]
struct Packed {
    #[identify(user_id)]
    id: u64,
    #[identify(group_id)]
    account: Option<u32>,
    #[identify(skip_if = is_zero)]
    seats: u64,
    #[identify(with = hexadecimal)]
    bits: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what `skip_if` takes")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what `with` takes")]
fn hexadecimal(number: &u64) -> String {
    format!("{number:x}")
}

#[derive(Identify)]
struct Deprecated {
    #[identify(user_id)]
    id: u64,
    #[deprecated]
    plan: u8,
}

#[derive(Identify, Serialize)]
#[serde(rename_all = "camelCase")]
struct WithSerde {
    #[identify(user_id)]
    #[serde(rename = "_id")]
    id: u64,
    #[serde(skip)]
    plan_name: &'static str,
}

mod facade {
    pub(super) use thrivestack::*;
}

macro_rules! user {
    ($name:ident, $id:ty, $field:ident: $ty:ty) => {
        #[derive(Identify)]
        #[identify(crate = $crate::derives_shapes::facade)]
        struct $name {
            #[identify(user_id)]
            id: $id,
            #[identify(skip_if = Vec::is_empty)]
            $field: Vec<$ty>,
        }
    };
}

user!(FromMacro, &'static str, roles: u8);

mod hygiene {
    #![no_implicit_prelude]

    mod facade {
        pub(super) use ::thrivestack;
    }

    // Names that an expansion could take for its own.
    #[expect(dead_code, reason = "only their names matter")]
    mod decoys {
        pub(super) mod std {}
        pub(super) mod core {}
        pub(super) mod serde {}
        pub(super) mod thrivestack {}
        pub(super) struct Option;
        pub(super) struct Some;
        pub(super) struct Field;
        pub(super) struct Arg;
        pub(super) const FIELDS: usize = 3;
    }
    use decoys::*;

    #[derive(::thrivestack::Identify, ::thrivestack::Group, ::thrivestack::Event)]
    #[identify(crate = facade::thrivestack)]
    #[group(group_type = "Account")]
    #[event("report_exported")]
    pub(super) struct User {
        #[identify(user_id)]
        #[group(group_id)]
        #[event(user_id)]
        pub(super) id: u64,
        pub(super) numbers: [u8; FIELDS],
        #[identify(group_id)]
        #[group(user_id)]
        #[event(group_id)]
        pub(super) call: u64,
    }
}

#[test]
fn bounds_are_those_that_fields_need() {
    identifies::<Generic<'_, String, std::vec::IntoIter<u8>>>();
    identifies::<Generic<'_, u64, std::ops::Range<u64>, 32>>();
    identifies::<Node<Vec<String>>>();
    identifies::<UnusedParameter<Opaque>>();
    groups::<Unsized<str>>();
    groups::<Unsized<[u8]>>();
    identifies::<hygiene::User>();
    groups::<hygiene::User>();
    is_event::<hygiene::User>();
}

#[test]
fn every_shape_is_sent() {
    #[derive(Identify)]
    struct InFunction {
        #[identify(user_id)]
        id: u64,
    }

    let local = start();
    let identified = |user: &dyn Identify| {
        let call = sent(&local, user.identify_call());
        (call.user_id().map(str::to_owned), values(&call))
    };
    let id = |id: &str| Some(id.to_owned());

    assert_eq!(identified(&InFunction { id: 1 }), (id("1"), json!({})));
    let generic = Generic::<_, std::vec::IntoIter<u8>> {
        id: "u1",
        account: None,
        name: Cow::Borrowed("Ann"),
        seen: [1, 2],
        items: vec![3],
        tagged: Tagged(4, PhantomData),
        marker: PhantomData,
        _iterator: Vec::new().into_iter(),
    };
    let expected = json!({ "name": "Ann", "seen": [1, 2], "items": [3], "tagged": [4, null] });
    assert_eq!(identified(&generic), (id("u1"), expected));
    let node = Node { id: 1, value: 2, next: Some(Box::new(Node { id: 2, value: 3, next: None })) };
    let expected = json!({ "value": 2, "child": { "id": 2, "value": 3, "next": null } });
    assert_eq!(identified(&node), (id("1"), expected));
    let unused = UnusedParameter { id: 1, _value: Opaque, kind: Opaque };
    assert_eq!(identified(&unused), (id("1"), json!({ "kind": "any" })));
    assert_eq!(identified(&Tuple(1, "Ann", PhantomData)), (id("1"), json!({ "user_name": "Ann" })));
    assert_eq!(identified(&Newtype(1)), (id("1"), json!({})));
    let packed = Packed { id: 1, account: Some(2), seats: 0, bits: 255 };
    assert_eq!(identified(&packed), (id("1"), json!({ "bits": "ff" })));
    #[expect(deprecated, reason = "the field has to be set")]
    let deprecated = Deprecated { id: 1, plan: 2 };
    assert_eq!(identified(&deprecated), (id("1"), json!({ "plan": 2 })));
    let with_serde = WithSerde { id: 1, plan_name: "pro" };
    assert_eq!(identified(&with_serde), (id("1"), json!({ "plan_name": "pro" })));
    assert_eq!(identified(&FromMacro { id: "u1", roles: vec![1] }), (id("u1"), json!({ "roles": [1] })));
    let user = hygiene::User { id: 1, numbers: [1, 2, 3], call: 2 };
    assert_eq!(identified(&user), (id("1"), json!({ "numbers": [1, 2, 3] })));

    let dynamic: &Unsized<[u8]> = &Unsized { id: 1, tail: [2, 3] };
    let call = sent(&local, dynamic.group_call().user_id(7).group_type("Team"));
    assert_eq!(values(&call), json!({ "group_type": "Team", "tail": [2, 3] }));
    let call = sent(&local, Empty {}.track_call().user_id(7));
    assert_eq!((call.event_name(), values(&call)), (Some("report_exported"), json!({})));
}
