//! Our rule at work: a look a second, places, ignored areas, what the camera shows, what was not watched.

use super::desk::{CAMERA, Desk, ID, boot, look_at, printer};
use super::{told, whole};
use domain::{
    CameraHealth, Effect, Event, IgnoreArea, KeepWhy, Look, Request, Rule, SCENE_COLUMNS, SCENE_ROWS, Scene,
    Write,
};
use expect_test::expect;

const SIDE: u16 = 8;

fn desk() -> Desk {
    let mut settings = printer();
    settings.watch.rule = Rule::Printvigil;
    let mut desk = Desk::ready_with(boot(settings, Vec::new()));
    desk.start();
    desk
}

impl Desk {
    /// A second later, a look with its heat in one cell.
    fn second(&mut self, p: f64, cell: usize) -> Vec<Effect> {
        self.second_with(p, cell, |_| ())
    }

    fn second_with(&mut self, p: f64, cell: usize, edit: impl FnOnce(&mut Look)) -> Vec<Effect> {
        self.pass_secs(1.0);
        let frame = self.frame();
        let mut cells = vec![2; usize::from(SIDE * SIDE)];
        if p > 0.2 {
            cells[cell] = 240;
        }
        let mut look = Look { cells, cell_columns: SIDE, ..look_at(frame, p) };
        edit(&mut look);
        self.event(Event::Looked(look))
    }

    /// Seconds of a tangle in this cell until something is notified.
    fn tangle_until_alert(&mut self, cell: usize) -> Option<u32> {
        (1..=180).find(|_| self.second(1.6, cell).iter().any(|e| matches!(e, Effect::Notify(_))))
    }
}

fn scene(n: u32, edit: impl FnOnce(&mut Scene)) -> Scene {
    let small = (0..SCENE_COLUMNS * SCENE_ROWS).map(|i| ((i * 37 % 91) + (i + n as usize) % 3) as u8);
    let mut scene = Scene {
        mean: 80.0 + n as f32 * 1e-3,
        dark: 0.0,
        bright: 0.0,
        sharpness: 8.0,
        contrast: 30.0,
        small: small.collect(),
        colours: Vec::new(),
    };
    edit(&mut scene);
    scene
}

#[test]
fn a_failure_that_stays_alerts_within_a_minute_and_pauses_once() {
    let mut desk = desk();
    for _ in 0..120 {
        assert!(!told(&desk.second(0.05, 0)).contains("NOTICE"));
    }
    let (mut alert, mut pauses) = (None, Vec::new());
    for n in 1..=120 {
        let effects = desk.second(1.6, 27);
        if effects.iter().any(|e| matches!(e, Effect::Notify(_))) {
            alert.get_or_insert(n);
        }
        if effects.iter().any(|e| matches!(e, Effect::Order(..))) {
            pauses.push(n);
        }
    }
    assert!(alert.is_some_and(|n| (10..=45).contains(&n)), "{alert:?}");
    assert!(pauses.len() == 1 && pauses[0] <= 75, "{pauses:?}");
    let alert = desk.view().vigil.alert.expect("it waits for an answer");
    let place = alert.place.expect("it knows where");
    assert!((place.x..place.x + place.w).contains(&0.44) && !alert.why.is_empty(), "{alert:?}");
}

#[test]
fn each_look_is_kept_with_its_heat_and_every_tenth_second_as_a_row() {
    let mut desk = desk();
    let (mut kept, mut rows, mut films) = (0, 0, 0);
    for _ in 0..60 {
        for effect in desk.second(0.1, 3) {
            match effect {
                Effect::KeepLook(look) => {
                    kept += 1;
                    assert_eq!((look.cells.len(), look.columns), (64, SIDE));
                }
                Effect::Record(Write::Look(_), _) => rows += 1,
                Effect::KeepFrame { why: KeepWhy::Film, .. } => films += 1,
                Effect::Order(..)
                | Effect::Watch(..)
                | Effect::LookAt(..)
                | Effect::KeepFrame { .. }
                | Effect::ThinFrames(_)
                | Effect::Evidence { .. }
                | Effect::Drill(..)
                | Effect::Record(..)
                | Effect::Publish(_)
                | Effect::Notify(_)
                | Effect::Film(..)
                | Effect::WatchFailed(..)
                | Effect::Reply(..) => (),
            }
        }
    }
    assert_eq!((kept, rows), (60, 6));
    assert!((5..=7).contains(&films), "{films}");
}

#[test]
fn a_computer_that_is_busy_is_asked_less_often() {
    let mut desk = desk();
    for _ in 0..60 {
        desk.second_with(0.05, 0, |look| look.total_ms = 60.0);
    }
    assert_eq!(desk.view().vigil.watch.every_secs, 1.0);
    let mut effects = Vec::new();
    for _ in 0..60 {
        effects.extend(desk.second_with(0.05, 0, |look| look.total_ms = 400.0));
    }
    assert!(told(&effects).contains("watch 1 every 5000 ms"), "{}", told(&effects));
    let mut effects = Vec::new();
    for _ in 0..60 {
        effects.extend(desk.second_with(0.05, 0, |look| look.total_ms = 60.0));
    }
    assert!(told(&effects).contains("watch 1 every 1000 ms"), "it comes back: {}", told(&effects));
}

#[test]
fn what_lies_in_an_ignored_area_never_alerts_and_elsewhere_it_does() {
    // Cell 27 is row 3, column 3 of 8: from 375 to 500 thousandths.
    let area = IgnoreArea { x: 350, y: 350, w: 200, h: 200 };
    let mut desk = desk();
    let effects = desk.hub.set_ignore(CAMERA, vec![area], desk.now());
    assert!(effects.iter().any(|e| matches!(e, Effect::Publish(_))), "it is shown at once");
    for _ in 0..90 {
        desk.second(0.05, 0);
    }
    assert_eq!(desk.tangle_until_alert(27), None);
    assert!(
        desk.view().vigil.watch.why.iter().any(|why| why.contains("told the watch not to look")),
        "{:?}",
        desk.view().vigil.watch.why
    );
    assert!(desk.tangle_until_alert(60).is_some());
}

#[test]
fn a_camera_in_the_dark_is_not_watching_and_one_that_was_moved_is_told() {
    let mut desk = desk();
    for n in 0..20 {
        desk.second_with(0.05, 0, |look| look.scene = Some(scene(n, |_| ())));
    }
    assert!(desk.view().vigil.watch.watching);
    let mut effects = Vec::new();
    for n in 0..30 {
        effects.extend(desk.second_with(0.05, 0, |look| {
            look.scene = Some(scene(n, |scene| (scene.mean, scene.dark) = (5.0 + n as f32 * 0.01, 0.99)));
        }));
    }
    let watch = desk.view().vigil.watch;
    assert!(!watch.watching && watch.reason.contains("too dark") && watch.fix.contains("light"), "{watch:?}");
    assert_eq!(watch.camera_trouble.map(|trouble| trouble.kind), Some("dark".into()));
    assert_eq!(told(&effects).matches("NOTICE NotWatching").count(), 1, "{}", told(&effects));

    for n in 0..10 {
        desk.second_with(0.05, 0, |look| look.scene = Some(scene(n, |_| ())));
    }
    assert!(desk.view().vigil.watch.watching, "the light is on again");
    let mut effects = Vec::new();
    for n in 0..30 {
        effects.extend(desk.second_with(0.05, 0, |look| {
            look.scene = Some(scene(n, |scene| scene.sharpness = 1.0));
        }));
    }
    assert!(desk.view().vigil.watch.watching, "a blurred picture still shows something");
    assert_eq!(told(&effects).matches("blurred").count(), 2, "a log and a notice: {}", told(&effects));
}

#[test]
fn what_was_not_watched_is_kept_with_its_cause() {
    let mut desk = desk();
    for _ in 0..60 {
        desk.second(0.05, 0);
        desk.event(Event::Tick(ID));
    }
    let why = "The camera was unplugged.".to_owned();
    desk.event(Event::Camera(CAMERA, CameraHealth::Lost { why }));
    desk.tick_secs(40);
    assert_eq!(desk.view().vigil.watch.gaps.len(), 1, "shown while it lasts");
    desk.event(Event::Camera(CAMERA, CameraHealth::Live { width: 1280, height: 720 }));
    let effects = desk.second(0.05, 0);
    expect![[r#"
        gap of 41 s: The camera was unplugged.
        coverage 60 of 101 s
    "#]]
    .assert_eq(
        &whole(&effects)
            .lines()
            .filter(|l| l.starts_with("gap") || l.starts_with("coverage"))
            .fold(String::new(), |all, line| all + line + "\n"),
    );
    desk.ask(Request::Mute(ID, true));
    desk.tick_secs(30);
    let gaps = desk.view().vigil.watch.gaps;
    assert_eq!(gaps.len(), 2);
    assert!(gaps[1].why.contains("muted"), "{gaps:?}");
}
