//! What the agent and its host are asked: questions with an answer, a print of a file of ours, STOP.

use super::AgentLink;
use crate::ask::Ask;
use crate::commands;
use domain::{LinkChange, Now, OrderKind, RefusedReason, StartJob, name_at_host};
use serde_json::Value;

impl AgentLink {
    /// Asks the host something. Returns the number of the question.
    ///
    /// # Errors
    /// Why it cannot be asked, for people.
    pub fn ask(&mut self, ask: &Ask) -> Result<String, String> {
        let host = self.agent.host();
        if !self.presence.is_here() {
            return Err(format!("the agent beside {host} is not connected"));
        }
        let reference = self.out.reference();
        let message = ask.message(&reference, self.agent.is_moonraker());
        self.out.send(&message.ok_or_else(|| format!("{host} cannot be asked that"))?);
        Ok(reference)
    }

    /// Returns the next answer of the host: the number of the question, and what came of it.
    pub fn poll_answer(&mut self) -> Option<(String, Result<Value, String>)> {
        self.answers.pop_front()
    }

    /// Has the agent fetch a file of ours at `url`, and print it.
    pub fn start(&mut self, job: &StartJob, url: &str, now: Now) {
        let host = self.agent.host();
        let refused = if !self.presence.is_here() {
            Some(format!("the agent beside {host} is not connected"))
        } else if self.prints.open().is_some() || self.starting.is_under_way() {
            Some(format!("{host} prints something else"))
        } else {
            None
        };
        if let Some(why) = refused {
            return self.out.refuse(OrderKind::Start, RefusedReason::Busy, why);
        }
        let reference = self.out.reference();
        let id = job.file.map_or(0, domain::FileId::get);
        self.out.send(&commands::print_ours(&reference, id, url, &name_at_host(&job.name)));
        self.starting.begin(reference, now);
        self.handle_look(now);
    }

    /// Sends an emergency stop. That it cannot be sent is told at once, and that nothing shows that it was heard a moment
    /// later.
    pub fn emergency_stop(&mut self, now: Now) {
        let host = self.agent.host();
        if self.starting.is_under_way() {
            self.starting.forget();
            let why = "STOP was pressed before the print had begun".to_owned();
            self.out.refuse(OrderKind::Start, RefusedReason::Busy, why);
        }
        if !self.presence.is_here() {
            let why = format!("the agent beside {host} is not connected");
            return self.out.change(LinkChange::StopFailed { why });
        }
        if self.status.as_ref().is_some_and(|status| status.disconnected) {
            let why = format!("{host} has no connection to its printer");
            self.out.change(LinkChange::StopFailed { why });
        }
        let reference = self.out.reference();
        self.out.clear_messages();
        self.out.send(&commands::emergency_stop(&reference, self.agent.is_moonraker()));
        self.stop.sent(reference, now);
    }

    /// The agent's connection took no message: what was to be sent is lost.
    pub fn handle_untaken(&mut self) {
        if self.stop.is_unheard() {
            self.stop.forget();
            let why = format!("the agent beside {} takes no messages", self.agent.host());
            self.out.change(LinkChange::StopFailed { why });
        }
    }
}
