//! Review: what the watch wants a person to look at, and what was said of it.

use crate::error::StationError;
use crate::media::clip_of;
use domain::{AlertOverwrite, FrameAnswer, PrintId, ReviewItem, ReviewKind, ReviewRef, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use std::path::Path;
use store::review::ReviewQuery;
use store::{Connection, Store, StoreError, Transaction};

/// Items changed at once at most.
const MOST: usize = 1000;

/// Some of what is to be looked at.
#[derive(Debug, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct ReviewPage {
    /// In their order.
    pub items: Vec<ReviewItem>,
    /// How many the query means in all.
    pub count: u32,
    /// How many of these nobody has looked at.
    pub unreviewed: u32,
}

/// Reads a page, each alert with its clip.
pub(super) fn page(root: &Path, store: &Store, query: &ReviewQuery) -> Result<ReviewPage, StoreError> {
    let (mut items, (count, unreviewed)) =
        store.read(|conn| Ok((store::review::list(conn, query)?, store::review::count(conn, query)?)))?;
    for item in &mut items {
        if let (ReviewKind::Alert, Some(frame)) = (item.kind, item.frame) {
            item.evidence_url = clip_of(root, item.print, frame);
        }
    }
    Ok(ReviewPage { items, count, unreviewed })
}

/// What a person says of some items.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewChange {
    /// Which.
    pub items: Vec<ReviewRef>,
    /// Marks them as looked at, or not.
    pub reviewed: Option<bool>,
    /// Answers them. Absent: unchanged; null: taken back.
    #[serde(default, deserialize_with = "present")]
    pub answer: Option<Option<FrameAnswer>>,
}

fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<FrameAnswer>>, D::Error> {
    Option::<FrameAnswer>::deserialize(d).map(Some)
}

impl ReviewChange {
    /// Refuses too many at once.
    pub(super) fn check(&self) -> Result<(), StationError> {
        if self.items.len() > MOST {
            return Err(StationError::refused("bad_request", format!("{MOST} items at once at most"), ""));
        }
        Ok(())
    }

    /// Returns what answers about alerts say of their prints.
    pub(super) fn judged(&self) -> Vec<(PrintId, AlertOverwrite)> {
        let verdict = match self.answer {
            Some(Some(FrameAnswer::Failure)) => AlertOverwrite::Failed,
            Some(Some(FrameAnswer::Fine)) => AlertOverwrite::NotFailed,
            Some(Some(FrameAnswer::Unsure) | None) | None => return Vec::new(),
        };
        let alerts = self.items.iter().filter(|item| item.kind == ReviewKind::Alert);
        let mut prints: Vec<PrintId> = alerts.map(|item| item.print).collect();
        prints.sort_unstable();
        prints.dedup();
        prints.into_iter().map(|print| (print, verdict)).collect()
    }

    /// Writes it; returns how many items were changed.
    pub(super) fn write(self, tx: &Transaction<'_>, now: Timestamp) -> Result<usize, StoreError> {
        let Self { items, reviewed, answer } = self;
        if let Some(answer) = answer {
            store::answer::put_all(tx, &items, answer, now)?;
        }
        match reviewed {
            Some(true) => store::answer::mark(tx, &items, Some(now)),
            Some(false) => store::answer::mark(tx, &items, None),
            None => Ok(items.len()),
        }
    }
}

/// Returns whether an answer about an alert is a word on its print, too: of a past print that nobody judged yet. One under
/// way is answered at its alert, where answering does more than keep a word.
pub(super) fn unjudged(conn: &Connection, print: PrintId) -> Result<bool, StoreError> {
    let print = store::print::get(conn, print)?;
    Ok(print.is_some_and(|print| print.ended_at().is_some() && print.alert_overwrite.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_about_alerts_judge_each_print_once_and_other_answers_none() {
        let item = |print: i64, kind: ReviewKind| ReviewRef { kind, print: PrintId(print), id: 1 };
        let items = vec![
            item(2, ReviewKind::Alert),
            item(1, ReviewKind::Alert),
            item(2, ReviewKind::Alert),
            item(3, ReviewKind::Sighting),
        ];
        let judged = |answer| ReviewChange { items: items.clone(), reviewed: None, answer }.judged();
        let failed = AlertOverwrite::Failed;
        assert_eq!(judged(Some(Some(FrameAnswer::Failure))), [(PrintId(1), failed), (PrintId(2), failed)]);
        assert_eq!(judged(Some(Some(FrameAnswer::Fine)))[0].1, AlertOverwrite::NotFailed);
        for nothing in [None, Some(None), Some(Some(FrameAnswer::Unsure))] {
            assert_eq!(judged(nothing), []);
        }
    }
}
