//! Functions that the tests' own crate, which forbids `unsafe`, cannot have.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use thrivestack::track_event;

#[track_event("report_exported")]
#[unsafe(no_mangle)]
#[inline(never)]
pub unsafe extern "C" fn thrivestack_exported(value: *const u8) -> u8 {
    unsafe { *value }
}

#[track_event("report_exported", user_id = *value)]
async unsafe fn later(value: &u8) -> Result<u8, ()> {
    let value: *const u8 = value;
    Ok(unsafe { *value })
}

struct Report(u8);

impl Report {
    #[track_event("report_exported", user_id = self.0)]
    unsafe fn method(&mut self) -> &mut u8 {
        let value: *mut u8 = &mut self.0;
        unsafe { &mut *value }
    }
}

trait Export {
    unsafe fn export(self) -> u8;
}

impl Export for Report {
    #[track_event("report_exported")]
    unsafe fn export(self) -> u8 {
        self.0
    }
}

#[cfg(target_arch = "x86_64")]
mod features {
    #[thrivestack::track_event("report_exported")]
    #[target_feature(enable = "sse2")]
    pub fn with_a_feature() -> u8 {
        // Needs the feature that the function around it has.
        needs_the_feature()
    }

    #[target_feature(enable = "sse2")]
    fn needs_the_feature() -> u8 {
        5
    }
}

fn main() {
    let mut report = Report(3);
    unsafe {
        assert_eq!(thrivestack_exported(&1), 1);
        *report.method() += 1;
        assert_eq!(report.export(), 4);
    }
    let value = 2;
    let mut later = pin!(unsafe { later(&value) });
    assert_eq!(later.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(2)));
    #[cfg(target_arch = "x86_64")]
    assert_eq!(unsafe { features::with_a_feature() }, 5);
}
