//! The clients, what happens to them, and what has to be so in the end.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use thrivestack::{Client, Config, DropReason, spool};

use crate::hooks::{Given, hook};
use crate::server::Moody;

const KEYS: [&str; 2] =
    ["q+Zt0/9b1n3x7mKc5vR2yU8wE6sD4fG1hJ0kL3pO5iA=", "7Hq+vASNFZ4mrze8BI0Vnia/N7wEjRWeJq83+Wd0Ztg="];
/// The clients that live at a time; the first ones share the directory of a spool.
const CLIENTS: usize = 5;
const SPOOLED: usize = 3;
const THREADS: u64 = 2;
/// Back-offs that the moods have left are over by then.
const PATIENCE: Duration = Duration::from_secs(150);

/// Everything that the run knows of itself.
struct World<'a> {
    server: Moody,
    directory: &'a Path,
    given: Given,
    /// The next event's number and the next client's.
    numbers: AtomicU64,
    lives: AtomicU64,
    end: Instant,
    /// The accepted events that only memory held, and those that a spool held.
    accepted: [Mutex<Vec<u64>>; 2],
    /// The events that clients without a spool dropped when they ended.
    given_up: AtomicU64,
    /// The number of events that may come twice: of requests that timed out, or were under way when their client ended.
    may_repeat: Arc<AtomicU64>,
}

/// One client from its start to its end.
struct Life {
    client: Client,
    number: u64,
    is_spooled: bool,
}

/// Runs for so long, and checks the end.
pub(crate) fn run(duration: Duration, seed: u64) {
    quiet_hooks();
    let directory = tempfile::tempdir().unwrap();
    let world = World {
        server: Moody::start(seed),
        directory: directory.path(),
        given: Given::default(),
        numbers: AtomicU64::new(1),
        lives: AtomicU64::new(0),
        end: Instant::now() + duration,
        accepted: Default::default(),
        given_up: AtomicU64::new(0),
        may_repeat: Arc::default(),
    };
    let mut random = fastrand::Rng::with_seed(seed);
    std::thread::scope(|scope| {
        for place in 0..CLIENTS {
            let (world, random) = (&world, random.fork());
            scope.spawn(move || world.occupy(place, random));
        }
    });
    world.finish();
}

/// Keeps the panics of the hooks out of the test's output.
fn quiet_hooks() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>() != Some(&"a hook of the random run") {
            tell(panic);
        }
    }));
}

impl World<'_> {
    /// Lets one client after the other live in a place.
    fn occupy(&self, place: usize, mut random: fastrand::Rng) {
        while Instant::now() < self.end {
            let life = self.begin(place < SPOOLED, &mut random);
            let until = self.end.min(Instant::now() + Duration::from_millis(random.u64(300..4_000)));
            std::thread::scope(|scope| {
                for thread in 0..THREADS {
                    let (life, random) = (&life, random.fork());
                    scope.spawn(move || self.emit(life, thread, until, random));
                }
                self.disturb(&life, until, &mut random);
            });
            self.end(life, &mut random);
        }
    }

    fn begin(&self, is_spooled: bool, random: &mut fastrand::Rng) -> Life {
        let number = self.lives.fetch_add(1, Ordering::Relaxed);
        let config = Config::new(KEYS[random.usize(..2)])
            .endpoint(self.server.endpoint(number))
            .flush_interval(Duration::from_millis(random.u64(5..100)))
            .request_timeout(Duration::from_secs(2))
            .shutdown_timeout(Duration::from_millis(random.u64(0..300)))
            .max_batch_events(random.usize(20..200))
            .queue_bytes(400_000);
        let config = if is_spooled { config.spool(self.directory) } else { config };
        let may_repeat = self.may_repeat.clone();
        // On a busy machine, an answer of 2xx may come after the deadline.
        let config = config.on_report(move |report| {
            if report.message().is_some_and(|message| message.contains("timed out")) {
                may_repeat.fetch_add(report.events() as u64, Ordering::Relaxed);
            }
        });
        let client = Client::new(hook(config, random, &self.given)).unwrap();
        Life { client, number, is_spooled }
    }

    fn emit(&self, life: &Life, thread: u64, until: Instant, mut random: fastrand::Rng) {
        let mut accepted = Vec::new();
        while Instant::now() < until {
            for _ in 0..random.u8(..8) {
                let number = self.numbers.fetch_add(1, Ordering::Relaxed);
                let call = life.client.track("report_created").user_id(thread).group_id("g");
                let call = call.with("number", number).with("thread", thread).with("life", life.number);
                // The reason is counted; what was not accepted is not missed.
                if call.try_send().is_ok() {
                    accepted.push(number);
                }
            }
            life.check();
            std::thread::sleep(Duration::from_millis(random.u64(1..40)));
        }
        self.accepted[usize::from(life.is_spooled)].lock().unwrap().extend(accepted);
    }

    /// Does what hosts do: other keys, switches, flushes.
    fn disturb(&self, life: &Life, until: Instant, random: &mut fastrand::Rng) {
        while Instant::now() < until {
            match random.u8(..6) {
                0 | 1 => life.client.set_api_key(KEYS[random.usize(..2)]).unwrap(),
                2 => {
                    life.client.set_enabled(false);
                    std::thread::sleep(Duration::from_millis(random.u64(..30)));
                    life.client.set_enabled(true);
                }
                3 => {
                    let _ = life.client.flush(Duration::from_millis(random.u64(..100)));
                }
                _ => {}
            }
            life.check();
            std::thread::sleep(Duration::from_millis(random.u64(5..150)));
        }
    }

    /// Ends a client, at once or with patience.
    fn end(&self, Life { client, number, is_spooled }: Life, random: &mut fastrand::Rng) {
        if random.bool() {
            let _ = client.flush(Duration::from_millis(random.u64(..500)));
        }
        let _ = client.shutdown();
        let stats = client.stats();
        if is_spooled {
            assert_eq!(stats.dropped(DropReason::ShutDown), 0, "the spool keeps what is pending: {stats:?}");
        } else {
            assert_eq!(stats.pending(), 0, "{stats:?}");
        }
        self.given_up.fetch_add(stats.dropped(DropReason::ShutDown), Ordering::Relaxed);
        if stats.pending() + stats.dropped(DropReason::ShutDown) > 0 {
            self.may_repeat.fetch_add(self.server.last_request_of(number), Ordering::Relaxed);
        }
    }

    /// Delivers what is left on disk, and looks for every event.
    fn finish(&self) {
        self.server.be_healthy();
        // Each key's events wait for a client with that key, which takes over as many as a spool holds.
        let deadline = Instant::now() + PATIENCE;
        for key in KEYS.iter().cycle() {
            let waiting = spool::inspect(self.directory).map_or(0, |spool| spool.waiting_total());
            if waiting == 0 {
                break;
            }
            assert!(Instant::now() < deadline, "{waiting} events wait although every client is gone");
            let number = self.lives.fetch_add(1, Ordering::Relaxed);
            let config = Config::new(*key)
                .endpoint(self.server.endpoint(number))
                .flush_interval(Duration::from_millis(10))
                // The search for a bad event gives a batch up that has several of them.
                .max_batch_events(100)
                .spool(self.directory);
            let client = Client::new(config).unwrap();
            assert!(client.flush(PATIENCE), "{:?}", client.stats());
            assert!(client.shutdown(), "{:?}", client.stats());
        }
        let [memory, spooled] = self.accepted.each_ref().map(|accepted| accepted.lock().unwrap().clone());
        let is_missing = |number: &&u64| !self.server.has_decided(**number) && !self.given.up(**number);
        let lost: Vec<_> = spooled.iter().filter(is_missing).collect();
        assert!(
            lost.is_empty(),
            "{} of {} events of the spool are lost: {lost:?}",
            lost.len(),
            spooled.len()
        );
        let missing = memory.iter().filter(is_missing).count() as u64;
        let given_up = self.given_up.load(Ordering::Relaxed);
        assert!(missing <= given_up, "{missing} events are missing and {given_up} were counted as dropped");
        let may_repeat = self.may_repeat.load(Ordering::Relaxed);
        let repeated = self.server.repeated();
        assert!(repeated <= may_repeat, "{repeated} events came again, and {may_repeat} may");
        self.server.assert_order();
        eprintln!(
            "{} lives, {} events in memory and {} on disk; {}; {missing} missing of {given_up} given up, {may_repeat} \
             may repeat",
            self.lives.load(Ordering::Relaxed),
            memory.len(),
            spooled.len(),
            self.server.describe(),
        );
        assert!(memory.len() + spooled.len() > 100, "hardly anything happened");
    }
}

impl Life {
    /// Asserts that the books balance.
    fn check(&self) {
        let stats = self.client.stats();
        assert_eq!(
            stats.accepted(),
            stats.delivered() + stats.pending() + stats.dropped_total(),
            "{stats:?}"
        );
    }
}
