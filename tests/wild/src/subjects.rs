//! The crates that are annotated.

/// A published crate that carries its tests. Its version is in `sources/Cargo.toml`.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// The features that it is built with, as arguments of cargo.
    pub(crate) features: &'static [&'static str],
    /// Set if it is quick enough to be tried with every change.
    pub(crate) is_small: bool,
    /// Tests that are left out, as arguments of the test harness.
    pub(crate) left_out: &'static [&'static str],
}

const fn subject(name: &'static str, features: &'static [&'static str]) -> Subject {
    Subject { name, features, is_small: false, left_out: &[] }
}

/// Not here are crates whose tests compare with values of types that are inferred, such as `bytes`: `serde_json`, which is
/// linked where an attribute stands, brings comparisons that make them ambiguous.
///
/// Synchronous and asynchronous, generic, full of traits, with procedural macros.
pub(crate) const SUBJECTS: &[Subject] = &[
    Subject { is_small: true, ..subject("async-trait", &[]) },
    Subject { is_small: true, ..subject("http", &[]) },
    subject("hyper-util", &["--all-features"]),
    subject("indexmap", &[]),
    subject("itertools", &[]),
    subject("petgraph", &["--features", "graphmap,stable_graph,matrix_graph,rayon,generate"]),
    subject("pin-project", &[]),
    subject("tokio-stream", &["--all-features"]),
    subject("tokio-util", &["--all-features"]),
    subject("tower", &["--all-features"]),
    subject("winnow", &["--features", "ascii,binary,alloc,std"]),
];
