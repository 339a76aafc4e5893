//! Shots: the few pictures of a print that a person is asked about, each as a copy of its own, so that it stays when
//! the other pictures are dropped.

use crate::film_job::holds;
use crate::media;
use crate::station::StationError;
use domain::{FrameRow, LookRow, PrintId};
use std::fs;
use std::path::Path;
use store::Store;

/// Pictures that a person is asked about at most.
const MOST: usize = 7;
/// Only those with a p above this are worth asking.
const ABOVE_P: f64 = 0.076;
/// They are at least so far apart, seconds of the printer's clock.
const APART_SECS: f64 = 120.0;

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

/// Chooses the telling pictures: by p, the highest first, none near one that was chosen. In their order in time.
fn telling<'a>(frames: &'a [FrameRow], looks: &[LookRow]) -> Vec<&'a FrameRow> {
    let p_of = |frame: &FrameRow| look_of(looks, frame).map_or(0.0, |at| looks[at].p);
    let mut ranked: Vec<(f64, &FrameRow)> =
        frames.iter().map(|frame| (p_of(frame), frame)).filter(|(p, _)| *p > ABOVE_P).collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut chosen: Vec<&FrameRow> = Vec::new();
    for (_, frame) in ranked {
        let near = |other: &&FrameRow| other.taken_at.secs_since(frame.taken_at).abs() < APART_SECS;
        if chosen.len() < MOST && !chosen.iter().any(near) {
            chosen.push(frame);
        }
    }
    chosen.sort_by_key(|frame| frame.taken_at.micros());
    chosen
}

/// Keeps the shots of a print that ended. A print that has some keeps them, with their answers.
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
    if !store.read(|conn| store::shot::of_print(conn, print))?.is_empty() {
        return Ok(());
    }
    let folder = media::print_folder(print).join("shots");
    let mut urls = Vec::new();
    for frame in telling(frames, looks) {
        fs::create_dir_all(root.join(&folder)).map_err(StationError::Thread)?;
        let shot = folder.join(format!("{}.jpg", frame.id));
        let part = root.join(&shot).with_extension("part");
        let copied =
            fs::copy(root.join(&frame.path), &part).and_then(|_| fs::rename(&part, root.join(&shot)));
        if let Err(error) = copied {
            // One that is missing is not asked about.
            tracing::warn!(%print, frame = %frame.id, %error, "a shot could not be copied");
            let _ = fs::remove_file(&part);
            continue;
        }
        urls.push(media::url_of(&shot));
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
        let chosen = telling(&frames, &looks);
        let secs: Vec<i64> = chosen.iter().map(|frame| frame.id.get()).collect();
        assert_eq!(secs.len(), 7);
        assert!(secs.contains(&2000) && secs.contains(&2120) && !secs.contains(&2050), "{secs:?}");
        assert!(secs.windows(2).all(|two| two[1] - two[0] >= 120), "{secs:?}");
        let calm: Vec<LookRow> = (0..400).map(|n| look(f64::from(n) * 10.0, 0.05)).collect();
        assert!(telling(&frames, &calm).is_empty(), "nothing to ask about");
    }
}
