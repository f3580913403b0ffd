use std::time::UNIX_EPOCH;

use super::*;

fn parsed(line: &str) -> Result<Command, String> {
    parse(line.split(' ').filter(|word| !word.is_empty()).map(OsString::from))
}

fn dev(line: &str) -> DevOptions {
    match parsed(line) {
        Ok(Command::Dev(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn commands_and_their_help() {
    let table = [
        ("", Command::Nothing),
        ("--help", Command::Help(Topic::Program)),
        ("-h", Command::Help(Topic::Program)),
        ("help", Command::Help(Topic::Program)),
        ("--version", Command::Version),
        ("-V", Command::Version),
        ("dev --help", Command::Help(Topic::Dev)),
        ("dev --port 1 -h", Command::Help(Topic::Dev)),
        ("doctor --help", Command::Help(Topic::Doctor)),
        ("doctor", Command::Doctor { send: false }),
        ("doctor --send", Command::Doctor { send: true }),
        ("spool --help", Command::Help(Topic::Spool)),
        ("spool drain -h", Command::Help(Topic::Spool)),
        ("spool inspect a/b", Command::Spool(SpoolCommand::Inspect { dir: "a/b".into() })),
        (
            "spool drain a",
            Command::Spool(SpoolCommand::Drain { dir: "a".into(), patience: DEFAULT_PATIENCE }),
        ),
        (
            "spool drain a --patience 5m",
            Command::Spool(SpoolCommand::Drain { dir: "a".into(), patience: Duration::from_secs(300) }),
        ),
        (
            "dev",
            Command::Dev(DevOptions {
                port: DEFAULT_PORT,
                keys: Vec::new(),
                save: None,
                fault: None,
                eu_compliance: false,
            }),
        ),
    ];
    for (line, expected) in table {
        assert_eq!(parsed(line), Ok(expected), "{line}");
    }
}

#[test]
fn options_of_dev() {
    let options = dev("dev --port=0 --key a --key b:track_api,page_api --save x.jsonl --fault reset --eu");
    assert!(options.eu_compliance);
    assert_eq!((options.port, options.save), (0, Some("x.jsonl".into())));
    assert_eq!(options.fault, Some(Fault::ConnectionReset));
    assert_eq!(options.keys[0], KeyOption { name: "a".to_owned(), ..KeyOption::default_key() });
    assert_eq!(options.keys[1].scopes, ["track_api", "page_api"]);

    let seconds = |text: &str| {
        let options = dev(&format!("dev --key a:{text}"));
        options.keys[0].expires_at.map(|at| at.duration_since(UNIX_EPOCH).unwrap().as_secs())
    };
    assert_eq!(seconds("telemetry_apis"), None);
    assert_eq!(seconds(":1970-01-02"), Some(86_400));
    assert_eq!(seconds("track_api:1970-01-01T01:00:00Z"), Some(3_600));
}

#[test]
fn faults() {
    let table = [
        ("latency:250ms", Fault::Latency(Duration::from_millis(250))),
        ("500", Fault::ServerError),
        ("429", Fault::RateLimit { retry_after: Duration::from_secs(1) }),
        ("429:5s", Fault::RateLimit { retry_after: Duration::from_secs(5) }),
        ("401-after:100", Fault::UnauthorizedAfter(100)),
        ("reset", Fault::ConnectionReset),
    ];
    for (text, expected) in table {
        assert_eq!(fault(text), Ok(expected), "{text}");
    }
    for text in ["", "501", "latency", "latency:soon", "429:", "500:1", "401-after:-1", "reset:1"] {
        assert!(fault(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_wrong_and_what_to_write_instead() {
    let table = [
        ("serve", "there is no command `serve`: write `thrivestack dev`"),
        ("--port 1", "`--port` is not an option of `thrivestack`: write `thrivestack --help`"),
        ("dev --prot 1", "`--prot` is not an option of `thrivestack dev`: it takes --port"),
        ("dev -p 1", "`-p` is not an option of `thrivestack dev`"),
        ("dev here", "`here` is not an option of `thrivestack dev`"),
        ("dev --port", "--port needs a port"),
        ("dev --port x", "--port `x` is no port: write a number from 1 to 65535"),
        ("dev --port 65536", "--port `65536` is no port"),
        ("dev --port -1", "--port `-1` is no port"),
        ("dev --key", "--key needs NAME"),
        ("dev --key :track_api", "has no name"),
        ("dev --key a:all", "there is no scope `all`: write telemetry_apis, track_api"),
        ("dev --key a:track_api,", "there is no scope ``"),
        ("dev --key a::tomorrow", "`tomorrow` is no date: write one like 2027-01-31"),
        ("dev --key a::2027-02-30", "`2027-02-30` is no date"),
        ("dev --key a::", "`` is no date"),
        ("dev --key a --key a", "two keys named `a`"),
        ("dev --save", "--save needs a file"),
        ("dev --save=", "--save needs a file"),
        ("dev --fault slow", "--fault `slow` is none: write latency:250ms"),
        ("doctor --send=1", "write `thrivestack --help`"),
        ("spool", "followed by nothing: write `thrivestack spool inspect DIR`"),
        ("spool show a", "followed by `show`: write"),
        ("spool inspect", "`thrivestack spool inspect` needs a directory"),
        ("spool drain --patience 1s", "`thrivestack spool drain` needs a directory"),
        ("spool inspect a b", "`b` is not an option of `thrivestack spool inspect`: it takes one directory"),
        ("spool inspect a --patience 1s", "`--patience` is not an option of `thrivestack spool inspect`"),
        ("spool drain a --patience soon", "--patience `soon` is no duration"),
        ("doctor --key", "`--key` is not an option of `thrivestack doctor`: it takes --send"),
    ];
    for (line, expected) in table {
        let error = parsed(line).unwrap_err();
        assert!(error.contains(expected), "{line}: {error}");
        assert!(!error.contains('\n'), "{line}: {error}");
    }
}
