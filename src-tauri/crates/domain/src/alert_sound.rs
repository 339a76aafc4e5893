//! How alerts are heard, and how often they are said again.

use crate::limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Minutes of a day.
const DAY_MINS: u16 = 24 * 60;

/// When a page is silent, by the local time of the device that shows it. May go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// First silent minute, after midnight: 0 to 1439.
    pub from: u16,
    /// The minute from which it sounds again: 0 to 1439, another than `from`.
    pub until: u16,
}

/// How alerts and alarms are heard, in every page and for all printers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertSound {
    /// They sound in each open page until they are answered.
    pub on: bool,
    /// Percent, 5 to 100.
    pub volume: u8,
    /// Alerts are shown then and do not sound.
    pub quiet: Option<QuietHours>,
    /// Pauses by the watch, and alarms, sound in quiet hours, too.
    pub grave_in_quiet: bool,
    /// What nobody has answered is said again each time so many minutes have passed, 1 to 120; null is never.
    pub remind_after_mins: Option<u32>,
}

impl Default for AlertSound {
    fn default() -> Self {
        Self { on: true, volume: 70, quiet: None, grave_in_quiet: true, remind_after_mins: Some(10) }
    }
}

impl AlertSound {
    /// Checks its ranges.
    ///
    /// # Errors
    /// A sentence that says what does not fit.
    pub fn check(&self) -> Result<(), String> {
        if !(5..=100).contains(&self.volume) {
            return Err(format!("the volume is 5 to 100 percent, not {}", self.volume));
        }
        if let Some(QuietHours { from, until }) = self.quiet {
            if from >= DAY_MINS || until >= DAY_MINS {
                return Err("quiet hours begin and end within a day".into());
            }
            if from == until {
                return Err("quiet hours end at another minute than they begin".into());
            }
        }
        match self.remind_after_mins {
            Some(mins) if !limits::REMIND.has(f64::from(mins)) => {
                Err(format!("a reminder comes after 1 to 120 minutes, not {mins}"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_with_the_range() {
        let usual = AlertSound::default();
        assert_eq!(usual.check(), Ok(()));
        let quiet = |from, until| AlertSound { quiet: Some(QuietHours { from, until }), ..usual }.check();
        assert_eq!(quiet(22 * 60, 7 * 60), Ok(()));
        assert!(quiet(0, 1440).is_err() && quiet(1440, 0).is_err() && quiet(60, 60).is_err());
        for wrong in [0, 121, u32::MAX] {
            let sound = AlertSound { remind_after_mins: Some(wrong), ..usual };
            assert!(sound.check().is_err_and(|why| why.contains("1 to 120")), "{wrong}");
        }
        assert!(AlertSound { volume: 4, ..usual }.check().is_err());
        assert!(AlertSound { volume: 101, ..usual }.check().is_err());
    }
}
