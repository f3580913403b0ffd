//! `thrivestack dev`: the local server, with a line for each event.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Sender},
    },
    time::SystemTime,
};

use hmac_sha256::Hash;
use serde_json::json;
use thrivestack_cli::{Endpoint, Fault, LocalCall, LocalKey, LocalRequest, LocalServer};

use super::{
    arguments::{DevOptions, KeyOption},
    complain,
    terminal::{Colour, Paint, harmless},
};

/// So many calls and requests are kept for the page.
const KEPT: usize = 100_000;
/// So many lines wait for a slow terminal before it is told only how many it missed.
const WAITING: usize = 10_000;

type Told = (LocalRequest, Vec<LocalCall>);

/// How many lines there are to print, and how many will not be.
#[derive(Debug, Default)]
struct Backlog {
    waiting: AtomicUsize,
    given_up: AtomicUsize,
}

pub(super) fn run(mut options: DevOptions) -> ExitCode {
    if options.keys.is_empty() {
        options.keys.push(KeyOption::default_key());
    }
    let keys: Vec<_> = options.keys.iter().map(local_key).collect();
    match serve(&options, &keys) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &DevOptions, keys: &[LocalKey]) -> Result<(), String> {
    let save = options.save.as_deref().map(Save::open).transpose()?;
    let (sender, told) = mpsc::channel();
    let backlog = Arc::new(Backlog::default());
    let mut builder = LocalServer::builder()
        .port(options.port)
        .keep_at_most(KEPT)
        .eu_compliance(options.eu_compliance)
        .on_request(observer(save, sender, Arc::clone(&backlog)));
    for key in keys {
        builder = builder.key(key.clone());
    }
    if let Some(fault) = options.fault {
        builder = builder.fault(fault);
    }
    let server = builder.start().map_err(|error| cannot_listen(options.port, &error))?;

    let paint = Paint::of_stdout();
    let mut output = io::stdout().lock();
    // An output that was closed is no reason to stop: the page and the file are still there.
    let _ = output.write_all(greeting(&server, options, keys, paint).as_bytes());
    for (request, calls) in told {
        backlog.waiting.fetch_sub(line_count(&calls), Ordering::Relaxed);
        let missed = backlog.given_up.swap(0, Ordering::Relaxed);
        let _ = output.write_all(lines(&request, &calls, missed, paint).as_bytes());
    }
    Ok(())
}

fn cannot_listen(port: u16, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} is in use, perhaps by another `thrivestack dev`: end that one, or choose another with \
             --port, such as --port 0 for any free one"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("port {port} may not be used by this user: choose one from 1024 on with --port")
        }
        _ => format!("the server could not be started on port {port}: {error}"),
    }
}

/// A key with the secret of its name: an application that was told it once finds it in the next run too.
fn local_key(option: &KeyOption) -> LocalKey {
    let key = LocalKey::new(&option.name).secret_value(secret_of(&option.name));
    let key = option.scopes.iter().fold(key, LocalKey::scope);
    match option.expires_at {
        Some(moment) => key.expires_at(moment),
        None => key,
    }
}

/// In the shape of ThriveStack's, and like a fresh one always with a `+` and a `/`.
fn secret_of(name: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let secrets = (0_u32..)
        .map(|attempt| STANDARD.encode(Hash::hash(format!("thrivestack dev {attempt} {name}").as_bytes())));
    secrets.into_iter().find(|secret| secret.contains('+') && secret.contains('/')).unwrap_or_default()
}

fn observer(
    save: Option<Save>,
    sender: Sender<Told>,
    backlog: Arc<Backlog>,
) -> impl Fn(&LocalRequest, &[LocalCall]) + Send + Sync {
    move |request, calls| {
        if let Some(save) = &save {
            save.append(calls);
        }
        let lines = line_count(calls);
        if backlog.waiting.load(Ordering::Relaxed) >= WAITING {
            backlog.given_up.fetch_add(lines, Ordering::Relaxed);
        } else {
            backlog.waiting.fetch_add(lines, Ordering::Relaxed);
            // The receiver lives as long as the program.
            let _ = sender.send((request.clone(), calls.to_vec()));
        }
    }
}

/// A refusal has a line too.
fn line_count(calls: &[LocalCall]) -> usize {
    calls.len().max(1)
}

/// The file of `--save`. What was answered has been handed to the system before.
struct Save {
    path: PathBuf,
    /// `None` once it could not be written.
    file: Mutex<Option<BufWriter<File>>>,
}

impl Save {
    fn open(path: &Path) -> Result<Self, String> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| {
            format!(
                "--save `{}` cannot be written ({error}): give it a file in a folder that exists and is yours",
                path.display()
            )
        })?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(Some(BufWriter::new(file))) })
    }

    fn append(&self, calls: &[LocalCall]) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writer) = file.as_mut() else { return };
        let written = calls
            .iter()
            .try_for_each(|call| writeln!(writer, "{}", saved(call)))
            .and_then(|()| writer.flush());
        if let Err(error) = written {
            *file = None;
            complain(&format!(
                "error: --save `{}` could not be written any more ({error}), so calls from now on are not saved: \
                 make room and start again\n",
                self.path.display()
            ));
        }
    }
}

/// The line of a call. Its object is copied as text: as a value it would take many times as much memory.
fn saved(call: &LocalCall) -> String {
    let before = json!({
        "number": call.number(),
        "request": call.request(),
        "received_at": humantime::format_rfc3339_millis(call.received_at()).to_string(),
        "key": call.key_name(),
        "call": call.endpoint().to_string(),
        "warnings": call.warnings(),
    });
    let before = before.to_string();
    let before = before.strip_suffix('}').unwrap_or(&before);
    // The text of a JSON value may have line breaks between its parts only, where they mean nothing.
    let object = call.text().replace(['\n', '\r'], " ");
    format!("{before},\"object\":{object}}}")
}

fn greeting(server: &LocalServer, options: &DevOptions, keys: &[LocalKey], paint: Paint) -> String {
    let dim = |text: &str| paint.paint(Colour::Dim, text);
    let mut text = format!(
        "\n  {}\n\n  {}  {}\n",
        paint.paint(Colour::Bold, "ThriveStack on this machine"),
        dim("page"),
        paint.paint(Colour::Cyan, &server.page()),
    );
    for (key, option) in keys.iter().zip(&options.keys) {
        let scopes = option.scopes.join(", ");
        let expiry = option.expires_at.map_or_else(|| "never expires".to_owned(), expiry);
        text += &format!(
            "  {}   {}  {}  {}\n",
            dim("key"),
            key.name(),
            key.secret(),
            dim(&format!("{scopes}; {expiry}"))
        );
    }
    if let Some(path) = &options.save {
        text += &format!("  {}  every call is appended to {}\n", dim("save"), path.display());
    }
    if let Some(fault) = options.fault {
        let what = match fault {
            Fault::Latency(delay) => format!("answers come {delay:?} late"),
            Fault::ServerError => "every request is answered 500".to_owned(),
            Fault::RateLimit { retry_after } => {
                format!("every request is answered 429, Retry-After {retry_after:?}")
            }
            Fault::UnauthorizedAfter(taken) => format!("401 after {taken} requests"),
            _ => "every connection is reset".to_owned(),
        };
        text += &format!("  {} {}\n", dim("fault"), paint.paint(Colour::Yellow, &what));
    }
    text += &format!("\n  {}\n\n", dim("Set these where your application starts:"));
    text += &format!("  export THRIVESTACK_API_KEY='{}'\n", keys[0].secret());
    text += &format!("  export THRIVESTACK_ENDPOINT='{}'\n\n", server.endpoint());
    text
}

fn expiry(moment: SystemTime) -> String {
    let verb = if moment <= SystemTime::now() { "expired" } else { "expires" };
    format!("{verb} {}", humantime::format_rfc3339_seconds(moment))
}

/// One line for each call, or for the refusal.
fn lines(request: &LocalRequest, calls: &[LocalCall], missed: usize, paint: Paint) -> String {
    let mut text = String::new();
    if missed > 0 {
        let note = format!("… {missed} more came than this terminal could print; the page has them\n");
        text += &paint.paint(Colour::Dim, &note);
    }
    for call in calls {
        text += &line(call, paint);
    }
    if let Some(reason) = request.refusal() {
        let status = match request.status() {
            0 => "reset".to_owned(),
            status => status.to_string(),
        };
        text += &format!(
            "{}  {}  {}  {}\n",
            paint.paint(Colour::Dim, &clock(request.received_at())),
            paint.paint(Colour::Red, &format!("{status:8}")),
            request.path(),
            paint.paint(Colour::Red, &harmless(reason, 500)),
        );
    }
    text
}

fn line(call: &LocalCall, paint: Paint) -> String {
    let colour = match call.endpoint() {
        Endpoint::Identify => Colour::Magenta,
        Endpoint::Group => Colour::Yellow,
        Endpoint::Page => Colour::Blue,
        _ => Colour::Green,
    };
    let name = call.event_name().or_else(|| call.property("page_name")?.as_str()).unwrap_or_default();
    let mut text = format!(
        "{}  {}  {}",
        paint.paint(Colour::Dim, &clock(call.occurred_at())),
        paint.paint(colour, &format!("{:8}", call.endpoint().to_string())),
        paint.paint(Colour::Bold, &format!("{:26}", harmless(name, 60))),
    );
    for (what, id) in [("user", call.user_id()), ("account", call.group_id()), ("key", Some(call.key_name()))]
    {
        if let Some(id) = id {
            text += &format!("  {} {}", paint.paint(Colour::Dim, what), harmless(id, 60));
        }
    }
    match call.warnings() {
        [] => {}
        [warning] => {
            text += &format!("  {}", paint.paint(Colour::Yellow, &format!("⚠ {}", harmless(warning, 120))));
        }
        [first, rest @ ..] => {
            let note = format!("⚠ {} (and {} more)", harmless(first, 120), rest.len());
            text += &format!("  {}", paint.paint(Colour::Yellow, &note));
        }
    }
    text.push('\n');
    text
}

/// The time of day in UTC, which is what the events are in.
fn clock(time: SystemTime) -> String {
    let text = humantime::format_rfc3339_millis(time).to_string();
    text.get(11..).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_that_of_its_name_and_looks_like_a_real_one() {
        let secret = secret_of("dev");
        assert_eq!(secret, secret_of("dev"));
        assert_ne!(secret, secret_of("ci"));
        for name in ["dev", "ci", "", "a name"] {
            let secret = secret_of(name);
            assert!(secret.len() == 44 && secret.ends_with('='), "{secret}");
            assert!(secret.contains('+') && secret.contains('/'), "{secret}");
        }
    }

    #[test]
    fn a_time_of_day() {
        let noon = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(43_200_001);
        assert_eq!(clock(noon), "12:00:00.001Z");
    }
}
