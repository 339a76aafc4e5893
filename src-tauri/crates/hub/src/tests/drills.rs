//! Fire drills: the alert is real, the print is never touched unless it is the demo's.

use super::desk::{Desk, ID, boot, look_at, printer};
use super::{told, whole};
use domain::{
    DrillPictures, Effect, Event, Initiator, LinkChange, Look, PrintId, Printer, PrinterKind, PrinterState,
    Request,
};

impl Desk {
    /// A second later, the detector has looked at the sample.
    fn drill_look(&mut self, p: f64) -> Vec<Effect> {
        self.pass_secs(1.0);
        let frame = self.frame();
        let mut cells = vec![1; 64];
        cells[20] = 250;
        let mut effects =
            self.event(Event::Looked(Look { cells, cell_columns: 8, drill: true, ..look_at(frame, p) }));
        effects.extend(self.event(Event::Tick(ID)));
        effects
    }

    fn drill(&mut self, p: f64) -> Vec<Effect> {
        let (answer, mut effects) = self.ask(Request::Drill(ID));
        assert!(matches!(answer, Some(Ok(_))), "{answer:?}");
        assert!(effects.contains(&Effect::Drill(ID, DrillPictures::Sample)));
        for _ in 0..130 {
            if self.over() {
                break;
            }
            effects.extend(self.drill_look(p));
        }
        effects
    }

    fn over(&self) -> bool {
        self.view().vigil.watch.drill.is_some_and(|drill| drill.over)
    }
}

fn demo() -> Printer {
    Printer { kind: PrinterKind::Demo, ..printer() }
}

#[test]
fn on_a_real_printer_the_alert_comes_and_the_print_is_left_alone() {
    let mut desk = Desk::printing();
    let (print, before) = (desk.print(), desk.view().vigil.watch.clone());
    let effects = desk.drill(1.8);
    let told = whole(&effects);
    assert!(!told.contains("ORDER") && !told.contains("print row") && !told.contains("keep"), "{told}");
    assert_eq!(told.matches("NOTICE Drill").count(), 1, "{told}");
    let view = desk.view();
    let drill = view.vigil.watch.drill.expect("it is shown");
    assert!(drill.passed && drill.text.contains("never touches"), "{drill:?}");
    assert!(drill.steps.iter().all(|step| step.done), "{drill:?}");
    assert_eq!(view.vigil.alert, None);
    assert_eq!((desk.print(), view.vigil.watch.lifetime_frame_num), (print, before.lifetime_frame_num));
    assert!(effects.contains(&Effect::Drill(ID, DrillPictures::Camera)), "the sample goes away");
}

#[test]
fn it_works_with_nothing_printing() {
    let mut desk = Desk::ready();
    let told = whole(&desk.drill(1.8));
    assert!(told.contains("NOTICE Drill") && !told.contains("ORDER"), "{told}");
    assert!(desk.view().vigil.watch.drill.expect("shown").passed);
}

#[test]
fn on_the_demo_the_pause_is_rehearsed_too_and_has_passed_only_when_confirmed() {
    let mut desk = Desk::printing_with(boot(demo(), Vec::new()));
    let (_, mut effects) = desk.ask(Request::Drill(ID));
    for _ in 0..70 {
        effects.extend(desk.drill_look(1.8));
    }
    assert_eq!(told(&effects).matches("ORDER 1 pause").count(), 1, "{}", told(&effects));
    assert!(!desk.over(), "ordered is not confirmed");
    desk.confirm_pause(Initiator::Detection);
    desk.event(Event::Tick(ID));
    let drill = desk.view().vigil.watch.drill.expect("it is shown");
    assert!(drill.over && drill.passed, "{drill:?}");
    assert_eq!(desk.view().vigil.state, PrinterState::Paused);
}

#[test]
fn a_model_that_does_not_know_the_sample_or_does_not_answer_fails_the_drill_loudly() {
    let mut desk = Desk::ready();
    let effects = desk.drill(0.1);
    let drill = desk.view().vigil.watch.drill.expect("it is shown");
    assert!(!drill.passed && drill.text.contains("no alert came"), "{drill:?}");
    assert!(told(&effects).contains("NOTICE Drill"), "{}", told(&effects));

    let mut desk = Desk::ready();
    desk.ask(Request::Drill(ID));
    desk.event(Event::Detector(Err("The model file is damaged.".into())));
    let effects = desk.tick_secs(130);
    let drill = desk.view().vigil.watch.drill.expect("it is shown");
    assert!(!drill.passed && drill.text.contains("damaged"), "{drill:?}");
    assert!(told(&effects).contains("fire drill failed"), "{}", told(&effects));
}

#[test]
fn one_at_a_time_and_never_over_a_real_alert() {
    let mut desk = Desk::ready();
    desk.ask(Request::Drill(ID));
    let (answer, _) = desk.ask(Request::Drill(ID));
    assert_eq!(answer.unwrap().unwrap_err().code, "busy");

    let mut desk = Desk::printing();
    desk.fail_until_pause(2.5);
    assert!(!desk.view().vigil.can.drill);
    let (answer, _) = desk.ask(Request::Drill(ID));
    assert_eq!(answer.unwrap().unwrap_err().code, "busy");
    desk.link(LinkChange::Paused(PrintId(7), Initiator::Detection));
}
