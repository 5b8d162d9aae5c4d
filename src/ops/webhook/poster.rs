//! Posting events to a webhook, in order, with retries.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::delivery::{Message, Undelivered, Webhook};
use crate::ops::environment::Environment;
use crate::ops::event::{Event, EventKind};
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;

/// The number of attempts, and the wait before the second attempt. Each further wait is twice as long.
const ATTEMPTS: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Posts events to a webhook, in order, in a thread of its own.
pub struct Poster {
    events: Option<Sender<Event>>,
    failures: Receiver<String>,
    worker: Option<JoinHandle<()>>,
}

impl Poster {
    /// Starts the thread. The secret comes from the environment, because every user of the machine can see arguments.
    /// `private` allows addresses of this machine and its network. Refused if the address is not allowed.
    pub fn new(session: &Session, address: &str, private: bool) -> Result<Self, Refusal> {
        let environment = session.environment.clone();
        let secret = environment.webhook_secret.clone().map(String::into_bytes);
        let hook = Webhook::new(address, secret, private).map_err(|why| {
            Refusal::new(
                format!("the webhook's address is not allowed: {why}"),
                "--webhook https://hooks.example.com/PATH; --webhook-private allows one on this machine or its network",
            )
        })?;
        let (events, queue) = channel();
        let (report, failures) = channel();
        let worker = spawn(move || {
            for event in queue {
                if let Err(why) = deliver(&hook, &event, &environment) {
                    // The receiver has been dropped.
                    if report
                        .send(format!("an event was not delivered to the webhook at {}: {why}", hook.host()))
                        .is_err()
                    {
                        return;
                    }
                }
            }
        });
        Ok(Self { events: Some(events), failures, worker: Some(worker) })
    }

    /// Posts an event after the earlier ones.
    pub fn post(&self, event: &Event) {
        if let Some(events) = &self.events {
            let _ = events.send(event.clone());
        }
    }

    /// The deliveries that have failed since the last call.
    pub fn failures(&self) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            match self.failures.try_recv() {
                Ok(failure) => all.push(failure),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return all,
            }
        }
    }
}

impl Drop for Poster {
    /// Waits until all events are delivered or have failed.
    fn drop(&mut self) {
        self.events = None;
        let _ = self.worker.take().map(JoinHandle::join);
    }
}

fn deliver(hook: &Webhook, event: &Event, environment: &Environment) -> Result<(), String> {
    let body = body(event);
    // The id depends only on the event, so another `watch` that posts the same event uses the same id.
    let id = base16ct::lower::encode_string(&Sha256::digest(&body)[..16]);
    let mut wait = FIRST_WAIT;
    for attempt in 1.. {
        let seconds = environment.now().utc().timestamp();
        let (why, after) = match hook.post(&Message { id: id.clone(), seconds, body: body.clone() }) {
            Ok(()) => return Ok(()),
            Err(Undelivered::Ever(why)) => return Err(why),
            Err(Undelivered::Yet(why, after)) => (why, after),
        };
        if attempt >= ATTEMPTS {
            return Err(format!("{why}, after {attempt} attempts"));
        }
        sleep(after.map_or(wait, |after| after.max(wait)));
        wait *= 2;
    }
    Ok(())
}

/// The event as in `modelreg history`, in the envelope of MLflow's webhooks.
fn body(event: &Event) -> String {
    let entity = if event.version.is_some() { "model_version" } else { "registered_model" };
    let action = match event.action {
        EventKind::Create | EventKind::Register => "created",
        other => other.as_str(),
    };
    serde_json::json!({ "entity": entity, "action": action, "timestamp": event.at.rfc3339(), "data": event })
        .to_string()
}
