//! Statistics of past prints, as plain functions of their figures.

use domain::statistics::{GroupBy, Place, read_day};
use domain::{AlertOverwrite, EndedBy, Outcome, PrinterId, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use store::print_stats::{self, PrintFigures};
use store::{Connection, StoreError};

/// What became of the prints of a day, week, month or year, or of a printer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
#[serde(rename = "StatGroup")]
pub struct Group {
    /// When it begins, with the offset of the place.
    pub key: String,
    /// Prints in all.
    pub prints: u32,
    /// That ended well, and of which nobody said that they failed.
    pub finished: u32,
    /// Of which a person said so.
    pub failed: u32,
    /// By a person or the watch.
    pub cancelled: u32,
    /// Cut short.
    pub interrupted: u32,
    /// Seconds of printing.
    pub secs: f64,
    /// mm of filament.
    pub filament_mm: f64,
}

impl Group {
    fn take(&mut self, print: &PrintFigures) {
        self.prints += 1;
        match Outcome::of(print.ended_by, print.said) {
            Some(Outcome::Failed) => self.failed += 1,
            Some(Outcome::Finished) => self.finished += 1,
            Some(Outcome::Cancelled) => self.cancelled += 1,
            Some(Outcome::Interrupted) => self.interrupted += 1,
            None => (),
        }
        self.secs += print.print_time_secs.unwrap_or(0.0);
        self.filament_mm += print.filament_used_mm.unwrap_or(0.0);
    }
}

/// The sums of Obico, under its names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Sums {
    /// Prints.
    pub total_print_count: u32,
    /// Seconds.
    pub total_print_time: f64,
    /// mm.
    pub total_filament_used: f64,
    /// Cancelled or cut short, and of which nobody said that they failed.
    pub total_cancelled_print_count: u32,
    /// Ended well, and of which nobody said that they failed.
    pub total_succeeded_print_count: u32,
    /// Seconds; null without a print that has ended.
    pub longest_print_time: Option<f64>,
    /// Seconds, the mean of the prints that have ended; null without one.
    pub average_print_time: Option<f64>,
}

/// What pausing early was worth, and what false alarms there were.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Saved {
    /// Prints that the watch alerted about.
    pub alerts: u32,
    /// Prints that the watch paused.
    pub pauses: u32,
    /// Of those alerted about, failures as a person said.
    pub confirmed: u32,
    /// Of those alerted about, none as a person said.
    pub false_alarms: u32,
    /// mm of filament that paused failures did not use any more.
    pub filament_mm: f64,
    /// Seconds that they did not take any more.
    pub secs: f64,
}

/// Reads the figures of the prints that count: the demo's only while there are no others, or when printers are named.
pub(super) fn that_count(
    conn: &Connection,
    printers: &[PrinterId],
    (from, to): (Option<Timestamp>, Option<Timestamp>),
) -> Result<Vec<PrintFigures>, StoreError> {
    let mut figures = print_stats::figures(conn, printers, from, to)?;
    if printers.is_empty() && figures.iter().any(|print| !print.demo) {
        figures.retain(|print| !print.demo);
    }
    Ok(figures)
}

/// Returns the moments between which prints of some days of a place began: from the begin of the first day to the end of
/// the last, each as `2026-11-30`.
///
/// # Errors
/// A text for people when one is no day.
pub fn between_days(
    place: &Place,
    first: Option<&str>,
    last: Option<&str>,
) -> Result<(Option<Timestamp>, Option<Timestamp>), String> {
    let day = |text: Option<&str>| text.map(read_day).transpose();
    let from = day(first)?.and_then(|day| place.begin(day));
    let to = day(last)?.and_then(|day| place.begin(day.tomorrow().ok()?));
    Ok((from, to))
}

/// Returns what became of prints, group by group, empty ones between them too.
pub fn groups(figures: &[PrintFigures], place: &Place, by: GroupBy) -> Vec<Group> {
    let days: Vec<_> = figures.iter().map(|print| place.day(print.started_at)).collect();
    let (Some(first), Some(last)) = (days.iter().flatten().min(), days.iter().flatten().max()) else {
        return Vec::new();
    };
    let all = by.all(*first, *last);
    let mut groups: Vec<Group> =
        all.iter().map(|day| Group { key: place.iso(*day), ..Group::default() }).collect();
    for (print, day) in figures.iter().zip(days) {
        let place = day.and_then(|day| all.binary_search(&by.first_day(day)).ok());
        if let Some(group) = place.and_then(|at| groups.get_mut(at)) {
            group.take(print);
        }
    }
    groups
}

/// Returns the sums of all prints.
pub fn sums(figures: &[PrintFigures]) -> Sums {
    let mut sums = Sums { total_print_count: figures.len() as u32, ..Sums::default() };
    let mut ended = 0.0;
    for print in figures {
        // As the groups count, so that no two numbers on a page contradict each other.
        match Outcome::of(print.ended_by, print.said) {
            Some(Outcome::Finished) => sums.total_succeeded_print_count += 1,
            Some(Outcome::Cancelled | Outcome::Interrupted) => sums.total_cancelled_print_count += 1,
            Some(Outcome::Failed) | None => (),
        }
        sums.total_filament_used += print.filament_used_mm.unwrap_or(0.0);
        if let Some(secs) = print.print_time_secs {
            sums.total_print_time += secs;
            if print.ended_by.is_some() {
                ended += 1.0;
                sums.longest_print_time = Some(sums.longest_print_time.unwrap_or(0.0).max(secs));
            }
        }
    }
    if ended > 0.0 {
        sums.average_print_time = Some(sums.total_print_time / ended);
    }
    sums
}

/// Returns what became of the prints of each printer.
pub fn by_printer(figures: &[PrintFigures]) -> Vec<(PrinterId, Group)> {
    let mut all: BTreeMap<PrinterId, Group> = BTreeMap::new();
    for print in figures {
        if let Some(printer) = print.printer {
            all.entry(printer).or_default().take(print);
        }
    }
    all.into_iter().collect()
}

/// Returns what pausing early was worth. A pause saved something when the print did not go on to its end and nobody
/// said that nothing was wrong: what the whole file takes less what was used.
pub fn saved(figures: &[PrintFigures]) -> Saved {
    let mut saved = Saved::default();
    for print in figures.iter().filter(|print| print.alerted) {
        saved.alerts += 1;
        saved.pauses += u32::from(print.paused);
        match print.said {
            Some(AlertOverwrite::Failed) => saved.confirmed += 1,
            Some(AlertOverwrite::NotFailed) => saved.false_alarms += 1,
            None => (),
        }
        let stopped = matches!(print.ended_by, Some(EndedBy::Cancelled | EndedBy::Interrupted));
        if print.paused && stopped && print.said != Some(AlertOverwrite::NotFailed) {
            let rest =
                |whole: Option<f64>, used: Option<f64>| (whole.unwrap_or(0.0) - used.unwrap_or(0.0)).max(0.0);
            saved.filament_mm += rest(print.filament_total_mm, print.filament_used_mm);
            saved.secs += rest(print.estimated_secs, print.print_time_secs);
        }
    }
    saved
}

/// Returns why prints did not come out well, the commonest first.
pub fn failures(figures: &[PrintFigures]) -> Vec<(String, u32)> {
    let mut all: BTreeMap<String, u32> = BTreeMap::new();
    for print in figures {
        let why = match (print.said, print.ended_by, print.paused) {
            (Some(AlertOverwrite::Failed), Some(_), true) => "Failed, paused by the watch".to_owned(),
            (Some(AlertOverwrite::Failed), Some(_), false) if print.alerted => {
                "Failed, the watch alerted".to_owned()
            }
            (Some(AlertOverwrite::Failed), Some(_), false) => "Failed, not noticed by the watch".to_owned(),
            (_, Some(EndedBy::Interrupted), _) => {
                print.ended_why.clone().unwrap_or_else(|| "Interrupted".to_owned())
            }
            (_, Some(EndedBy::Finished | EndedBy::Cancelled) | None, _) => continue,
        };
        *all.entry(why).or_default() += 1;
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all.truncate(8);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    fn print(secs: i64) -> PrintFigures {
        PrintFigures {
            started_at: Timestamp::from_micros(secs * 1_000_000),
            printer: Some(PrinterId(1)),
            ended_by: Some(EndedBy::Finished),
            ended_why: None,
            said: None,
            alerted: false,
            paused: false,
            print_time_secs: Some(100.0),
            filament_used_mm: Some(10.0),
            demo: false,
            filament_total_mm: Some(50.0),
            estimated_secs: Some(1000.0),
            reason: None,
            counted_mm: None,
            spools: Vec::new(),
            material: None,
            file_g: None,
            names_diameter: false,
            diameter_mm: 1.75,
        }
    }

    #[test]
    fn each_print_is_in_one_group_and_empty_groups_are_there() {
        let berlin = Place::named("Europe/Berlin").unwrap();
        let mut random = 7_u64;
        let figures: Vec<PrintFigures> = (0..2000)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                print(1_600_000_000 + (random >> 33) as i64 % 100_000_000)
            })
            .collect();
        for by in [GroupBy::Day, GroupBy::Week, GroupBy::Month, GroupBy::Year] {
            let groups = groups(&figures, &berlin, by);
            assert_eq!(groups.iter().map(|group| group.prints).sum::<u32>(), 2000, "{by:?}");
            assert!(groups.windows(2).all(|two| two[0].key < two[1].key));
        }
        let gap = [print(1_700_000_000), print(1_700_000_000 + 3 * 86_400)];
        let days: Vec<u32> = groups(&gap, &berlin, GroupBy::Day).iter().map(|group| group.prints).collect();
        assert_eq!(days, [1, 0, 0, 1]);
        assert!(groups(&[], &berlin, GroupBy::Day).is_empty());
    }

    #[test]
    fn a_person_has_the_last_word_in_the_sums_too() {
        let failed = PrintFigures { said: Some(AlertOverwrite::Failed), ..print(0) };
        let open = PrintFigures { ended_by: None, print_time_secs: None, ..print(1) };
        let cut =
            PrintFigures { ended_by: Some(EndedBy::Interrupted), print_time_secs: Some(50.0), ..print(2) };
        let figures = [failed, open, cut, print(3)];
        let all = sums(&figures);
        assert_eq!((all.total_print_count, all.total_cancelled_print_count), (4, 1));
        assert_eq!((all.longest_print_time, all.average_print_time), (Some(100.0), Some(250.0 / 3.0)));
        let by = by_printer(&figures);
        assert_eq!((by[0].1.finished, by[0].1.failed, by[0].1.interrupted), (1, 1, 1));
        assert_eq!(failures(&figures).len(), 2);
    }

    #[test]
    fn only_a_pause_that_ended_a_failure_saved_something() {
        let paused =
            PrintFigures { alerted: true, paused: true, ended_by: Some(EndedBy::Cancelled), ..print(0) };
        let went_on = PrintFigures { ended_by: Some(EndedBy::Finished), ..paused.clone() };
        let wrong = PrintFigures { said: Some(AlertOverwrite::NotFailed), ..paused.clone() };
        let saved = saved(&[paused, went_on, wrong, print(1)]);
        assert_eq!((saved.alerts, saved.pauses, saved.false_alarms, saved.confirmed), (3, 3, 1, 0));
        assert_eq!((saved.filament_mm, saved.secs), (40.0, 900.0));
    }
}
