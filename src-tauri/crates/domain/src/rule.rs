//! The rules over time, what a person may set about them, and the reasons a rule gives.

use crate::Crop;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which rule decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Ours: up to a look a second, place by place, against the picture before the print.
    #[default]
    Printvigil,
    /// The Obico server's, exactly: a look every ten seconds, whole pictures, against the printer's usual.
    Obico,
}

impl Rule {
    /// Returns the word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Printvigil => "printvigil",
            Self::Obico => "obico",
        }
    }

    /// Returns the rule of a stored word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Printvigil, Self::Obico].into_iter().find(|rule| rule.word() == word)
    }
}

/// Where the gauge stands; the worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GaugeZone {
    /// Below a third.
    Fine,
    /// Below two thirds.
    Alert,
    /// Above.
    Pause,
}

/// Part of a camera's picture in which nothing counts, in thousandths of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct IgnoreArea {
    /// Left edge, 0 to 1000.
    pub x: u16,
    /// Top edge, 0 to 1000.
    pub y: u16,
    /// Width, 1 to 1000.
    pub w: u16,
    /// Height, 1 to 1000.
    pub h: u16,
}

/// Areas of one camera at most.
pub const MOST_IGNORE_AREAS: usize = 16;

impl IgnoreArea {
    /// Checks that it lies inside the picture.
    ///
    /// # Errors
    /// A text for people.
    pub fn check(self) -> Result<(), String> {
        let inside = |from: u16, len: u16| len > 0 && u32::from(from) + u32::from(len) <= 1000;
        if inside(self.x, self.w) && inside(self.y, self.h) {
            return Ok(());
        }
        Err("an ignored area must lie inside the picture".into())
    }

    /// Returns the same place of the scene when another part of the picture is cut out; `None` when it is not in it.
    pub fn recut(self, before: Crop, after: Crop) -> Option<Self> {
        let edge = |at: u32, (from, len): (u16, u16), (new_from, new_len): (u16, u16)| {
            let whole = f64::from(from) + f64::from(at) * f64::from(len) / 1000.0;
            ((whole - f64::from(new_from)) * 1000.0 / f64::from(new_len)).round().clamp(0.0, 1000.0) as u16
        };
        let (x, y, w, h) = (u32::from(self.x), u32::from(self.y), u32::from(self.w), u32::from(self.h));
        let across = |at| edge(at, (before.x, before.w), (after.x, after.w));
        let down = |at| edge(at, (before.y, before.h), (after.y, after.h));
        let (left, top) = (across(x), down(y));
        let area = Self { x: left, y: top, w: across(x + w) - left, h: down(y + h) - top };
        (area.w > 0 && area.h > 0).then_some(area)
    }

    /// Returns whether a point lies inside; `x` and `y` are 0 to 1.
    pub fn holds(self, x: f32, y: f32) -> bool {
        let within = |at: f32, from: u16, len: u16| {
            let at = at * 1000.0;
            at >= f32::from(from) && at < f32::from(from) + f32::from(len)
        };
        within(x, self.x, self.w) && within(y, self.y, self.h)
    }
}

/// A place in the picture, in fractions of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Place {
    /// Left edge, 0 to 1.
    pub x: f32,
    /// Top edge, 0 to 1.
    pub y: f32,
    /// Width, 0 to 1.
    pub w: f32,
    /// Height, 0 to 1.
    pub h: f32,
}

/// From which good minutes a scale was learnt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScaleSource {
    /// None yet: p is taken as it is.
    #[default]
    None,
    /// From this print's own: p counts as it is where that is more.
    Print,
    /// From earlier prints of this camera.
    Camera,
}

/// Why a rule decided as it did about one look. Kept with each decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Reasons {
    /// Which rule.
    pub rule: Rule,
    /// What it decided.
    pub verdict: GaugeZone,
    /// The model's p of this look.
    pub p: f64,
    /// p by this camera's scale: what this look shows beyond what the camera usually shows. Null where nothing is
    /// known of the camera yet.
    #[serde(default)]
    pub scaled: Option<f64>,
    /// Whose good minutes that scale was learnt from.
    #[serde(default)]
    pub scale: ScaleSource,
    /// What counted of the two.
    pub counted: f64,
    /// Share of the heat in ignored areas, 0 to 1.
    pub ignored: f64,
    /// Share of the heat that was there before the print, 0 to 1.
    pub known: f64,
    /// Share of the heat that does not stay in its place, 0 to 1.
    pub passing: f64,
    /// What is compared: the mean of what counted over the last minute, times the sensitivity.
    pub level: f64,
    /// Alerts above this.
    pub warn_above: f64,
    /// Pauses above this.
    pub pause_above: f64,
    /// The gauge, 0 to 1: a third at the alert, two thirds at the pause.
    pub gauge: f64,
    /// Where it is hottest, if anywhere.
    pub place: Option<Place>,
    /// For how long something has counted, seconds.
    pub for_secs: f64,
    /// It would have alerted, but it is too early: seconds until it may.
    pub may_alert_in_secs: f64,
}

impl Place {
    /// Returns what is `inner` of this place, in terms of the whole picture.
    pub fn part(self, inner: Self) -> Self {
        Self {
            x: self.x + inner.x * self.w,
            y: self.y + inner.y * self.h,
            w: inner.w * self.w,
            h: inner.h * self.h,
        }
    }

    /// Returns the area to ignore for this place: a little larger, inside the picture.
    pub fn with_margin(self) -> IgnoreArea {
        const MARGIN: f32 = 0.03;
        let thousandths = |v: f32| (v.clamp(0.0, 1.0) * 1000.0).round() as u16;
        let (x, y) = (thousandths(self.x - MARGIN), thousandths(self.y - MARGIN));
        let (right, bottom) = (thousandths(self.x + self.w + MARGIN), thousandths(self.y + self.h + MARGIN));
        let (x, y) = (x.min(999), y.min(999));
        IgnoreArea { x, y, w: right.saturating_sub(x).max(1), h: bottom.saturating_sub(y).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_area_stays_at_its_place_when_another_part_is_cut_out() {
        let area = |x, y, w, h| IgnoreArea { x, y, w, h };
        let crop = |x, y, w, h| Crop { x, y, w, h };
        let all = Crop::ALL;
        let half = crop(500, 0, 500, 1000);
        assert_eq!(area(600, 100, 100, 200).recut(all, half), Some(area(200, 100, 200, 200)));
        assert_eq!(area(200, 100, 200, 200).recut(half, all), Some(area(600, 100, 100, 200)));
        assert_eq!(area(400, 0, 200, 50).recut(all, half), Some(area(0, 0, 200, 50)), "what is left of it");
        assert_eq!(area(0, 0, 400, 1000).recut(all, half), None, "it is cut off");
        assert_eq!(area(10, 20, 30, 40).recut(half, half), Some(area(10, 20, 30, 40)));
        for bad in [crop(0, 0, 99, 500), crop(950, 0, 100, 100), crop(0, 901, 100, 100)] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
        assert_eq!(crop(500, 250, 500, 750).pixels((1280, 720)), (640, 180, 640, 540));
        assert_eq!(crop(900, 900, 100, 100).pixels((3, 3)), (2, 2, 1, 1));
    }
}
