//! The behaviour of the crates against real sockets, one file a subject. Every test has a client and a server of its
//! own; what needs the client of the process is in `tests/global`.

mod attribute;
mod attribute_futures;
mod attribute_hygiene;
mod attribute_limits;
mod attribute_stacking;
mod compile_fail;
mod configuration;
mod context;
mod contract;
mod delivery;
mod derives;
mod derives_shapes;
mod documents;
mod environment;
mod eu;
mod hooks;
mod lifecycle;
mod panics;
mod payloads;
mod refusals;
mod secrecy;
mod spool;
mod testing;
mod tower;
