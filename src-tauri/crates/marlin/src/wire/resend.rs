//! What happens when the printer asks for a line again while others are in flight behind it.
//!
//! Firmwares differ: one throws away what was behind the bad line and asks once, another refuses each line behind it
//! with the same request. A host that obeys each of these never gets out. So: a request is obeyed once, with one line
//! alone; as many repetitions as lines were behind are swallowed; the window opens again with that line's `ok`.

use super::ask::Silence;
use super::error::WireError;
use super::history::{Acknowledged, History};
use super::window::Window;
use domain::{Millis, Now};

/// After a request, so long nothing more about the lines behind it means that nothing will come.
const QUIET_MS: Millis = 80;
/// The same on a printer that has asked once each time.
const QUIET_ONCE_MS: Millis = 20;
/// As many requests in a row without a repetition show that it asks once.
const SURE_AFTER: u8 = 3;
/// As often may the same line be asked for in a row.
const MOST_REQUESTS: u32 = 10;
/// As often, with as many queries between that only bring the same, and the line is never taken.
const NEVER_TAKEN: u32 = 6;
/// Further back than this a printer that still runs never asks.
const FURTHEST_BACK: u32 = 2;
/// A request so few lines after another may be about what was on the cable when the printer threw its buffer away.
const STORM_LINES: u64 = 8;
/// So many requests in a row without an `ok` behind them show that the firmware sends none: a single one may be lost.
const BARE_REQUESTS: u32 = 3;
/// The error and the request that belongs to it come together.
const TOGETHER_MS: Millis = 100;
/// Trouble above this narrows the window to one line; each request adds 1, each line acknowledged removes a hundredth.
const MUCH_TROUBLE: f32 = 3.0;

/// A request for a line that has not been fulfilled.
#[derive(Debug, Clone, Copy)]
struct Request {
    /// The line; `None` when the number made no sense and is not obeyed.
    n: Option<u32>,
    /// Lines that were behind it: each may bring the same request.
    repeats: usize,
    /// None of these has come.
    once: bool,
    /// The `ok` of the last request has not come.
    ok_due: bool,
    /// The line is out again.
    sent: bool,
    since: Now,
}

/// What the printer has asked for again.
#[derive(Debug, Default)]
pub(super) struct Resends {
    request: Option<Request>,
    /// The line asked for last, and how often in a row.
    asked: (u32, u32),
    /// How often lines were asked for lately.
    trouble: f32,
    /// Requests in a row that no `ok` followed.
    bare: u32,
    /// Requests in a row that were not repeated though lines were behind.
    asked_once: u8,
    /// A number that makes no sense, until it is heard again or disproved.
    strange: Option<u32>,
    /// The last line taken, as the error before a request tells it.
    told_last: Option<(u32, Now)>,
    /// How many lines had been sent when one was asked for last.
    requested_at: Option<u64>,
}

impl Resends {
    /// Nothing is in flight any more. How the firmware asks stays known.
    pub(super) fn reset(&mut self) {
        *self = Self { bare: self.bare, asked_once: self.asked_once, ..Self::default() };
    }

    /// Returns whether a line is asked for that has not been fulfilled.
    pub(super) fn is_open(&self) -> bool {
        self.request.is_some()
    }

    /// Returns whether so much is asked for again that lines go out one by one.
    pub(super) fn is_much(&self) -> bool {
        self.trouble > MUCH_TROUBLE
    }

    /// Returns whether one line is asked for again and again, and queries between bring nothing but the same.
    pub(super) fn never_takes(&self, probes: u32) -> bool {
        self.asked.1 >= NEVER_TAKEN && probes >= NEVER_TAKEN
    }

    /// Returns the number that was asked for last.
    pub(super) fn asked_for(&self) -> u32 {
        self.asked.0
    }

    /// Notes which line the printer took last, as the error before a request says: a second witness of its number.
    pub(super) fn bad_line(&mut self, last: Option<u32>, now: Now) {
        self.told_last = last.map(|last| (last, now));
    }

    /// Returns whether an `ok` comes right behind an error about a bad line that nobody has asked for again: then it
    /// acknowledges nothing.
    pub(super) fn ok_follows_bad_line(&self, window: &Window, now: Now) -> bool {
        let wanted = self.told_last.filter(|(_, at)| now.since(*at) < TOGETHER_MS);
        let wanted = wanted.and_then(|(last, _)| last.checked_add(1));
        self.request.is_none() && wanted.is_some_and(|n| window.has(n))
    }

    /// The numbering goes on from what the printer wants: nothing that was asked for holds.
    pub(super) fn count_from(&mut self) {
        (self.request, self.strange) = (None, None);
    }

    /// Takes in a request for line `n`, `None` when its number is damaged. `sent`: lines sent so far. Returns what was
    /// acknowledged, as that tells.
    ///
    /// # Errors
    /// When the printer counts from the start again, or asks for the same line again and again.
    pub(super) fn on_request<T: Clone>(
        &mut self,
        n: Option<u32>,
        sent: u64,
        (history, window, silence): (&mut History<T>, &mut Window, &mut Silence),
        now: Now,
    ) -> Result<Vec<Acknowledged<T>>, WireError> {
        let ok_due = self.bare < BARE_REQUESTS;
        let together = self.told_last.take().filter(|(_, at)| now.since(*at) < TOGETHER_MS);
        let told = together.and_then(|(last, _)| last.checked_add(1));
        // Of two numbers that contradict each other, one may be possible alone.
        let possible = |n: Option<u32>| n.filter(|&n| !makes_no_sense(n, history));
        let contradicted = n.is_some() && possible(told).is_some() && told != n;
        let Some(n) = possible(n).or(possible(told)).or(n).or(told) else {
            self.ask_what_is_wanted(ok_due, now);
            return Ok(Vec::new());
        };
        if self.is_repetition(n, ok_due, now) {
            return Ok(Vec::new());
        }
        silence.settle();
        if (contradicted && told != Some(n)) || makes_no_sense(n, history) {
            let twice = self.strange.replace(n) == Some(n);
            let from_the_start = n <= 1;
            if twice && n < history.next_n() && (from_the_start || !history.holds(n)) {
                return Err(WireError::Rebooted);
            }
            // A line further back that was never taken, though an `ok` seemed to say so: two witnesses are the truth.
            let witnessed = twice || (told == Some(n) && !from_the_start);
            if !(witnessed && n < history.next_n() && history.holds(n)) {
                self.ask_what_is_wanted(ok_due, now);
                return Ok(Vec::new());
            }
        }
        self.asked = if self.asked.0 == n { (n, self.asked.1 + 1) } else { (n, 1) };
        if self.asked.1 > MOST_REQUESTS {
            return Err(WireError::Stuck);
        }
        self.trouble += 1.0;
        let behind = window.cut_at(n);
        history.rewind(n);
        let in_storm = self.requested_at.replace(sent).is_some_and(|at| sent - at < STORM_LINES);
        let repeats = behind.max(usize::from(in_storm));
        self.request =
            Some(Request { n: Some(n), repeats, once: behind > 0, ok_due, sent: false, since: now });
        // A request for a line that was never sent only says that all before it were taken.
        let mut acknowledged = Vec::new();
        if n == history.next_n() && silence.probes() > 0 {
            while let Some(line) = window.pop() {
                acknowledged.extend(line.n.and_then(|n| self.acknowledge(n, 0, history)));
            }
        }
        Ok(acknowledged)
    }

    /// Takes in a request that only repeats the one that is open. Returns whether it does.
    fn is_repetition(&mut self, n: u32, ok_due: bool, now: Now) -> bool {
        let open = self.request.as_mut().filter(|request| request.n == Some(n));
        let Some(request) = open.filter(|request| request.repeats > 0 || !request.sent) else { return false };
        request.repeats = request.repeats.saturating_sub(1);
        (request.ok_due, request.since, request.once) = (ok_due, now, false);
        self.asked_once = 0;
        true
    }

    /// A request was damaged: a query brings it again, or an `ok`.
    fn ask_what_is_wanted(&mut self, ok_due: bool, now: Now) {
        let request = Request { n: None, repeats: 0, once: false, ok_due, sent: false, since: now };
        self.request = Some(request);
    }

    /// Returns the number of the line to send again now. It is out when this returns one.
    pub(super) fn poll_transmit<T: Clone>(
        &mut self,
        history: &History<T>,
        window: &Window,
        silence: &mut Silence,
        now: Now,
    ) -> Option<u32> {
        if self.is_waiting(history.next_n(), window, silence, now) {
            return None;
        }
        let n = history.resend_n()?;
        let fits = self.fits(n, history, window);
        match &mut self.request {
            // Alone: the window opens again with its ok.
            Some(request) if request.sent => None,
            Some(request) => {
                request.sent = true;
                Some(n)
            }
            None => fits.then_some(n),
        }
    }

    fn fits<T: Clone>(&self, n: u32, history: &History<T>, window: &Window) -> bool {
        window.free_bytes(self.is_much()) >= history.text_of(n).map_or(0, str::len)
    }

    /// Returns when a line is to be sent again, or what follows a request is due; `None` while only the printer can bring
    /// it.
    pub(super) fn poll_timeout<T: Clone>(&self, history: &History<T>, window: &Window) -> Option<Millis> {
        match &self.request {
            Some(request) if request.sent => None,
            Some(_) => self.waits_until(),
            None => history.resend_n().filter(|n| self.fits(*n, history, window)).map(|_| 0),
        }
    }

    /// Returns until when it is still to be seen what the printer says about lines behind a bad one.
    pub(super) fn waits_until(&self) -> Option<Millis> {
        let request = self.request.as_ref().filter(|request| !request.sent)?;
        let settled = request.repeats == 0 && !request.ok_due;
        let quiet_ms = if self.asked_once >= SURE_AFTER { QUIET_ONCE_MS } else { QUIET_MS };
        Some(if settled { 0 } else { request.since.mono_ms.saturating_add(quiet_ms) })
    }

    /// Returns whether it is still to be seen what the printer says about lines behind a bad one.
    pub(super) fn is_waiting(
        &mut self,
        next_n: u32,
        window: &Window,
        silence: &mut Silence,
        now: Now,
    ) -> bool {
        let Some(until) = self.waits_until() else { return false };
        if now.mono_ms < until {
            return true;
        }
        let Some(request) = &mut self.request else { return false };
        if std::mem::take(&mut request.once) && request.repeats > 0 {
            self.asked_once = self.asked_once.saturating_add(1);
        }
        if std::mem::take(&mut request.ok_due) && window.is_empty() {
            // Nothing else could have brought it.
            self.bare += 1;
        }
        match request.n {
            // Nothing of ours is missing: on it goes.
            Some(n) if n == next_n => self.request = None,
            Some(_) => (),
            None => {
                self.request = None;
                silence.ask_at(now.mono_ms);
            }
        }
        false
    }

    /// Takes in an `ok` that may belong to a request. Returns whether it does.
    pub(super) fn takes_ok(&mut self, window: &Window, now: Now) -> bool {
        let Some(request) = self.request.as_mut().filter(|request| request.ok_due) else { return false };
        (request.ok_due, request.since) = (false, now);
        if window.is_empty() && self.bare < BARE_REQUESTS {
            self.bare = 0;
        }
        true
    }

    /// An `ok` came that acknowledges something: what made no sense is disproved.
    pub(super) fn on_ok(&mut self) {
        self.strange = None;
    }

    /// Line `n` was acknowledged: if it was asked for, the window opens again.
    pub(super) fn on_acknowledged(&mut self, n: u32) {
        // Some firmwares say `ok` to the very line that they refuse: only a later one shows that it got through.
        if n > self.asked.0 {
            self.asked = (0, 0);
        }
        if self.request.is_some_and(|request| request.sent && request.n.is_some_and(|asked| n >= asked)) {
            self.request = None;
        }
    }

    /// Takes a line from what may be asked for; nothing when it was acknowledged before.
    pub(super) fn acknowledge<T: Clone>(
        &mut self,
        n: u32,
        waited_ms: Millis,
        history: &mut History<T>,
    ) -> Option<Acknowledged<T>> {
        self.trouble *= 0.99;
        history.acknowledge(n, waited_ms)
    }

    /// A query is out: what it brings is said anew, not repeated.
    pub(super) fn on_query(&mut self) {
        if let Some(request) = &mut self.request {
            (request.repeats, request.sent) = (0, true);
        }
    }
}

/// Returns whether a printer that still runs would never ask for this line.
fn makes_no_sense<T: Clone>(n: u32, history: &History<T>) -> bool {
    if n > history.next_n() {
        return true;
    }
    let first_open = history.first_open();
    let from_the_start = n <= 1 && first_open > 1;
    n != history.next_n()
        && (from_the_start || n.saturating_add(FURTHEST_BACK) < first_open || !history.holds(n))
}
