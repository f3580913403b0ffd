//! Hooks of a host, and everything that they may do with an event.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use thrivestack::{Config, Decision, Payload};

/// The numbers of the events that hooks dropped on purpose or by a panic.
#[derive(Clone, Default)]
pub(crate) struct Given(Arc<Mutex<HashSet<u64>>>);

impl Given {
    pub(crate) fn up(&self, number: u64) -> bool {
        self.0.lock().unwrap().contains(&number)
    }

    fn note(&self, payload: &Payload) {
        let number = payload.properties().get("number").and_then(serde_json::Value::as_u64);
        self.0.lock().unwrap().insert(number.expect("every event has a number"));
    }
}

/// Gives the configuration one of the hooks, or none.
pub(crate) fn hook(config: Config, random: &mut fastrand::Rng, given: &Given) -> Config {
    let given = given.clone();
    match random.u8(..6) {
        0 => config.before_send(|_| Decision::Send),
        1 => config.before_send(|payload| {
            payload.properties_mut().insert("added".into(), "by a hook ".repeat(30).into());
            Decision::Send
        }),
        2 => {
            let every = random.u64(3..40);
            config.before_send(move |payload| {
                if payload.properties()["number"].as_u64().is_some_and(|number| number % every == 0) {
                    given.note(payload);
                    return Decision::Drop;
                }
                payload.context_mut().insert("seen".into(), true.into());
                Decision::Send
            })
        }
        3 => {
            let every = random.u64(20..200);
            config.before_send(move |payload| {
                if payload.properties()["number"].as_u64().is_some_and(|number| number % every == 0) {
                    given.note(payload);
                    std::panic::panic_any("a hook of the random run");
                }
                Decision::Send
            })
        }
        _ => config,
    }
}
