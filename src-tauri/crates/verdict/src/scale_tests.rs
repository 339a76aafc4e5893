//! What holds of the camera's scale, whatever is seen.

use crate::mean::Tuning;
use crate::{PrintvigilRule, Seen, Stage, put_together};
use domain::{
    Calibration, Calm, CameraScale, GaugeZone, Levels, PMap, Place, PrintId, Reasons, ScaleSource, Taught,
    Teaches, View,
};
use proptest::prelude::*;

const SIDE: usize = 28;
/// So many hot cells are as many as the level is the mean of.
const SPOT: usize = 12;

fn calibration() -> Calibration {
    let p_map = PMap::parse("[[0, 0], [0.5, 0.1], [0.9, 0.35], [0.976, 1], [0.999, 1.6], [1, 2.5]]").unwrap();
    Calibration { model: "a model".into(), p_map, levels: Levels::default() }
}

fn byte(logit: f32) -> u8 {
    (255.0 / (1.0 + (-logit).exp())).round() as u8
}

/// A map with this logit everywhere and another one in a spot.
fn map(usual: f32, spot: Option<(usize, f32)>) -> Vec<u8> {
    let mut cells = vec![byte(usual); SIDE * SIDE];
    if let Some((at, logit)) = spot {
        for n in 0..SPOT {
            cells[at + n % 4 + n / 4 * SIDE] = byte(logit);
        }
    }
    cells
}

/// A print that is looked at once a second.
struct Prints {
    rule: PrintvigilRule,
    calibration: Calibration,
    second: u64,
}

impl Prints {
    fn new(known: Option<CameraScale>) -> Self {
        let mut rule = PrintvigilRule::default();
        rule.know(known);
        Self { rule, calibration: calibration(), second: 0 }
    }

    fn look(&mut self, view: View, p: f64, cells: &[u8]) -> Reasons {
        self.second += 1;
        let seen = Seen {
            at_ms: self.second * 1000,
            p,
            view,
            cells,
            columns: SIDE as u16,
            calibration: Some((&self.calibration, 1.0)),
            stage: Stage::Printing,
        };
        self.rule.look(seen, Tuning::default())
    }

    /// Looks for so many seconds; returns the last reasons, and when it first alerted.
    fn run(&mut self, secs: u64, p: f64, cells: &[u8]) -> (Reasons, Option<u64>) {
        let began = self.second;
        let mut first = None;
        let mut last = None;
        for _ in 0..secs {
            let reasons = self.look(View::Whole, p, cells);
            if reasons.verdict != GaugeZone::Fine {
                first = first.or(Some(self.second - began));
            }
            last = Some(reasons);
        }
        (last.unwrap(), first)
    }
}

fn taught(usual: f32, spot: Option<(usize, f32)>, teaches: Teaches) -> Taught {
    let mut print = Prints::new(None);
    print.run(900, 0.02, &map(usual, spot));
    Taught { print: PrintId(1), scale: print.rule.taught().expect("a quarter of an hour teaches"), teaches }
}

fn known(usual: f32, spot: Option<(usize, f32)>) -> Option<CameraScale> {
    let print = taught(usual, spot, Teaches::EndedWell);
    put_together(&[print.clone(), print])
}

#[test]
fn what_a_calm_camera_never_shows_alerts_though_the_model_alone_would_not() {
    let tangle = map(-4.0, Some((300, 0.3)));
    let (_, before) = Prints::new(None).run(600, 0.12, &tangle);
    assert_eq!(before, None, "by the model's p alone");
    let (reasons, after) = Prints::new(known(-4.0, None)).run(600, 0.12, &tangle);
    assert!(after.is_some_and(|secs| secs <= 180), "{after:?}: {reasons:?}");
    assert_eq!(reasons.scale, ScaleSource::Camera);
    assert!(reasons.scaled.unwrap() > 0.3, "{reasons:?}");
}

#[test]
fn what_a_lively_camera_always_shows_does_not_alert_and_what_comes_beside_it_does() {
    let lamp = Some((60, 2.0));
    let (_, before) = Prints::new(None).run(600, 0.7, &map(-3.0, lamp));
    assert!(before.is_some(), "an unknown camera is judged by the model's p");
    let scale = known_of_lively(lamp);
    let (reasons, after) = Prints::new(Some(scale.clone())).run(1800, 0.7, &map(-3.0, lamp));
    assert_eq!(after, None, "{reasons:?}");
    let mut both = map(-3.0, lamp);
    for n in 0..2 * SPOT {
        both[450 + n % 6 + n / 6 * SIDE] = byte(4.0);
    }
    let (reasons, after) = Prints::new(Some(scale)).run(600, 1.5, &both);
    assert!(after.is_some_and(|secs| secs <= 90), "{after:?}: {reasons:?}");
    assert!(reasons.place.unwrap().y > 0.4, "the new one is shown: {reasons:?}");
}

/// What two good prints under a lamp teach: the model's p is low there for as long as they teach.
fn known_of_lively(lamp: Option<(usize, f32)>) -> CameraScale {
    let print = taught(-3.0, lamp, Teaches::EndedWell);
    assert!(print.scale.whole.level > 50, "{:?}", print.scale.whole.level);
    put_together(&[print.clone(), print]).unwrap()
}

#[test]
fn a_print_that_fails_from_its_first_look_teaches_nothing_and_alerts() {
    let mut print = Prints::new(None);
    let (_, alerted) = print.run(1800, 1.2, &map(-3.0, Some((300, 3.0))));
    assert_eq!(alerted, Some(61), "at the end of the first minute");
    assert_eq!(print.rule.taught(), None);
}

#[test]
fn the_minutes_before_a_failure_are_not_learnt_from_the_failure() {
    let mut print = Prints::new(None);
    print.run(900, 0.02, &map(-3.0, None));
    let before = print.rule.taught().unwrap();
    print.run(900, 1.2, &map(-3.0, Some((300, 3.0))));
    assert_eq!(print.rule.taught().unwrap(), before, "not even its first seconds");
}

#[test]
fn what_only_this_print_taught_alerts_after_a_minute_and_never_pauses() {
    let mut print = Prints::new(None);
    print.run(600, 0.02, &map(-5.0, None));
    // The model alone says .3, and would not alert; beyond this print's calm minutes it is plain.
    let (now, first) = print.run(900, 0.3, &map(-5.0, Some((300, 2.0))));
    assert_eq!(now.scale, ScaleSource::Print);
    assert!(first.is_some_and(|secs| (50..=120).contains(&secs)), "{first:?}");
    assert_eq!(now.verdict, GaugeZone::Alert, "level {}, pauses above {}", now.level, now.pause_above);
}

#[test]
fn one_print_that_nobody_judged_never_lowers_what_the_model_says() {
    // It failed unseen: its tangle is what it taught.
    let tangle = Some((300, 2.0));
    let once = put_together(&[taught(-3.0, tangle, Teaches::EndedWell)]);
    let (reasons, alerted) = Prints::new(once).run(600, 1.2, &map(-3.0, tangle));
    assert!(alerted.is_some_and(|secs| secs <= 61), "{reasons:?}");
    let said = put_together(&[taught(-3.0, tangle, Teaches::Answered)]);
    let (_, alerted) = Prints::new(said).run(600, 1.2, &map(-3.0, tangle));
    assert_eq!(alerted, None, "a person said that this is no failure");
}

#[test]
fn the_median_leaves_out_the_one_that_failed_unseen_and_answers_weigh_more() {
    let good = taught(-3.0, None, Teaches::EndedWell);
    let bad = taught(-3.0, Some((300, 2.0)), Teaches::EndedWell);
    let level = |prints: &[&Taught]| {
        let prints: Vec<Taught> = prints.iter().copied().cloned().collect();
        put_together(&prints).unwrap().whole.level
    };
    assert_eq!(level(&[&bad, &good, &good]), good.scale.whole.level);
    let answered = Taught { teaches: Teaches::Answered, ..good.clone() };
    assert_eq!(level(&[&bad, &bad, &answered]), good.scale.whole.level, "a person's word weighs three");
    let failed = Taught { teaches: Teaches::Not, ..bad.clone() };
    assert_eq!(put_together(&[failed]), None, "what failed teaches nothing");
    let other = CameraScale { model: "another model".into(), ..good.scale.clone() };
    let other = Taught { scale: other, ..good.clone() };
    let newest = put_together(&[other, good.clone(), good]).unwrap();
    assert_eq!((newest.model.as_str(), newest.prints), ("another model", 1));
}

#[test]
fn another_model_and_another_grid_are_judged_without_the_scale() {
    let mut scale = known(-4.0, None).unwrap();
    scale.model = "another model".into();
    let (reasons, _) = Prints::new(Some(scale)).run(30, 0.3, &map(-4.0, None));
    assert_eq!((reasons.scaled, reasons.scale), (None, ScaleSource::None));
    let mut coarse = known(-4.0, None).unwrap();
    coarse.whole.columns = 14;
    let (reasons, _) = Prints::new(Some(coarse)).run(30, 0.3, &map(-4.0, None));
    assert_eq!(reasons.scale, ScaleSource::None);
}

#[test]
fn each_kind_of_view_has_a_scale_of_its_own() {
    let closer = View::Closer(Place { x: 0.25, y: 0.25, w: 0.5, h: 0.5 });
    let mut print = Prints::new(None);
    // Closer views run hotter.
    for _ in 0..900 {
        print.look(View::Whole, 0.02, &map(-3.0, None));
        print.look(closer, 0.05, &map(-1.0, None));
    }
    let scale = print.rule.taught().unwrap();
    assert!((scale.whole.level + 300).abs() < 5 && (scale.closer.level + 100).abs() < 5, "{scale:?}");
    assert_eq!(usize::from(scale.closer.columns), 2 * SIDE);
    let seen = scale.closer.map.iter().filter(|&&cell| cell != Calm::UNSEEN).count();
    assert_eq!(seen, SIDE * SIDE, "the quarter that was looked at");
    let known = put_together(&[Taught { print: PrintId(1), scale, teaches: Teaches::Answered }]);
    let mut next = Prints::new(known);
    let whole = next.look(View::Whole, 0.05, &map(-3.0, None)).scaled.unwrap();
    let near = next.look(closer, 0.05, &map(-1.0, None)).scaled.unwrap();
    assert!(whole < 0.15 && near < 0.15, "both are usual: {whole} {near}");
}

fn any_map() -> impl Strategy<Value = Vec<u8>> {
    let spot = prop_oneof![Just(None), (0..SIDE * (SIDE - 4) - 4, -3.0_f32..6.0).prop_map(Some)];
    (-6.0_f32..2.0, spot, any::<u8>()).prop_map(|(usual, spot, noise)| {
        let mut cells = map(usual, spot);
        for (n, cell) in cells.iter_mut().enumerate() {
            *cell = cell.saturating_add((n as u8).wrapping_mul(noise | 1) % 7);
        }
        cells
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// While nothing is known for sure, nothing counts less than it did without a scale.
    #[test]
    fn an_unknown_camera_is_never_judged_more_mildly(
        looks in prop::collection::vec((any_map(), 0.0_f64..2.5), 1..12),
        once in any_map(),
    ) {
        let mut teacher = Prints::new(None);
        teacher.run(420, 0.02, &once);
        let scale = teacher.rule.taught().map(|scale| Taught { print: PrintId(1), scale, teaches: Teaches::EndedWell });
        for known in [None, scale.and_then(|taught| put_together(&[taught]))] {
            let mut scaled = Prints::new(known);
            let mut plain = PrintvigilRule::default();
            for (cells, p) in &looks {
                for _ in 0..20 {
                    let with = scaled.look(View::Whole, *p, cells);
                    let seen = Seen {
                        at_ms: scaled.second * 1000,
                        p: *p,
                        view: View::Whole,
                        cells,
                        columns: SIDE as u16,
                        calibration: None,
                        stage: Stage::Printing,
                    };
                    let without = plain.look(seen, Tuning::default());
                    prop_assert!(with.counted >= without.counted - 1e-9, "{with:?} {without:?}");
                    prop_assert!(with.level >= without.level - 1e-9);
                }
            }
        }
    }

    /// More heat in any cell never makes p smaller.
    #[test]
    fn p_by_the_scale_rises_with_the_heat(cells in any_map(), usual in any_map(), at in 0..SIDE * SIDE, more in 1_u8..) {
        let mut teacher = Prints::new(None);
        teacher.run(420, 0.02, &usual);
        let scale = teacher.rule.taught();
        prop_assume!(scale.is_some());
        let known = scale.and_then(|scale| {
            put_together(&[Taught { print: PrintId(1), scale, teaches: Teaches::Answered }])
        });
        let scaled = |cells: &[u8]| Prints::new(known.clone()).look(View::Whole, 0.0, cells).scaled.unwrap();
        let mut hotter = cells.clone();
        hotter[at] = hotter[at].saturating_add(more);
        prop_assert!(scaled(&hotter) >= scaled(&cells) - 1e-9);
    }

    /// Whatever is seen, what is told is finite, and p and its heat keep within their ranges.
    #[test]
    fn nothing_seen_breaks_the_rule(
        looks in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..80), 0..12_u16, any::<f64>(), any::<f32>()), 1..20),
    ) {
        let calibration = calibration();
        let mut rule = PrintvigilRule::default();
        for (n, (cells, columns, p, x)) in looks.iter().enumerate() {
            let view = if n % 2 == 0 { View::Whole } else { View::Closer(Place { x: *x, y: 0.25, w: 0.5, h: 0.5 }) };
            let seen = Seen {
                at_ms: n as u64 * 7000,
                p: *p,
                view,
                cells,
                columns: *columns,
                calibration: Some((&calibration, 1.0)),
                stage: Stage::Printing,
            };
            let reasons = rule.look(seen, Tuning::default());
            prop_assert!((0.0..=2.5).contains(&reasons.counted) && reasons.level.is_finite(), "{reasons:?}");
            prop_assert!(rule.beyond().iter().all(|heat| (0.0..=1.0).contains(heat)));
        }
    }

    /// What is put together lies within what the prints showed.
    #[test]
    fn the_median_lies_between_what_was_taught(levels in prop::collection::vec((-600_i16..600, 0..3_usize), 1..10)) {
        let words = [Teaches::Not, Teaches::EndedWell, Teaches::Answered];
        let taught = |&(level, word): &(i16, usize)| {
            let whole = Calm { level, secs: 900.0, columns: 2, map: vec![level; 4] };
            Taught { print: PrintId(1), scale: CameraScale { whole, ..CameraScale::default() }, teaches: words[word] }
        };
        let prints: Vec<Taught> = levels.iter().map(taught).collect();
        let teaching = || levels.iter().filter(|(_, word)| *word > 0).take(domain::MOST_TAUGHT).map(|(level, _)| *level);
        match put_together(&prints) {
            None => prop_assert!(teaching().next().is_none()),
            Some(scale) => {
                let range = teaching().min().unwrap()..=teaching().max().unwrap();
                prop_assert!(range.contains(&scale.whole.level) && scale.whole.map == vec![scale.whole.level; 4]);
            }
        }
    }
}
