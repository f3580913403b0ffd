//! The one thread that sends. It looks at the queue once per flush interval or when woken, makes batches, sends them
//! one at a time, and tells whoever waits. Decisions are made in [`batcher`](crate::batcher),
//! [`outbox`](crate::outbox) and [`retry`](crate::retry); time, the thread and the socket are here.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::arena::Arena;
use crate::batcher::{self, Batch, BatchLimits};
use crate::config::{Settings, read_key};
use crate::hooks::{self, Report, Rewrite};
use crate::journal::Journal;
use crate::key::ApiKey;
use crate::orders::Waiter;
use crate::outbox::Outbox;
use crate::panics;
use crate::queue::Taken;
use crate::reasons::ReportOutcome;
use crate::retry::{self, Outcome};
use crate::shared::Shared;
use crate::spool::Jobs;
use crate::ticks;
use crate::transport::Print;
use crate::unseen::Unseen;
use crate::wire::Words;

mod on_disk;
mod rewriting;
mod start;

pub(crate) use start::start;

/// How often it is looked for what clients that are gone have left in the spool.
const ADOPTION_INTERVAL: Duration = Duration::from_secs(60);

/// The time that a request has had no answer, and the time that is left to a waiter, when it is tried on a new
/// connection.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many events in a request make it worth a few milliseconds of the worker, once, that they get cheaper.
const MANY_EVENTS: u64 = 100;

struct Worker {
    shared: Arc<Shared>,
    settings: Settings,
    outbox: Outbox,
    in_flight: Option<InFlight>,
    /// When to look at the queue next.
    look_at: Instant,
    /// The position up to which the queue was taken.
    taken: u64,
    /// Whether what waits had no room beside what is held when it was looked at last.
    is_full: bool,
    /// The thread for the spool's files, if there is a spool.
    jobs: Option<Jobs>,
    /// When to look for what others have left in the spool, if there is one.
    adopt_at: Option<Instant>,
    /// The position behind what was taken over last. Flushes that were asked for meanwhile wait for it too.
    adopted: u64,
    /// The change of every event before its first attempt, if there is any.
    rewrite: Option<Rewrite>,
    /// The events that were taken out and wait for that.
    unseen: Option<Unseen>,
    /// Memory for the events to come: what the last ones were sent from.
    spare: Arena,
    waiters: Vec<Waiter>,
    /// Whether the host has so many events that it is worth measuring the counter.
    has_sent_many: bool,
    shut_down_by: Option<Instant>,
    journal: Journal,
}

struct InFlight {
    batch: Batch,
    key: Option<ApiKey>,
    answer: Pin<Box<dyn Future<Output = Outcome> + Send>>,
    sent_at: Instant,
    /// Sends the request once more, on a new connection.
    hurry: Option<oneshot::Sender<()>>,
}

impl Worker {
    fn new(shared: Arc<Shared>, settings: Settings, journal: Journal, jobs: Option<Jobs>) -> Self {
        let rewrite =
            Rewrite::new(settings.before_send.clone(), shared.defaults.eu_compliance, shared.has_spool());
        let adopt_at = jobs.is_some().then(Instant::now);
        Self {
            shared,
            // Clients that start together, as after an outage or a deployment, must not look together ever after.
            look_at: Instant::now() + settings.flush_interval.mul_f64(0.5 + fastrand::f64() / 2.0),
            outbox: Outbox::new(settings.batch.bytes),
            in_flight: None,
            taken: 0,
            is_full: false,
            jobs,
            adopt_at,
            adopted: 0,
            rewrite,
            unseen: None,
            spare: Arena::default(),
            waiters: Vec::new(),
            has_sent_many: false,
            shut_down_by: None,
            journal,
            settings,
        }
    }

    async fn run(mut self) {
        loop {
            let now = Instant::now();
            self.obey(now).await;
            if self.in_flight.is_none() {
                if self.outbox.wants_more() && self.is_time_to_look(now) {
                    self.look(now).await;
                }
                self.send_next(now);
            }
            // Nobody is told of the end before the spool is released.
            if self.is_done(now) {
                break;
            }
            self.tell(now);
            self.hurry(now);
            // Whoever waited has been told by now.
            if self.has_sent_many && self.shut_down_by.is_none() {
                ticks::measure();
            }
            if let Some(outcome) = self.wait(now).await {
                self.settle(&outcome).await;
            }
        }
        self.journal.started();
        self.say_rejections();
        self.release().await;
        let is_settled = self.shared.queue.counts().pending() == 0;
        for waiter in self.waiters.drain(..) {
            waiter.reply.send(is_settled);
        }
    }

    /// Does what the callers asked for, and what is due.
    async fn obey(&mut self, now: Instant) {
        self.take_orders(now);
        if self.adopt_at.is_some_and(|at| at <= now) {
            self.adopt_at = Some(now + ADOPTION_INTERVAL);
            if self.on_disk(Shared::adopt).await == Some(true) {
                self.adopted = self.shared.queue.counts().accepted;
                for waiter in &mut self.waiters {
                    waiter.position = waiter.position.max(self.adopted);
                }
            }
        }
        if let Some(notices) = self.shared.notices() {
            self.journal.spool(&notices);
        }
        self.say_rejections();
    }

    /// Takes what the callers asked for.
    fn take_orders(&mut self, now: Instant) {
        let mut orders = self.shared.queue.orders();
        for waiter in &mut orders.waiters {
            waiter.position = waiter.position.max(self.adopted);
        }
        self.waiters.extend(orders.waiters);
        self.shut_down_by = orders.shut_down_by.or(self.shut_down_by);
        if orders.key_changed {
            self.outbox.probe_now(now);
            // What waited for this key may be there.
            self.adopt_at = self.adopt_at.map(|_| now);
        }
    }

    /// Says which calls the callers' threads have rejected.
    fn say_rejections(&self) {
        let Some(news) = self.shared.rejections.news() else { return };
        for rejection in &news.rejections {
            self.journal.rejected(rejection);
        }
        if self.settings.transport.is_print() {
            Print::rejected(&news);
        }
    }

    fn is_time_to_look(&self, now: Instant) -> bool {
        let is_asked_for = || {
            self.unseen.is_some()
                || self.waiters.iter().any(|waiter| waiter.position > self.taken)
                || self.shared.queue.is_announced()
        };
        self.look_at <= now || (!self.is_full && is_asked_for())
    }

    /// Takes what waits in the queue and makes batches of it.
    async fn look(&mut self, now: Instant) {
        self.journal.started();
        let is_quiet = self.look_at <= now && self.unseen.is_none() && !self.shared.queue.is_announced();
        self.look_at = now + self.settings.flush_interval;
        match self.rewrite.take() {
            None => {
                let Some(taken) = self.take_out().await else { return };
                self.spare = self.load(taken);
            }
            Some(rewrite) => {
                self.rewrite_next(now, &rewrite).await;
                self.rewrite = Some(rewrite);
            }
        }
        if is_quiet {
            self.spare.shrink();
            self.shared.queue.release_spares();
        }
    }

    /// `None` if the disk does not answer before the client ends.
    async fn take_out(&mut self) -> Option<Taken> {
        let spare = std::mem::take(&mut self.spare);
        let (taken, untaken) = self.on_disk(|shared| (shared.take(spare), shared.untaken())).await?;
        self.taken = untaken;
        self.is_full = taken.arena.len() == 0 && self.taken < self.shared.queue.counts().accepted;
        self.journal.rejected_for_space(taken.overflowed);
        Some(taken)
    }

    /// Makes batches of events. Returns their memory, as far as it is not needed.
    fn load(&mut self, mut taken: Taken) -> Arena {
        let limits = BatchLimits { bytes: self.outbox.batch_bytes(), ..self.settings.batch };
        self.outbox.load(batcher::batches(&mut taken, limits));
        taken.arena
    }

    /// Begins the request that is due, if there is one.
    fn send_next(&mut self, now: Instant) {
        let Some(mut batch) = self.outbox.next(now) else { return };
        self.shared.tallies.requests.fetch_add(1, Ordering::Relaxed);
        if batch.attempts > 0 {
            self.shared.tallies.retries.fetch_add(1, Ordering::Relaxed);
        }
        batch.attempts = batch.attempts.saturating_add(1);
        let key = self.shared.key();
        self.settings.transport.renew();
        let transport = self.settings.transport.clone();
        let (endpoint, body, sent_key) = (batch.endpoint, batch.body.clone(), key.clone());
        let (hurry, hurried) = oneshot::channel();
        let answer =
            Box::pin(async move { transport.send(endpoint, body, sent_key.as_ref(), hurried).await });
        self.in_flight = Some(InFlight { batch, key, answer, sent_at: now, hurry: Some(hurry) });
    }

    /// Returns when a request without an answer is tried on a new connection: someone waits for it, for not much longer.
    fn hurry_at(&self) -> Option<Instant> {
        let in_flight = self.in_flight.as_ref().filter(|in_flight| in_flight.hurry.is_some())?;
        let deadline = self.waiters.iter().map(|waiter| waiter.deadline).chain(self.shut_down_by).min()?;
        Some(in_flight.sent_at + PATIENCE).max(deadline.checked_sub(PATIENCE))
    }

    fn hurry(&mut self, now: Instant) {
        if self.hurry_at().is_some_and(|at| at <= now)
            && let Some(hurry) = self.in_flight.as_mut().and_then(|in_flight| in_flight.hurry.take())
        {
            // A request that has just ended needs no hurry.
            let _ = hurry.send(());
        }
    }

    /// Takes notice of an answer.
    async fn settle(&mut self, answer: &Outcome) {
        let Some(InFlight { batch, key, .. }) = self.in_flight.take() else { return };
        let now = Instant::now();
        let (events, weight) = (batch.len() as u64, batch.weight());
        let sent = batch.clone();
        let outcome = self.outbox.settle(batch, retry::judge(answer), now, fastrand::f64());
        match outcome {
            ReportOutcome::Delivered | ReportOutcome::Dropped(_) => {
                let positions: Vec<_> = sent.positions().collect();
                self.on_disk(move |shared| {
                    let kept = shared.settle(positions.into_iter());
                    match outcome {
                        ReportOutcome::Dropped(reason) => shared.queue.dropped(reason, events, weight, kept),
                        _ => shared.queue.delivered(events, weight, kept),
                    }
                })
                .await;
                self.is_full = false;
            }
            ReportOutcome::WillRetry => {}
            ReportOutcome::Parked => {
                self.reload_key();
                // The key may also have changed while the old one was on its way.
                if self.shared.key() != key {
                    self.outbox.probe_now(now);
                }
            }
        }
        let words = Words::of(answer, |text| self.shared.redact(text));
        self.journal.answered(sent.endpoint, sent.len(), answer, &words, outcome);
        self.journal.warnings(&sent, &words.warnings);
        if let Some(hook) = &self.settings.on_report
            && !hooks::report(hook, &Report::new(&sent, answer, words, outcome))
        {
            self.journal.hook_panicked();
        }
        // What is still to be sent keeps its memory.
        self.spare.recycle(sent.endpoint, sent.body);
        self.has_sent_many |= events >= MANY_EVENTS;
    }

    /// A secret that was rotated in its file needs no restart.
    fn reload_key(&mut self) {
        let Some(path) = &self.settings.key_file else { return };
        match read_key(path) {
            Ok(key) => {
                self.shared.set_key(key);
                self.adopt_at = self.adopt_at.map(|_| Instant::now());
            }
            Err(error) => self.journal.key_file(&error),
        }
    }

    /// Tells whoever waits for what is settled, or has waited long enough.
    fn tell(&mut self, now: Instant) {
        let in_flight = self.in_flight.as_ref().map(|in_flight| in_flight.batch.first());
        let unseen = self.unseen.as_ref().and_then(Unseen::oldest);
        // What waits in memory may have been taken before what is on disk and older.
        let held = self.outbox.oldest().into_iter().chain(in_flight).chain(unseen);
        let settled = held.fold(self.taken, u64::min);
        for waiter in
            self.waiters.extract_if(.., |waiter| waiter.position <= settled || waiter.deadline <= now)
        {
            let is_settled = waiter.position <= settled;
            waiter.reply.send(is_settled);
        }
    }

    /// Whether the client was shut down and nothing is left that time alone would deliver.
    fn is_done(&self, now: Instant) -> bool {
        let is_idle = self.in_flight.is_none()
            && self.outbox.wants_more()
            && (self.is_full || !self.is_time_to_look(now));
        self.shared.queue.is_closed() || self.shut_down_by.is_some_and(|deadline| is_idle || deadline <= now)
    }

    /// Waits for an answer, for the next thing that is due, or for someone who wakes the worker.
    async fn wait(&mut self, now: Instant) -> Option<Outcome> {
        let deadlines = self.waiters.iter().map(|waiter| waiter.deadline);
        let mut due = deadlines.chain(self.shut_down_by).chain(self.adopt_at).chain(self.hurry_at()).min();
        if self.in_flight.is_none() {
            let look_at = self.outbox.wants_more().then_some(self.look_at);
            due = due.into_iter().chain(self.outbox.due_at(now)).chain(look_at).min();
        }
        let shared = self.shared.clone();
        let mut woken = pin!(shared.queue.woken());
        let mut sleep = pin!(due.map(|due| tokio::time::sleep_until(due.into())));
        poll_fn(|context| {
            if let Some(in_flight) = &mut self.in_flight {
                // The HTTP library logs too: a panic in it may be one of the host's subscriber.
                match panics::catch(|| in_flight.answer.as_mut().poll(context)) {
                    Some(Poll::Ready(outcome)) => return Poll::Ready(Some(outcome)),
                    Some(Poll::Pending) => {}
                    None => {
                        self.settings.transport.start_over();
                        return Poll::Ready(Some(Outcome::Failed("a panic ended the request".to_owned())));
                    }
                }
            }
            let is_due = sleep.as_mut().as_pin_mut().is_some_and(|sleep| sleep.poll(context).is_ready());
            if is_due || woken.as_mut().poll(context).is_ready() { Poll::Ready(None) } else { Poll::Pending }
        })
        .await
    }
}
