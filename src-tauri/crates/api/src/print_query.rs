//! Which past prints are meant: the query of lists, counts, statistics and exports.

use crate::ApiError;
use domain::statistics::Place;
use domain::{FileId, PrinterId, Timestamp};
use std::str::FromStr;
use store::print_list::{Filter, Outcome, PrintQuery, Said, Sorting};

/// Prints on a page at most.
const MOST: u32 = 500;

/// Which printers, as Obico names the field.
const PRINTERS: &str = "filter_by_printer_ids";

/// Longest text to look for, characters.
const LONGEST_TEXT: usize = 1000;

/// Refuses a text to look for that is longer than any name or note worth looking for.
pub(crate) fn short(text: &str) -> Result<(), ApiError> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(ApiError::bad_request(format!(
            "a text to look for has at most {LONGEST_TEXT} characters"
        )));
    }
    Ok(())
}

/// A query taken apart; names may come more than once.
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn read(query: Option<String>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        Self(pairs)
    }

    /// Returns the last value of a name, if it says something.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name)?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    }

    /// Returns the last value of a name, read.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let unknown =
            |value: &str| ApiError::bad_request(format!("{name} {value:?} is unknown")).of_field(name);
        self.get(name).map(|value| value.parse().map_err(|_| unknown(value))).transpose()
    }

    fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match words.iter().find(|(word, _)| *word == value) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => Err(ApiError::bad_request(format!("{name} {value:?} is unknown")).of_field(name)),
        }
    }

    /// Returns all values of a name that say something, with or without Obico's `[]` behind it.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = move |key: &str| key.strip_suffix("[]").unwrap_or(key) == name;
        let values = self.0.iter().filter(move |(key, _)| named(key)).map(|(_, value)| value.trim());
        values.filter(|value| !value.is_empty())
    }

    /// Returns the printers that are named, once or several times.
    pub(crate) fn printers(&self) -> Result<Vec<PrinterId>, ApiError> {
        let read = |value: &str| {
            let wrong = |_| ApiError::bad_request(format!("{value:?} is no printer"));
            value
                .parse()
                .map(PrinterId)
                .map_err(|error: std::num::ParseIntError| wrong(error).of_field(PRINTERS))
        };
        self.all(PRINTERS).map(read).collect()
    }

    /// Returns the place whose days count; UTC unless said.
    pub(crate) fn place(&self) -> Result<Place, ApiError> {
        Place::named(self.get("timezone").unwrap_or("UTC")).map_err(ApiError::bad_request)
    }

    /// Returns the moments between which prints started: from the begin of the first day to the end of the last.
    pub(crate) fn between(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), ApiError> {
        let between = station::between_days(&self.place()?, self.get("from_date"), self.get("to_date"));
        between.map_err(ApiError::bad_request)
    }

    /// Returns the query for a list.
    pub(crate) fn prints(&self) -> Result<PrintQuery, ApiError> {
        let filters = [
            ("cancelled", Filter::Cancelled),
            ("finished", Filter::Finished),
            ("need_alert_overwrite", Filter::NeedAlertOverwrite),
            ("need_print_shot_feedback", Filter::NeedPrintShotFeedback),
        ];
        let needed = self.word("feedback_needed", &filters[2..])?;
        let sorting = [("date_desc", Sorting::DateDesc), ("date_asc", Sorting::DateAsc)];
        let outcomes = [
            ("finished", Outcome::Finished),
            ("failed", Outcome::Failed),
            ("cancelled", Outcome::Cancelled),
            ("interrupted", Outcome::Interrupted),
            ("open", Outcome::Open),
        ];
        let said = [("failed", Said::Failed), ("not_failed", Said::NotFailed), ("none", Said::Nothing)];
        let (from, to) = self.between()?;
        for text in ["q", "tag"].iter().filter_map(|name| self.get(name)) {
            short(text)?;
        }
        Ok(PrintQuery {
            start: self.parsed("start")?.unwrap_or(0),
            limit: self.parsed("limit")?.unwrap_or(12).min(MOST),
            sorting: self.word("sorting", &sorting)?.unwrap_or_default(),
            filter: needed.or(self.word("filter", &filters)?),
            printers: self.printers()?,
            from,
            to,
            with_deleted: self.parsed("with_deleted")?.unwrap_or(false),
            outcome: self.word("result", &outcomes)?,
            said: self.word("verdict", &said)?,
            alerts: self.parsed("alerts")?.unwrap_or(false),
            kept: self.parsed("kept")?.unwrap_or(false),
            file: self.parsed::<i64>("file")?.map(FileId),
            tag: self.get("tag").map(str::to_owned),
            text: self.get("q").unwrap_or_default().to_owned(),
        })
    }
}
