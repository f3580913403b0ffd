//! ThriveStack's wire format. No other module knows the protocol: what an event looks like as JSON, which keys it has
//! and what its timestamps are. Nothing here knows of threads, queues or sockets.

mod ambient;
mod answer;
mod compliance;
#[cfg(test)]
pub(crate) mod documents;
mod draft;
mod edit;
mod encode;
mod endpoint;
mod fields;
mod ids;
mod json;
mod millis;
mod reader;
mod serialize;
mod shown;
mod stamp;
mod value;

pub(crate) use ambient::Ambient;
pub(crate) use answer::Words;
pub(crate) use compliance::write_compliant;
pub(crate) use draft::{Draft, Opening, is_reserved_in_context};
pub(crate) use edit::{add_member, write_edited};
pub(crate) use encode::{Defaults, MAX_EVENT_BYTES, encode};
pub use endpoint::Endpoint;
pub(crate) use fields::Fields;
pub(crate) use ids::Id;
pub(crate) use millis::{Millis, Ticks};
pub(crate) use reader::{Malformed, members, text};
pub use serialize::Json;
pub(crate) use shown::object as shown_object;
pub(crate) use thrivestack_core::calls::{MAX_REQUEST_BYTES, MAX_REQUEST_EVENTS};
pub(crate) use value::Written;
pub use value::{Text, Value};
