//! What a spool is for: processes that are killed at any moment, and disks that take nothing for a while.

mod deliveries;
#[cfg(target_os = "linux")]
mod disk;
mod host;
mod kill;
