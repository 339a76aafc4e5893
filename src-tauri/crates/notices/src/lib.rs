//! Notices of the desktop, and messages to services that a person has set up: ntfy, Telegram, Discord, Pushover, mail, a
//! webhook.
//!
//! In go the notices of the hub and what is seen of the printers ([`station::Snapshot`]); out go notices on this computer's
//! screen, and requests to the services that are switched on, and to nobody else. Nothing leaves this computer until a
//! person has set up a service. A message waits in the
//! database until its service has taken it; each try is in the log. What is secret in a setting lies in a file of its own.
//!
//! Nobody waits for it, and it steers no printer by itself: what a person presses on a notice goes the way of the page's
//! buttons.

mod apprise;
mod channel;
mod config;
mod desktop;
mod happenings;
mod mail;
mod message;
mod outcome;
mod queue;
mod quiet;
mod requests;
mod secrets;
mod send;
mod services;

pub use services::SERVICES;

use desktop::Desktop;
use domain::{MessageTopic, NoticeDelivery, NotificationSetting, PrinterId};
use happenings::Seen;
use message::Message;
use outcome::Outcome;
use secrets::Secrets;
use send::Sender;
use station::{Snapshot, Station};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// The queue is looked at again after so long at the latest: the clock may have been set.
const LONGEST_SLEEP: Duration = Duration::from_secs(600);
/// A database that cannot be read or written is asked again after so long.
const AFTER_FAULT: Duration = Duration::from_secs(10);
/// Entries of the log that are shown.
const LOG_SHOWN: u32 = 100;

/// Why a setting is not kept.
#[derive(Debug, thiserror::Error)]
pub enum NoticesError {
    /// What was entered cannot be used; a sentence says why.
    #[error("{0}")]
    Wrong(String),
    /// A setting of this name is there already.
    #[error("{0} is set up already")]
    Twice(String),
    /// It could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a service said to a message that a person sent to try it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// It was taken.
    pub sent: bool,
    /// What the service said, or why it could not be reached.
    pub answer: String,
}

/// A setting as it may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Without secrets.
    pub setting: NotificationSetting,
    /// Names of the fields that are kept and not shown.
    pub secrets: Vec<String>,
}

/// The services of one core. It ends when this is dropped.
pub struct Notices {
    inner: Arc<Inner>,
    tasks: [JoinHandle<()>; 2],
}

struct Inner {
    station: Station,
    secrets: Secrets,
    sender: Sender,
    /// Something new waits.
    new: Notify,
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Notices {
    /// Starts to follow the printers and to send what waits. Needs a Tokio runtime.
    pub fn start(station: Station) -> Self {
        let secrets = Secrets::open(station.data_dir());
        let inner = Arc::new(Inner { station, secrets, sender: Sender::new(), new: Notify::new() });
        let tasks = [tokio::spawn(follow(inner.clone())), tokio::spawn(deliver(inner.clone()))];
        Self { inner, tasks }
    }

    /// Returns all settings; blocks.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(&self) -> Result<Vec<Shown>, NoticesError> {
        let all = self.inner.station.store().read(store::notification::list)?;
        let known = all.into_iter().filter(|setting| services::service(&setting.name).is_some());
        Ok(known.map(|setting| self.shown(setting)).collect())
    }

    /// Returns one setting; blocks.
    ///
    /// # Errors
    /// When there is no such setting, or it cannot be read.
    pub fn get(&self, id: i64) -> Result<Shown, NoticesError> {
        let found = self.inner.station.store().read(|conn| store::notification::get(conn, id))?;
        let found = found.filter(|setting| services::service(&setting.name).is_some());
        let found = found.ok_or(StoreError::NotFound { what: "notification setting", id })?;
        Ok(self.shown(found))
    }

    /// Adds a setting (`id` is 0), whose name is not there yet; blocks.
    ///
    /// # Errors
    /// When it cannot be used as it is, or not be kept.
    pub fn add(&self, new: NotificationSetting) -> Result<Shown, NoticesError> {
        config::read(&new.name, &new.config).map_err(NoticesError::Wrong)?;
        if self.list()?.iter().any(|other| other.setting.name == new.name) {
            return Err(NoticesError::Twice(new.name));
        }
        self.keep(new)
    }

    /// Replaces a setting; a secret that is not in its `config` stays as it was, an empty one is forgotten. Blocks.
    ///
    /// # Errors
    /// When it cannot be used as it is, or not be kept.
    pub fn change(&self, mut changed: NotificationSetting) -> Result<Shown, NoticesError> {
        let before = self.get(changed.id)?;
        changed.name = before.setting.name;
        changed.config = self.inner.secrets.whole(changed.id, &changed.config);
        config::read(&changed.name, &changed.config).map_err(NoticesError::Wrong)?;
        self.keep(changed)
    }

    /// Removes a setting and what waits for it; blocks.
    ///
    /// # Errors
    /// When there is no such setting, or it cannot be written.
    pub fn remove(&self, id: i64) -> Result<(), NoticesError> {
        self.get(id)?;
        self.inner.station.store().write_now(move |tx| store::notification::delete(tx, id))?;
        if let Err(error) = self.inner.secrets.keep(id, None) {
            tracing::warn!(%error, "the password of a removed service is still kept");
        }
        Ok(())
    }

    /// Sends a message to try a setting and waits for the answer; blocks.
    ///
    /// # Errors
    /// When there is no such setting.
    pub fn test(&self, id: i64) -> Result<Tried, NoticesError> {
        let setting = self.get(id)?.setting;
        let mut message = Message::new(
            MessageTopic::Test,
            "Printvigil can reach you here".into(),
            "This is a test. Alerts about your prints come the same way.".into(),
            None,
        );
        message.picture = self.inner.picture();
        let now = self.inner.station.now();
        Ok(match queue::send_now(&self.inner.secrets, &self.inner.sender, &setting, &message, now) {
            Outcome::Sent(answer) => Tried { sent: true, answer },
            Outcome::Later(answer, _) | Outcome::Refused(answer) => Tried { sent: false, answer },
        })
    }

    /// Returns what was sent lately and what waits, newest first; blocks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn log(&self) -> Result<Vec<NoticeDelivery>, NoticesError> {
        Ok(self.inner.station.store().read(|conn| store::delivery::list(conn, LOG_SHOWN))?)
    }

    fn shown(&self, setting: NotificationSetting) -> Shown {
        let secrets = self.inner.secrets.kept(setting.id);
        Shown { setting, secrets }
    }

    fn keep(&self, whole: NotificationSetting) -> Result<Shown, NoticesError> {
        let (config, secrets) = secrets::part(&whole.name, &whole.config);
        let mut setting = NotificationSetting { config, ..whole };
        let row = setting.clone();
        setting.id = self.inner.station.store().write_now(move |tx| store::notification::put(tx, &row))?;
        let path = self.inner.station.data_dir().join(secrets::FILE);
        self.inner.secrets.keep(setting.id, Some(secrets)).map_err(|source| StoreError::File {
            what: "write",
            path,
            source,
        })?;
        Ok(self.shown(setting))
    }
}

impl Inner {
    /// Returns a picture of any printer, to show that pictures arrive.
    fn picture(&self) -> Option<bytes::Bytes> {
        let snapshot = self.station.snapshot();
        let camera = snapshot
            .printers
            .values()
            .find_map(|view| view.vigil.camera.as_ref().map(|camera| camera.camera.id))?;
        let frames = self.station.frames(camera)?;
        let frame = frames.borrow().clone()?;
        Some(frame.jpeg.clone())
    }

    /// Puts a message into the queue. Where that cannot be written it is sent at once, once: a full disk silences no
    /// alert.
    fn take(&self, message: &Message) {
        let Err(error) = queue::enqueue(self.station.store(), message, self.station.now()) else {
            return self.new.notify_one();
        };
        tracing::error!(%error, title = message.title, "a message could not be put into the queue: it is sent once");
        let all = self.station.store().read(store::notification::list).unwrap_or_default();
        for setting in all.iter().filter(|setting| queue::wants(setting, message)) {
            let outcome = queue::send_now(&self.secrets, &self.sender, setting, message, self.station.now());
            tracing::info!(service = setting.name, ?outcome, "sent without the queue");
        }
    }
}

/// Follows what is shown and queues what somebody may want to know.
async fn follow(inner: Arc<Inner>) {
    let mut live = inner.station.subscribe();
    let mut told = live.borrow_and_update().notice_seq;
    let mut seen: BTreeMap<PrinterId, Seen> = BTreeMap::new();
    let mut desktop = Desktop::default();
    loop {
        let snapshot = live.borrow_and_update().clone();
        for entry in snapshot.notices.iter().filter(|entry| entry.seq > told) {
            desktop.show(&inner.station, &entry.notice, &snapshot);
        }
        let messages = news(&inner.station, &snapshot, &mut told, &mut seen);
        if !messages.is_empty() {
            let inner = inner.clone();
            let queued =
                tokio::task::spawn_blocking(move || messages.iter().for_each(|message| inner.take(message)));
            if let Err(error) = queued.await {
                tracing::error!(%error, "messages could not be queued");
            }
        }
        if live.changed().await.is_err() {
            return;
        }
    }
}

fn news(
    station: &Station,
    snapshot: &Snapshot,
    told: &mut u64,
    seen: &mut BTreeMap<PrinterId, Seen>,
) -> Vec<Message> {
    let mut messages = Vec::new();
    for entry in snapshot.notices.iter().filter(|entry| entry.seq > *told) {
        let view = snapshot.printers.get(&entry.notice.printer).map(Arc::as_ref);
        let picture = entry.notice.frame.and_then(|frame| Some(station.recent_frame(frame)?.jpeg.clone()));
        messages.push(Message::of_notice(&entry.notice, view, picture));
    }
    *told = snapshot.notice_seq;
    seen.retain(|id, _| snapshot.printers.contains_key(id));
    for (id, view) in &snapshot.printers {
        messages.extend(seen.entry(*id).or_default().follow(view));
    }
    messages
}

/// Sends what is due, for as long as the core lives.
async fn deliver(inner: Arc<Inner>) {
    loop {
        let worker = inner.clone();
        let tried = tokio::task::spawn_blocking(move || {
            let now = || worker.station.now();
            queue::deliver_due(worker.station.store(), &worker.secrets, &worker.sender, now)
        });
        let wait = match tried.await {
            Ok(Ok(None)) => LONGEST_SLEEP,
            Ok(Ok(Some(next))) => {
                let secs = next.secs_since(inner.station.now()).clamp(0.0, LONGEST_SLEEP.as_secs_f64());
                // At least a moment: a row that cannot be tried must not keep a processor busy.
                Duration::from_secs_f64(secs).max(Duration::from_millis(50))
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "messages wait: the database cannot be used");
                AFTER_FAULT
            }
            Err(error) => {
                tracing::error!(%error, "messages wait");
                AFTER_FAULT
            }
        };
        tokio::select! {
            () = sleep(wait) => (),
            () = inner.new.notified() => (),
        }
    }
}
