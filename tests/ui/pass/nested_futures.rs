//! Twenty-eight futures in each other are `Send`. They are compiled here because the compiler's incremental cache fails near
//! its limit for such types.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use thrivestack::track_event;

macro_rules! nest {
    ($first:ident $($rest:ident)*) => {
        #[track_event("report_exported", user_id = 1)]
        async fn $first() -> u8 { std::future::ready(1).await }
        nest!(@ $first $($rest)*);
    };
    (@ $inner:ident $name:ident $($rest:ident)*) => {
        #[track_event("report_exported", user_id = 1)]
        async fn $name() -> u8 { $inner().await + 1 }
        nest!(@ $name $($rest)*);
    };
    (@ $last:ident) => {
        fn nested() -> Pin<Box<dyn Future<Output = u8> + Send>> { Box::pin($last()) }
    };
}

nest!(n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12 n13 n14 n15 n16 n17 n18 n19 n20 n21 n22 n23 n24 n25 n26 n27 n28);

fn main() {
    let polled = pin!(nested()).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(28));
}
