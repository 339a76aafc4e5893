//! The link to one agent, composed of parts: hands round messages, orders and time, and gives out what they emit.

use crate::attention::Attention;
use crate::facts::Facts;
use crate::frame::{Answer, Frame};
use crate::orders::Orders;
use crate::out::Out;
use crate::presence::Presence;
use crate::prints::{Prints, Told};
use crate::recent::Recency;
use crate::starting::Starting;
use crate::status::Status;
use crate::stop::Stop;
use crate::terminal::Terminal;
use domain::{
    Agent, AgentEvent, LinkChange, LinkState, Millis, Now, Order, OrderKind, PrinterReport, RefusedReason,
    Traffic, TrafficDirection, Turned,
};
use serde_json::Value;
use std::collections::VecDeque;

/// Longest message of an agent that is read, bytes. The longest that is usual, with settings, has some ten thousand; a list
/// of all files may have some millions, and a picture of a further camera, which is text, nine.
pub const MOST_MESSAGE: usize = 10 * 1024 * 1024;
/// A print of which nothing was heard for the time that it still needed and so long on top, milliseconds: nobody will tell
/// how it ended.
const UNKNOWN_AFTER_MS: Millis = 3 * 3_600_000;
/// Answers that nobody took are kept up to this many.
const MOST_ANSWERS: usize = 64;
/// No print is thought to need longer than this, seconds.
const LONGEST_LEFT_SECS: f64 = 14.0 * 86_400.0;

/// The protocol with one agent.
#[derive(Debug)]
pub struct AgentLink {
    agent: Agent,
    presence: Presence,
    recency: Recency,
    prints: Prints,
    attention: Attention,
    orders: Orders,
    starting: Starting,
    stop: Stop,
    terminal: Terminal,
    turned: Option<Turned>,
    answers: VecDeque<(String, Result<Value, String>)>,
    /// The newest status that tells of now.
    status: Option<Status>,
    temperatures_at: Option<Now>,
    /// Told as up, and as lost.
    up: bool,
    lost: bool,
    /// Since when the host has not told of its printer.
    silent_since: Option<Millis>,
    out: Out,
    reported: Option<Box<PrinterReport>>,
}

/// Puts the facts together from the fields, so that the parts beside them can be changed.
macro_rules! facts {
    ($link:expr, $now:expr) => {
        Facts {
            now: $now,
            agent: &$link.agent,
            here: $link.presence.is_here(),
            status: $link.status.as_ref(),
            prints: $link.prints.open().is_some(),
            print: $link.prints.number(),
        }
    };
}

mod asked;
mod report;

impl AgentLink {
    /// Begins with an agent that has not connected yet. `agent`: what it told of itself before.
    pub fn new(agent: Agent, now: Now) -> Self {
        Self {
            agent,
            presence: Presence::new(now),
            recency: Recency::default(),
            prints: Prints::default(),
            attention: Attention::default(),
            orders: Orders::default(),
            starting: Starting::default(),
            stop: Stop::default(),
            terminal: Terminal::default(),
            turned: None,
            answers: VecDeque::new(),
            status: None,
            temperatures_at: None,
            up: false,
            lost: false,
            silent_since: None,
            out: Out::new(now),
            reported: None,
        }
    }

    fn take_answer(&mut self, answer: Answer, now: Now) {
        let Answer { reference, result } = answer;
        let error = result.as_ref().err().map(String::as_str);
        if let Some(error) = error {
            self.terminal.note(TrafficDirection::Received, error);
            self.out.change(LinkChange::Says(format!("{} says: {error}", self.agent.host())));
        }
        if let Some(why) = self.stop.on_answer(&reference, error, now) {
            self.out.change(LinkChange::StopFailed { why });
        }
        if let Some(why) = self.starting.on_answer(&reference, error) {
            self.out.refuse(OrderKind::Start, RefusedReason::Busy, why);
        }
        if self.answers.len() >= MOST_ANSWERS {
            self.answers.pop_front();
        }
        self.answers.push_back((reference, result));
    }

    /// The agent has connected.
    pub fn handle_connected(&mut self, now: Now) {
        self.presence.on_connected(now);
        self.out.clear_messages();
        self.attention.forget_told();
        self.terminal.forget_told();
        self.handle_timeout(now);
    }

    /// Its connection is closed.
    pub fn handle_gone(&mut self, now: Now) {
        self.presence.on_gone(now);
        self.out.clear_messages();
    }

    /// A message came. What is none is left out.
    pub fn handle_message(&mut self, text: &str, now: Now) {
        let Some(frame) = Frame::read(text) else { return };
        self.presence.on_heard(frame.is_empty, frame.status.is_some(), now);
        if let Some(agent) = frame.agent.clone() {
            self.agent = agent;
        }
        let recent = frame.status.as_ref().is_none_or(|status| self.recency.is_recent(status.ts, now));
        self.take_prints(&frame, recent);
        if let Some(turned) = frame.turned.filter(|turned| self.turned != Some(*turned)) {
            self.turned = Some(turned);
            self.out.change(LinkChange::AgentCamera(turned));
        }
        if let Some(line) = &frame.line {
            self.terminal.note(TrafficDirection::Received, line);
        }
        if let Some(answer) = frame.answer {
            self.take_answer(answer, now);
        }
        if let Some(status) = frame.status.filter(|_| recent) {
            self.starting.on_told(&status, now);
            self.temperatures_at = (!status.temperatures.is_empty()).then_some(now).or(self.temperatures_at);
            self.status = Some(status);
            self.presence.on_told();
            self.orders.on_told(&facts!(self, now), &mut self.out);
        }
        self.settle(now);
    }

    fn take_prints(&mut self, frame: &Frame, recent: bool) {
        let status = frame.status.as_ref();
        let told = Told {
            number: frame.print,
            name: status.and_then(|status| status.file.as_deref()),
            event: frame.event,
            prints: status.is_some_and(|status| status.state.has_print()),
            near_end: [status, self.status.as_ref()].into_iter().flatten().any(Status::is_near_end),
            recent,
            cancelled_by: self.orders.cancelled_by(),
            host: self.agent.host(),
        };
        let before = self.prints.open().map(|(print, name)| (print, name.to_owned()));
        self.prints.on_told(told);
        if self.prints.open().map(|(print, name)| (print, name.to_owned())) != before {
            self.orders.print_changed();
            self.starting.forget();
        }
        self.tell_prints();
    }

    fn tell_prints(&mut self) {
        self.prints.take_changes().into_iter().for_each(|change| self.out.change(change));
    }

    /// The agent reports something by itself: it is told as it is.
    pub fn handle_report(&mut self, said: AgentEvent) {
        self.out.change(LinkChange::AgentSays(said));
    }

    /// A picture came from the agent.
    pub fn handle_picture(&mut self, now: Now) {
        self.presence.on_picture(now);
    }

    /// Another machine came with the same token while this one was there, and was refused.
    pub fn handle_second_machine(&mut self, now: Now) {
        self.presence.on_second_machine(now);
        self.handle_timeout(now);
    }

    /// Somebody looks at the pictures.
    pub fn handle_look(&mut self, now: Now) {
        self.attention.look(now);
        self.tell_interest(now);
    }

    /// The print is watched, or not any more.
    pub fn set_watched(&mut self, watched: bool, now: Now) {
        self.attention.set_watched(watched);
        self.tell_interest(now);
    }

    /// Somebody reads the terminal. The agent sends lines only while it is looked at.
    pub fn handle_terminal_read(&mut self, now: Now) {
        self.terminal.read(now);
        self.handle_look(now);
    }

    fn tell_interest(&mut self, now: Now) {
        if !self.presence.is_here() {
            return;
        }
        if let Some(message) = self.attention.poll(now) {
            self.out.send(&message);
        }
        // Klipper's agent sends lines always.
        if !self.agent.is_moonraker() {
            let out = &mut self.out;
            if let Some(message) = self.terminal.poll(|| out.reference(), now) {
                self.out.send(&message);
            }
        }
    }

    /// Takes an order.
    pub fn handle_order(&mut self, order: Order, now: Now) {
        if let Order::Follow { print, ext_id } = order {
            self.prints.on_follow(print, ext_id);
            self.tell_prints();
            return self.settle(now);
        }
        self.orders.handle(order, &facts!(self, now), &mut self.terminal, &mut self.out);
        // Whoever waits for the outcome is told of it sooner by an agent that is looked at.
        self.handle_look(now);
    }

    /// Time has passed; to be called once a second.
    pub fn handle_timeout(&mut self, now: Now) {
        if self.orders.waits() || self.starting.is_under_way() {
            self.attention.look(now);
        }
        self.tell_interest(now);
        self.orders.on_tick(&facts!(self, now), &mut self.out);
        let host = self.agent.host();
        let runs = self.up && self.status.as_ref().is_some_and(|status| status.state.has_print());
        if let Some(why) = self.stop.on_tick(runs, host, now) {
            self.out.change(LinkChange::StopFailed { why });
        }
        if let Some(why) = self.starting.on_tick(host, now) {
            self.out.refuse(OrderKind::Start, RefusedReason::Unconfirmed, why);
        }
        self.give_up_print(now);
        if let Some(trouble) = self.presence.poll_trouble(now) {
            self.out.change(LinkChange::AgentTrouble(trouble));
        }
        self.settle(now);
    }

    /// An agent that never comes back leaves no print open for ever.
    fn give_up_print(&mut self, now: Now) {
        let Some(since) = self.silent_since.filter(|_| self.prints.open().is_some()) else { return };
        let left_secs = self.status.as_ref().and_then(Status::left_secs).unwrap_or_default();
        let patience_ms = (left_secs.min(LONGEST_LEFT_SECS) * 1000.0) as Millis + UNKNOWN_AFTER_MS;
        let silent_ms = now.mono_ms.saturating_sub(since);
        if silent_ms < patience_ms {
            return;
        }
        self.prints.give_up(format!(
            "Nothing was heard of {} for {} hours, so it is not known how this print ended. Have a look at it.",
            self.agent.host(),
            silent_ms / 3_600_000
        ));
        self.orders.print_changed();
        self.tell_prints();
    }

    /// Says what has changed by the newest state.
    fn settle(&mut self, now: Now) {
        let facts = facts!(self, now);
        let state = self.presence.link_state(&facts);
        if state == LinkState::Up {
            self.silent_since = None;
        } else {
            self.silent_since.get_or_insert(now.mono_ms);
        }
        match state {
            LinkState::Up => {
                if !std::mem::replace(&mut self.up, true) {
                    let hot = facts.temperatures().values().any(|t| t.target.is_some_and(|c| c > 0.0));
                    self.out.change(LinkChange::Up { hot });
                }
                self.lost = false;
                self.orders.confirm(&facts, &mut self.out);
            }
            LinkState::Lost { why } => {
                self.lost = true;
                if std::mem::take(&mut self.up) {
                    self.out.change(LinkChange::Lost { why });
                }
            }
            LinkState::Closed | LinkState::Opening | LinkState::Halted { .. } => (),
        }
    }

    /// Returns the next message for the agent.
    pub fn poll_message(&mut self) -> Option<String> {
        self.out.next_message()
    }

    /// Returns the lines that went to the printer and came from it, as far as the agent tells of them.
    pub fn take_traffic(&mut self) -> Vec<Traffic> {
        self.terminal.take()
    }

    /// Returns the next change.
    pub fn poll_change(&mut self) -> Option<LinkChange> {
        self.out.next_change()
    }
}
