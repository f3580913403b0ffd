//! From the words of a command line to what is to be done, or to what is wrong with them.

use std::{
    ffi::OsString,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use lexopt::{Arg, Parser};
use thrivestack_cli::Fault;
use thrivestack_core::{
    calls::Call,
    environment::{VARIABLES, Variable},
    key::SCOPE as EVERY_CALL,
};

const DEFAULT_PORT: u16 = 4819;
const DEFAULT_PATIENCE: Duration = Duration::from_secs(30);
const SCOPES: [&str; 5] =
    [EVERY_CALL, Call::Track.scope(), Call::Identify.scope(), Call::Group.scope(), Call::Page.scope()];

#[derive(Debug, PartialEq)]
pub(super) enum Command {
    Help(Topic),
    Version,
    Dev(DevOptions),
    Doctor {
        send: bool,
    },
    Spool(SpoolCommand),
    /// No argument at all.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Topic {
    Program,
    Dev,
    Doctor,
    Spool,
}

/// What is to be done with the directory of a spool.
#[derive(Debug, PartialEq)]
pub(super) enum SpoolCommand {
    Inspect { dir: PathBuf },
    Drain { dir: PathBuf, patience: Duration },
}

#[derive(Debug, PartialEq)]
pub(super) struct DevOptions {
    pub(super) port: u16,
    pub(super) keys: Vec<KeyOption>,
    pub(super) save: Option<PathBuf>,
    pub(super) fault: Option<Fault>,
    pub(super) eu_compliance: bool,
}

/// A key as `--key` describes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KeyOption {
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires_at: Option<SystemTime>,
}

impl KeyOption {
    /// The key of a server that is asked for none.
    pub(super) fn default_key() -> Self {
        Self { name: "dev".to_owned(), scopes: vec![EVERY_CALL.to_owned()], expires_at: None }
    }
}

impl Topic {
    pub(super) fn text(self) -> String {
        let text = match self {
            Self::Program => {
                "\
A ThriveStack on your own machine, and a look at your environment.

Usage: thrivestack <COMMAND>

Commands:
  dev      Starts a local ThriveStack with a live page, and prints what comes
  doctor   Says what the SDK finds in the environment, and whether the endpoint can be reached
  spool    Shows or delivers the events that wait in a directory

Options:
  -h, --help      Prints this, or the help of a command after it
  -V, --version   Prints the version
"
            }
            Self::Dev => {
                "\
Starts a local ThriveStack with a live page, and prints one line an event. Ctrl-C ends it.

Usage: thrivestack dev [OPTIONS]

Options:
      --port <PORT>   Where to listen on 127.0.0.1; 0 takes a free port [default: 4819]
      --key <KEY>     Adds a key, NAME[:SCOPES[:EXPIRES]]; may be given several times [default: dev]
                        SCOPES   telemetry_apis (all calls, the default), or some of track_api,
                                 identify_api, group_api, page_api, with commas between them
                        EXPIRES  a date or a moment in UTC: 2027-01-31 or 2027-01-31T12:00:00Z
      --save <FILE>   Appends every call to a file, one JSON object a line
      --fault <FAULT> Does something wrong on purpose, on every request:
                        latency:250ms   answers that much later
                        500             answers 500
                        429 or 429:5s   answers 429, with Retry-After
                        401-after:100   answers 401 from the 101st request on
                        reset           resets the connection
      --eu            Says that the senders have EU compliance on: what it removes is not missing, and is warned
                      of where it comes nevertheless
  -h, --help          Prints this

The secret of a key is made from its name, so it is the same in every run.
Colours are left out when the output is no terminal or NO_COLOR is set.
"
            }
            Self::Doctor => {
                "\
Says what the SDK finds in the environment, and whether the endpoint can be reached. Never shows the key.

Usage: thrivestack doctor [--send]

Options:
      --send   Sends one identify call of a marked test user, and explains the answer
  -h, --help   Prints this

It reads these variables, as the SDK does:

{variables}
Exit code: 0 if events from this environment would be sent and, with --send, one was taken; 1 if not.
"
            }
            Self::Spool => {
                "\
Shows or delivers the events that wait in the directory of a spool (`Config::spool`). Never shows an event or the key.

Usage: thrivestack spool inspect <DIR>
       thrivestack spool drain [--patience <DURATION>] <DIR>

Commands:
  inspect   Says what waits, since when, whether a process holds it, and whether it was written for the key of this
            environment. Changes nothing, also while processes write there
  drain     Delivers what no process holds and what was written for the key of this environment, and says what is left
            and why

Options:
      --patience <DURATION>   How long to go on while nothing is delivered [default: 30s]
  -h, --help                  Prints this

Both read THRIVESTACK_API_KEY or THRIVESTACK_API_KEY_FILE; drain reads the SDK's other variables too, which
`thrivestack doctor --help` lists.

Exit code: inspect: 0 if it could look, 1 if not. drain: 0 if all is delivered that no process holds, 1 if not.
"
            }
        };
        text.replace("{variables}", &variables())
    }
}

/// A line of help for each variable of the environment, with its default.
fn variables() -> String {
    let line = |Variable { name, meaning, default, .. }: &Variable| {
        format!("  {name:<26} {meaning} [default: {default}]\n")
    };
    VARIABLES.iter().map(line).collect()
}

pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut parser = Parser::from_args(arguments);
    match next(&mut parser)? {
        None => Ok(Command::Nothing),
        Some(Arg::Short('h') | Arg::Long("help")) => Ok(Command::Help(Topic::Program)),
        Some(Arg::Short('V') | Arg::Long("version")) => Ok(Command::Version),
        Some(Arg::Value(command)) => match command.to_str() {
            Some("dev") => dev(&mut parser),
            Some("doctor") => doctor(&mut parser),
            Some("spool") => spool(&mut parser),
            Some("help") => Ok(Command::Help(Topic::Program)),
            _ => Err(format!(
                "there is no command `{}`: write `thrivestack dev`, `thrivestack doctor` or `thrivestack spool`",
                command.display()
            )),
        },
        Some(option) => Err(format!(
            "{} is not an option of `thrivestack`: write `thrivestack --help`, or a command first",
            named(&option)
        )),
    }
}

fn dev(parser: &mut Parser) -> Result<Command, String> {
    let mut options =
        DevOptions { port: DEFAULT_PORT, keys: Vec::new(), save: None, fault: None, eu_compliance: false };
    while let Some(argument) = next(parser)? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help(Topic::Dev)),
            Arg::Long("port") => options.port = port(&text(parser, "--port", "a port, such as 4819")?)?,
            Arg::Long("key") => {
                options.keys.push(key(&text(parser, "--key", "NAME, NAME:SCOPES or NAME:SCOPES:EXPIRES")?)?);
            }
            Arg::Long("save") => {
                options.save = Some(value(parser, "--save", "a file, such as events.jsonl")?.into());
            }
            Arg::Long("fault") => {
                options.fault = Some(fault(&text(parser, "--fault", "a fault, such as 429:5s")?)?);
            }
            Arg::Long("eu") => options.eu_compliance = true,
            other => {
                return Err(format!(
                    "{} is not an option of `thrivestack dev`: it takes --port, --key, --save, --fault, --eu and --help",
                    named(&other)
                ));
            }
        }
    }
    let mut names: Vec<_> = options.keys.iter().map(|key| &key.name).collect();
    names.sort();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("there are two keys named `{}`: give each --key a name of its own", pair[0]));
    }
    Ok(Command::Dev(options))
}

fn doctor(parser: &mut Parser) -> Result<Command, String> {
    let mut send = false;
    while let Some(argument) = next(parser)? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help(Topic::Doctor)),
            Arg::Long("send") => send = true,
            other => {
                return Err(format!(
                    "{} is not an option of `thrivestack doctor`: it takes --send and --help",
                    named(&other)
                ));
            }
        }
    }
    Ok(Command::Doctor { send })
}

fn spool(parser: &mut Parser) -> Result<Command, String> {
    let is_drain = match next(parser)? {
        Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Command::Help(Topic::Spool)),
        Some(Arg::Value(command)) if command == "inspect" => false,
        Some(Arg::Value(command)) if command == "drain" => true,
        other => {
            let found = other.map_or_else(|| "nothing".to_owned(), |argument| named(&argument));
            return Err(format!(
                "`thrivestack spool` is followed by {found}: write `thrivestack spool inspect DIR` or \
                 `thrivestack spool drain DIR`"
            ));
        }
    };
    let name = if is_drain { "drain" } else { "inspect" };
    let mut dir = None;
    let mut patience = DEFAULT_PATIENCE;
    while let Some(argument) = next(parser)? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help(Topic::Spool)),
            Arg::Long("patience") if is_drain => {
                patience = duration(&text(parser, "--patience", "a duration, such as 30s")?)?;
            }
            Arg::Value(value) if dir.is_none() && !value.is_empty() => dir = Some(PathBuf::from(value)),
            other => {
                let also = if is_drain { ", --patience" } else { "" };
                return Err(format!(
                    "{} is not an option of `thrivestack spool {name}`: it takes one directory{also} and --help",
                    named(&other)
                ));
            }
        }
    }
    let Some(dir) = dir else {
        return Err(format!(
            "`thrivestack spool {name}` needs a directory: give it the one that the application gives to \
             `Config::spool`"
        ));
    };
    Ok(Command::Spool(if is_drain {
        SpoolCommand::Drain { dir, patience }
    } else {
        SpoolCommand::Inspect { dir }
    }))
}

fn next(parser: &mut Parser) -> Result<Option<Arg<'_>>, String> {
    parser.next().map_err(|error| format!("{error}: write `thrivestack --help` for what there is"))
}

fn value(parser: &mut Parser, option: &str, what: &str) -> Result<OsString, String> {
    match parser.value() {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(format!("{option} needs {what}")),
    }
}

fn text(parser: &mut Parser, option: &str, what: &str) -> Result<String, String> {
    value(parser, option, what)?
        .into_string()
        .map_err(|value| format!("{option} `{}` is not Unicode: give it {what}", value.display()))
}

fn named(argument: &Arg<'_>) -> String {
    match argument {
        Arg::Short(short) => format!("`-{short}`"),
        Arg::Long(long) => format!("`--{long}`"),
        Arg::Value(value) => format!("`{}`", value.display()),
    }
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| {
        format!("--port `{text}` is no port: write a number from 1 to 65535, or 0 for any free one")
    })
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| format!("--patience `{text}` is no duration: write one like 30s or 5m"))
}

fn key(text: &str) -> Result<KeyOption, String> {
    // The moment of expiry has colons of its own.
    let mut parts = text.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(format!("--key `{}` has no name: write NAME:SCOPES:EXPIRES", text.escape_debug()));
    }
    let scopes: Vec<_> = match parts.next() {
        None | Some("") => vec![EVERY_CALL.to_owned()],
        Some(scopes) => scopes.split(',').map(str::to_owned).collect(),
    };
    if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(format!(
            "--key `{name}`: there is no scope `{unknown}`: write {}, with commas between them",
            SCOPES.join(", ")
        ));
    }
    let expires_at = parts.next().map(|text| moment(name, text)).transpose()?;
    Ok(KeyOption { name: name.to_owned(), scopes, expires_at })
}

fn moment(name: &str, text: &str) -> Result<SystemTime, String> {
    let whole_day = format!("{text}T00:00:00Z");
    let is_date = text.len() == "2027-01-31".len();
    humantime::parse_rfc3339(if is_date { &whole_day } else { text }).map_err(|_| {
        format!(
            "--key `{name}`: `{text}` is no date: write one like 2027-01-31, or a moment in UTC like \
             2027-01-31T12:00:00Z"
        )
    })
}

fn fault(text: &str) -> Result<Fault, String> {
    let (kind, detail) = match text.split_once(':') {
        Some((kind, detail)) => (kind, Some(detail)),
        None => (text, None),
    };
    let duration = |detail: &str| humantime::parse_duration(detail).ok();
    let found = match (kind, detail) {
        ("500", None) => Some(Fault::ServerError),
        ("reset", None) => Some(Fault::ConnectionReset),
        ("429", None) => Some(Fault::RateLimit { retry_after: Duration::from_secs(1) }),
        ("429", Some(detail)) => duration(detail).map(|retry_after| Fault::RateLimit { retry_after }),
        ("latency", Some(detail)) => duration(detail).map(Fault::Latency),
        ("401-after", Some(detail)) => detail.parse().ok().map(Fault::UnauthorizedAfter),
        _ => None,
    };
    found.ok_or_else(|| {
        format!("--fault `{text}` is none: write latency:250ms, 500, 429, 429:5s, 401-after:100 or reset")
    })
}

#[cfg(test)]
mod tests;
