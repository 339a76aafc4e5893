//! Home Assistant, and whatever else speaks MQTT: printers as devices that are found by themselves, over a broker that a
//! person has set up. Where a person wants it, Printvigils on other computers are shown and steered over the same broker.
//!
//! In go the snapshots of the station; out goes what has changed, to the one broker that is switched on. From there come
//! the presses of a few buttons, which ask the station as the page does. Nobody waits for the broker: where it is stuck or
//! away, it is connected again after a while, and told all anew.
//!
//! **Invariant:** a command that the broker has kept (retained) is never carried out.

mod board;
mod broker;
mod entities;
mod inner;
mod listen;
mod machines;
mod others;
mod password;
mod session;
mod settings;
mod told;
mod topics;

pub use inner::Standing;
pub use machines::Machines;
pub use settings::Settings;
pub use topics::Command;

use bytes::Bytes;
use domain::{PrinterId, Refusal};
use inner::{Backoff, Inner, node, random};
use password::Password;
use rumqttc::QoS;
use session::Ended;
use station::Station;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use store::{StoreError, setting};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use topics::{PRESS, Topics};

/// Key of the settings.
const SETTINGS: &str = "mqtt";
/// Leaving may take so long as the core ends.
const LEAVING: Duration = Duration::from_secs(5);

/// Why settings are not kept.
#[derive(Debug, thiserror::Error)]
pub enum MqttError {
    /// What was entered cannot be used; a sentence says why.
    #[error("{0}")]
    Wrong(String),
    /// It could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The connection of one core. It ends when this is dropped.
pub struct Mqtt {
    inner: Arc<Inner>,
    task: Mutex<Option<JoinHandle<()>>>,
    listening: JoinHandle<()>,
}

impl Drop for Mqtt {
    fn drop(&mut self) {
        self.listening.abort();
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}

impl Mqtt {
    /// Reads the settings, and connects if a person has switched it on. Needs a Tokio runtime.
    pub fn start(station: Station) -> Self {
        let read =
            station.store().read(|conn| Ok::<_, StoreError>((setting::get(conn, SETTINGS)?, node(conn)?)));
        let (settings, node) = read.unwrap_or_else(|error: StoreError| {
            tracing::error!(%error, "the settings for MQTT cannot be read: it is off");
            (None, None)
        });
        let inner = Arc::new(Inner {
            password: Password::open(station.data_dir()),
            node: node.map(OnceLock::from).unwrap_or_default(),
            station,
            settings: Mutex::new(settings.unwrap_or_default()),
            standing: Mutex::new(Standing::Off),
            others: Mutex::default(),
            asker: Mutex::default(),
            control: watch::Sender::new(0),
            leaving: watch::Sender::new(false),
        });
        let task = tokio::spawn(run(inner.clone()));
        let listening = tokio::spawn(listen::run(inner.clone()));
        Self { inner, task: Mutex::new(Some(task)), listening }
    }

    /// Returns the settings, and whether there is a password.
    pub fn settings(&self) -> (Settings, bool) {
        (self.inner.settings(), !self.inner.password.get().is_empty())
    }

    /// Returns how it stands.
    pub fn standing(&self) -> Standing {
        self.inner.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the settings and connects anew; blocks. `password`: none stays, an empty one is forgotten.
    ///
    /// # Errors
    /// When they cannot be used as they are, or not be kept.
    pub fn change(&self, settings: Settings, password: Option<&str>) -> Result<(), MqttError> {
        let before = self.inner.password.get();
        let password = password.unwrap_or(&before);
        settings.check(password).map_err(MqttError::Wrong)?;
        self.inner.password.keep(password).map_err(|source| StoreError::File {
            what: "write",
            path: self.inner.password.path(),
            source,
        })?;
        if settings.enabled {
            self.inner.node();
        }
        let row = settings.clone();
        self.inner.station.store().write_now(move |tx| setting::set(tx, SETTINGS, &row))?;
        *self.inner.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
        self.inner.control.send_modify(|changes| *changes += 1);
        Ok(())
    }

    /// Connects once with these settings, to try them, and returns what the broker answers, or why it does not.
    ///
    /// # Errors
    /// When they cannot be used as they are.
    pub async fn test(
        &self,
        settings: &Settings,
        password: Option<&str>,
    ) -> Result<Result<String, String>, MqttError> {
        let kept = self.inner.password.get();
        let password = password.unwrap_or(&kept);
        let wanted = Settings { enabled: true, ..settings.clone() };
        wanted.check(password).map_err(MqttError::Wrong)?;
        // A name of its own: a broker cuts off whoever comes twice.
        let name = format!("printvigil-test-{}", random());
        Ok(broker::try_it(&wanted, password, &name).await)
    }

    /// Returns what Printvigils on other computers tell.
    pub fn machines(&self) -> Machines {
        let settings = self.inner.settings();
        self.inner.others().view(settings.enabled && settings.others, Instant::now())
    }

    /// Asks something of a printer on another computer. That it was done is known only from what that computer tells
    /// afterwards.
    ///
    /// # Errors
    /// Why it was not asked.
    pub fn ask(&self, node: &str, printer: PrinterId, command: Command) -> Result<(), Refusal> {
        let mut others = self.inner.others();
        others.may_ask(node, printer, command, Instant::now())?;
        let topic = Topics::new(&self.inner.settings(), node).command(printer, command);
        self.say(topic, Bytes::from_static(PRESS), false)?;
        others.on_asked(node, printer, command, Instant::now());
        tracing::info!(node, %printer, command = command.word(), "asked of another machine");
        Ok(())
    }

    /// Forgets a machine that has gone for good, here and on the broker.
    ///
    /// # Errors
    /// It is there, or nobody knows it.
    pub fn forget(&self, node: &str) -> Result<(), Refusal> {
        let mut others = self.inner.others();
        others.forget(node, Instant::now())?;
        self.say(Topics::new(&self.inner.settings(), node).machine(), Bytes::new(), true)
    }

    fn say(&self, topic: String, payload: Bytes, kept: bool) -> Result<(), Refusal> {
        let asker = self.inner.asker.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // At most once: no command comes twice.
        let said =
            asker.is_some_and(|asker| asker.try_publish(topic, QoS::AtMostOnce, kept, payload).is_ok());
        said.then_some(()).ok_or_else(|| Refusal {
            code: "broker_away",
            message: "the broker takes nothing just now, so nothing was asked".into(),
            hint: "Try again, or go to the printer.".into(),
        })
    }

    /// Says on the broker that this core is gone, and closes the connection: the core ends.
    pub async fn leave(&self) {
        self.inner.leaving.send_replace(true);
        self.inner.control.send_modify(|changes| *changes += 1);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut task) = task
            && timeout(LEAVING, &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

/// Connects, and connects again, for as long as the core lives.
async fn run(inner: Arc<Inner>) {
    let mut control = inner.control.subscribe();
    let mut backoff = Backoff::new();
    loop {
        control.mark_unchanged();
        if *inner.leaving.borrow() {
            return;
        }
        let settings = inner.settings();
        if !settings.enabled {
            inner.stand(Standing::Off);
            if control.changed().await.is_err() {
                return;
            }
            continue;
        }
        inner.try_again();
        let begun = Instant::now();
        match session::run(&inner, &settings, &mut control).await {
            Ended::Told => {
                backoff = Backoff::new();
                inner.stand(Standing::Connecting);
            }
            Ended::Lost(why) => {
                tracing::warn!(host = settings.host, why, "the MQTT broker is away");
                inner.stand(Standing::Failed(why));
                backoff.wait(begun, &mut control).await;
            }
        }
    }
}
