//! What the connection and those who ask about it share.

use crate::others::Others;
use crate::password::Password;
use crate::settings::Settings;
use crate::topics::is_node;
use rumqttc::AsyncClient;
use station::Station;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use store::{StoreError, setting};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// Key of the setting by which this core is told from others on one broker.
const NODE: &str = "mqtt.node";

/// A broker that is away is asked again after so long, twice as long each time.
const SOON: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_secs(60);
/// A connection that held so long was a good one.
const GOOD: Duration = Duration::from_secs(60);

/// How long is waited before a broker that is away is asked again.
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) fn new() -> Self {
        Self(SOON)
    }

    /// Waits after a connection that was tried at `begun` and is lost; whoever changes something by `control` ends the wait.
    pub(crate) async fn wait(&mut self, begun: Instant, control: &mut watch::Receiver<u64>) {
        if begun.elapsed() > GOOD {
            self.0 = SOON;
        }
        tokio::select! {
            () = sleep(self.0) => self.0 = (self.0 * 2).min(LATE),
            _ = control.changed() => self.0 = SOON,
        }
    }
}

/// How it stands with the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Switched off.
    Off,
    /// It is being connected.
    Connecting,
    /// All is told there.
    Connected,
    /// It is away or refuses; why, in words. It is tried again.
    Failed(String),
}

/// Shared by all parts.
pub(crate) struct Inner {
    pub(crate) station: Station,
    pub(crate) password: Password,
    /// Tells this core from others on one broker; made up when it is first switched on.
    pub(crate) node: OnceLock<String>,
    pub(crate) settings: Mutex<Settings>,
    pub(crate) standing: Mutex<Standing>,
    /// Printvigils on other computers.
    pub(crate) others: Mutex<Others>,
    /// The connection by which those are heard and asked, while there is one.
    pub(crate) asker: Mutex<Option<AsyncClient>>,
    /// Rises with each change.
    pub(crate) control: watch::Sender<u64>,
    pub(crate) leaving: watch::Sender<bool>,
}

impl Inner {
    pub(crate) fn node(&self) -> &str {
        self.node.get_or_init(|| new_node(&self.station))
    }

    pub(crate) fn others(&self) -> MutexGuard<'_, Others> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It is being connected; why it failed before stays to be read meanwhile.
    pub(crate) fn try_again(&self) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*standing, Standing::Failed(_)) {
            *standing = Standing::Connecting;
        }
    }

    pub(crate) fn stand(&self, standing: Standing) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }
}

/// Returns the name of this core on a broker, once it has one.
pub(crate) fn node(conn: &store::Connection) -> Result<Option<String>, StoreError> {
    let node: Option<String> = setting::get(conn, NODE)?;
    Ok(node.filter(|node| is_node(node)))
}

/// Returns 8 hex digits that nobody else has.
pub(crate) fn random() -> String {
    let mut random = [0; 4];
    if let Err(error) = getrandom::fill(&mut random) {
        tracing::error!(%error, "the system gives no random numbers");
    }
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes up a name for this core and keeps it.
fn new_node(station: &Station) -> String {
    let node = random();
    let row = node.clone();
    if let Err(error) = station.store().write_now(move |tx| setting::set(tx, NODE, &row)) {
        tracing::warn!(%error, "this core has another name on the broker after its next start");
    }
    node
}
