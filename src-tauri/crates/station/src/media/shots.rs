//! Shots: the few pictures of a print that a person is asked about, each as a copy of its own, so that it stays when
//! the other pictures are dropped.

use super::paths::{print_folder, url_of};
use crate::error::StationError;
use domain::{FrameRow, KeepWhy, LookRow, PrintId, PrintShotFeedback};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use store::Store;

/// Pictures that a person is asked about at most.
const MOST: usize = 7;
/// Only those with a p above this are worth asking.
const ABOVE_P: f64 = 0.076;
/// They are at least so far apart, seconds of the printer's clock.
const APART_SECS: f64 = 120.0;
/// A look says something about pictures that are at most so far from it, seconds of the printer's clock.
const LOOK_HOLDS_SECS: f64 = 15.0;

/// Returns which look says most about a picture: the nearest in time, if it is near.
pub(crate) fn look_of(looks: &[LookRow], frame: &FrameRow) -> Option<usize> {
    let after = looks.partition_point(|look| look.taken_at <= frame.taken_at);
    let far = |at: usize| looks[at].taken_at.secs_since(frame.taken_at).abs();
    let nearest = [after.checked_sub(1), (after < looks.len()).then_some(after)]
        .into_iter()
        .flatten()
        .min_by(|&a, &b| far(a).total_cmp(&far(b)))?;
    holds(&looks[nearest], frame).then_some(nearest)
}

/// Returns whether a look still says something about a picture.
fn holds(look: &LookRow, frame: &FrameRow) -> bool {
    look.taken_at.secs_since(frame.taken_at).abs() <= LOOK_HOLDS_SECS
}

/// Chooses the telling pictures: by p, the highest first, none near one that was chosen, `before` included. In their order
/// in time, those of `before` left out.
fn telling<'a>(frames: &'a [FrameRow], looks: &[LookRow], before: &[&'a FrameRow]) -> Vec<&'a FrameRow> {
    let p_of = |frame: &FrameRow| look_of(looks, frame).map_or(0.0, |at| looks[at].p);
    let mut ranked: Vec<(f64, &FrameRow)> =
        frames.iter().map(|frame| (p_of(frame), frame)).filter(|(p, _)| *p > ABOVE_P).collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut chosen: Vec<&FrameRow> = before.to_vec();
    for (_, frame) in ranked {
        let near = |other: &&FrameRow| other.taken_at.secs_since(frame.taken_at).abs() < APART_SECS;
        if chosen.len() < MOST && !chosen.iter().any(near) {
            chosen.push(frame);
        }
    }
    let mut chosen = chosen.split_off(before.len());
    chosen.sort_by_key(|frame| frame.taken_at.micros());
    chosen
}

/// Returns where the shot of a frame lies, below the data folder.
fn shot_path(frame: &FrameRow) -> PathBuf {
    print_folder(frame.print).join("shots").join(format!("{}.jpg", frame.id))
}

/// Copies the picture of a frame, whole or not at all; returns the address of the shot.
fn copy(root: &Path, frame: &FrameRow) -> io::Result<String> {
    let shot = shot_path(frame);
    let part = root.join(&shot).with_extension("part");
    fs::create_dir_all(root.join(print_folder(frame.print)).join("shots"))?;
    fs::copy(root.join(&frame.path), &part).and_then(|_| fs::rename(&part, root.join(&shot))).inspect_err(
        |_| {
            let _ = fs::remove_file(&part);
        },
    )?;
    Ok(url_of(&shot))
}

/// Keeps the picture of an alert as a shot while its print is under way. Returns all shots of the print.
///
/// # Errors
/// When the disk or the database does not take it.
pub(crate) fn keep_one(
    root: &Path,
    store: &Store,
    frame: &FrameRow,
) -> Result<Vec<PrintShotFeedback>, StationError> {
    let print = frame.print;
    if store.read(|conn| store::shot::of_print(conn, print))?.len() < MOST {
        let url = copy(root, frame).map_err(StationError::Thread)?;
        store.write_now(move |tx| store::shot::insert(tx, print, &url).map(|_| ()))?;
    }
    Ok(store.read(|conn| store::shot::of_print(conn, print))?)
}

/// Keeps the shots of a print that ended. Those that it has stay, with their answers; a film that is made again adds none.
///
/// # Errors
/// When the disk or the database does not take them.
pub(crate) fn keep(
    root: &Path,
    store: &Store,
    print: PrintId,
    frames: &[FrameRow],
    looks: &[LookRow],
) -> Result<(), StationError> {
    let known = store.read(|conn| store::shot::of_print(conn, print))?;
    let url = |frame: &FrameRow| url_of(&shot_path(frame));
    let before: Vec<&FrameRow> =
        frames.iter().filter(|frame| known.iter().any(|shot| shot.image_url == url(frame))).collect();
    // What is left of an alert's pictures only was kept while it printed.
    let of_alerts =
        before.len() == known.len() && before.iter().all(|frame| frame.why == KeepWhy::Alert.word());
    if !of_alerts {
        return Ok(());
    }
    let mut urls = Vec::new();
    for frame in telling(frames, looks, &before) {
        match copy(root, frame) {
            Ok(url) => urls.push(url),
            // One that is missing is not asked about.
            Err(error) => {
                tracing::warn!(%print, frame = %frame.id, %error, "a shot could not be copied");
            }
        }
    }
    store.write_now(move |tx| {
        urls.iter().try_for_each(|url| store::shot::insert(tx, print, url).map(|_| ()))
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CameraId, FrameId, PredictionState, PrinterId, Timestamp};

    fn at(secs: f64) -> Timestamp {
        Timestamp::from_micros((secs * 1e6) as i64)
    }

    fn frame(secs: f64) -> FrameRow {
        FrameRow {
            id: FrameId(secs as i64),
            print: PrintId(1),
            camera: CameraId(1),
            taken_at: at(secs),
            path: "x".into(),
            width: 1,
            height: 1,
            num_bytes: 1,
            why: "film".into(),
            line: None,
            layer_idx: None,
        }
    }

    fn look(secs: f64, p: f64) -> LookRow {
        LookRow {
            print: PrintId(1),
            frame: FrameId(secs as i64),
            taken_at: at(secs),
            probability: 0.0,
            p,
            state: PredictionState::fresh(PrinterId(1), at(secs)),
            boxes: vec![],
            line: None,
            layer_idx: None,
        }
    }

    #[test]
    fn the_nearest_look_counts_if_it_is_near() {
        let looks = [look(100.0, 0.1), look(110.0, 0.2)];
        for (secs, which) in
            [(99.0, Some(0)), (104.0, Some(0)), (106.0, Some(1)), (120.0, Some(1)), (130.0, None)]
        {
            assert_eq!(look_of(&looks, &frame(secs)), which, "{secs}");
        }
        assert_eq!(look_of(&[], &frame(1.0)), None);
    }

    #[test]
    fn seven_at_most_by_p_two_minutes_apart() {
        let frames: Vec<FrameRow> = (0..400).map(|n| frame(f64::from(n) * 10.0)).collect();
        let p = |n: i32| match n {
            200 => 0.9,
            205 => 0.8,
            212 => 0.7,
            _ if n % 20 == 0 => 0.3,
            _ => 0.05,
        };
        let looks: Vec<LookRow> = (0..400).map(|n| look(f64::from(n) * 10.0, p(n))).collect();
        let chosen = telling(&frames, &looks, &[]);
        let secs: Vec<i64> = chosen.iter().map(|frame| frame.id.get()).collect();
        assert_eq!(secs.len(), 7);
        assert!(secs.contains(&2000) && secs.contains(&2120) && !secs.contains(&2050), "{secs:?}");
        assert!(secs.windows(2).all(|two| two[1] - two[0] >= 120), "{secs:?}");
        let calm: Vec<LookRow> = (0..400).map(|n| look(f64::from(n) * 10.0, 0.05)).collect();
        assert!(telling(&frames, &calm, &[]).is_empty(), "nothing to ask about");
        let more = telling(&frames, &looks, &[&frames[204]]);
        assert_eq!(more.len(), 6, "seven with the one of the alert");
        assert!(more.iter().all(|frame| (frame.id.get() - 2040).abs() >= 120), "none near it");
    }
}
