//! What the queue knows of the protocol.

pub(crate) use thrivestack::Endpoint;
