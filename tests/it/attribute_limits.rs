//! The attribute's cost in stack and in the size of a future, as ratios to the function without it.

use std::cell::Cell;
use std::hint::black_box;

use thrivestack::testing::capture;
use thrivestack::track_event;

thread_local! {
    static LOWEST: Cell<usize> = const { Cell::new(usize::MAX) };
}

#[inline(never)]
fn here() -> usize {
    let local = 0_u8;
    std::ptr::from_ref(black_box(&local)).addr()
}

#[inline(never)]
fn touch() {
    LOWEST.set(LOWEST.get().min(here()));
}

struct Node {
    value: u64,
    left: Option<Box<Node>>,
    right: Option<Box<Node>>,
}

fn chain(length: usize) -> Node {
    let mut node = Node { value: 0, left: None, right: None };
    for value in 1..length as u64 {
        node = Node { value, left: Some(Box::new(node)), right: None };
    }
    node
}

macro_rules! walks {
    ($($name:ident $(#[$attr:meta])*;)*) => {$(
        mod $name {
            use super::{Node, touch};

            $(#[$attr])*
            pub(super) fn sum(node: &Node) -> u64 {
                let mut sum = node.value;
                match &node.left {
                    Some(left) => sum += sum_of(left),
                    None => touch(),
                }
                if let Some(right) = &node.right {
                    sum += sum_of(right);
                }
                sum
            }
            use sum as sum_of;

            $(#[$attr])*
            pub(super) fn depth(node: Option<&Node>, level: usize) -> usize {
                match node {
                    None => {
                        touch();
                        level
                    }
                    Some(node) => {
                        let left = depth(node.left.as_deref(), level + 1);
                        left.max(depth(node.right.as_deref(), level + 1))
                    }
                }
            }
        }
    )*};
}

walks! {
    bare;
    tracked #[thrivestack::track_event("tree_walked", user_id = 1)];
}

const LEVELS: usize = 500;

/// The bytes of stack a level.
fn frame(walk: impl FnOnce(&Node)) -> f64 {
    let tree = chain(LEVELS);
    let top = here();
    LOWEST.set(usize::MAX);
    walk(&tree);
    (top - LOWEST.get()) as f64 / LEVELS as f64
}

#[test]
fn a_recursive_function_keeps_most_of_its_depth() {
    let sum = |walk: fn(&Node) -> u64| frame(|tree| _ = black_box(walk(tree)));
    let depth = |walk: fn(Option<&Node>, usize) -> usize| frame(|tree| _ = black_box(walk(Some(tree), 0)));
    let bare = [sum(bare::sum), depth(bare::depth)];
    for (bare, tracked) in bare.iter().zip([sum(tracked::sum), depth(tracked::depth)]) {
        // Optimized code has frames of a few registers, of which the attribute takes some.
        let is_enough = if cfg!(debug_assertions) { bare / tracked >= 0.6 } else { tracked - bare <= 48.0 };
        assert!(is_enough, "switched off {tracked} bytes a level, and without the attribute {bare}");
    }
    if cfg!(debug_assertions) {
        let _events = capture();
        for (bare, tracked) in bare.iter().zip([sum(tracked::sum), depth(tracked::depth)]) {
            assert!(
                bare / tracked >= 0.5,
                "listening {tracked} bytes a level, and without the attribute {bare}"
            );
        }
    }
}

macro_rules! wrappers {
    ($($name:ident $(#[$attr:meta])*;)*) => {$(
        $(#[$attr])*
        #[allow(dead_code)]
        async fn $name<F: Future<Output = u8>>(inner: F) -> u8 {
            inner.await
        }
    )*};
}

wrappers! {
    wrap;
    wrap_tracked #[track_event("report_exported", user_id = 1)];
    wrap_instrumented #[tracing::instrument(skip_all)];
    // What reads the signature keeps it an `async fn`.
    wrap_beside #[track_event("report_exported", user_id = 1)] #[must_use];
}

macro_rules! six_deep {
    ($wrap:ident) => {
        size_of_val(&$wrap($wrap($wrap($wrap($wrap($wrap(leaf())))))))
    };
}

async fn leaf() -> u8 {
    let bytes = [1_u8; 64];
    std::future::ready(()).await;
    black_box(bytes)[0]
}

#[test]
fn a_future_around_another_is_hardly_larger() {
    let [bare, tracked] = [six_deep!(wrap), six_deep!(wrap_tracked)];
    let [beside, instrumented] = [six_deep!(wrap_beside), six_deep!(wrap_instrumented)];
    let wrapper = |deep: usize| (deep as f64 / size_of_val(&leaf()) as f64).powf(1.0 / 6.0);
    assert!(
        wrapper(tracked) <= 2.2,
        "{} times a wrapper, and {} without the attribute",
        wrapper(tracked),
        wrapper(bare)
    );
    assert!(wrapper(beside) <= 3.1, "{} times a wrapper", wrapper(beside));
    assert!(
        beside as f64 <= 0.6 * instrumented as f64,
        "{beside} bytes, and {instrumented} with `#[instrument]`"
    );
    assert!(
        tracked as f64 <= 0.6 * instrumented as f64,
        "{tracked} bytes, and {instrumented} with `#[instrument]`"
    );
}
