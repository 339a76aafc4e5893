//! A part of a picture, seen closer: cut out at the camera's own resolution. What was found in it is told in the whole
//! picture's terms.

use crate::Picture;
use domain::{Detection, Place, View};

/// Fewer pixels a side than this show nothing that the whole picture does not.
const FEWEST_PX: u32 = 32;

/// A part in pixels, inside its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

impl Part {
    /// Returns the pixels of a place in a picture of `width` x `height`; `None` where they are too few to look at.
    pub(crate) fn of(place: Place, (width, height): (u32, u32)) -> Option<Self> {
        let (left, right) = span(place.x, place.w, width);
        let (top, bottom) = span(place.y, place.h, height);
        let part = Self { left, top, width: right - left, height: bottom - top };
        (part.width >= FEWEST_PX && part.height >= FEWEST_PX).then_some(part)
    }

    /// Copies the part out of `picture` into `to`, whose memory is used again.
    pub(crate) fn cut(self, picture: &Picture, to: &mut Picture) {
        let row = picture.width as usize * 3;
        let (from, bytes) = (self.left as usize * 3, self.width as usize * 3);
        to.pixels.clear();
        for line in picture.pixels.chunks_exact(row).skip(self.top as usize).take(self.height as usize) {
            to.pixels.extend_from_slice(&line[from..from + bytes]);
        }
        (to.width, to.height) = (self.width, self.height);
    }

    /// Tells boxes in pixels of the part in pixels of its picture.
    pub(crate) fn tell(self, boxes: &mut [Detection]) {
        for each in boxes {
            each.area.x += self.left as f32;
            each.area.y += self.top as f32;
        }
    }

    /// Returns the view that it is of a picture of `width` x `height`: by its pixels, and not by what was asked for, since
    /// the cells of its map lie exactly there.
    pub(crate) fn view(self, (width, height): (u32, u32)) -> View {
        let (width, height) = (width as f32, height as f32);
        View::Closer(Place {
            x: self.left as f32 / width,
            y: self.top as f32 / height,
            w: self.width as f32 / width,
            h: self.height as f32 / height,
        })
    }
}

/// First pixel of a span, and the one behind its last.
fn span(from: f32, len: f32, of: u32) -> (u32, u32) {
    let pixel = |at: f32| (at.clamp(0.0, 1.0) * of as f32).round() as u32;
    let first = pixel(from);
    (first, pixel(from + len).max(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::PixelBox;

    fn picture(width: u32, height: u32) -> Picture {
        let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 7]));
        Picture { width, height, pixels: pixels.collect() }
    }

    #[test]
    fn a_part_is_cut_out_pixel_by_pixel() {
        let whole = picture(200, 100);
        let place = Place { x: 0.25, y: 0.5, w: 0.5, h: 0.5 };
        let mut part = picture(3, 3);
        Part::of(place, (200, 100)).unwrap().cut(&whole, &mut part);
        assert_eq!((part.width, part.height, part.pixels.len()), (100, 50, 100 * 50 * 3));
        assert_eq!(part.pixels[..3], [50, 50, 7]);
        assert_eq!(part.pixels[part.pixels.len() - 3..], [149, 99, 7]);
    }

    #[test]
    fn a_place_that_hangs_over_is_cut_off_and_one_too_small_is_none() {
        let over = Place { x: 0.75, y: -0.5, w: 0.5, h: 1.0 };
        let part = Part::of(over, (200, 100)).unwrap();
        assert_eq!(part, Part { left: 150, top: 0, width: 50, height: 50 });
        for (place, size) in [
            (Place { x: 0.5, y: 0.5, w: 0.1, h: 0.5 }, (200, 100)),
            (Place { x: 0.0, y: 0.0, w: 0.5, h: 0.5 }, (40, 40)),
            (Place { x: 2.0, y: 0.0, w: 0.5, h: 0.5 }, (640, 480)),
            (Place { x: f32::NAN, y: 0.0, w: 0.5, h: 0.5 }, (40, 40)),
        ] {
            assert_eq!(Part::of(place, size), None, "{place:?}");
        }
    }

    #[test]
    fn boxes_are_told_in_the_whole_picture() {
        let area = PixelBox { x: 10.0, y: 5.0, w: 20.0, h: 8.0 };
        let mut boxes = vec![Detection { class: "failure".into(), confidence: 0.9, area }];
        let place = Place { x: 0.5, y: 0.25, w: 0.5, h: 0.5 };
        let part = Part::of(place, (200, 100)).unwrap();
        part.tell(&mut boxes);
        assert_eq!(boxes[0].area, PixelBox { x: 110.0, y: 30.0, w: 20.0, h: 8.0 });
        assert_eq!(part.view((200, 100)), View::Closer(place));
        let odd = Part::of(Place { x: 0.333, ..place }, (200, 100)).unwrap().view((200, 100));
        assert_eq!(odd.place().x, 67.0 / 200.0, "by its pixels");
    }
}
