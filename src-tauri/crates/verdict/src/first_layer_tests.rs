use super::*;

/// Dark, and as large as the head of a printer in a picture.
const HEAD: (usize, usize) = (8, 7);
/// mm of filament a second.
const PER_SEC: f64 = 1.0;

/// A printer in front of a camera, a picture a second.
#[derive(Clone, Copy)]
struct Bench {
    /// Something is laid where the head goes, from this second of laying on.
    lays_from: Option<u64>,
    /// Steps of brightness by which the whole picture is lighter, after so many seconds.
    lighter: (u8, u64),
    per_sec: f64,
    layer_secs: u64,
    /// A display in the corner shows another number each minute.
    display: bool,
}

const NOTHING: Bench =
    Bench { lays_from: None, lighter: (0, 0), per_sec: PER_SEC, layer_secs: 1_000, display: false };

impl Bench {
    /// Where the head is over the part: it goes to and fro, a line each second.
    fn head(second: u64) -> (usize, usize) {
        let (x, y) = (second * 7 % 12, second / 3 % 8);
        (26 + x as usize, 22 + y as usize)
    }

    fn picture(&self, second: u64, laying: u64) -> Vec<u8> {
        let lighter = if laying >= self.lighter.1 { self.lighter.0 } else { 0 };
        let laid = self.lays_from.map_or(0, |from| laying.saturating_sub(from));
        let head = if laying > 0 { Self::head(laying) } else { (2, 2) };
        let cells = (0..COLOUR_COLUMNS * COLOUR_ROWS).flat_map(|cell| {
            let (x, y) = (cell % COLOUR_COLUMNS, cell / COLOUR_COLUMNS);
            let noise = ((cell as u64 * 7919 + second * 104_729) % 5) as u8;
            let mut colour = [70 + (x / 2) as u8, 72 + (y / 2) as u8, 74].map(|c: u8| c + noise);
            // A row of the part every ten seconds, below the nozzle.
            if (28..38).contains(&x) && y >= 30 && y < 30 + (laid as usize / 10).min(8) {
                colour = [150, 110, 60];
            }
            let from_head = (x.wrapping_sub(head.0), y.wrapping_sub(head.1));
            if from_head.0 < HEAD.0 && from_head.1 < HEAD.1 {
                colour = [25 + noise, 26, 28];
            }
            if self.display && x > 58 && y > 44 {
                colour = [(second / 60 * 60 % 200) as u8, 90, 200];
            }
            colour.map(|c| c.saturating_add(lighter))
        });
        cells.collect()
    }

    /// Prints for so many seconds, after a minute of heating. Returns after how many something was told, and what.
    fn told(&self, watch: &mut FirstLayers, secs: u64) -> Option<(u64, NothingNew)> {
        for second in 0..60 {
            let at_ms = second * 1_000;
            let before = Laying { at_ms, stage: Stage::Before, filament_mm: 0.0, layer_idx: None };
            assert_eq!(watch.picture(&self.picture(second, 0), before), None);
        }
        let mut told = None;
        for laying in 1..=secs {
            let second = 60 + laying;
            let now = Laying {
                at_ms: second * 1_000,
                stage: Stage::Printing,
                filament_mm: laying as f64 * self.per_sec,
                layer_idx: Some((laying / self.layer_secs) as u32),
            };
            if let Some(nothing) = watch.picture(&self.picture(second, laying), now) {
                assert_eq!(told, None, "it is told once");
                told = Some((laying, nothing));
            }
        }
        told
    }
}

fn told(bench: Bench) -> Option<(u64, NothingNew)> {
    bench.told(&mut FirstLayers::default(), 600)
}

#[test]
fn that_nothing_is_laid_is_told_after_three_minutes_however_the_head_moves() {
    let (after, nothing) = told(NOTHING).expect("it is told");
    assert!((180..200).contains(&after), "{after}");
    // Since the memory was complete.
    assert!((nothing.for_secs - (after as f64 - 46.0)).abs() < 2.0, "{nothing:?}");
    assert!((nothing.filament_mm - nothing.for_secs * PER_SEC).abs() < 1e-6, "{nothing:?}");
}

#[test]
fn what_is_laid_is_seen_and_where() {
    for from in [1, 20, 50, 100] {
        let mut watch = FirstLayers::default();
        assert_eq!(Bench { lays_from: Some(from), ..NOTHING }.told(&mut watch, 400), None, "from {from}");
        let (x, y) = watch.newest().expect("it is seen");
        assert!((0.42..0.62).contains(&x) && (0.6..0.8).contains(&y), "from {from}: {x} {y}");
    }
}

#[test]
fn another_light_is_nothing_new() {
    assert!(told(Bench { lighter: (40, 100), ..NOTHING }).is_some());
    assert_eq!(told(Bench { lighter: (40, 100), lays_from: Some(20), ..NOTHING }), None);
}

#[test]
fn a_print_that_pushed_little_is_not_judged() {
    assert_eq!(told(Bench { per_sec: 0.1, ..NOTHING }), None);
    assert_eq!(told(Bench { per_sec: f64::NAN, ..NOTHING }), None);
}

#[test]
fn with_the_fourth_layer_it_is_over() {
    assert_eq!(told(Bench { layer_secs: 50, ..NOTHING }), None);
    assert!(told(Bench { layer_secs: 70, ..NOTHING }).is_some());
}

#[test]
fn what_changes_elsewhere_keeps_it_silent_unless_that_is_ignored() {
    let bench = Bench { display: true, ..NOTHING };
    assert_eq!(bench.told(&mut FirstLayers::default(), 400), None);
    let mut watch = FirstLayers::default();
    watch.ignore(&[IgnoreArea { x: 900, y: 900, w: 100, h: 100 }]);
    assert!(bench.told(&mut watch, 400).is_some());
}

#[test]
fn pictures_of_another_size_are_passed_over() {
    let mut watch = FirstLayers::default();
    let laying = Laying { at_ms: 1, stage: Stage::Printing, filament_mm: 5.0, layer_idx: Some(0) };
    assert_eq!(watch.picture(&[], laying), None);
    assert_eq!(watch.picture(&[1, 2, 3], laying), None);
    assert_eq!(watch, FirstLayers::default());
}

#[test]
fn a_print_that_is_seen_from_its_middle_on_is_not_judged() {
    let mut watch = FirstLayers::default();
    for second in 0..600 {
        let filament_mm = 900.0 + second as f64;
        let laying = Laying { at_ms: second * 1_000, stage: Stage::Printing, filament_mm, layer_idx: None };
        assert_eq!(watch.picture(&NOTHING.picture(second, second + 1), laying), None);
    }
}
