//! The program `thrivestack`: a local ThriveStack (`dev`), and a look at what the SDK finds in the environment
//! (`doctor`).

mod program;

fn main() -> std::process::ExitCode {
    program::run(std::env::args_os().skip(1))
}
