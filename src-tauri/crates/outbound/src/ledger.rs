//! The list itself.

use crate::kind::{OutboundPurpose, OutboundReach};
use domain::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use ts_rs::TS;

/// Places that are told apart; all others of a purpose share one line.
const MOST_PLACES: usize = 100;
/// The line of what is too much.
const OTHERS: &str = "other computers";
/// Longest place that is shown, characters: no name in the network is longer.
const LONGEST_PLACE: usize = 260;
/// So many days are kept, today included.
const DAYS: i64 = 7;
const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// What went to one place, and came from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(default)]
pub struct OutboundCount {
    /// So often a connection was tried.
    pub tries: u64,
    /// So often the other side took it.
    pub opened: u64,
    /// Bytes that left.
    pub sent_bytes: u64,
    /// Bytes that came back.
    pub received_bytes: u64,
}

impl OutboundCount {
    fn add(&mut self, other: &Self) {
        self.tries += other.tries;
        self.opened += other.opened;
        self.sent_bytes += other.sent_bytes;
        self.received_bytes += other.received_bytes;
    }
}

/// One place that was asked for one purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, JsonSchema)]
pub struct OutboundConnection {
    /// For what.
    pub purpose: OutboundPurpose,
    /// Host and port.
    pub place: String,
    /// How far away it is, by its address.
    pub reach: OutboundReach,
    /// Since the core was started.
    pub this_run: OutboundCount,
    /// In the days that are kept, this run included.
    pub last_days: OutboundCount,
    /// When something was tried, sent or received there last.
    pub last_at: Timestamp,
}

/// All connections that left the core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, JsonSchema)]
pub struct Outbound {
    /// It has been counted since then, or for so long as days are kept.
    pub since: Timestamp,
    /// When the core was started.
    pub started_at: Timestamp,
    /// The newest first; empty when nothing left.
    pub connections: Vec<OutboundConnection>,
}

type Key = (OutboundPurpose, String);

/// A line that is counted on.
pub(crate) type Shared = Arc<Mutex<Row>>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    reach: OutboundReach,
    this_run: OutboundCount,
    /// By the number of the day since 1970, UTC.
    days: BTreeMap<i64, OutboundCount>,
    last_at: Timestamp,
}

#[derive(Debug, Default)]
struct Ledger {
    rows: BTreeMap<Key, Shared>,
    /// Since when it is counted, and when this run began.
    began: Option<(Timestamp, Timestamp)>,
    /// What was given out to be kept last.
    kept: Vec<u8>,
}

/// What is kept from run to run.
#[derive(Serialize, Deserialize)]
struct Kept {
    since: Timestamp,
    rows: Vec<KeptRow>,
}

#[derive(Serialize, Deserialize)]
struct KeptRow {
    purpose: OutboundPurpose,
    place: String,
    reach: OutboundReach,
    days: BTreeMap<i64, OutboundCount>,
    last_at: Timestamp,
}

static LEDGER: Mutex<Option<Ledger>> = Mutex::new(None);

/// The list is the process's, and no core's clock reaches all who connect.
#[allow(clippy::disallowed_methods)]
fn utc() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

fn day(at: Timestamp) -> i64 {
    at.micros().div_euclid(DAY_MICROS)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn with<T>(work: impl FnOnce(&mut Ledger, Timestamp) -> T) -> T {
    let now = utc();
    let mut ledger = locked(&LEDGER);
    let ledger = ledger.get_or_insert_default();
    ledger.began.get_or_insert((now, now));
    work(ledger, now)
}

impl Ledger {
    fn row(&mut self, purpose: OutboundPurpose, place: &str, reach: OutboundReach, now: Timestamp) -> Shared {
        let place: String = place.chars().filter(|c| !c.is_control()).take(LONGEST_PLACE).collect();
        let mut key = (purpose, place);
        if !self.rows.contains_key(&key) && self.rows.len() >= MOST_PLACES {
            key.1 = OTHERS.into();
        }
        let new = || {
            let row = Row { reach, this_run: OutboundCount::default(), days: BTreeMap::new(), last_at: now };
            Arc::new(Mutex::new(row))
        };
        let row = self.rows.entry(key).or_insert_with(new).clone();
        let mut held = locked(&row);
        held.reach = held.reach.max(reach);
        drop(held);
        row
    }

    /// Forgets the days that are not kept any longer.
    fn forget(&mut self, now: Timestamp) {
        let first = day(now) - DAYS + 1;
        self.rows.retain(|_, row| {
            let mut held = locked(row);
            // A clock that was set leaves no day ahead.
            held.days.retain(|day_number, _| (first..=day(now) + 1).contains(day_number));
            // What is in use keeps its line, and what was used in this run.
            !held.days.is_empty() || held.this_run != OutboundCount::default() || Arc::strong_count(row) > 1
        });
    }
}

/// Counts a try.
pub(crate) fn begin(purpose: OutboundPurpose, place: &str, reach: OutboundReach) -> Shared {
    let row = with(|ledger, now| ledger.row(purpose, place, reach, now));
    count(&row, |count| count.tries += 1);
    row
}

/// Counts on a line.
pub(crate) fn count(row: &Shared, change: impl Fn(&mut OutboundCount)) {
    let now = utc();
    let mut held = locked(row);
    change(&mut held.this_run);
    change(held.days.entry(day(now)).or_default());
    held.last_at = now;
    let first = day(now) - DAYS + 1;
    while held.days.len() > DAYS as usize && held.days.first_key_value().is_some_and(|(old, _)| *old < first)
    {
        held.days.pop_first();
    }
}

/// Returns what left the core until now.
pub fn list() -> Outbound {
    with(|ledger, now| {
        ledger.forget(now);
        let (since, started_at) = ledger.began.unwrap_or((now, now));
        let mut connections: Vec<_> = ledger.rows.iter().map(|(key, row)| shown(key, &locked(row))).collect();
        connections.sort_by_key(|connection| std::cmp::Reverse(connection.last_at));
        let earliest = Timestamp::from_micros((day(now) - DAYS + 1) * DAY_MICROS);
        Outbound { since: since.max(earliest), started_at, connections }
    })
}

fn shown((purpose, place): &Key, row: &Row) -> OutboundConnection {
    let mut last_days = OutboundCount::default();
    row.days.values().for_each(|count| last_days.add(count));
    OutboundConnection {
        purpose: *purpose,
        place: place.clone(),
        reach: row.reach,
        this_run: row.this_run,
        last_days,
        last_at: row.last_at,
    }
}

/// Begins a run with what was kept of the runs before; what cannot be read is not kept on.
pub fn restore(kept: Option<&[u8]>) {
    let read = kept.and_then(|bytes| {
        let read = serde_json::from_slice::<Kept>(bytes);
        read.inspect_err(|error| tracing::warn!(%error, "the list of connections begins anew")).ok()
    });
    with(|ledger, now| {
        let since = read.as_ref().map_or(now, |kept| kept.since.min(now));
        ledger.began = Some((since, now));
        for kept in read.map(|kept| kept.rows).unwrap_or_default() {
            let row = ledger.row(kept.purpose, &kept.place, kept.reach, kept.last_at);
            let mut held = locked(&row);
            for (day, count) in &kept.days {
                held.days.entry(*day).or_default().add(count);
            }
        }
        ledger.forget(now);
    });
}

/// Returns what is to be kept for the next run; none when it is what it was the last time.
pub fn to_keep() -> Option<Vec<u8>> {
    with(|ledger, now| {
        ledger.forget(now);
        let row = |((purpose, place), row): (&Key, &Shared)| {
            let held = locked(row);
            KeptRow {
                purpose: *purpose,
                place: place.clone(),
                reach: held.reach,
                days: held.days.clone(),
                last_at: held.last_at,
            }
        };
        let since = ledger.began.map_or(now, |(since, _)| since);
        let kept = Kept { since, rows: ledger.rows.iter().map(row).collect() };
        let bytes = serde_json::to_vec(&kept).ok()?;
        (bytes != ledger.kept).then(|| {
            ledger.kept.clone_from(&bytes);
            bytes
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Line;

    fn of(place: &str) -> Option<OutboundConnection> {
        list().connections.into_iter().find(|connection| connection.place == place)
    }

    #[test]
    fn what_goes_to_a_place_is_counted_and_kept() {
        let address = ["192.168.1.20:80".parse().expect("an address")];
        let line = Line::begin(OutboundPurpose::Camera, "cam.local:80", &address);
        assert_eq!(
            of("cam.local:80").expect("listed").this_run.opened,
            0,
            "it stands there before it is open"
        );
        line.opened();
        line.sent(100);
        line.received(5000);
        let second = Line::begin(OutboundPurpose::Camera, "cam.local:80", &address);
        let seen = of("cam.local:80").expect("listed");
        let counted = OutboundCount { tries: 2, opened: 1, sent_bytes: 100, received_bytes: 5000 };
        assert_eq!(
            (seen.this_run, seen.last_days, seen.reach),
            (counted, counted, OutboundReach::LocalNetwork)
        );
        // The next run goes on with it.
        let kept = to_keep().expect("something new");
        restore(Some(&kept));
        assert_eq!(of("cam.local:80").expect("listed").last_days.tries, 4, "what was kept is added");
        restore(Some(b"{ broken"));
        assert!(of("cam.local:80").is_some());
        drop((line, second));
    }

    #[test]
    fn places_without_end_do_not_fill_the_memory_and_none_is_left_out() {
        let mut ledger = Ledger::default();
        for number in 0..3 * MOST_PLACES {
            let place = format!("host-{number}:443");
            let row = ledger.row(OutboundPurpose::Notice, &place, OutboundReach::PublicAddress, utc());
            locked(&row).this_run.tries += 1;
        }
        assert!(ledger.rows.len() <= MOST_PLACES + 1, "{}", ledger.rows.len());
        let tries: u64 = ledger.rows.values().map(|row| locked(row).this_run.tries).sum();
        assert_eq!(tries, 3 * MOST_PLACES as u64);
    }

    #[test]
    fn days_that_are_long_gone_are_forgotten() {
        let now = utc();
        let mut ledger = Ledger::default();
        let row = ledger.row(OutboundPurpose::Mail, "mail.example:465", OutboundReach::PublicAddress, now);
        let old = OutboundCount { tries: 1, ..OutboundCount::default() };
        locked(&row).days =
            BTreeMap::from([(day(now) - DAYS, old), (day(now) - 1, old), (day(now) + 9, old)]);
        ledger.forget(now);
        assert_eq!(locked(&row).days.keys().copied().collect::<Vec<_>>(), [day(now) - 1]);
        locked(&row).days.clear();
        drop(row);
        ledger.forget(now);
        assert!(ledger.rows.is_empty(), "a place that was not asked for days is not listed");
    }
}
