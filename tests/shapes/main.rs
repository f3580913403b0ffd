//! The shapes of functions that `#[track_event]` takes, in each edition: `editions/` compiles this file too.

mod attribute_shapes;
