use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use thrivestack::Event;

#[derive(Event)]
#[event("report_exported")]
struct ReportExported {
    name: Arc<str>,
    tags: Option<Vec<Rc<String>>>,
    digest: [u8; 64],
    rows: Vec<[Opaque; 2]>,
    started: Instant,
    #[event(flatten)]
    limits: Opaque,
}

struct Opaque;

/// Every piece of advice, followed.
#[derive(Event)]
#[event("report_exported")]
struct ReportShared {
    #[event(with = ToString::to_string)]
    name: Arc<str>,
    #[event(with = <[u8; 64]>::as_slice)]
    digest: [u8; 64],
    #[event(skip)]
    #[allow(dead_code)]
    started: Instant,
}

fn main() {}
