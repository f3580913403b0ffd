//! A look-up of a name that hangs inside the operating system.

use std::process::Command;
use std::sync::mpsc::channel;

use thrivestack_tests::LONG;

use crate::case::KEY;
use crate::preload;

#[test]
fn a_look_up_that_hangs_holds_no_shutdown_up() {
    let folder = tempfile::tempdir().unwrap();
    let library = preload::compile("hanging_lookup", folder.path());

    let (sender, ended) = channel();
    let mut program = Command::new(env!("CARGO_BIN_EXE_shut-down"));
    program.env("LD_PRELOAD", &library);
    program.env("THRIVESTACK_API_KEY", KEY).env("THRIVESTACK_ENDPOINT", "http://localhost:1/api");
    std::thread::spawn(move || sender.send(program.output()));
    let output = ended.recv_timeout(LONG).expect("the program ends").expect("the program runs");
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(printed, "flushed: false\nshut down: false\ndropped: 1\n", "{said}");
    assert_eq!(said, "looking up\n", "the name was not looked up once");
}
