//! Which frames are kept for the film: one in ten seconds and the first of each long layer, sparser the longer a print
//! lasts.

use domain::{KeepWhy, Millis};

/// One frame in so long, in the beginning.
const EVERY_MS: Millis = 10_000;

/// With so many kept, every second is dropped and they come half as often: a print of days has no more.
pub(crate) const MOST_KEPT: u32 = 4000;

/// Keeps the pace of a film.
#[derive(Debug)]
pub(crate) struct FilmPace {
    every_ms: Millis,
    /// Frames kept for the film and not dropped again.
    kept: u32,
    /// When the last that came in its time was taken.
    last_ms: Option<Millis>,
    /// The layer under way, and when its first frame was taken.
    layer: Option<(u32, Millis)>,
}

/// What is to be done with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) why: KeepWhy,
    pub(crate) room: Room,
}

/// Whether those kept so far become too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// They do not.
    Enough,
    /// Every second is to be dropped.
    MakeRoom,
}

impl Default for FilmPace {
    fn default() -> Self {
        Self { every_ms: EVERY_MS, kept: 0, last_ms: None, layer: None }
    }
}

impl FilmPace {
    /// Returns the pace of a print that has gone on for so long.
    pub(crate) fn after(passed: Millis) -> Self {
        let mut pace = Self::default();
        while passed / pace.every_ms >= Millis::from(MOST_KEPT) {
            pace.every_ms *= 2;
        }
        pace.kept = u32::try_from(passed / pace.every_ms).unwrap_or(MOST_KEPT);
        pace
    }

    /// A frame was taken while lines were executed: is it for the film?
    pub(crate) fn look(&mut self, taken: Millis, layer: Option<u32>) -> Option<Wanted> {
        let begins = layer.is_some() && layer != self.layer.map(|(layer, _)| layer);
        // Layers are alike: where the last one was long, this one is. Of a short one the film has a frame anyway.
        let long = self.layer.is_some_and(|(_, since)| taken.saturating_sub(since) >= self.every_ms);
        if begins {
            self.layer = layer.map(|layer| (layer, taken));
        }
        let due = self.last_ms.is_none_or(|last| taken.saturating_sub(last) >= self.every_ms);
        if due {
            self.last_ms = Some(taken);
        }
        let why = match (begins && long, due) {
            (true, _) => KeepWhy::Layer,
            (false, true) => KeepWhy::Film,
            (false, false) => return None,
        };
        self.kept += 1;
        let room = if self.kept < MOST_KEPT {
            Room::Enough
        } else {
            self.kept /= 2;
            self.every_ms *= 2;
            Room::MakeRoom
        };
        Some(Wanted { why, room })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows a frame a second for so many seconds; returns how many were wanted, why, and how often room was made.
    fn shown(pace: &mut FilmPace, secs: u64, layer_secs: u64) -> (u32, u32, u32) {
        let (mut films, mut layers, mut rooms) = (0, 0, 0);
        for second in 0..secs {
            let layer = u32::try_from(second / layer_secs).unwrap();
            let Some(wanted) = pace.look(second * 1000, Some(layer)) else { continue };
            match wanted.why {
                KeepWhy::Film => films += 1,
                KeepWhy::Layer => layers += 1,
                KeepWhy::Suspicious | KeepWhy::Alert => panic!("no reason of a film"),
            }
            rooms += u32::from(wanted.room == Room::MakeRoom);
        }
        (films, layers, rooms)
    }

    #[test]
    fn one_in_ten_seconds_and_the_first_of_each_long_layer() {
        assert_eq!(
            shown(&mut FilmPace::default(), 600, 25),
            (60 - 11, 23, 0),
            "half of them come in their time"
        );
        assert_eq!(
            shown(&mut FilmPace::default(), 600, 4),
            (60, 0, 0),
            "short layers need none of their own"
        );
        let mut pace = FilmPace::default();
        assert_eq!(
            pace.look(0, None).map(|wanted| wanted.why),
            Some(KeepWhy::Film),
            "before the first layer"
        );
        assert_eq!(pace.look(9_999, None), None);
    }

    #[test]
    fn a_print_of_days_keeps_no_more_than_one_of_hours() {
        for (hours, layer_secs) in [(5, 90), (24, 90), (24, 5), (100, 300)] {
            let mut pace = FilmPace::default();
            let (films, layers, rooms) = shown(&mut pace, hours * 3600, layer_secs);
            assert!(pace.kept < MOST_KEPT, "{hours} h: {} kept", pace.kept);
            assert_eq!(rooms > 0, films + layers >= MOST_KEPT, "{hours} h");
            if hours >= 24 {
                assert!(pace.kept > MOST_KEPT / 3, "{hours} h: only {} kept", pace.kept);
                assert!(FilmPace::after(hours * 3_600_000).every_ms > EVERY_MS);
            }
        }
        assert_eq!(FilmPace::after(0).every_ms, EVERY_MS);
    }
}
