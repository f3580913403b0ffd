//! Libraries that take the place of functions of the system's, for what no test can have it do otherwise.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles a C file of `tests/programs` into a library for `LD_PRELOAD`.
pub(crate) fn compile(name: &str, folder: &Path) -> PathBuf {
    let library = folder.join(name).with_extension("so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs").join(name).with_extension("c");
    // The linker that Rust needs on Linux is a C compiler.
    let mut compiler = Command::new("cc");
    let compiled = compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    assert!(compiled.expect("a C compiler").success());
    library
}
