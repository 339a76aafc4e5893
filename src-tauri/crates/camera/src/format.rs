//! Which of a device's picture formats to take. Pure.

use domain::PictureCoding as Coding;
use std::fmt;

/// One format that a device offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) coding: Coding,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fps: u32,
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} at {}/s", self.width, self.height, self.fps)
    }
}

/// Pictures a second that are enough to watch a print by, and easy on an old computer.
const ENOUGH_FPS: u32 = 15;

/// The size that shows threads of plastic and that detection gains nothing beyond.
const ENOUGH_PX: (u32, u32) = (1280, 720);

/// Picks a format. What is wanted (width, height, rate) is taken at its word but for the rate, which may be the
/// nearest there is; with no wish the best up to 1280 x 720 at about 15 a second.
pub(crate) fn pick(offers: &[Offer], wanted: Option<(u32, u32, u32)>) -> Option<Offer> {
    match wanted {
        Some((width, height, fps)) => offers
            .iter()
            .filter(|o| (o.width, o.height) == (width, height))
            .min_by_key(|o| (o.fps.abs_diff(fps), rank(o.coding)))
            .copied(),
        None => {
            let fits = |o: &&Offer| o.width <= ENOUGH_PX.0 && o.height <= ENOUGH_PX.1;
            let best = offers.iter().filter(fits).max_by_key(|o| merit(o));
            // A camera that has only larger ones: its smallest.
            best.or_else(|| offers.iter().min_by_key(|o| (o.width * o.height, rank(o.coding)))).copied()
        }
    }
}

/// Larger is better; among equals JPEG, then the rate nearest to enough.
fn merit(offer: &Offer) -> (u32, u8, u32) {
    // Plain pictures in a crawl are worth less than small ones: below 5 a second the size counts a quarter.
    let area = offer.width * offer.height / if offer.fps < 5 { 4 } else { 1 };
    (area, 2 - rank(offer.coding), u32::MAX - offer.fps.abs_diff(ENOUGH_FPS))
}

/// Smaller is less work for us.
fn rank(coding: Coding) -> u8 {
    match coding {
        Coding::Mjpeg => 0,
        Coding::Nv12 => 1,
        Coding::Yuyv => 2,
    }
}

/// Lists the sizes on offer for a message, each once, larger ones first.
pub(crate) fn list(offers: &[Offer]) -> String {
    let mut sizes: Vec<(u32, u32)> = offers.iter().map(|o| (o.width, o.height)).collect();
    sizes.sort_by_key(|&(width, height)| std::cmp::Reverse((width * height, width)));
    sizes.dedup();
    let sizes: Vec<String> =
        sizes.iter().take(12).map(|(width, height)| format!("{width} x {height}")).collect();
    if sizes.is_empty() { "none that this app reads".into() } else { sizes.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `M640x480@30 …`, M for JPEG, Y for YUYV, N for NV12.
    fn offers(text: &str) -> Vec<Offer> {
        let offer = |word: &str| {
            let coding = match &word[..1] {
                "M" => Coding::Mjpeg,
                "Y" => Coding::Yuyv,
                _ => Coding::Nv12,
            };
            let (size, fps) = word[1..].split_once('@').unwrap();
            let (width, height) = size.split_once('x').unwrap();
            Offer {
                coding,
                width: width.parse().unwrap(),
                height: height.parse().unwrap(),
                fps: fps.parse().unwrap(),
            }
        };
        text.split_whitespace().map(offer).collect()
    }

    fn check(text: &str, wanted: Option<(u32, u32, u32)>, want: &str) {
        let want = offers(want).first().copied();
        assert_eq!(pick(&offers(text), wanted), want, "{text}, wanted {wanted:?}");
    }

    #[test]
    fn left_to_the_app_it_is_720p_jpeg_at_about_15() {
        check("Y640x480@30 M1920x1080@30 M1280x720@30 M1280x720@15 M640x480@30", None, "M1280x720@15");
        check("M640x480@30 M640x480@10 Y640x480@15", None, "M640x480@10");
        check("Y1280x720@10 M1280x720@30", None, "M1280x720@30");
        check("Y1280x720@10 Y640x480@30", None, "Y1280x720@10");
        check("Y1280x720@2 Y640x480@30", None, "Y640x480@30");
        check("M1920x1080@30 M2560x1440@15", None, "M1920x1080@30");
        check("N640x480@15 Y640x480@15", None, "N640x480@15");
        check("", None, "");
    }

    #[test]
    fn sizes_are_listed_once() {
        let all = offers("M640x480@30 Y1280x720@10 Y640x480@5");
        assert_eq!(list(&all), "1280 x 720, 640 x 480");
        assert_eq!(list(&[]), "none that this app reads");
    }

    #[test]
    fn a_wish_is_taken_at_its_word_but_for_the_rate() {
        let all = "M1280x720@30 Y640x480@30 M640x480@25 M640x480@10";
        check(all, Some((640, 480, 30)), "Y640x480@30");
        check(all, Some((640, 480, 12)), "M640x480@10");
        check(all, Some((800, 600, 30)), "");
    }
}
