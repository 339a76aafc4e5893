//! What a person may change of the record of a print.

use super::reasons;
use crate::error::StationError;
use domain::{AlertOverwrite, PrintId, PrintView, Timestamp};
use serde::{Deserialize, Deserializer};
use store::print_extra::{LONGEST_NOTES, LONGEST_TAG, MOST_TAGS};
use store::{StoreError, Transaction};

/// Most seconds or millimetres of a print: 31 years, a thousand kilometres.
const MOST_FIGURE: f64 = 1e9;

/// What is to be changed of a print; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct PrintPatch {
    /// A person's word on the print. Absent: unchanged; null: taken back.
    #[serde(default, deserialize_with = "present")]
    #[ts(optional = nullable, as = "Option<AlertOverwrite>")]
    pub alert_overwrite: Option<Option<AlertOverwrite>>,
    /// When the person agreed that others look at it.
    pub access_consented_at: Option<Timestamp>,
    /// mm; of a print that has ended only.
    pub filament_used: Option<f64>,
    /// Seconds; of a print that has ended only.
    pub print_time: Option<f64>,
    /// For people.
    pub notes: Option<String>,
    /// For people.
    pub tags: Option<Vec<String>>,
    /// Why it failed, one word of the person's own list or any other; empty takes it back.
    pub reason: Option<String>,
    /// Tidying up leaves it alone.
    pub kept: Option<bool>,
}

fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<AlertOverwrite>>, D::Error> {
    Option::<AlertOverwrite>::deserialize(d).map(Some)
}

impl PrintPatch {
    /// Refuses values out of their range.
    pub(super) fn check(&self) -> Result<(), StationError> {
        let bad = |why: String| Err(StationError::refused("bad_request", why, ""));
        if self.notes.as_ref().is_some_and(|notes| notes.chars().count() > LONGEST_NOTES) {
            return bad(format!("notes have at most {LONGEST_NOTES} characters"));
        }
        let tags = self.tags.as_deref().unwrap_or_default();
        if tags.len() > MOST_TAGS || tags.iter().any(|tag| tag.chars().count() > LONGEST_TAG) {
            return bad(format!("a print has at most {MOST_TAGS} tags of {LONGEST_TAG} characters"));
        }
        if let Some(reason) = &self.reason {
            reasons::check(reason)?;
        }
        let figures = [self.filament_used, self.print_time];
        if figures.into_iter().flatten().any(|figure| !(0.0..=MOST_FIGURE).contains(&figure)) {
            return bad(format!("filament_used (mm) and print_time (s) are 0 to {MOST_FIGURE}"));
        }
        Ok(())
    }

    fn has_figures(&self) -> bool {
        self.filament_used.is_some() || self.print_time.is_some()
    }

    /// Refuses figures of a print that is under way: they are still counted.
    pub(super) fn check_for(&self, print: &PrintView) -> Result<(), StationError> {
        if self.has_figures() && print.ended_at.is_none() { Err(still_printing()) } else { Ok(()) }
    }

    /// Writes all but the person's word, which may concern a print that is under way.
    pub(super) fn write(self, tx: &Transaction<'_>, id: PrintId) -> Result<(), StoreError> {
        if let Some(at) = self.access_consented_at {
            store::print::set_access_consented(tx, id, at)?;
        }
        if self.has_figures() {
            store::print::set_figures(tx, id, self.filament_used, self.print_time)?;
        }
        if let Some(notes) = &self.notes {
            store::print_extra::set_notes(tx, id, notes)?;
        }
        if let Some(tags) = &self.tags {
            store::print_extra::set_tags(tx, id, &tidy_tags(tags))?;
        }
        if let Some(reason) = self.reason.as_deref().map(str::trim) {
            store::print_extra::set_reason(tx, id, Some(reason).filter(|reason| !reason.is_empty()))?;
        }
        if let Some(kept) = self.kept {
            store::print_extra::set_kept(tx, id, kept)?;
        }
        Ok(())
    }
}

/// Without spaces at the ends, empty ones, and those that are there twice.
fn tidy_tags(tags: &[String]) -> Vec<String> {
    let mut tidy: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        if !tag.is_empty() && !tidy.iter().any(|there| there == tag) {
            tidy.push(tag.to_owned());
        }
    }
    tidy
}

pub(super) fn still_printing() -> StationError {
    let hint = "Cancel it first, or wait until it is done.";
    StationError::refused("still_printing", "this print is under way", hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_stays_and_null_takes_a_word_back() {
        let read = |text: &str| serde_json::from_str::<PrintPatch>(text).unwrap().alert_overwrite;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"alert_overwrite": null}"#), Some(None));
        assert_eq!(read(r#"{"alert_overwrite": "FAILED"}"#), Some(Some(AlertOverwrite::Failed)));
    }

    #[test]
    fn values_out_of_their_range_are_refused() {
        let good = PrintPatch { notes: Some("x".repeat(LONGEST_NOTES)), ..PrintPatch::default() };
        assert!(good.check().is_ok());
        for bad in [
            PrintPatch { notes: Some("x".repeat(LONGEST_NOTES + 1)), ..PrintPatch::default() },
            PrintPatch { tags: Some(vec![String::new(); MOST_TAGS + 1]), ..PrintPatch::default() },
            PrintPatch { tags: Some(vec!["x".repeat(LONGEST_TAG + 1)]), ..PrintPatch::default() },
            PrintPatch { reason: Some("x".repeat(reasons::LONGEST + 1)), ..PrintPatch::default() },
            PrintPatch { filament_used: Some(-1.0), ..PrintPatch::default() },
            PrintPatch { print_time: Some(f64::NAN), ..PrintPatch::default() },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
        let tags = [" a", "b ", "", "a"].map(str::to_owned);
        assert_eq!(tidy_tags(&tags), ["a", "b"]);
    }
}
