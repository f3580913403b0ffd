# Shows the commands.
default:
    @just --list

# Everything that is checked before a change is taken.
check:
    .ci/run

# Every test.
test:
    cargo test --workspace

# Accepts the messages of the compile-fail tests as they are now. Read them first.
bless:
    TRYBUILD=overwrite cargo test -p thrivestack-tests --test it compile_fail
    TRYBUILD=overwrite cargo test -p thrivestack-tests --test it documents

# A target of `fuzz/fuzz_targets` for some seconds (needs nightly and `cargo install cargo-fuzz`).
fuzz target seconds="60":
    cargo +nightly fuzz run {{target}} -- -max_total_time={{seconds}}

# The documentation, as docs.rs will show it.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# The main job.
quickstart:
    cargo run --example quickstart

# The small product on axum, and its tests.
saas:
    cd examples/axum_saas && cargo test

# Licences, sources and duplicates of dependencies (needs `cargo install cargo-deny`).
deny:
    cargo deny check
