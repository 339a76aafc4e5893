//! What is drawn into pictures: boxes, a caption, a gauge. Sizes follow the picture's height.
//!
//! Whatever lies outside the picture is left out; nothing here fails.

use font8x8::{BASIC_FONTS, LATIN_FONTS, UnicodeFonts};

/// The height for which sizes are given, pixels.
const USUAL_HEIGHT_PX: f64 = 720.0;

/// Side of a letter, in dots.
const LETTER: usize = 8;

/// The colour of boxes.
pub const GREEN: [u8; 3] = [40, 220, 70];

/// Nothing seen, something seen, a failure: the colours of the gauge.
const GAUGE: [(f32, [u8; 3]); 3] = [(0.33, [40, 220, 70]), (0.66, [240, 190, 40]), (1.0, [230, 50, 40])];

/// A picture to draw into: red, green, blue, row by row.
pub struct Canvas<'a> {
    width: usize,
    height: usize,
    rgb: &'a mut [u8],
}

/// A rectangle in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl<'a> Canvas<'a> {
    /// Draws into a picture; `None` when the bytes are not as many as the size needs.
    pub fn new(width: u32, height: u32, rgb: &'a mut [u8]) -> Option<Self> {
        let (width, height) = (width as usize, height as usize);
        let whole = width.checked_mul(height)?.checked_mul(3)? == rgb.len();
        whole.then_some(Self { width, height, rgb })
    }

    /// Draws the edge of a rectangle, 3 pixels wide at a height of 720, inwards from its border.
    pub fn outline(&mut self, rect: Rect, colour: [u8; 3]) {
        let within = |at: f32, most: usize| at.round().clamp(0.0, most as f32) as usize;
        let (left, top) = (within(rect.left, self.width), within(rect.top, self.height));
        let (right, bottom) =
            (within(rect.left + rect.width, self.width), within(rect.top + rect.height, self.height));
        let thick = self.scaled(3.0);
        self.fill(left, top, right, bottom.min(top + thick), colour);
        self.fill(left, top.max(bottom.saturating_sub(thick)), right, bottom, colour);
        self.fill(left, top, right.min(left + thick), bottom, colour);
        self.fill(left.max(right.saturating_sub(thick)), top, right, bottom, colour);
    }

    /// Writes lines into a dark strip at the lower edge. What does not fit is cut off.
    pub fn caption(&mut self, lines: &[&str]) {
        let dot = self.scaled(2.0);
        let (step, margin) = (LETTER * dot + dot * 2, dot * 2);
        let top = self.height.saturating_sub(lines.len() * step + margin);
        self.darken(top);
        for (index, line) in lines.iter().enumerate() {
            self.write(margin, top + margin + index * step, dot, line);
        }
    }

    /// Draws how sure the detection is, 0 to 1, as a bar at the upper edge.
    pub fn gauge(&mut self, share: f32) {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let colour = GAUGE.iter().find(|(up_to, _)| share <= *up_to).map_or(GREEN, |(_, colour)| *colour);
        let (bottom, right) = (self.scaled(8.0), (self.width as f32 * share).round() as usize);
        self.fill(0, 0, self.width, bottom, [30, 30, 30]);
        self.fill(0, 0, right, bottom, colour);
    }

    /// Returns the pixels that so many have at the usual height, one at least.
    fn scaled(&self, px: f64) -> usize {
        ((px * self.height as f64 / USUAL_HEIGHT_PX).round() as usize).max(1)
    }

    fn write(&mut self, left: usize, top: usize, dot: usize, text: &str) {
        for (index, letter) in text.chars().take(self.width / (LETTER * dot) + 1).enumerate() {
            let dots = BASIC_FONTS.get(letter).or_else(|| LATIN_FONTS.get(letter));
            let dots = dots.or_else(|| BASIC_FONTS.get('?')).unwrap_or_default();
            for (row, bits) in dots.iter().enumerate() {
                for column in (0..LETTER).filter(|column| bits >> column & 1 == 1) {
                    let x = left + (index * LETTER + column) * dot;
                    let y = top + row * dot;
                    self.fill(x, y, x + dot, y + dot, [255, 255, 255]);
                }
            }
        }
    }

    fn darken(&mut self, top: usize) {
        for value in &mut self.rgb[top.min(self.height) * self.width * 3..] {
            *value /= 4;
        }
    }

    /// Fills from left and top up to, not including, right and bottom.
    fn fill(&mut self, left: usize, top: usize, right: usize, bottom: usize, colour: [u8; 3]) {
        let (right, bottom) = (right.min(self.width), bottom.min(self.height));
        if left >= right {
            return;
        }
        for y in top..bottom {
            let row = &mut self.rgb[(y * self.width + left) * 3..(y * self.width + right) * 3];
            row.as_chunks_mut::<3>().0.fill(colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: u32, height: u32) -> Vec<u8> {
        vec![100; (width * height * 3) as usize]
    }

    fn at(rgb: &[u8], width: usize, x: usize, y: usize) -> [u8; 3] {
        rgb[(y * width + x) * 3..][..3].try_into().unwrap()
    }

    #[test]
    fn a_box_is_three_pixels_wide_at_720_and_empty_inside() {
        let mut rgb = grey(1280, 720);
        let rect = Rect { left: 100.0, top: 50.0, width: 200.0, height: 80.0 };
        Canvas::new(1280, 720, &mut rgb).unwrap().outline(rect, GREEN);
        let row: Vec<usize> = (0..1280).filter(|&x| at(&rgb, 1280, x, 90) == GREEN).collect();
        assert_eq!(row, [100, 101, 102, 297, 298, 299], "left and right edge");
        let column: Vec<usize> = (0..720).filter(|&y| at(&rgb, 1280, 200, y) == GREEN).collect();
        assert_eq!(column, [50, 51, 52, 127, 128, 129], "upper and lower edge");
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        for (left, top, width, height) in [
            (-50.0, -50.0, 60.0, 60.0),
            (500.0, 500.0, 10.0, 10.0),
            (f32::NAN, 0.0, 9.0, 9.0),
            (5.0, 5.0, -9.0, f32::INFINITY),
        ] {
            let mut rgb = grey(64, 36);
            let rect = Rect { left, top, width, height };
            Canvas::new(64, 36, &mut rgb).unwrap().outline(rect, GREEN);
        }
        assert!(Canvas::new(64, 36, &mut [0; 10]).is_none(), "a picture of another size");
    }

    #[test]
    fn a_caption_is_white_on_a_strip_and_cut_at_the_edge() {
        let mut rgb = grey(320, 720);
        let long = "H".repeat(500);
        Canvas::new(320, 720, &mut rgb).unwrap().caption(&["I", &long]);
        let white = (0..320 * 720).filter(|&n| at(&rgb, 320, n % 320, n / 320) == [255; 3]).count();
        assert!(white > 1000, "{white} white pixels");
        let strip = (0..720).filter(|&y| at(&rgb, 320, 1, y) == [25; 3]).count();
        assert_eq!(strip, 2 * 20 + 4, "two lines of 20 pixels and a margin");
        assert_eq!(at(&rgb, 320, 1, 0), [100; 3], "above the strip nothing changes");
        let mut tiny = grey(3, 2);
        Canvas::new(3, 2, &mut tiny).unwrap().caption(&["too much for this", "ü", "漢"]);
    }

    #[test]
    fn letters_differ() {
        let drawn = |text: &str| {
            let mut rgb = grey(200, 100);
            Canvas::new(200, 100, &mut rgb).unwrap().caption(&[text]);
            rgb
        };
        assert_ne!(drawn("bed 60"), drawn("bed 61"));
        assert_ne!(drawn("°"), drawn("?"), "degrees have a letter of their own");
        assert_eq!(drawn("漢"), drawn("?"));
    }

    #[test]
    fn the_gauge_grows_and_changes_its_colour() {
        let drawn = |share: f32| {
            let mut rgb = grey(100, 720);
            Canvas::new(100, 720, &mut rgb).unwrap().gauge(share);
            let lit = (0..100).filter(|&x| at(&rgb, 100, x, 0) != [30; 3]).count();
            (lit, at(&rgb, 100, 0, 7), at(&rgb, 100, 0, 8))
        };
        assert_eq!(drawn(0.2), (20, GREEN, [100; 3]), "eight pixels high");
        assert_eq!(drawn(7.0), (100, [230, 50, 40], [100; 3]));
        assert_eq!(drawn(f32::NAN).0, 0);
    }
}
