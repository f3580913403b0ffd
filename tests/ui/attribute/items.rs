use thrivestack::track_event;

#[track_event("report_exported")]
const fn constant() {}

#[track_event("report_exported")]
#[track_caller]
fn tracks_its_caller() {}

#[track_event("report_exported")]
struct Struct;

#[track_event("report_exported")]
mod module {}

#[track_event("report_exported")]
static STATIC: u8 = 1;

#[track_event("report_exported")]
impl Struct {
    fn method() {}
}

trait Trait {
    #[track_event("report_exported")]
    fn required(&self);
}

fn main() {
    // The items are there all the same.
    constant();
    tracks_its_caller();
    Struct::method();
    let _ = STATIC;
}
