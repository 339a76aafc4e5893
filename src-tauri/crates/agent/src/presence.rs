//! Whether the agent is there and tells of its printer: the state of the link, and what is wrong with it.

use crate::facts::Facts;
use domain::{LinkState, Millis, Now, sentence};

/// An agent that is gone for so long is lost, milliseconds: after an orderly close it is back within 26 s.
const GONE_MS: Millis = 30_000;
/// Nothing said for so long: the agent is stuck. At rest it says something every 50 s.
const MUTE_MS: Millis = 150_000;
/// A second machine that was refused is told of for so long, milliseconds: it tries again every two minutes.
const SECOND_MS: Millis = 300_000;

/// Where the socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    /// There never was one.
    Never,
    Open,
    /// It closed, at this moment.
    Closed(Millis),
}

#[derive(Debug)]
pub(crate) struct Presence {
    socket: Socket,
    /// A status has come since the agent connected.
    told: bool,
    /// The agent says that it knows nothing of its printer.
    knows_nothing: bool,
    heard_ms: Millis,
    picture_ms: Option<Millis>,
    /// When another machine with the token was refused last.
    second_ms: Option<Millis>,
    trouble: Option<String>,
}

impl Presence {
    pub(crate) fn new(now: Now) -> Self {
        Self {
            socket: Socket::Never,
            told: false,
            knows_nothing: false,
            heard_ms: now.mono_ms,
            picture_ms: None,
            second_ms: None,
            trouble: None,
        }
    }

    /// The agent has connected. What it told before holds no more.
    pub(crate) fn on_connected(&mut self, now: Now) {
        (self.socket, self.told, self.heard_ms) = (Socket::Open, false, now.mono_ms);
    }

    pub(crate) fn on_gone(&mut self, now: Now) {
        self.socket = Socket::Closed(now.mono_ms);
    }

    /// A message came. One without a status leaves the state alone, but for the empty one, which takes it back.
    pub(crate) fn on_heard(&mut self, is_empty: bool, has_status: bool, now: Now) {
        self.heard_ms = now.mono_ms;
        self.knows_nothing = (is_empty && self.told) || (self.knows_nothing && !has_status);
    }

    /// A status came that tells of now.
    pub(crate) fn on_told(&mut self) {
        self.told = true;
    }

    pub(crate) fn on_picture(&mut self, now: Now) {
        self.picture_ms = Some(now.mono_ms);
    }

    pub(crate) fn on_second_machine(&mut self, now: Now) {
        self.second_ms = Some(now.mono_ms);
    }

    pub(crate) fn is_here(&self) -> bool {
        self.socket == Socket::Open
    }

    /// Returns what is wrong with how the agent is set up, when that has changed.
    pub(crate) fn poll_trouble(&mut self, now: Now) -> Option<Option<String>> {
        self.second_ms = self.second_ms.filter(|at| now.mono_ms.saturating_sub(*at) < SECOND_MS);
        let trouble = self.second_ms.map(|_| {
            "Two machines use one token, and only the first is taken. Was the card of the first computer copied? Link \
             the second one anew: Add a printer, It runs OctoPrint or Klipper."
                .to_owned()
        });
        if trouble == self.trouble {
            return None;
        }
        self.trouble.clone_from(&trouble);
        Some(trouble)
    }

    /// The connection stands, and nothing is said: an agent that is stuck, or was told to be silent, is like that. One
    /// whose host knows nothing of its printer has nothing to say.
    fn is_mute(&self, now: Now) -> bool {
        let ought_to_tell = (self.told && !self.knows_nothing) || self.sends_pictures(now);
        let silent = now.mono_ms.saturating_sub(self.heard_ms) >= MUTE_MS;
        self.socket == Socket::Open && ought_to_tell && silent
    }

    fn sends_pictures(&self, now: Now) -> bool {
        self.picture_ms.is_some_and(|at| now.mono_ms.saturating_sub(at) < MUTE_MS)
    }

    /// Returns the state of the link.
    pub(crate) fn link_state(&self, facts: &Facts<'_>) -> LinkState {
        let host = facts.host();
        let lost = |why: String| LinkState::Lost { why: sentence(&why) };
        if self.is_mute(facts.now) {
            let how = if facts.agent.is_moonraker() {
                "sudo systemctl restart moonraker-obico"
            } else {
                "restart OctoPrint"
            };
            let what = if self.sends_pictures(facts.now) {
                format!("Pictures come from the agent beside {host}, but no status")
            } else {
                format!("The agent beside {host} is connected, but tells nothing any more")
            };
            return lost(format!("{what}: it is stuck. Restart the agent ({how})"));
        }
        match self.socket {
            Socket::Never => LinkState::Closed,
            Socket::Closed(at) if facts.now.mono_ms.saturating_sub(at) < GONE_MS => LinkState::Opening,
            Socket::Closed(_) => lost(format!("The agent beside {host} has not been connected for a while")),
            Socket::Open if self.knows_nothing => lost(format!("{host} knows nothing of its printer now")),
            Socket::Open => match facts.status.filter(|_| self.told) {
                None => LinkState::Opening,
                Some(status) if status.disconnected => {
                    lost(format!("{host} has no connection to its printer"))
                }
                Some(_) => LinkState::Up,
            },
        }
    }
}
