//! Quiet hours: what is not urgent is not sent then.

use domain::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Reads a time of day like `22:00` as minutes of the day.
pub(crate) fn minutes(text: &str) -> Option<u16> {
    let (hours, mins) = text.split_once(':')?;
    let number = |text: &str| -> Option<u16> {
        (1..=2).contains(&text.len()).then_some(())?;
        text.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
        text.parse().ok()
    };
    let (hours, mins) = (number(hours)?, number(mins)?);
    (hours < 24 && mins < 60).then_some(hours * 60 + mins)
}

/// Returns whether it is quiet now for a setting.
pub(crate) fn is_quiet(config: &Value, now: Timestamp, zone: &TimeZone) -> bool {
    let of = |key: &str| config.get(key).and_then(Value::as_str).and_then(|text| minutes(text.trim()));
    let (Some(from), Some(to)) = (of("quiet_from"), of("quiet_to")) else { return false };
    let Ok(moment) = jiff::Timestamp::from_microsecond(now.micros()) else { return false };
    let local = moment.to_zoned(zone.clone());
    let now = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
    // Over midnight the end is smaller than the beginning.
    if from <= to { (from..to).contains(&now) } else { now >= from || now < to }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hours_reach_over_midnight_and_end_when_they_say() {
        let at = |clock: &str| {
            let moment: jiff::Timestamp = format!("2026-11-30T{clock}:00Z").parse().expect("a moment");
            Timestamp::from_micros(moment.as_microsecond())
        };
        let night = json!({"quiet_from": "22:00", "quiet_to": "07:00"});
        let quiet = |config: &Value, clock: &str| is_quiet(config, at(clock), &TimeZone::UTC);
        assert!(
            quiet(&night, "22:00")
                && quiet(&night, "23:59")
                && quiet(&night, "00:00")
                && quiet(&night, "06:59")
        );
        assert!(!quiet(&night, "07:00") && !quiet(&night, "21:59"));
        let noon = json!({"quiet_from": "12:00", "quiet_to": "13:30"});
        assert!(quiet(&noon, "13:29") && !quiet(&noon, "13:30") && !quiet(&noon, "11:59"));
        assert!(!quiet(&json!({}), "03:00"));
        assert!(!quiet(&json!({"quiet_from": "7:00", "quiet_to": "7:00"}), "07:00"), "an empty span");
    }

    #[test]
    fn a_time_of_day_is_one() {
        assert_eq!(minutes("7:05"), Some(425));
        for wrong in ["", "7", "24:00", "7:60", "-1:00", "007:00", "7:", "aa:bb", "+7:00"] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
    }
}
