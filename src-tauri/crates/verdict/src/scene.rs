//! Whether anything can be seen in a camera's pictures: dark, over-exposed, covered, blurred, frozen, moved.
//!
//! A trouble is told only when it lasts, and is over as soon as pictures are good again for a while.

use domain::{Millis, SCENE_COLUMNS, SCENE_ROWS, Scene};

/// What is wrong with a camera's pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SceneTrouble {
    /// Too little light.
    Dark,
    /// Too much light.
    Bright,
    /// One flat colour: something is in front of the lens.
    Covered,
    /// Much less sharp than this camera was.
    Blurred,
    /// The same picture again and again.
    Frozen,
    /// The camera looks elsewhere than it did.
    Moved,
}

impl SceneTrouble {
    /// Returns the word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Bright => "bright",
            Self::Covered => "covered",
            Self::Blurred => "blurred",
            Self::Frozen => "frozen",
            Self::Moved => "moved",
        }
    }
}

/// How long a trouble must last before it is told.
const LASTS_MS: Millis = 20_000;
/// A frozen or moved picture takes longer to be sure of.
const LASTS_LONG_MS: Millis = 60_000;
/// How long pictures must be good before it is over.
const GOOD_MS: Millis = 5_000;
/// Darker than this on average is dark.
const DARK_MEAN: f32 = 14.0;
/// So large a share of black pixels is dark.
const DARK_SHARE: f32 = 0.96;
/// So large a share of white pixels is over-exposed.
const BRIGHT_SHARE: f32 = 0.6;
/// Less spread than this is one flat colour.
const FLAT: f32 = 5.0;
/// So many first looks make the reference.
const REFERENCE_LOOKS: u32 = 10;
/// Less than this share of the reference's sharpness is blurred.
const BLURRED_SHARE: f32 = 0.4;
/// Time constant with which the reference follows.
const FOLLOWS_MS: f32 = 120_000.0;
/// The same after a move.
const FOLLOWS_MOVED_MS: f32 = 3_600_000.0;
/// A gap in the pictures counts as this at most.
const LONGEST_STEP_MS: Millis = 20_000;
/// Farthest shift that is tried, pixels of the small picture.
const REACH: i32 = 5;
/// A shift of so many pixels is a move; a shake is less.
const MOVED_PX: i32 = 2;

/// Watches one camera's scene.
#[derive(Debug, Clone, Default)]
pub struct SceneWatch {
    reference: Option<Reference>,
    last: Option<(f32, Vec<u8>)>,
    /// Since when pictures are all the same.
    same_since: Option<Millis>,
    /// What is wrong at the moment, and since when.
    suspected: Option<(SceneTrouble, Millis)>,
    good_since: Option<Millis>,
    told: Option<SceneTrouble>,
}

#[derive(Debug, Clone)]
struct Reference {
    looks: u32,
    sharpness: f32,
    small: Vec<f32>,
    /// Until when it has followed.
    followed_ms: Millis,
}

impl SceneWatch {
    /// Takes in a picture's scene and returns what is wrong, if it lasts.
    pub fn look(&mut self, scene: &Scene, at_ms: Millis) -> Option<SceneTrouble> {
        let now = self.trouble_of(scene, at_ms);
        match now {
            None => {
                self.suspected = None;
                let since = *self.good_since.get_or_insert(at_ms);
                if at_ms.saturating_sub(since) >= GOOD_MS {
                    self.told = None;
                }
            }
            Some(trouble) => {
                self.good_since = None;
                let since = match self.suspected {
                    Some((before, since)) if before == trouble => since,
                    Some(_) | None => at_ms,
                };
                self.suspected = Some((trouble, since));
                let lasts = match trouble {
                    SceneTrouble::Moved => LASTS_LONG_MS,
                    SceneTrouble::Dark
                    | SceneTrouble::Bright
                    | SceneTrouble::Covered
                    | SceneTrouble::Blurred
                    | SceneTrouble::Frozen => LASTS_MS,
                };
                if at_ms.saturating_sub(since) >= lasts {
                    self.told = Some(trouble);
                }
            }
        }
        self.told
    }

    /// Takes the camera as it stands now for right: it was moved on purpose.
    pub fn forget_reference(&mut self) {
        *self = Self::default();
    }

    /// Returns the small picture that the scene is held against, once there is one.
    pub fn small(&self) -> Option<Vec<u8>> {
        let reference = self.reference.as_ref().filter(|reference| reference.looks >= REFERENCE_LOOKS)?;
        Some(reference.small.iter().map(|&mean| mean.round().clamp(0.0, 255.0) as u8).collect())
    }

    /// Returns what is wrong, as last told.
    pub fn told(&self) -> Option<SceneTrouble> {
        self.told
    }

    fn trouble_of(&mut self, scene: &Scene, at_ms: Millis) -> Option<SceneTrouble> {
        let frozen = self.frozen(scene, at_ms);
        if scene.mean < DARK_MEAN || scene.dark > DARK_SHARE {
            return Some(SceneTrouble::Dark);
        }
        if scene.bright > BRIGHT_SHARE {
            return Some(SceneTrouble::Bright);
        }
        if scene.contrast < FLAT {
            return Some(SceneTrouble::Covered);
        }
        if frozen {
            return Some(SceneTrouble::Frozen);
        }
        let Some(reference) = self.reference.as_mut().filter(|r| r.looks >= REFERENCE_LOOKS) else {
            self.learn(scene, at_ms);
            return None;
        };
        if scene.sharpness < BLURRED_SHARE * reference.sharpness {
            return Some(SceneTrouble::Blurred);
        }
        let moved = moved(&reference.small, &scene.small);
        // The part grows, the bed goes to and fro and daylight fades: the reference follows, minutes behind. A camera
        // that was knocked is another matter: then it follows so slowly that this is told first.
        let behind_ms = if moved { FOLLOWS_MOVED_MS } else { FOLLOWS_MS };
        let step_ms = at_ms.saturating_sub(reference.followed_ms).min(LONGEST_STEP_MS);
        reference.followed_ms = at_ms;
        let share = 1.0 - (-(step_ms as f32) / behind_ms).exp();
        for (old, &new) in reference.small.iter_mut().zip(&scene.small) {
            *old += (f32::from(new) - *old) * share;
        }
        moved.then_some(SceneTrouble::Moved)
    }

    fn frozen(&mut self, scene: &Scene, at_ms: Millis) -> bool {
        // A live sensor has noise: two pictures are never alike to the last bit of their mean.
        let same = self
            .last
            .as_ref()
            .is_some_and(|(mean, small)| mean.to_bits() == scene.mean.to_bits() && *small == scene.small);
        if !same {
            self.last = Some((scene.mean, scene.small.clone()));
            self.same_since = None;
            return false;
        }
        let since = *self.same_since.get_or_insert(at_ms);
        at_ms.saturating_sub(since) >= LASTS_LONG_MS - LASTS_MS
    }

    fn learn(&mut self, scene: &Scene, at_ms: Millis) {
        let fresh = || Reference {
            looks: 0,
            sharpness: 0.0,
            small: vec![0.0; scene.small.len()],
            followed_ms: at_ms,
        };
        let reference = self.reference.get_or_insert_with(fresh);
        if reference.small.len() != scene.small.len() {
            *reference = fresh();
        }
        reference.looks += 1;
        reference.followed_ms = at_ms;
        let share = 1.0 / reference.looks as f32;
        reference.sharpness += (scene.sharpness - reference.sharpness) * share;
        for (mean, &new) in reference.small.iter_mut().zip(&scene.small) {
            *mean += (f32::from(new) - *mean) * share;
        }
    }
}

/// Returns whether a small picture shows another scene than one that was kept; no, where either is not known.
pub fn shows_elsewhere(kept: &[u8], small: &[u8]) -> bool {
    let reference: Vec<f32> = kept.iter().map(|&pixel| f32::from(pixel)).collect();
    moved(&reference, small)
}

/// Returns whether the picture fits the reference much better when shifted, or no longer fits it at all.
fn moved(reference: &[f32], small: &[u8]) -> bool {
    if reference.len() != SCENE_COLUMNS * SCENE_ROWS || small.len() != reference.len() {
        return false;
    }
    let still = likeness(reference, small, 0, 0);
    if still > 0.75 {
        return false;
    }
    let mut best = (still, 0, 0);
    for dy in -REACH..=REACH {
        for dx in -REACH..=REACH {
            let like = likeness(reference, small, dx, dy);
            if like > best.0 {
                best = (like, dx, dy);
            }
        }
    }
    let far = best.1.abs().max(best.2.abs()) >= MOVED_PX;
    (far && best.0 > 0.6 && best.0 - still > 0.15) || best.0 < 0.25
}

/// Normalised cross-correlation of the overlap, -1 to 1: brightness and contrast do not matter.
fn likeness(reference: &[f32], small: &[u8], dx: i32, dy: i32) -> f32 {
    let (mut n, mut a, mut b, mut aa, mut bb, mut ab) = (0.0_f32, 0.0, 0.0, 0.0, 0.0, 0.0);
    for y in 0..SCENE_ROWS as i32 {
        for x in 0..SCENE_COLUMNS as i32 {
            let (sx, sy) = (x + dx, y + dy);
            if !(0..SCENE_COLUMNS as i32).contains(&sx) || !(0..SCENE_ROWS as i32).contains(&sy) {
                continue;
            }
            let r = reference[(y * SCENE_COLUMNS as i32 + x) as usize];
            let s = f32::from(small[(sy * SCENE_COLUMNS as i32 + sx) as usize]);
            n += 1.0;
            a += r;
            b += s;
            aa += r * r;
            bb += s * s;
            ab += r * s;
        }
    }
    let spread = ((aa - a * a / n).max(0.0) * (bb - b * b / n).max(0.0)).sqrt();
    if spread <= f32::EPSILON { 0.0 } else { (ab - a * b / n) / spread }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bed with a part and a head, drawn small; `shift` moves the camera, `noise` is the sensor's.
    fn scene(shift: i32, noise: u32) -> Scene {
        let mut small = Vec::new();
        for y in 0..SCENE_ROWS as i32 {
            for x in 0..SCENE_COLUMNS as i32 {
                let (x, y) = (x + shift, y);
                let bed = if y > 14 { 90 } else { 40 + x * 2 };
                let part = if (10..16).contains(&x) && (9..17).contains(&y) { 90 } else { 0 };
                let frame = if x % 13 == 4 { 50 } else { 0 };
                let grain = ((x * 31 + y * 17 + noise as i32 * 7) % 5).abs();
                small.push((bed + part + frame + grain).clamp(0, 255) as u8);
            }
        }
        let mean = small.iter().map(|&v| f32::from(v)).sum::<f32>() / small.len() as f32;
        Scene {
            mean: mean + noise as f32 * 1e-3,
            dark: 0.0,
            bright: 0.0,
            sharpness: 8.0,
            contrast: 30.0,
            small,
            colours: Vec::new(),
        }
    }

    /// What is told after `secs` seconds of scenes, and after how many seconds first.
    fn told(
        watch: &mut SceneWatch,
        from: u64,
        secs: u64,
        of: impl Fn(u64) -> Scene,
    ) -> Option<(SceneTrouble, u64)> {
        let mut first = None;
        for s in 0..secs {
            if let Some(trouble) = watch.look(&of(s), (from + s) * 1000) {
                first.get_or_insert((trouble, s));
            }
        }
        first
    }

    fn live(s: u64) -> Scene {
        scene(0, (s % 97) as u32)
    }

    #[test]
    fn a_good_picture_is_no_trouble_for_hours() {
        assert_eq!(told(&mut SceneWatch::default(), 0, 4 * 3600, live), None);
    }

    #[test]
    fn each_trouble_is_told_when_it_lasts_and_over_when_it_is_over() {
        let dark = |s| Scene { mean: 6.0, dark: 0.97, ..live(s) };
        let bright = |s| Scene { mean: 240.0, bright: 0.8, ..live(s) };
        let covered = |s| Scene { contrast: 2.0, sharpness: 0.5, ..live(s) };
        let blurred = |s| Scene { sharpness: 1.5, ..live(s) };
        type Case<'a> = (&'a dyn Fn(u64) -> Scene, SceneTrouble, u64);
        let cases: [Case<'_>; 6] = [
            (&dark, SceneTrouble::Dark, 20),
            (&bright, SceneTrouble::Bright, 20),
            (&covered, SceneTrouble::Covered, 20),
            (&blurred, SceneTrouble::Blurred, 20),
            (&|_| scene(0, 3), SceneTrouble::Frozen, 61),
            (&|s| scene(4, (s % 97) as u32), SceneTrouble::Moved, 60),
        ];
        for (bad, want, after) in cases {
            let mut watch = SceneWatch::default();
            assert_eq!(told(&mut watch, 0, 60, live), None);
            assert_eq!(told(&mut watch, 60, 10, bad), None, "{want:?}: ten seconds of it are nothing");
            assert_eq!(told(&mut watch, 70, 20, live), None);
            assert_eq!(told(&mut watch, 100, 200, bad), Some((want, after)), "{want:?}");
            assert_eq!(watch.told(), Some(want));
            told(&mut watch, 300, 10, live);
            assert_eq!(watch.told(), None, "{want:?} is over");
        }
    }

    #[test]
    fn less_light_and_a_shake_are_no_move() {
        let mut watch = SceneWatch::default();
        told(&mut watch, 0, 60, live);
        let dimmed = |s: u64| {
            let small = scene(i32::from(s.is_multiple_of(2)), (s % 97) as u32).small;
            Scene { small: small.iter().map(|v| v / 2 + 10).collect(), ..live(s) }
        };
        assert_eq!(told(&mut watch, 60, 300, dimmed), None);
    }

    #[test]
    fn a_moved_camera_can_be_taken_for_right() {
        let mut watch = SceneWatch::default();
        told(&mut watch, 0, 60, live);
        let elsewhere = |s: u64| scene(4, (s % 97) as u32);
        assert!(told(&mut watch, 60, 100, elsewhere).is_some());
        watch.forget_reference();
        assert_eq!(told(&mut watch, 200, 300, elsewhere), None);
    }
}
