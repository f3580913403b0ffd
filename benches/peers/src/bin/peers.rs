//! Prints one of the tables: `callers`, `tail`, `pipeline`, `memory`.

use thrivestack_peers::{callers, memory, pipeline, sink, tail, with_sink};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["callers"] => with_sink(callers::print),
        ["tail"] => with_sink(tail::print),
        ["pipeline"] => with_sink(pipeline::print),
        ["memory"] => with_sink(memory::print),
        ["sink"] => sink(),
        ["weigh", library, host] => memory::weigh(library, host),
        _ => {
            eprintln!("usage: peers callers|tail|pipeline|memory");
            std::process::exit(2);
        }
    }
}
