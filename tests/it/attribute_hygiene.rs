//! The expansion names nothing that the user's scope could change, and adds no warning to it.

use thrivestack_tests::start;

/// Everything that a careless expansion would reach for is something else here.
#[deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#[forbid(unsafe_code)]
#[no_implicit_prelude]
mod hostile {
    #![allow(clippy::must_use_candidate)]

    use ::thrivestack::{Client, track, track_event};

    mod std {}
    mod core {}
    mod thrivestack {}

    #[derive(
        ::std::fmt::Debug, ::std::cmp::PartialEq, ::std::cmp::Eq, ::std::clone::Clone, ::std::marker::Copy,
    )]
    pub(super) enum Result {
        Ok,
        Err,
        Some(u8),
        None,
    }
    use Result::{Err, None, Ok, Some};

    #[expect(non_camel_case_types, dead_code)]
    struct str;
    #[expect(dead_code)]
    struct Option;
    #[expect(dead_code)]
    struct Box;
    #[expect(dead_code)]
    struct Pending;
    #[expect(dead_code)]
    struct Site;

    #[allow(unused_macros)]
    macro_rules! panic {
        () => {
            ::std::compile_error!("not ours")
        };
    }
    #[allow(unused_macros)]
    macro_rules! format {
        () => {
            ::std::compile_error!("not ours")
        };
    }

    trait Id {
        fn id(&self) -> u8 {
            3
        }
        fn success(&self) -> u8 {
            4
        }
        fn is_live(&self) -> u8 {
            5
        }
    }
    impl<T> Id for T {}

    #[track_event("report_exported", client = client, user_id = user.id(), group_id = |result| result.id(),
        session_id = ::std::option::Option::Some(1), when = |result| *result != None,
        properties(a = user.success(), b = |r| r.is_live(), %user, c = ?user))]
    pub(super) fn plain(client: &Client, user: u8) -> Result {
        match user {
            0 => Ok,
            1 => Err,
            2 => None,
            n => Some(n),
        }
    }

    #[track_event("report_exported", client = client, user_id = user)]
    pub(super) async fn awaited(client: &Client, (user, _): (u8, u8)) -> ::std::option::Option<Result> {
        ::std::future::ready(()).await;
        ::std::option::Option::Some(Some(user))
    }

    #[track_event("report_exported", client = client, user_id = user)]
    pub(super) fn boxed(
        client: &Client,
        user: u8,
    ) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u8> + ::std::marker::Send>>
    {
        ::std::boxed::Box::pin(async move { user })
    }

    #[track_event("report_exported", client = client, user_id = user, properties(after = |n| n.id() + user))]
    pub(super) fn unused(client: &Client, user: u8, _unused: &[u8], (_a, b): (u8, u8), mut n: u8) -> u8 {
        n += b;
        n
    }

    struct Outcome(u8);
    struct MaybeId(u8);
    struct Copied(u8);

    const fn error(value: u8) -> u8 {
        value
    }

    #[track_event("report_exported", client = client, user_id = MaybeId(user).0, group_id = |n| MaybeId(*n).0,
        properties(a = |n| Outcome(*n).0, b = |n| error(*n), c = |_| Copied(first).0, d = error(user)))]
    pub(super) fn names_of_ours(client: &Client, user: u8, (first, _): (u8, u8)) -> u8 {
        user + first
    }

    pub(super) fn statement(client: &Client) {
        track!("report_exported", client, user_id = 1, properties(a = Result::Ok.id()));
    }
}

#[test]
fn the_users_scope_changes_nothing() {
    let local = start();
    for user in 0..4 {
        hostile::plain(&local.client, user);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(hostile::awaited(&local.client, (9, 1))), Some(hostile::Result::Some(9)));
    assert_eq!(runtime.block_on(hostile::boxed(&local.client, 9)), 9);
    hostile::statement(&local.client);
    assert_eq!(hostile::unused(&local.client, 9, &[], (1, 2), 3), 5);
    assert_eq!(hostile::names_of_ours(&local.client, 9, (1, 2)), 10);
    assert_eq!(local.calls().len(), 8);
}

/// The runtime under another name.
mod renamed {
    pub(crate) use thrivestack as telemetry;

    #[telemetry::track_event("report_exported", crate = crate::attribute_hygiene::renamed::telemetry, client, user_id)]
    pub(crate) fn tracked(client: &telemetry::Client, user_id: u8) {
        telemetry::track!("report_exported", crate = telemetry, client, user_id);
    }
}

#[test]
fn the_crate_may_have_another_name() {
    let local = start();
    renamed::tracked(&local.client, 1);
    assert_eq!(local.calls().len(), 2);
}

/// What a user's own macro makes of an annotated function.
mod from_macros {
    use thrivestack::{Client, track_event};

    macro_rules! tracked {
        ($(#[$attr:meta])* $vis:vis fn $name:ident($client:ident: $ty:ty) -> $ret:ty $body:block, $event:literal, $id:expr, $key:ident = $value:expr) => {
            $(#[$attr])*
            #[track_event($event, client = $client, user_id = $id, properties($key = $value, after = |r| *r))]
            $vis fn $name($client: $ty) -> $ret $body
        };
    }

    tracked! {
        /// Documented.
        pub(crate) fn from_a_macro(client: &Client) -> usize { client.stats().accepted() as usize + 5 },
        "report_exported", 3 + 4, rows = 1 + 2
    }
}

#[test]
fn functions_may_come_from_macros() {
    let local = start();
    assert_eq!(from_macros::from_a_macro(&local.client), 5);
    let call = local.only_call();
    assert_eq!(call.user_id(), Some("7"));
    assert_eq!(call.object()["properties"], serde_json::json!({ "rows": 3, "after": 5 }));
}
