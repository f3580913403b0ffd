//! The program `thrivestack`.

fn main() {}
