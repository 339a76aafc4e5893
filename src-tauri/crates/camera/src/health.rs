//! When a camera counts as live or lost, told only when it changes. Pure.

use crate::CameraError;
use domain::{CameraHealth, Millis};

/// A camera is lost when no whole picture came for this long, real time.
pub(crate) const PATIENCE_MS: Millis = 5_000;

/// Until the first picture, opening may take longer.
const OPENING_PATIENCE_MS: Millis = 10_000;

/// Watches what comes from a camera. Times are real milliseconds of any one origin.
#[derive(Debug)]
pub(crate) struct Vigil {
    health: CameraHealth,
    last_whole_ms: Millis,
    /// Pictures come when somebody sends them: none for long is no sign of anything.
    unhurried: bool,
    /// The newest trouble since the last whole picture.
    trouble: Option<CameraError>,
    /// Damaged pictures since the camera was opened for the first time.
    pub(crate) damaged: u64,
}

impl Vigil {
    /// Begins with a camera that is being opened.
    pub(crate) fn new(now_ms: Millis) -> Self {
        let health = CameraHealth::Opening;
        Self { health, last_whole_ms: now_ms, unhurried: false, trouble: None, damaged: 0 }
    }

    /// Takes it that pictures may be far apart; only a failure of the source loses such a camera.
    pub(crate) fn unhurried(self) -> Self {
        Self { unhurried: true, ..self }
    }

    /// Notes a whole picture; returns the health if it changed.
    pub(crate) fn whole(&mut self, (width, height): (u32, u32), now_ms: Millis) -> Option<CameraHealth> {
        self.last_whole_ms = now_ms;
        self.trouble = None;
        self.change(CameraHealth::Live { width, height })
    }

    /// Notes a damaged picture; returns the health if it changed.
    pub(crate) fn damaged(&mut self, error: CameraError, now_ms: Millis) -> Option<CameraHealth> {
        self.damaged += 1;
        self.trouble = Some(error);
        self.quiet(now_ms)
    }

    /// Notes that the camera failed; returns the health if it changed.
    pub(crate) fn failed(&mut self, error: CameraError, now_ms: Millis) -> Option<CameraHealth> {
        self.trouble = Some(error.clone());
        match self.health {
            // A live camera may stumble: it is opened again, and only when that takes long it is lost.
            CameraHealth::Live { .. } if !self.unhurried && !error.is_of_the_decoder() => self.quiet(now_ms),
            CameraHealth::Live { .. } | CameraHealth::Opening | CameraHealth::Lost { .. } => {
                self.lose(&error)
            }
        }
    }

    /// Notes that time passed; returns the health if it changed.
    pub(crate) fn quiet(&mut self, now_ms: Millis) -> Option<CameraHealth> {
        let quiet_ms = now_ms.saturating_sub(self.last_whole_ms);
        let patience_ms = match self.health {
            CameraHealth::Opening => OPENING_PATIENCE_MS,
            CameraHealth::Live { .. } => PATIENCE_MS,
            CameraHealth::Lost { .. } => return None,
        };
        if self.unhurried {
            return None;
        }
        if quiet_ms < patience_ms {
            return None;
        }
        let trouble = self.trouble.clone().unwrap_or(CameraError::Silent { secs: quiet_ms / 1000 });
        self.lose(&trouble)
    }

    /// Something was told past this: the next change is told whatever it is.
    pub(crate) fn forget(&mut self) {
        self.health = CameraHealth::Opening;
    }

    fn lose(&mut self, error: &CameraError) -> Option<CameraHealth> {
        self.change(CameraHealth::Lost { why: error.for_people() })
    }

    fn change(&mut self, health: CameraHealth) -> Option<CameraHealth> {
        if self.health == health {
            return None;
        }
        self.health = health.clone();
        Some(health)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy() -> CameraError {
        CameraError::Busy { device: "/dev/video0".into() }
    }

    fn torn() -> CameraError {
        CameraError::Damaged { reason: "it breaks off before its end".into() }
    }

    fn why(health: Option<CameraHealth>) -> String {
        match health {
            Some(CameraHealth::Lost { why }) => why,
            other => panic!("expected a loss, not {other:?}"),
        }
    }

    #[test]
    fn a_camera_that_cannot_be_opened_is_said_at_once_and_once() {
        let mut vigil = Vigil::new(0);
        let text = why(vigil.failed(busy(), 10));
        assert!(text.starts_with("The camera /dev/video0 is in use"), "{text}");
        assert!(text.contains("Close other programs"), "a cure is named: {text}");
        assert_eq!(vigil.failed(busy(), 1000), None, "the same again is no news");
        let gone = CameraError::NotFound { device: "/dev/video0".into() };
        assert!(why(vigil.failed(gone, 2000)).contains("Plug the camera in"), "another cause is");
    }

    #[test]
    fn a_live_camera_may_stumble_for_five_seconds() {
        let mut vigil = Vigil::new(0);
        assert_eq!(vigil.whole((64, 48), 100), Some(CameraHealth::Live { width: 64, height: 48 }));
        assert_eq!(vigil.whole((64, 48), 200), None);
        assert_eq!(vigil.failed(busy(), 300), None);
        assert_eq!(vigil.quiet(5199), None);
        assert!(why(vigil.quiet(5200)).contains("in use"), "the cause is told, not the silence");
        assert_eq!(vigil.quiet(9000), None);
        assert!(vigil.whole((64, 48), 9100).is_some(), "it is live again");
        assert!(why(vigil.quiet(14_100)).starts_with("No picture for 5 seconds"), "a hung device is noticed");
    }

    #[test]
    fn the_end_of_what_decodes_a_stream_is_said_at_once() {
        let mut vigil = Vigil::new(0);
        vigil.whole((64, 48), 100);
        let ended = sandbox::Ended::Gone { how: "signal: 9 (SIGKILL)".into() };
        let text = why(vigil.failed(CameraError::Decoder { ended }, 200));
        assert!(
            text.starts_with("The process that decodes the camera's stream has ended (signal: 9"),
            "{text}"
        );
        assert!(text.contains("started again by itself"), "a cure is named: {text}");
        assert!(vigil.whole((64, 48), 1500).is_some(), "it is live again");
    }

    #[test]
    fn torn_pictures_alone_lose_a_camera_only_after_a_while() {
        let mut vigil = Vigil::new(0);
        vigil.whole((64, 48), 0);
        for n in 1..50 {
            assert_eq!(vigil.damaged(torn(), n * 100), None, "at {} ms", n * 100);
        }
        assert!(why(vigil.damaged(torn(), 5000)).contains("cable"));
        assert_eq!(vigil.damaged, 50);
    }

    #[test]
    fn opening_may_take_longer_but_not_for_ever() {
        let mut vigil = Vigil::new(0);
        assert_eq!(vigil.quiet(9_999), None);
        assert!(why(vigil.quiet(10_000)).starts_with("No picture for 10 seconds"));
    }
}
