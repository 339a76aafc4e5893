//! A board that is said to have stopped: it is told to switch its heaters off and asked how hot it is, for as long as it
//! may hear. One that takes what it is told has not stopped, and is connected again.

use crate::message::Message;
use crate::out::Out;
use crate::reply::Reply;
use domain::{HaltCause, LinkChange, Millis, Now, OrderKind, RefusedReason as Reason, Tool};

/// A board that is said to have stopped is told to switch off and asked for temperatures as often.
const ASK_HALTED_MS: Millis = 2_000;
/// After so many rounds without an answer only now and then.
const EAGER_ROUNDS: u32 = 15;
const ASK_DEAD_MS: Millis = 30_000;
/// What a stopped firmware may take, besides what switches heaters off.
const TAKEN_WHILE_HALTED: [&str; 6] = ["FIRMWARE_RESTART", "RESTART", "STATUS", "M999", "M105", "M115"];

/// What a board does that is said to have stopped.
#[derive(Debug, Default)]
pub(crate) struct HaltedBoard {
    halt: Option<Halt>,
    /// After an emergency stop: the firmware said that it stopped, or started anew.
    stop_seen: bool,
}

#[derive(Debug)]
struct Halt {
    /// It is taken for running again when it takes lines; not after an emergency stop, which a person has to end.
    may_recover: bool,
    ask_at: Millis,
    rounds: u32,
    /// Since it was asked last.
    oks: u32,
    refusals: u32,
}

impl HaltedBoard {
    /// The firmware starts anew.
    pub(crate) fn start_over(&mut self) {
        *self = Self::default();
    }

    /// Stopped until it is shown to take lines, or a person connects again.
    pub(crate) fn on_halt(&mut self, cause: HaltCause) {
        let (asks, may_recover) = match cause {
            HaltCause::Firmware | HaltCause::PowerOff => (true, true),
            // It may be hot and running: a person has to look at it, whatever it answers.
            HaltCause::EmergencyUnanswered => (true, false),
            // It did as it was told.
            HaltCause::EmergencyStop | HaltCause::ThreadDied => (false, false),
        };
        let halt = Halt { may_recover, ask_at: 0, rounds: 0, oks: 0, refusals: 0 };
        self.halt = asks.then_some(halt);
    }

    /// An emergency stop is under way: nothing else is written.
    pub(crate) fn on_emergency(&mut self) {
        (self.halt, self.stop_seen) = (None, false);
    }

    /// Returns whether the firmware has said that it stopped, or started anew, since the emergency stop.
    pub(crate) fn stop_seen(&self) -> bool {
        self.stop_seen
    }

    /// Returns whether the board is to be told again to switch off, and asked how hot it is.
    pub(crate) fn is_due(&mut self, now: Now) -> bool {
        let Some(halt) = self.halt.as_mut().filter(|halt| now.mono_ms >= halt.ask_at) else { return false };
        let every = if halt.rounds < EAGER_ROUNDS { ASK_HALTED_MS } else { ASK_DEAD_MS };
        (halt.ask_at, halt.oks, halt.refusals) = (now.mono_ms + every, 0, 0);
        halt.rounds = halt.rounds.saturating_add(1);
        true
    }

    /// Returns when it is due.
    pub(crate) fn poll_timeout(&self) -> Option<Millis> {
        self.halt.as_ref().map(|halt| halt.ask_at)
    }

    /// Takes what a board says that is said to have stopped.
    pub(crate) fn on_reply(&mut self, reply: &Reply, out: &mut Out) {
        let powered_off = matches!(reply, Reply::Action(words) if words == "poweroff");
        self.stop_seen |= matches!(reply, Reply::Halted(_) | Reply::Boot) || powered_off;
        let Some(halt) = &mut self.halt else { return };
        let talks = matches!(reply, Reply::Ok { .. } | Reply::Heaters(_));
        if talks {
            // It is asked as often as at first.
            halt.rounds = 0;
        }
        halt.oks += u32::from(matches!(reply, Reply::Ok { .. }));
        let refuses = matches!(reply, Reply::Halted(_) | Reply::Refused(_) | Reply::NotReady(_));
        halt.refusals += u32::from(refuses);
        if *reply == Reply::Boot && halt.may_recover {
            out.change(LinkChange::Rebooted);
            return out.ask(Message::StartOver(ASK_HALTED_MS));
        }
        // It takes what it is told, so it runs.
        if halt.may_recover && halt.oks >= 2 && halt.refusals == 0 {
            out.change(LinkChange::Says("The printer takes commands again.".into()));
            out.ask(Message::StartOver(0));
        }
    }

    /// Sends what a person typed to a firmware that has stopped, where it may help.
    pub(crate) fn handle_tool(&self, tool: Tool, out: &mut Out) {
        let helps = |line: &String| {
            let word = line.split_ascii_whitespace().next().unwrap_or_default();
            TAKEN_WHILE_HALTED.iter().any(|taken| word.eq_ignore_ascii_case(taken))
        };
        if let Tool::Lines(lines) = tool
            && lines.iter().all(helps)
        {
            return lines.into_iter().for_each(|line| out.raw(line));
        }
        let why = "the printer has stopped: it takes nothing but FIRMWARE_RESTART, RESTART or M999";
        out.refuse(OrderKind::Tool, Reason::Halted, why);
    }
}
