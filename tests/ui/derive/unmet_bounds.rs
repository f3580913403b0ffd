use std::sync::Arc;

use thrivestack::{Event, Identify};

struct Opaque;

#[derive(Event)]
#[event("report_exported")]
struct ReportExported<T> {
    pages: Vec<T>,
}

#[derive(Identify)]
struct User<I, T> {
    #[identify(user_id)]
    id: I,
    plan: Arc<T>,
}

fn main() {
    ReportExported { pages: vec![Opaque] }.track();
    Event::track(&ReportExported { pages: vec![Opaque] });
    User { id: Opaque, plan: Arc::new(Opaque) }.identify();
}
