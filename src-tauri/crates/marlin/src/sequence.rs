//! Steps under way: pause, resume, cancel, finish, leave. Each line is sent once; only queries again.

use crate::facts::{Aim, Facts};
use crate::heating::Heating;
use crate::recipe::{Moves, Step};
use crate::shown::plain;
use domain::{Heater, Millis, Now};
use std::collections::VecDeque;

/// A query that did not bring what is needed is repeated after this.
const ASK_AGAIN_MS: Millis = 1_000;
/// As many queries that bring nothing: the printer does not tell it, and the sequence goes on without.
const MOST_ASKS: u32 = 3;
/// Heaters that are read back as on get more time to be read back as off.
const MOST_READ_BACKS: u32 = 8;
/// A head that is on its way to the end of a print is asked about as often.
const MOST_MOVING_ASKS: u32 = 60;
/// The answer to queries must come within this.
const READ_BACK_MS: Millis = 10_000;

/// What a sequence comes to.
#[derive(Debug)]
pub(crate) enum Due {
    /// This line, which does this.
    Send(String, Moves),
    /// A step on the screen is done.
    Tick(usize),
    /// All that is needed is known, or will not be told: the rest is to be laid out.
    Plan,
    Done,
    /// The hotend did not get as hot as needed.
    TooCold,
    /// Nothing before an answer comes, or time has passed.
    Nothing,
}

/// What the printer tells that a step may wait for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Told<'a> {
    /// Any line.
    Line(&'a str),
    Position,
    Heaters,
    /// Of its card: it stands still, or it goes on.
    CardStands(bool),
}

/// What is known of the answer to a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Missing,
    Came,
    TooCold,
}

/// Steps under way.
#[derive(Debug)]
pub(crate) struct Sequence {
    aim: Aim,
    number: u32,
    steps: VecDeque<Step>,
    /// The first step's line is out and not answered.
    waiting: bool,
    /// A query's answer so far.
    told_position: bool,
    told_heaters: bool,
    /// Any temperatures came since this step began.
    heard_heaters: bool,
    /// Of the card: it stands still, or it goes on.
    told_card: Option<bool>,
    ask_at: Millis,
    asks: u32,
    /// Since when an answer is waited for.
    asking_since: Option<Now>,
    /// The printer was asked where its head is and did not tell.
    place_unknown: bool,
    /// The position that was told before the last one, while a print ends.
    told_before: Option<[f64; 4]>,
    /// Heaters that were switched off and not read back as off.
    unread: Vec<Heater>,
    /// The words with which the printer refused the line that is out.
    refused: Option<String>,
}

impl Sequence {
    /// Returns a sequence that begins. Lines carry its `number`, so that an answer to an earlier one is none to it.
    pub(crate) fn new(aim: Aim, number: u32, steps: Vec<Step>) -> Self {
        Self {
            aim,
            number,
            steps: steps.into(),
            waiting: false,
            told_position: false,
            told_heaters: false,
            heard_heaters: false,
            told_card: None,
            ask_at: 0,
            asks: 0,
            asking_since: None,
            place_unknown: false,
            told_before: None,
            unread: Vec::new(),
            refused: None,
        }
    }

    pub(crate) fn aim(&self) -> Aim {
        self.aim
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// Returns whether the printer was asked where its head is and did not tell.
    pub(crate) fn is_place_unknown(&self) -> bool {
        self.place_unknown
    }

    /// Returns the heaters that were switched off and not read back as off.
    pub(crate) fn into_unread(self) -> Vec<Heater> {
        self.unread
    }

    /// The rest is laid out.
    pub(crate) fn extend(&mut self, steps: Vec<Step>) {
        self.steps.extend(steps);
    }

    /// Returns whether an answer to queries has been waited for too long.
    pub(crate) fn is_read_back_late(&self, now: Now) -> bool {
        self.asking_since.is_some_and(|since| now.since(since) > READ_BACK_MS)
    }

    /// Takes what the printer tells.
    pub(crate) fn on_told(&mut self, told: Told<'_>) {
        match told {
            Told::Position => self.told_position = true,
            Told::Heaters => (self.told_heaters, self.heard_heaters) = (true, true),
            Told::CardStands(stands) => self.told_card = Some(stands),
            // While a line that moves is out, a refusal is no success, whatever `ok` follows.
            Told::Line(raw) if self.waiting && self.moves() && refuses_move(raw) => {
                self.refused.get_or_insert_with(|| plain(raw, 120));
            }
            Told::Line(_) => (),
        }
    }

    fn moves(&self) -> bool {
        match self.steps.front() {
            Some(Step::Line(_, moves)) => *moves != Moves::Nothing,
            Some(_) | None => false,
        }
    }

    /// Returns the words with which the printer refused the line that is out, once.
    pub(crate) fn take_refused(&mut self) -> Option<String> {
        self.refused.take()
    }

    /// Returns what is due. Its line is out when this returns one.
    pub(crate) fn poll(&mut self, facts: &Facts<'_>, heating: &Heating) -> Due {
        loop {
            if self.waiting {
                return Due::Nothing;
            }
            if self.asking_since.is_some() {
                match self.answered(facts, heating) {
                    Answer::Came => continue,
                    Answer::TooCold => return Due::TooCold,
                    Answer::Missing => (),
                }
            }
            let Some(step) = self.steps.front().cloned() else { return Due::Nothing };
            let enough = self.asked_enough();
            let (line, moves) = match step {
                Step::Line(text, moves) => (text, moves),
                Step::Position | Step::Heaters | Step::ReadOff(_) | Step::Hot(..) | Step::CardStands
                    if facts.now.mono_ms < self.ask_at =>
                {
                    return Due::Nothing;
                }
                Step::Position | Step::Heaters | Step::ReadOff(_) | Step::Hot(..) if enough => {
                    self.go_on_without(heating);
                    continue;
                }
                Step::Position => {
                    self.told_position = false;
                    ("M114".into(), Moves::Nothing)
                }
                Step::Heaters | Step::ReadOff(_) | Step::Hot(..) => {
                    self.told_heaters = false;
                    ("M105".into(), Moves::Nothing)
                }
                Step::CardStands => {
                    // The first answer only tells where it is.
                    let goes_on = self.told_card == Some(false) && facts.card_moves;
                    self.told_card = None;
                    (if goes_on { "M25".into() } else { "M27".into() }, Moves::Nothing)
                }
                Step::Tick(idx) => {
                    self.steps.pop_front();
                    return Due::Tick(idx);
                }
                Step::Plan => {
                    self.steps.pop_front();
                    return Due::Plan;
                }
                Step::Done => return Due::Done,
            };
            if !matches!(self.steps.front(), Some(Step::Line(..))) {
                self.asking_since.get_or_insert(facts.now);
            }
            (self.waiting, self.refused) = (true, None);
            return Due::Send(line, moves);
        }
    }

    /// The line that is out was acknowledged. Returns whether the sequence can go on.
    pub(crate) fn on_acknowledged(&mut self, facts: &Facts<'_>, heating: &Heating) -> bool {
        self.waiting = false;
        if let Some(Step::Line(..)) = self.steps.front() {
            self.steps.pop_front();
            return true;
        }
        self.asks += 1;
        let answer = self.answered(facts, heating);
        if answer == Answer::Missing {
            self.ask_at = facts.now.mono_ms.saturating_add(ASK_AGAIN_MS);
        }
        answer != Answer::TooCold
    }

    /// Returns when an answer that does not come is said to be late.
    pub(crate) fn poll_timeout(&self) -> Option<Millis> {
        self.asking_since.map(|since| since.mono_ms.saturating_add(READ_BACK_MS + 1))
    }

    /// Returns when it has something to send.
    pub(crate) fn poll_transmit_timeout(&self, facts: &Facts<'_>, heating: &Heating) -> Option<Millis> {
        let asks = !matches!(self.steps.front()?, Step::Line(..) | Step::Tick(_) | Step::Plan | Step::Done);
        let came = self.asking_since.is_some() && self.answer(facts, heating) != Answer::Missing;
        (!self.waiting).then_some(if asks && !came { self.ask_at } else { 0 })
    }

    /// The step that asks is over.
    fn answer_over(&mut self) {
        (self.asking_since, self.asks, self.ask_at, self.heard_heaters) = (None, 0, 0, false);
    }

    /// Returns whether the printer was asked so often that it will not tell.
    fn asked_enough(&self) -> bool {
        let most = match self.steps.front() {
            Some(Step::ReadOff(_)) if self.heard_heaters => MOST_READ_BACKS,
            Some(Step::Position) if self.told_before.is_some() => MOST_MOVING_ASKS,
            Some(_) | None => MOST_ASKS,
        };
        self.asks >= most
    }

    /// What the printer does not tell keeps nothing from going on: it is said to be unknown.
    fn go_on_without(&mut self, heating: &Heating) {
        match self.steps.pop_front() {
            Some(Step::Position) => self.place_unknown = true,
            Some(Step::ReadOff(heaters)) => self.unread = heating.not_confirmed(&heaters),
            Some(
                Step::Heaters
                | Step::Hot(..)
                | Step::Line(..)
                | Step::CardStands
                | Step::Tick(_)
                | Step::Plan
                | Step::Done,
            )
            | None => (),
        }
        self.answer_over();
    }

    /// Looks whether the query that is the first step needs to be sent no more. Some firmwares say `ok` first and the
    /// answer then.
    fn answered(&mut self, facts: &Facts<'_>, heating: &Heating) -> Answer {
        let answer = self.answer(facts, heating);
        // A head that is still on its way at the end of a print stands still in two answers.
        if self.steps.front() == Some(&Step::Position) && self.aim == Aim::Finish && self.told_position {
            self.told_position = false;
            self.told_before = facts.machine.position();
        }
        if answer == Answer::Came {
            self.steps.pop_front();
            self.answer_over();
        }
        answer
    }

    fn answer(&self, facts: &Facts<'_>, heating: &Heating) -> Answer {
        let came = match self.steps.front() {
            Some(Step::Position) if self.aim == Aim::Finish && self.told_position => {
                self.told_before == facts.machine.position() || facts.fits_end()
            }
            Some(Step::Position) => self.told_position,
            Some(Step::CardStands) => self.told_card == Some(true),
            Some(Step::Heaters) => self.told_heaters,
            Some(Step::ReadOff(heaters)) => self.told_heaters && heating.not_confirmed(heaters).is_empty(),
            Some(Step::Hot(heater, least)) => {
                let known = facts.machine.temperatures().get(&heater.key());
                let hot = known.is_some_and(|t| t.actual >= *least);
                if self.told_heaters && !hot {
                    return Answer::TooCold;
                }
                hot && self.told_heaters
            }
            Some(Step::Line(..) | Step::Tick(_) | Step::Plan | Step::Done) | None => false,
        };
        if came { Answer::Came } else { Answer::Missing }
    }
}

/// Returns whether these are words with which firmwares refuse to move or to push filament.
fn refuses_move(raw: &str) -> bool {
    let lower = raw.to_ascii_lowercase();
    let words = ["must home", "not homed", "cold extru", "extrude below", "out of range", "minimum temp"];
    (lower.contains("home") && lower.contains("first")) || words.iter().any(|word| lower.contains(word))
}
