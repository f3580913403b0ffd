//! Holds what came against ThriveStack's checklist and firing order. Pure.

pub(crate) mod checklist;
pub(crate) mod flow;

pub(crate) use self::{checklist::Checklist, flow::Forgotten};
