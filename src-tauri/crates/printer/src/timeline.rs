//! Which second of the file's analysis a line belongs to.

/// Bytes of the file against seconds of its analysis, both ascending.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    points: Vec<(u64, f64)>,
    /// The stretch that the last line lay in begins here.
    at: usize,
}

impl Timeline {
    /// Takes the points that are known: where each layer begins. The ends of the file are added.
    pub(crate) fn new(layers: impl Iterator<Item = (u64, f64)>, bytes: u64, secs: f64) -> Self {
        let mut points = vec![(0, 0.0)];
        for point in layers.chain([(bytes, secs)]) {
            if points.last().is_some_and(|last| point.0 > last.0 && point.1 >= last.1) {
                points.push(point);
            }
        }
        Self { points, at: 0 }
    }

    /// Returns the seconds up to a place in the file. Places are asked for in the order of the file.
    pub(crate) fn secs_at(&mut self, bytes: u64) -> Option<f64> {
        while self.points.get(self.at + 1).is_some_and(|next| next.0 < bytes) {
            self.at += 1;
        }
        let ((from, begun), (to, ended)) = (*self.points.get(self.at)?, *self.points.get(self.at + 1)?);
        let part = bytes.saturating_sub(from) as f64 / (to - from) as f64;
        Some(begun + (ended - begun) * part.min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_layers_bytes_decide() {
        let mut timeline = Timeline::new([(100, 50.0), (300, 60.0)].into_iter(), 400, 100.0);
        let seen: Vec<_> = [0, 50, 100, 200, 300, 350, 400].map(|b| timeline.secs_at(b).unwrap()).into();
        assert_eq!(seen, [0.0, 25.0, 50.0, 55.0, 60.0, 80.0, 100.0]);
    }

    #[test]
    fn points_out_of_order_are_left_out() {
        let mut timeline = Timeline::new([(100, 50.0), (90, 60.0), (200, 40.0)].into_iter(), 400, 100.0);
        assert_eq!(timeline.secs_at(250), Some(75.0));
        assert_eq!(Timeline::new([].into_iter(), 0, 0.0).secs_at(5), None);
    }
}
