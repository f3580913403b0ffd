//! Holds what came against ThriveStack's checklist, its firing order and the rules that no answer warns of. Pure.

pub(crate) mod checklist;
pub(crate) mod flow;
pub(crate) mod hints;
mod listing;
mod occasions;

pub(crate) use self::{
    checklist::Checklist,
    flow::Forgotten,
    listing::{breaches, hints},
};
