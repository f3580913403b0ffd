//! Whatever is in a spool's files is read without a panic, all of it is accounted for, and what is an event is one that was
//! written like this.

#![no_main]
#![allow(dead_code, reason = "the target uses a part of the source")]

// The crate's own source: it is private there, and has neither a clock nor a file in it.
#[path = "../../thrivestack/src/spool/cursor.rs"]
mod cursor;
#[path = "../../thrivestack/src/wire/endpoint.rs"]
mod endpoint;
#[path = "../../thrivestack/src/spool/record.rs"]
mod record;
mod wire {
    pub(crate) use crate::endpoint::Endpoint;

    pub(crate) const MAX_REQUEST_BYTES: usize = 2_000_000;
}

use cursor::Settled;
use libfuzzer_sys::fuzz_target;
use record::{Header, Item, OVERHEAD};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = Header::read(bytes) {
        let _ = header.is_of(b"a key");
    }
    let mut covered = 0;
    for item in record::scan(bytes) {
        let range = match &item {
            Item::Entry(entry) => entry.bytes.start - OVERHEAD..entry.bytes.end,
            Item::Damaged { skipped } | Item::Torn { skipped } => skipped.clone(),
        };
        assert_eq!(range.start, covered);
        assert!(range.end > covered);
        covered = range.end;
        if let Item::Entry(entry) = item
            && std::str::from_utf8(&bytes[entry.bytes.clone()]).is_ok()
        {
            let mut written = Vec::new();
            record::write(&mut written, entry.sequence, entry.at_millis, entry.endpoint, &bytes[entry.bytes]);
            assert_eq!(written, bytes[range]);
        }
    }
    assert_eq!(covered, bytes.len());
    if let Some(settled) = Settled::read(bytes) {
        let mut written = Vec::new();
        settled.write(&mut written);
        assert_eq!(Settled::read(&written), Some(settled));
    }
});
