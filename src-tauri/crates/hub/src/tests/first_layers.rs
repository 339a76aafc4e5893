//! The first layers: told once where a person wants it, in words of its own, and never with a pause.

use super::desk::{Desk, ID, boot, look_at, printer};
use super::told;
use domain::{
    AlarmKind, COLOUR_COLUMNS, COLOUR_ROWS, Effect, Event, JobEnd, LinkChange, Look, PrintId, Request, Rule,
    SCENE_COLUMNS, SCENE_ROWS, Scene, Seen, Write,
};

fn desk(wanted: bool) -> Desk {
    let mut settings = printer();
    (settings.watch.first_layer, settings.watch.rule) = (wanted, Rule::Printvigil);
    let mut desk = Desk::ready_with(boot(settings, Vec::new()));
    desk.start();
    desk
}

impl Desk {
    /// A second later, a millimetre of filament more; a picture in which this part of the bed has another colour.
    fn lay(&mut self, second: u64, laid: bool, dark: bool) -> Vec<Effect> {
        self.pass_secs(1.0);
        let job = self.report.job.as_mut().expect("it prints");
        (job.filament_mm, job.layer_idx) = (1.0 + second as f64, Some(0));
        self.event(Event::Status(ID, Box::new(self.report.clone())));
        let noise = (second % 3) as u8;
        let cells = (0..COLOUR_COLUMNS * COLOUR_ROWS).flat_map(|cell| {
            let part = (1500..1510).contains(&cell) && laid;
            [if part { 200 } else { 90 + noise }, 90, 80]
        });
        let small = (0..SCENE_COLUMNS * SCENE_ROWS).map(|at| (at * 37 % 91) as u8 + noise);
        let scene = Scene {
            mean: if dark { 2.0 } else { 80.0 } + second as f32 * 1e-3,
            dark: f32::from(u8::from(dark)),
            bright: 0.0,
            sharpness: 8.0,
            contrast: 30.0,
            small: small.collect(),
            colours: cells.collect(),
        };
        let frame = self.frame();
        let (cells, cell_columns) = (vec![2; 64], 8);
        self.event(Event::Looked(Look { scene: Some(scene), cells, cell_columns, ..look_at(frame, 0.02) }))
    }

    fn lay_secs(&mut self, secs: u64, laid_from: u64) -> Vec<Effect> {
        (0..secs).flat_map(|second| self.lay(second, second >= laid_from, false)).collect()
    }

    fn is_alarmed(&self) -> bool {
        self.view().vigil.alarms.iter().any(|alarm| alarm.kind == AlarmKind::FirstLayer)
    }
}

fn speaks(effects: &[Effect]) -> bool {
    told(effects).contains("nothing new is seen")
}

#[test]
fn that_nothing_is_seen_is_told_once_with_its_picture_and_never_pauses() {
    let mut desk = desk(true);
    assert!(!speaks(&desk.lay_secs(170, 999)), "not before three minutes");
    let effects: Vec<Effect> = (170..400).flat_map(|second| desk.lay(second, false, false)).collect();
    let words = told(&effects);
    let log = "log FIRST_LAYER WARNING Detection print Some(7): First layers: nothing new is seen";
    assert_eq!(words.matches(log).count(), 1, "{words}");
    assert!(
        words.contains("for 2 minutes, though by the file 14 cm of filament should have come to lie on it"),
        "{words}"
    );
    assert_eq!(words.matches("NOTICE").count(), 1, "{words}");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Order(..))));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::KeepFrame { .. })), "its picture is kept");
    let decided = |effect: &Effect| matches!(effect, Effect::Record(Write::Decision(_), _));
    assert!(!effects.iter().any(decided), "it is no verdict of the rule");
    assert!(desk.is_alarmed());
    desk.ask(Request::Seen(ID, Seen::Alarms));
    assert!(!desk.is_alarmed(), "a person has seen it");
}

#[test]
fn the_alarm_goes_with_the_print() {
    let mut desk = desk(true);
    desk.lay_secs(200, 999);
    assert!(desk.is_alarmed());
    desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    assert!(!desk.is_alarmed());
}

#[test]
fn what_is_laid_is_no_alarm_and_closer_looks_go_there() {
    let mut desk = desk(true);
    let effects = desk.lay_secs(400, 60);
    assert!(!speaks(&effects) && !desk.is_alarmed());
    // Cell 1505 is column 33, row 23 of 64 x 48: the middle of the picture. In turn alone, it would be a ninth of the looks.
    let holds_part = |effect: &Effect| {
        let Effect::LookAt(_, domain::View::Closer(place)) = effect else { return false };
        place.x > 0.2 && place.x < 0.3 && place.y > 0.2 && place.y < 0.3
    };
    assert!(effects.iter().filter(|effect| holds_part(effect)).count() > 100);
}

#[test]
fn it_is_off_unless_a_person_wants_it() {
    assert!(!printer().watch.first_layer);
    let mut desk = desk(false);
    assert!(!speaks(&desk.lay_secs(400, 999)));
}

#[test]
fn a_dark_picture_says_nothing_of_the_bed() {
    let mut desk = desk(true);
    let effects: Vec<Effect> = (0..400).flat_map(|second| desk.lay(second, false, second > 20)).collect();
    assert!(!speaks(&effects), "that is told as a picture that shows nothing");
}
