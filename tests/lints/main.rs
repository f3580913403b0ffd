//! Lints on annotated functions: each is what it is without the attribute. Clippy and rustc are the test, with warnings
//! denied: no lint is new, and everything expected is found.

#![deny(warnings, clippy::all, clippy::pedantic)]
#![forbid(
    clippy::redundant_closure,
    clippy::redundant_closure_for_method_calls,
    clippy::no_effect_underscore_binding
)]
#![expect(dead_code, reason = "what is compiled is the test")]

use std::cmp::Ordering;
use std::future::Future;

use thrivestack::track_event;

/// Functions that clippy accepts without the attribute.
mod unremarkable {
    use super::{Future, Ordering, track_event};

    #[track_event("report_exported", user_id = 1)]
    fn unused_type<T>() {}

    #[derive(Copy, PartialEq, Eq)]
    struct Id(u8);

    #[expect(clippy::expl_impl_clone_on_copy)]
    impl Clone for Id {
        #[track_event("report_exported", user_id = self.0)]
        fn clone(&self) -> Self {
            *self
        }
    }

    impl Ord for Id {
        #[track_event("report_exported", user_id = self.0)]
        fn cmp(&self, other: &Self) -> Ordering {
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Id {
        #[track_event("report_exported", user_id = self.0)]
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    #[track_event("report_exported", user_id = n)]
    fn items_first(n: u8) -> u8 {
        const ONE: u8 = 1;
        fn other(n: u8) -> u8 {
            n + ONE
        }
        other(n)
    }

    #[track_event("report_exported", user_id = id, properties(len = |text| text.len(), text = |text| text.clone()))]
    fn closures(id: u8) -> String {
        id.to_string()
    }

    #[expect(clippy::used_underscore_binding, reason = "the attribute uses it")]
    #[track_event("report_exported", user_id = _owner)]
    fn underscored(_owner: String) {}

    #[track_event("report_exported", user_id = id)]
    fn one_expression(id: u8) -> u8 {
        id
    }

    #[track_event("report_exported", user_id = id)]
    fn unit(id: u8) {
        println!("{id}");
    }

    struct Large([u8; 512]);

    trait Intercept {
        #[expect(clippy::result_large_err)]
        fn intercept(&self, id: u8) -> Result<u8, Large>;
        #[expect(clippy::type_complexity)]
        fn complex(
            &self,
        ) -> Result<Vec<Box<dyn Fn(Vec<u8>, Option<Vec<String>>) -> Vec<Option<Vec<u8>>>>>, u8>;
    }

    impl Intercept for Id {
        #[track_event("report_exported", user_id = id)]
        fn intercept(&self, id: u8) -> Result<u8, Large> {
            Ok(id + self.0)
        }

        #[track_event("report_exported", user_id = self.0)]
        fn complex(
            &self,
        ) -> Result<Vec<Box<dyn Fn(Vec<u8>, Option<Vec<String>>) -> Vec<Option<Vec<u8>>>>>, u8> {
            Err(self.0)
        }
    }

    #[track_event("report_exported", user_id = id)]
    fn later(id: u8) -> impl Future<Output = u8> {
        std::future::ready(id)
    }
}

/// Functions that clippy and rustc report without the attribute.
mod expected {
    use super::track_event;

    #[expect(clippy::unused_async)]
    #[track_event("report_exported", user_id = 1)]
    async fn unused_async() {}

    #[expect(clippy::needless_pass_by_value)]
    #[track_event("report_exported", user_id = 1)]
    fn by_value(text: String) -> usize {
        text.len()
    }

    #[track_event("report_exported", user_id = id)]
    #[expect(clippy::unnecessary_wraps)]
    fn wraps(id: u8) -> Option<u8> {
        Some(id)
    }

    #[track_event("report_exported", user_id = id)]
    #[expect(clippy::needless_return)]
    fn returns(id: u8) -> u8 {
        return id;
    }

    #[track_event("report_exported", user_id = 1)]
    #[expect(clippy::needless_lifetimes)]
    fn lifetimes<'a>(text: &'a str) -> &'a str {
        text
    }

    #[track_event("report_exported", user_id = 1)]
    #[expect(clippy::boxed_local, clippy::needless_pass_by_value)]
    fn boxed(n: Box<u8>) -> u8 {
        *n
    }

    #[track_event("report_exported", user_id = 1)]
    #[expect(clippy::manual_async_fn)]
    fn manual() -> impl Future<Output = u8> {
        async { 1 }
    }

    #[track_event("report_exported", user_id = 1)]
    #[expect(unconditional_recursion, clippy::only_used_in_recursion)]
    fn endless(n: u8) -> u8 {
        endless(n)
    }

    #[track_event("report_exported", user_id = 1)]
    #[expect(clippy::items_after_statements)]
    fn items_after() -> u8 {
        let n = 1;
        const ONE: u8 = 1;
        n + ONE
    }

    #[track_event("report_exported", user_id = 1)]
    #[expect(clippy::ptr_arg)]
    fn pointer(text: &String) -> usize {
        text.len()
    }

    #[track_event("report_exported", user_id = 1)]
    #[expect(clippy::needless_pass_by_value)]
    fn unused(#[expect(unused_variables)] text: String) {}

    #[track_event("report_exported", user_id = 1)]
    #[expect(unused_mut)]
    fn never_changed(mut text: String) -> String {
        text
    }

    #[track_event("report_exported", user_id = 1)]
    #[expect(unreachable_code)]
    fn unreachable() -> u8 {
        return 1;
        2
    }

    #[track_event("report_exported", user_id = 1)]
    fn ends_nowhere() -> u8 {
        panic!("on purpose")
    }
}
