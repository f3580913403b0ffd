//! Files of any length, and how many of them are open.

use super::*;

#[test]
fn a_sparse_file_costs_neither_memory_nor_time() {
    let case = Case::new();
    case.leave(3);
    let [segment] = &segments(&case)[..] else { panic!("one segment") };
    let cursor = segment.with_file_name("cursor");
    std::fs::write(&cursor, b"\xFFTSCURSR").unwrap();
    for (path, len) in [(segment, 1 << 40), (&cursor, 3 << 30)] {
        std::fs::File::options().write(true).open(path).unwrap().set_len(len).unwrap();
    }
    let client = case.client();
    assert!(client.flush(LONG));
    // As long as it says that it is, it has no room in a spool.
    emit(&client, [3]);
    assert!(client.flush(LONG));
    assert_eq!(client.stats().delivered(), 4, "{:?}", client.stats());
    drop(client);
    assert_eq!(case.numbers(), [0, 1, 2, 3]);
    assert!(case.is_empty(), "{:?}", case.files());
}

/// The files of a spool that this process has open.
#[cfg(target_os = "linux")]
fn open_files(case: &Case) -> Vec<PathBuf> {
    let handles = std::fs::read_dir("/proc/self/fd").unwrap();
    let paths = handles.filter_map(|handle| std::fs::read_link(handle.ok()?.path()).ok());
    paths.filter(|path| path.starts_with(case.dir())).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_spool_of_many_segments_keeps_few_files_open() {
    for durability in [Durability::Process, Durability::Disk] {
        let case = Case::new();
        let small = |config: Config| config.spool_bytes(160_000).durability(durability);
        let client = case.stranded_with(small);
        emit(&client, 0..500);
        let last = client.track("report_created").user_id("u").with("number", 500);
        assert_eq!(last.send_durable().wait(), Ok(()));
        assert!(segments(&case).len() > 5);
        wait_until("all but two files are closed", || open_files(&case).len() <= 2);
        drop(client);

        // What waits for the next one is opened when it is read.
        let client = case.stranded_with(small);
        wait_until("the events are taken over", || client.stats().accepted() == 501);
        wait_until("only locks are open", || open_files(&case).iter().all(|path| path.ends_with("lock")));
        drop(client);
        let client = case.client();
        assert!(client.flush(LONG));
        assert_eq!(case.numbers(), (0..501).collect::<Vec<_>>());
    }
}
