//! Brightness evened out: a camera that sets itself anew, or a lamp that flickers, jumps from picture to picture.

use crate::picture::Picture;
use std::collections::VecDeque;

/// Pictures over which the brightness is followed.
const FOLLOWED: usize = 15;

/// A picture is made darker or lighter by this factor at most; beyond it, the light really changed.
const MOST_GAIN: f32 = 1.4;

/// Of so many values one is looked at.
const STRIDE: usize = 31;

/// Follows the brightness of a film.
#[derive(Debug, Default)]
pub(crate) struct Deflicker {
    recent: VecDeque<f32>,
}

impl Deflicker {
    /// Brings a picture to the mean brightness of the last ones.
    pub(crate) fn even(&mut self, picture: &mut Picture) {
        let gain = self.gain(brightness(picture));
        if (gain - 1.0).abs() < 0.002 {
            return;
        }
        let table: [u8; 256] = std::array::from_fn(|value| (value as f32 * gain).round().min(255.0) as u8);
        for value in &mut picture.pixels {
            *value = table[usize::from(*value)];
        }
    }

    fn gain(&mut self, brightness: f32) -> f32 {
        if self.recent.len() == FOLLOWED {
            self.recent.pop_front();
        }
        self.recent.push_back(brightness);
        let mean = self.recent.iter().sum::<f32>() / self.recent.len() as f32;
        // A black picture cannot be made lighter.
        if brightness < 1.0 { 1.0 } else { (mean / brightness).clamp(1.0 / MOST_GAIN, MOST_GAIN) }
    }
}

fn brightness(picture: &Picture) -> f32 {
    let looked_at = picture.pixels.iter().step_by(STRIDE);
    let count = looked_at.len().max(1);
    looked_at.map(|value| u64::from(*value)).sum::<u64>() as f32 / count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flicker_is_evened_and_a_lasting_change_is_followed() {
        let mut deflicker = Deflicker::default();
        let mut shown = |value: u8| {
            let mut picture = Picture { width: 32, height: 18, pixels: vec![value; 32 * 18 * 3] };
            deflicker.even(&mut picture);
            picture.pixels[0]
        };
        let flickering: Vec<u8> = (0..60).map(|n| shown(if n % 2 == 0 { 90 } else { 110 })).collect();
        let settled = &flickering[15..];
        let spread = settled.iter().max().unwrap() - settled.iter().min().unwrap();
        assert!(spread <= 2, "of 20, {spread} are left: {settled:?}");
        let darker: Vec<u8> = (0..20).map(|_| shown(70)).collect();
        assert!(darker[0] > 90 && darker.is_sorted_by(|a, b| a >= b), "{darker:?}");
        assert_eq!(darker[19], 70, "after 15 pictures the new light is the usual one");
        assert_eq!(shown(0), 0);
        assert!(shown(1) <= 2, "a dark picture stays dark");
        assert_eq!(shown(255), 182, "limited");
    }
}
