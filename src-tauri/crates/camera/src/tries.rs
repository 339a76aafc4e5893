//! How long is waited before a camera that failed is opened again. Pure.

use crate::CameraError;
use domain::Millis;
use std::time::Duration;

/// Seconds of real time before each new try; the last one repeats.
const BACK_OFF_SECS: [u64; 5] = [1, 2, 4, 8, 15];

/// The end of a decoder counts until another one has run for so long: one that the stream ends again and again is not
/// started every second.
const STEADY_MS: Millis = 60_000;

/// The tries so far. Times are real milliseconds of any one origin.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    failures: usize,
    /// When a decoder failed, as long as that counts.
    decoder_failed_ms: Option<Millis>,
}

impl Tries {
    /// Notes a picture.
    pub(crate) fn picture(&mut self, now_ms: Millis) {
        if self.decoder_failed_ms.is_none_or(|failed| now_ms.saturating_sub(failed) >= STEADY_MS) {
            *self = Self::default();
        }
    }

    /// Notes a failure; returns how long is waited.
    pub(crate) fn failed(&mut self, error: &CameraError, now_ms: Millis) -> Duration {
        if error.is_of_the_decoder() {
            self.decoder_failed_ms = Some(now_ms);
        }
        let secs = BACK_OFF_SECS[self.failures.min(BACK_OFF_SECS.len() - 1)];
        self.failures += 1;
        Duration::from_secs(secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sandbox::Ended;

    #[test]
    fn a_picture_ends_the_count_but_not_that_of_decoders_which_end_again_and_again() {
        let secs = |secs| Duration::from_secs(secs);
        let mut tries = Tries::default();
        let silent = CameraError::Silent { secs: 5 };
        assert_eq!([0, 1, 2].map(|n| tries.failed(&silent, n)), [1, 2, 4].map(secs));
        tries.picture(10);
        assert_eq!(tries.failed(&silent, 20), secs(1), "it gave a picture meanwhile");

        let mut tries = Tries::default();
        let ended = CameraError::Decoder { ended: Ended::Hung { secs: 3 } };
        for (n, waited) in (0..).zip([1, 2, 4, 8, 15, 15]) {
            assert_eq!(tries.failed(&ended, n * 20_000), secs(waited));
            tries.picture(n * 20_000 + 5_000);
        }
        tries.picture(160_000);
        assert_eq!(tries.failed(&ended, 161_000), secs(1), "it ran for a minute");
    }
}
