//! What the expansions of the macros call. Not public: nothing here is covered by semantic versioning, and the
//! module is renamed with every version so that a mismatched pair of crates does not compile.
//!
//! An expansion is one `static` [`Site`] and two calls of non-generic functions, so that it stays cheap to compile;
//! whatever can be decided here instead of there is decided here.

mod field;
mod lazy;
mod probe;
mod run;
mod site;
mod tracked;

pub use field::*;
pub use lazy::{Lazy, begun, lazy};
pub use probe::*;
pub use run::{OnReturn, finished, listening, never, once, run_future, values};
pub use site::{Arg, Field, Fill, Head, Json, Pending, Site, Text};
pub use site::{
    begin, begin_on, client_enabled, enabled, finish, finish_if, finish_now, group_call, identify_call,
    track_call,
};

pub use tracked::{Rebox, Shared, Tracked, tracked, tracked_and_cloned};

// What an expansion may name without trusting the user's scope.
pub use ::{core, std};
