//! The program `thrivestack`: a local ThriveStack (`dev`), a look at what the SDK finds in the environment (`doctor`), and
//! at events that wait on disk (`spool`).

mod program;

fn main() -> std::process::ExitCode {
    program::run(std::env::args_os().skip(1))
}
