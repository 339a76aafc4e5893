//! Sightings: what of a print looked like a failure, but not enough for an alert. Summed up once a print is over.

use crate::error::StationError;
use crate::media::print_folder;
use domain::{FrameId, FrameRow, PrintId, Sighting, Timestamp};
use std::path::Path;
use store::look_file::LookScore;
use store::{Store, look_file};
use verdict::{Mean, Tuning};

/// Half of what an alert takes.
const SEEN_ABOVE: f64 = 1.0 / 6.0;
/// Times that are closer together are one.
const JOIN_MS: u64 = 120_000;
/// What is so near to an alert belongs to it.
const ALERT_MS: u64 = 180_000;
/// Sightings of one print at most, the weightiest.
const MOST: usize = 30;
/// The picture of a sighting is at most so far from its worst moment.
const NEAR_SECS: f64 = 60.0;

/// A time in which the gauge stood high, milliseconds since the print began.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    from_ms: u64,
    to_ms: u64,
    peak_ms: u64,
    peak: FrameId,
    level: f64,
}

/// Sums up the sightings of a print that is over; ones that are there already stay as they are. Blocks.
///
/// # Errors
/// When the file of looks or the database cannot be read or written.
pub(crate) fn note(root: &Path, store: &Store, print: PrintId) -> Result<(), StationError> {
    let scores = look_file::read_scores(&root.join(print_folder(print))).map_err(StationError::Thread)?;
    if scores.is_empty() {
        return Ok(());
    }
    store.write_now(|_| Ok(()))?;
    let (row, tuning, decisions, frames) = store.read(|conn| {
        let row = store::print::get(conn, print)?;
        let printer = row.as_ref().and_then(|row| row.printer);
        let printer = printer.map(|id| store::printer::get(conn, id)).transpose()?.flatten();
        let tuning = printer.map_or_else(Tuning::default, |printer| Tuning {
            sensitivity: printer.detective_sensitivity,
            threshold: printer.watch.threshold,
        });
        let decisions = store::watch::decisions(conn, print)?;
        Ok((row, tuning, decisions, store::frame::of_print(conn, print, &[])?))
    })?;
    let Some(row) = row else { return Ok(()) };
    let began = row.started_at;
    let alerts: Vec<u64> =
        decisions.iter().map(|made| (made.at.secs_since(began).max(0.0) * 1000.0) as u64).collect();
    let sightings: Vec<Sighting> = stretches(&scores, tuning, &alerts)
        .into_iter()
        .map(|stretch| {
            let at = |ms: u64| began.plus_secs(ms as f64 / 1000.0);
            Sighting {
                print,
                frame: picture(&frames, at(stretch.peak_ms)).unwrap_or(stretch.peak),
                from: at(stretch.from_ms),
                until: at(stretch.to_ms),
                level: stretch.level.clamp(0.0, 1.0),
            }
        })
        .collect();
    store.write_now(move |tx| {
        sightings.iter().try_for_each(|sighting| store::review::add_sighting(tx, sighting))
    })?;
    Ok(())
}

/// Returns the kept picture nearest to a moment.
fn picture(frames: &[FrameRow], at: Timestamp) -> Option<FrameId> {
    let far = |frame: &FrameRow| frame.taken_at.secs_since(at).abs();
    let nearest = frames.iter().min_by(|a, b| far(a).total_cmp(&far(b)))?;
    (far(nearest) <= NEAR_SECS).then_some(nearest.id)
}

fn stretches(scores: &[LookScore], tuning: Tuning, alerts_ms: &[u64]) -> Vec<Stretch> {
    let mut mean = Mean::default();
    let mut found: Vec<Stretch> = Vec::new();
    for score in scores {
        let at_ms = u64::from(score.at_ms);
        if score.before {
            mean.rest(at_ms);
            continue;
        }
        mean.take(f64::from(score.counted), tuning, at_ms);
        let level = mean.gauge(tuning);
        if level < SEEN_ABOVE {
            continue;
        }
        match found.last_mut() {
            Some(last) if at_ms.saturating_sub(last.to_ms) <= JOIN_MS => {
                last.to_ms = at_ms;
                if level > last.level {
                    (last.level, last.peak_ms, last.peak) = (level, at_ms, score.frame);
                }
            }
            Some(_) | None => {
                found.push(Stretch {
                    from_ms: at_ms,
                    to_ms: at_ms,
                    peak_ms: at_ms,
                    peak: score.frame,
                    level,
                });
            }
        }
    }
    found.retain(|stretch| {
        let near = |&alert: &u64| {
            alert + ALERT_MS >= stretch.from_ms && alert <= stretch.to_ms.saturating_add(ALERT_MS)
        };
        !alerts_ms.iter().any(near)
    });
    found.sort_by(|a, b| b.level.total_cmp(&a.level));
    found.truncate(MOST);
    found.sort_by_key(|stretch| stretch.from_ms);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A look a second; `hot` tells what counted at each second.
    fn scores(secs: u32, hot: impl Fn(u32) -> f32) -> Vec<LookScore> {
        let look = |at: u32| LookScore {
            at_ms: at * 1000,
            frame: FrameId(i64::from(at)),
            p: hot(at),
            counted: hot(at),
            before: at < 60,
            view: domain::View::Whole,
        };
        (0..secs).map(look).collect()
    }

    #[test]
    fn a_print_without_heat_has_none() {
        assert_eq!(stretches(&scores(3600, |_| 0.01), Tuning::default(), &[]), []);
    }

    #[test]
    fn two_hot_times_are_two_and_each_has_its_worst_moment() {
        let hot = |at: u32| match at {
            1000..1060 => 0.5,
            2000..2060 => 0.35,
            _ => 0.0,
        };
        let found = stretches(&scores(3600, hot), Tuning::default(), &[]);
        assert_eq!(found.len(), 2, "{found:?}");
        for (stretch, hot) in found.iter().zip([1000..1080, 2000..2080]) {
            assert!(hot.contains(&((stretch.peak_ms / 1000) as u32)), "{stretch:?}");
            assert!(stretch.from_ms <= stretch.peak_ms && stretch.peak_ms <= stretch.to_ms);
        }
        assert!(found[0].level > found[1].level);
    }

    #[test]
    fn what_led_to_an_alert_is_no_sighting_of_its_own() {
        let hot = |at: u32| if (1000..1060).contains(&at) { 0.5 } else { 0.0 };
        assert_eq!(stretches(&scores(3600, hot), Tuning::default(), &[1_050_000]), []);
        assert_eq!(stretches(&scores(3600, hot), Tuning::default(), &[3_000_000]).len(), 1);
    }

    #[test]
    fn the_picture_is_the_nearest_kept_one_if_one_is_near() {
        let frame = |id: i64, secs: f64| FrameRow {
            id: FrameId(id),
            print: PrintId(1),
            camera: domain::CameraId(1),
            taken_at: Timestamp::from_micros((secs * 1e6) as i64),
            path: "x".into(),
            width: 1,
            height: 1,
            num_bytes: 1,
            why: "film".into(),
            line: None,
            layer_idx: None,
        };
        let frames = [frame(1, 0.0), frame(2, 100.0)];
        assert_eq!(picture(&frames, Timestamp::from_micros(70_000_000)), Some(FrameId(2)));
        assert_eq!(picture(&frames, Timestamp::from_micros(200_000_000)), None);
    }
}
