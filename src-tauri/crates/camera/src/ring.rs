//! The last minutes of a camera in memory, capped in bytes.

use crate::Frame;
use domain::{FrameId, FrameInfo, Millis};
use std::collections::VecDeque;
use std::sync::Arc;

/// How far back the ring reaches, in minutes as people live them (the demo's clock runs faster).
const REACH_MS: f64 = 180_000.0;

/// Bytes of pictures held at most.
pub(crate) const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Recent frames, oldest first.
#[derive(Debug)]
pub(crate) struct Ring {
    frames: VecDeque<Arc<Frame>>,
    num_bytes: usize,
    max_bytes: usize,
    reach_ms: Millis,
}

impl Ring {
    /// Makes an empty ring; `scale` is the clock's.
    pub(crate) fn new(scale: f64, max_bytes: usize) -> Self {
        Self { frames: VecDeque::new(), num_bytes: 0, max_bytes, reach_ms: (REACH_MS * scale) as Millis }
    }

    /// Adds the newest frame and lets go of what is too old or too much.
    pub(crate) fn push(&mut self, frame: Arc<Frame>) {
        let oldest = frame.info.taken.mono_ms.saturating_sub(self.reach_ms);
        self.num_bytes += frame.jpeg.len();
        self.frames.push_back(frame);
        while self.frames.front().is_some_and(|f| f.info.taken.mono_ms < oldest) {
            self.drop_oldest();
        }
        // The newest frame stays, whatever its size.
        while self.num_bytes > self.max_bytes && self.frames.len() > 1 {
            self.thin();
        }
    }

    /// Returns the frame of that number, if it is still held.
    pub(crate) fn frame(&self, id: FrameId) -> Option<Arc<Frame>> {
        let at = self.frames.binary_search_by_key(&id, |f| f.info.id).ok()?;
        Some(self.frames[at].clone())
    }

    /// Returns the frames taken at `since_mono_ms` or later, oldest first.
    pub(crate) fn recent(&self, since_mono_ms: Millis) -> Vec<FrameInfo> {
        self.frames.iter().map(|f| f.info).filter(|i| i.taken.mono_ms >= since_mono_ms).collect()
    }

    /// Makes room. Every other frame of the older half goes, rather than the whole far end: the past gets
    /// sparse but stays within reach.
    fn thin(&mut self) {
        let half = self.frames.len() / 2;
        if half < 2 {
            self.drop_oldest();
            return;
        }
        let mut index = 0;
        self.frames.retain(|_| {
            index += 1;
            index > half || index % 2 == 1
        });
        self.num_bytes = self.frames.iter().map(|f| f.jpeg.len()).sum();
    }

    fn drop_oldest(&mut self) {
        if let Some(frame) = self.frames.pop_front() {
            self.num_bytes -= frame.jpeg.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use domain::{CameraId, Now};

    fn frame(id: i64, mono_ms: Millis, num_bytes: usize) -> Arc<Frame> {
        let info =
            FrameInfo { camera: CameraId(1), id: FrameId(id), taken: Now::at(mono_ms), width: 4, height: 3 };
        Arc::new(Frame { info, jpeg: Bytes::from(vec![0; num_bytes]) })
    }

    #[test]
    fn the_ring_reaches_three_minutes_back_and_no_further() {
        let mut ring = Ring::new(1.0, MAX_BYTES);
        for second in 0..400 {
            ring.push(frame(second + 1, second as u64 * 1000, 10));
        }
        assert_eq!(ring.recent(0).len(), 181, "both ends of three minutes, a frame a second");
        assert!(ring.frame(FrameId(1)).is_none(), "the first frame is too old");
        assert_eq!(ring.frame(FrameId(400)).unwrap().info.id, FrameId(400));
        assert_eq!(ring.recent(395_000).len(), 5);
    }

    #[test]
    fn when_bytes_run_out_the_past_gets_sparse_and_the_newest_stay() {
        let mut ring = Ring::new(1.0, 1000);
        for n in 0..100 {
            ring.push(frame(n + 1, n as u64 * 100, 50));
            assert!(ring.num_bytes <= 1000);
            assert_eq!(ring.num_bytes, ring.recent(0).len() * 50, "the sum agrees with the frames");
        }
        let ids: Vec<i64> = ring.recent(0).iter().map(|i| i.id.get()).collect();
        assert!(ids.ends_with(&[96, 97, 98, 99, 100]), "the newest are all there: {ids:?}");
        assert!(ids[0] < 75, "older ones than the last 20 are still within reach: {ids:?}");
        assert!(ids.is_sorted());
    }

    #[test]
    fn one_huge_picture_is_still_held() {
        let mut ring = Ring::new(1.0, 1000);
        ring.push(frame(1, 0, 5000));
        ring.push(frame(2, 1, 5000));
        assert_eq!(ring.recent(0).len(), 1);
        assert!(ring.frame(FrameId(2)).is_some());
    }
}
