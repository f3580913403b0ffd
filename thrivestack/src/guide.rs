//! Pages to begin with. They exist in the documentation only.

#[doc = include_str!("../docs/guide/faults.md")]
pub mod faults {}

#[doc = include_str!("../docs/guide/moving_from_a_helper.md")]
pub mod moving_from_a_helper {}

#[doc = include_str!("../docs/guide/rules.md")]
pub mod rules {}

#[doc = include_str!("../docs/guide/spool.md")]
pub mod spool {}

#[doc = include_str!("../docs/guide/spool_format.md")]
pub mod spool_format {}

#[doc = include_str!("../docs/guide/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/guide/tls.md")]
pub mod tls {}

#[doc = include_str!("../docs/guide/which_call_when.md")]
pub mod which_call_when {}
