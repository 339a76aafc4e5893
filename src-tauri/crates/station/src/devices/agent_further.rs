//! Further cameras at a host: the agent sends pictures of one, and fetches one of any other when it is asked to.
//!
//! An agent does one thing after the other. While it waits for a camera that is slow, it hears no pause and no STOP: so it
//! is asked only while somebody wants the picture, and seldom where it took long.

use super::agent_pictures::{Flow, Pictures};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use std::sync::Weak;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// A picture is asked for so often.
const EVERY: Duration = Duration::from_secs(10);
/// After one that took longer than this, or did not come, …
const SLOW: Duration = Duration::from_secs(3);
/// … the next is asked for no sooner than this.
const REST: Duration = Duration::from_secs(120);
/// So long after the last look somebody still counts as looking.
const LOOKS: Duration = Duration::from_secs(30);

/// Who wants pictures.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    /// The print is watched.
    pub(super) watched: bool,
    /// When somebody looked last.
    pub(super) looked: Option<Instant>,
}

impl Wanted {
    fn is_wanted(self) -> bool {
        self.watched || self.looked.is_some_and(|at| at.elapsed() < LOOKS)
    }
}

/// Fetches pictures of a camera as long as anybody shows them.
pub(super) async fn follow<F>(
    fetch: impl Fn() -> F + Send,
    shown: Weak<Pictures>,
    mut wanted: watch::Receiver<Wanted>,
) where
    F: Future<Output = Result<Bytes, String>> + Send,
{
    while shown.strong_count() > 0 {
        let wants = *wanted.borrow_and_update();
        if !wants.is_wanted() {
            // It is looked now and then whether the camera is still open.
            let changed = tokio::time::timeout(EVERY, wanted.changed()).await;
            if matches!(changed, Ok(Err(_))) {
                return;
            }
            continue;
        }
        let begun = Instant::now();
        let jpeg = fetch().await.ok();
        let Some(pictures) = shown.upgrade() else { return };
        let came = jpeg.is_some();
        pictures.set_flow(if came { Flow::Open } else { Flow::NoPicture });
        jpeg.into_iter().for_each(|jpeg| pictures.show(jpeg));
        drop(pictures);
        let slow = !came || begun.elapsed() > SLOW;
        tokio::time::sleep(if slow { REST } else { EVERY }).await;
    }
}

/// Reads the picture out of an agent's answer.
pub(super) fn picture(told: &Value) -> Option<Bytes> {
    let jpeg = STANDARD.decode(told["pic"].as_str()?).ok()?;
    jpeg.starts_with(&[0xff, 0xd8]).then(|| jpeg.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_jpeg_is_taken() {
        assert_eq!(
            picture(&json!({"pic": STANDARD.encode([0xff, 0xd8, 7])})),
            Some(vec![0xff, 0xd8, 7].into())
        );
        for odd in
            [json!({"pic": "x"}), json!({"pic": 7}), json!({"pic": STANDARD.encode("GIF89a")}), json!(7)]
        {
            assert_eq!(picture(&odd), None, "{odd}");
        }
    }
}
