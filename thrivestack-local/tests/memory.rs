//! The memory that a server takes, whatever it is sent. A process of its own, since it is the process's that is measured.

#[allow(dead_code, reason = "each test uses a part of it")]
mod client;

use client::{CALL, Call, SECRET};
use thrivestack_local::{LocalKey, LocalServer};

/// The most memory that this process had at once, in megabytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() / 1_000
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "memory is measured by what Linux tells of a process")]
fn a_server_with_limits_stays_under_400_mb_whatever_it_is_sent() {
    let server = LocalServer::builder()
        .key(LocalKey::new("all").scope("telemetry_apis").secret_value(SECRET))
        .keep_at_most(100_000)
        .start()
        .unwrap();
    // Texts whose values take many times as much memory, and plain long ones.
    let part = |text: &str| vec![text; 1_900_000 / (text.len() + 1)].join(",");
    let bodies = [
        format!(r#"[{{"user_id": "u", "traits": {{"list": [{}]}}}}]"#, part("0")),
        format!(r#"[{{"user_id": "u", "traits": {{"list": [{}]}}}}]"#, part("[]")),
        format!(r#"[{{"user_id": "u", "traits": {{"list": [{}]}}}}]"#, part(r#"{"a":0}"#)),
        format!(r#"[{{"user_id": "u", "traits": {{"text": "{}"}}}}]"#, "x".repeat(1_900_000)),
        format!(r#"[{{"user_id": "{}"}}]"#, "u".repeat(1_900_000)),
        format!(r#"[{{"user_id": "u", "timestamp": "{}"}}]"#, "t".repeat(1_900_000)),
        format!("[{}]", vec![r#"{"user_id": "u"}"#; 1_000].join(",")),
    ];
    for round in 0..16 {
        for body in &bodies {
            let status = Call { body: body.as_bytes(), ..CALL }.send(&server).status;
            assert_eq!(status, if body.contains("timestamp") { 400 } else { 200 });
        }
        assert!(peak() < 400, "{} MB in round {round}", peak());
    }
    let kept: usize = server.calls().iter().map(|call| call.text().len()).sum();
    assert!((50_000_000..=100_000_000).contains(&kept), "{kept} bytes of texts");
}
