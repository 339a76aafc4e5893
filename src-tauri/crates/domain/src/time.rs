//! Time as a value: nothing here asks a clock.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use ts_rs::TS;

/// A span or a point of monotonic time, in milliseconds.
pub type Millis = u64;

/// A moment: monotonic for durations, UTC for records. Passed in by whoever owns a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since the core started; never goes back. Runs faster on the demo.
    pub mono_ms: Millis,
    /// Wall-clock time; may jump.
    pub utc: Timestamp,
}

impl Now {
    /// Returns the milliseconds since `earlier`, 0 when it lies ahead.
    pub fn since(self, earlier: Now) -> Millis {
        self.mono_ms.saturating_sub(earlier.mono_ms)
    }

    /// Returns a moment for tests: `mono_ms` after 2026-01-01T00:00:00Z.
    pub fn at(mono_ms: Millis) -> Now {
        let start = 1_767_225_600_000_000;
        Now {
            mono_ms,
            utc: Timestamp::from_micros((mono_ms as i64).saturating_mul(1000).saturating_add(start)),
        }
    }
}

/// Hands out moments. Implemented once over the system's clocks, and by tests.
///
/// The demo's clock runs `scale` times faster than the wall; sleeping code divides by it.
pub trait Clock: Send + Sync {
    /// Returns the present moment on this clock.
    fn now(&self) -> Now;

    /// Returns how many of this clock's seconds pass in one real second (1 for real printers).
    fn scale(&self) -> f64 {
        1.0
    }

    /// Returns how long the machine has been suspended since the clock began, real milliseconds: the boot-time clock
    /// less the monotonic one. The wall clock has no part in it. `None` where the system does not tell.
    fn suspended_ms(&self) -> Option<Millis> {
        None
    }
}

/// Microseconds since 1970-01-01T00:00:00Z; ISO 8601 with microseconds and `Z` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, TS, JsonSchema)]
#[ts(type = "string")]
#[schemars(extend("format" = "date-time"))]
pub struct Timestamp(#[schemars(with = "String")] i64);

impl Timestamp {
    /// Makes a timestamp from microseconds since 1970.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Returns microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Returns this moment `secs` later (earlier when negative); the last one there is when it lies beyond.
    pub fn plus_secs(self, secs: f64) -> Self {
        Self(self.0.saturating_add((secs * 1e6) as i64))
    }

    /// Returns the seconds since `earlier`, negative when it lies ahead.
    pub fn secs_since(self, earlier: Timestamp) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 1e6
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(t) => write!(f, "{t:.6}"),
            Err(_) => write!(f, "1970-01-01T00:00:00.000000Z"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse::<jiff::Timestamp>().map(|t| Self(t.as_microsecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_travels_as_iso_8601_with_microseconds() {
        let t: Timestamp = serde_json::from_str("\"2026-01-02T03:04:05.000001Z\"").unwrap();
        assert_eq!(t.micros() % 1_000_000, 1, "the microsecond survives");
        assert_eq!(serde_json::to_string(&t).unwrap(), "\"2026-01-02T03:04:05.000001Z\"");
        let whole = Timestamp::from_micros(0);
        assert_eq!(whole.to_string(), "1970-01-01T00:00:00.000000Z", "six digits even when they are zero");
    }

    #[test]
    fn no_number_from_elsewhere_overflows() {
        let moments = [i64::MIN, -1, 0, 1, i64::MAX].map(Timestamp::from_micros);
        let spans = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e13, -1e13, 1e308, 0.0];
        for moment in moments {
            for secs in spans {
                let later = moment.plus_secs(secs);
                assert!(secs.is_nan() || secs <= 0.0 || later >= moment, "{moment:?} + {secs}");
            }
            for other in moments {
                assert!(moment.secs_since(other).is_finite(), "{moment:?} - {other:?}");
            }
        }
        let last = Timestamp::from_micros(i64::MAX);
        assert_eq!(Timestamp::from_micros(1).plus_secs(1e300), last);
    }
}
