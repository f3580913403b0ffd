//! What a client takes of its host: measured in a process of its own each, which ends with an error if it is too much.

use std::process::Command;

fn measure(what: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_resources")).arg(what).output().expect("the program runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {printed}{errors}");
    println!("{what}: {printed}");
}

#[test]
fn memory_is_bounded_while_the_server_is_down_and_the_oldest_events_survive() {
    measure("outage");
}

#[test]
fn memory_is_bounded_while_the_key_is_refused() {
    measure("refused_key");
}

#[test]
fn memory_is_bounded_while_a_hook_rewrites_everything() {
    measure("hook");
}

#[test]
fn memory_is_bounded_while_a_hook_makes_every_event_large() {
    measure("growing_hook");
}

#[test]
fn waiting_takes_less_than_a_hundredth_of_a_core() {
    measure("idle");
}

#[test]
fn ten_thousand_threads_keep_a_few_kilobytes_each() {
    measure("threads");
}
