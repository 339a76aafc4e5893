//! Days, weeks, months and years of a place, for statistics. A day begins at its local midnight, or at the first moment
//! after it where the clock skips midnight; a week begins on Sunday, as Obico cuts it.

use crate::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::Deserialize;

/// Groups at most: eleven years of days.
pub const MOST_GROUPS: usize = 4000;

/// How prints are put together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// Local midnight to midnight.
    #[default]
    Day,
    /// Sunday to Saturday.
    Week,
    /// First to last.
    Month,
    /// January to December.
    Year,
}

impl GroupBy {
    fn span(self) -> Span {
        match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        }
    }

    /// Returns the first day of the group that a day belongs to.
    pub fn first_day(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let since_sunday = i64::from(day.weekday().to_sunday_zero_offset());
                day.checked_sub(since_sunday.days()).unwrap_or(day)
            }
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    /// Returns the first days of all groups from the one of `from` to the one of `to`, [`MOST_GROUPS`] at most.
    pub fn all(self, from: Date, to: Date) -> Vec<Date> {
        let (mut day, last) = (self.first_day(from), self.first_day(to));
        let mut days = Vec::new();
        while day <= last && days.len() < MOST_GROUPS {
            days.push(day);
            match day.checked_add(self.span()) {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        days
    }
}

/// A place's clock.
#[derive(Debug, Clone)]
pub struct Place {
    zone: TimeZone,
}

impl Place {
    /// Returns the place of an IANA name, such as `Europe/Berlin`.
    ///
    /// # Errors
    /// When there is no such zone; a text for people.
    pub fn named(name: &str) -> Result<Self, String> {
        TimeZone::get(name)
            .map(|zone| Self { zone })
            .map_err(|_| format!("the time zone {name:?} is unknown"))
    }

    /// Returns the local day of a moment.
    pub fn day(&self, at: Timestamp) -> Option<Date> {
        let moment = jiff::Timestamp::from_microsecond(at.micros()).ok()?;
        Some(moment.to_zoned(self.zone.clone()).date())
    }

    /// Returns when a local day begins.
    pub fn begin(&self, day: Date) -> Option<Timestamp> {
        let zoned = day.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp::from_micros(zoned.start_of_day().ok()?.timestamp().as_microsecond()))
    }

    /// Returns when a local day begins, as text with the offset of the place: `2026-11-22T00:00:00+01:00`.
    pub fn iso(&self, day: Date) -> String {
        match day.to_zoned(self.zone.clone()).and_then(|zoned| zoned.start_of_day()) {
            Ok(begin) => begin.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            Err(_) => day.to_string(),
        }
    }
}

/// Reads a day, `2026-11-22` or a whole timestamp of which the day counts.
///
/// # Errors
/// A text for people.
pub fn read_day(text: &str) -> Result<Date, String> {
    let day = text.get(..10).unwrap_or(text);
    day.parse().map_err(|_| format!("{text:?} is no date; write it as 2026-11-22"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of each month, by hand.
    fn month_days(year: i64, month: i64) -> i64 {
        match month {
            4 | 6 | 9 | 11 => 30,
            2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
            2 => 28,
            _ => 31,
        }
    }

    /// Year, month, day and weekday (Sunday 0) of a day since 1970, counted one by one.
    fn counted(days: i64) -> (i64, i64, i64, i64) {
        let (mut year, mut month, mut day, mut weekday) = (1970, 1, 1, 4);
        for _ in 0..days {
            weekday = (weekday + 1) % 7;
            day += 1;
            if day > month_days(year, month) {
                (day, month) = (1, month + 1);
            }
            if month > 12 {
                (month, year) = (1, year + 1);
            }
        }
        (year, month, day, weekday)
    }

    /// Days since 1970 of the `n`th Sunday of a month; 9 is the last.
    fn sunday(year: i64, month: i64, n: i64) -> i64 {
        let mut found = Vec::new();
        let mut days = (year - 1970) * 365;
        while counted(days).0 < year || counted(days).1 < month {
            days += 1;
        }
        for day in days..days + month_days(year, month) {
            if counted(day).3 == 0 {
                found.push(day);
            }
        }
        if n == 9 { found[found.len() - 1] } else { found[n as usize - 1] }
    }

    /// Seconds that a place is ahead of UTC, by the rules in force since 2008, written down from the laws.
    fn ahead_secs(zone: &str, utc: i64, year: i64) -> i64 {
        let between = |from: i64, to: i64| (from..to).contains(&utc);
        let hour = 3600;
        match zone {
            "Europe/Berlin" => {
                let summer = between(sunday(year, 3, 9) * 86_400 + hour, sunday(year, 10, 9) * 86_400 + hour);
                if summer { 2 * hour } else { hour }
            }
            "America/New_York" => {
                let summer =
                    between(sunday(year, 3, 2) * 86_400 + 7 * hour, sunday(year, 11, 1) * 86_400 + 6 * hour);
                if summer { -4 * hour } else { -5 * hour }
            }
            "Australia/Lord_Howe" => {
                let winter = between(
                    sunday(year, 4, 1) * 86_400 + 2 * hour - 11 * hour,
                    sunday(year, 10, 1) * 86_400 + 2 * hour - 10 * hour - hour / 2,
                );
                if winter { 10 * hour + hour / 2 } else { 11 * hour }
            }
            "Asia/Kathmandu" => 5 * hour + 45 * 60,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn groups_are_those_of_a_slow_count_over_zones_with_summer_time() {
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = |below: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % below
        };
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"] {
            let place = Place::named(zone).unwrap();
            for round in 0..40 {
                // Half of them within hours of a change of the clock or of a year.
                let year = 2019 + next(9) as i64;
                let edges = [
                    sunday(year, 3, 9),
                    sunday(year, 10, 9),
                    sunday(year, 11, 1),
                    sunday(year, 4, 1),
                    (year - 1970) * 365 + 13,
                ];
                let utc = if round % 2 == 0 {
                    edges[next(5) as usize] * 86_400 + next(200_000) as i64 - 100_000
                } else {
                    1_546_300_800 + next(280_000_000) as i64
                };
                let local = utc + ahead_secs(zone, utc, counted(utc / 86_400).0);
                let days = local / 86_400;
                let (year, month, day, weekday) = counted(days);
                let found = place.day(Timestamp::from_micros(utc * 1_000_000)).unwrap();
                let ymd =
                    |date: Date| (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
                assert_eq!(ymd(found), (year, month, day), "{zone} {utc}");
                assert_eq!(ymd(GroupBy::Month.first_day(found)), (year, month, 1));
                assert_eq!(ymd(GroupBy::Year.first_day(found)), (year, 1, 1));
                let (y, m, d, _) = counted(days - weekday);
                assert_eq!(ymd(GroupBy::Week.first_day(found)), (y, m, d), "{zone} {utc}");
                // The day holds the moment, and the moment before its begin belongs to another.
                let begin = place.begin(found).unwrap().micros();
                assert!(begin <= utc * 1_000_000);
                assert_ne!(place.day(Timestamp::from_micros(begin - 1)), Some(found), "{zone} {utc}");
                assert_eq!(place.day(Timestamp::from_micros(begin)), Some(found));
            }
        }
    }

    #[test]
    fn every_group_of_a_range_is_there_once() {
        let day = |text: &str| read_day(text).unwrap();
        let words = |by: GroupBy, from: &str, to: &str| -> Vec<String> {
            by.all(day(from), day(to)).iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            words(GroupBy::Day, "2026-02-27", "2026-03-01"),
            ["2026-02-27", "2026-02-28", "2026-03-01"]
        );
        assert_eq!(words(GroupBy::Week, "2026-11-23", "2026-11-29"), ["2026-11-22", "2026-11-29"]);
        assert_eq!(
            words(GroupBy::Month, "2026-01-31", "2026-03-01"),
            ["2026-01-01", "2026-02-01", "2026-03-01"]
        );
        assert_eq!(words(GroupBy::Year, "2025-06-01", "2026-01-01"), ["2025-01-01", "2026-01-01"]);
        assert_eq!(words(GroupBy::Day, "2026-03-02", "2026-03-01"), Vec::<String>::new());
        assert_eq!(GroupBy::Day.all(day("1900-01-01"), day("2026-01-01")).len(), MOST_GROUPS);
    }

    #[test]
    fn days_are_read_and_told_with_their_offset() {
        let berlin = Place::named("Europe/Berlin").unwrap();
        assert_eq!(berlin.iso(read_day("2026-11-22").unwrap()), "2026-11-22T00:00:00+01:00");
        assert_eq!(berlin.iso(read_day("2026-07-01T12:00:00Z").unwrap()), "2026-07-01T00:00:00+02:00");
        assert!(read_day("yesterday").unwrap_err().contains("2026-11-22"));
        assert!(Place::named("Moon/Crater").unwrap_err().contains("unknown"));
        // Where midnight is skipped the day begins later.
        let cairo = Place::named("America/Asuncion").unwrap();
        assert!(cairo.begin(read_day("2023-10-01").unwrap()).is_some());
    }
}
