use std::time::SystemTime;

use thrivestack::{Config, Context};

struct Opaque;

fn properties(config: Config) {
    let _ = thrivestack::track("report_exported").with("report", Opaque);
    let _ = thrivestack::page("Homepage").context("report", vec![Opaque]);
    let _ = Context::new().with("report", Opaque);
    let _ = config.context("report", Opaque);
}

fn ids(visitor: Option<u64>) {
    let _ = thrivestack::track("report_exported").user_id(visitor);
    let _ = thrivestack::track("report_exported").user_id(Opaque);
    let _ = thrivestack::track("report_exported").maybe_user_id(7);
    let _ = thrivestack::track("report_exported").maybe_group_id(Some(Opaque));
    let _ = Context::new().user_id(visitor);
    let _ = thrivestack::identify(visitor);
    let _ = thrivestack::group(7).group_type(Opaque);
}

fn times(at: &SystemTime) {
    let _ = thrivestack::track("report_exported").timestamp(1_700_000_000);
    let _ = thrivestack::track("report_exported").timestamp(at);
}

fn main() {}
