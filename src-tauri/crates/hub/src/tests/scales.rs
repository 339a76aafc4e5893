//! The scale of the camera: taken to a print's start, taught at its end, forgotten when the camera shows something else.

use super::desk::{CAMERA, Desk, boot, camera, look_at, printer};
use domain::{
    AlertOverwrite, Calibration, Calm, CameraScale, Effect, Event, GaugeZone, JobEnd, Levels, LinkChange,
    Look, PMap, PrintId, PrintScale, PrinterState, Request, Rotation, Rule, ScaleSource, Write,
};
use std::collections::BTreeMap;
use std::sync::Arc;

const SIDE: usize = 20;
const MODEL: &str = "house model 1";

fn scale(level: i16, prints: u32) -> CameraScale {
    let whole = Calm { level, secs: 7200.0, columns: SIDE as u16, map: vec![level; SIDE * SIDE] };
    CameraScale { model: MODEL.into(), usual: -150, whole, prints, ..CameraScale::default() }
}

fn desk(known: Option<CameraScale>) -> Desk {
    let mut settings = printer();
    settings.watch.rule = Rule::Printvigil;
    let mut booted = boot(settings, Vec::new());
    booted.scales = known.into_iter().map(|scale| (CAMERA, scale)).collect();
    Desk::ready_with(booted)
}

impl Desk {
    /// A second later, a look of a model with a heat map: this byte everywhere, and another one in a spot.
    fn mapped(&mut self, p: f64, usual: u8, spot: u8) -> Vec<Effect> {
        self.pass_secs(1.0);
        let mut cells = vec![usual; SIDE * SIDE];
        for n in 0..9 {
            cells[150 + n % 3 + n / 3 * SIDE] = spot;
        }
        let p_map = PMap::parse("[[0, 0], [0.5, 0.1], [0.9, 0.35], [0.976, 1], [1, 2.5]]").unwrap();
        let calibration =
            Some(Arc::new(Calibration { model: MODEL.into(), p_map, levels: Levels::default() }));
        let frame = self.frame();
        self.event(Event::Looked(Look { cells, cell_columns: SIDE as u16, calibration, ..look_at(frame, p) }))
    }

    fn zone(&self) -> GaugeZone {
        self.view().vigil.watch.zone.expect("it is watched")
    }
}

fn judged(effects: &[Effect]) -> Option<PrintScale> {
    effects.iter().find_map(|effect| {
        if let Effect::Record(Write::Scale(scale), _) = effect { Some((**scale).clone()) } else { None }
    })
}

fn taught(effects: &[Effect]) -> Option<CameraScale> {
    effects.iter().find_map(|effect| {
        let Effect::Record(Write::Taught(PrintId(7), scale), _) = effect else { return None };
        Some((**scale).clone())
    })
}

#[test]
fn a_print_takes_the_scale_of_its_camera_at_its_first_look_and_teaches_at_its_end() {
    let mut desk = desk(Some(scale(-400, 3)));
    desk.start();
    let first = judged(&desk.mapped(0.02, 5, 5)).expect("by what it is judged is kept with it");
    assert_eq!((first.print, first.camera, first.bend), (PrintId(7), Some(CAMERA), 1.0));
    assert_eq!((first.calibration.model.as_str(), first.known), (MODEL, Some(scale(-400, 3))));
    for _ in 0..600 {
        assert_eq!(judged(&desk.mapped(0.02, 5, 5)), None, "once a print");
    }
    // The model alone would say nothing about so little; this camera never shows as much.
    for _ in 0..120 {
        desk.mapped(0.12, 5, 150);
    }
    assert_ne!(desk.zone(), GaugeZone::Fine);
    let watch = desk.view().vigil.watch;
    assert_eq!(watch.reasons.as_ref().map(|reasons| reasons.scale), Some(ScaleSource::Camera));
    assert!(
        watch.why.iter().any(|why| why.contains("stands out from what this camera shows")),
        "{:?}",
        watch.why
    );
    desk.ask(Request::Acknowledge(super::desk::ID, Some(AlertOverwrite::NotFailed)));
    let ended = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    let taught = taught(&ended).expect("ten calm minutes teach");
    assert!(taught.whole.level < -300 && taught.whole.secs > 300.0, "{:?}", taught.whole.level);
    assert_eq!(taught.model, MODEL);
}

#[test]
fn an_unknown_camera_is_judged_by_the_model_and_a_short_print_teaches_nothing() {
    let mut desk = desk(None);
    desk.start();
    assert_eq!(judged(&desk.mapped(0.02, 5, 5)).map(|scale| scale.known), Some(None));
    for _ in 0..100 {
        desk.mapped(0.02, 5, 5);
    }
    assert_eq!(taught(&desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished))), None);
}

#[test]
fn what_was_learnt_is_said_and_forgotten_when_the_camera_is_turned() {
    let mut desk = desk(Some(scale(-400, 3)));
    let learnt = desk.view().vigil.camera.unwrap().learnt.expect("something is known");
    assert_eq!((learnt.mood.as_str(), learnt.prints, learnt.hours, learnt.used), ("calm", 3, 2.0, true));
    assert!(learnt.text.starts_with("This camera is calm: learnt from 2 h"), "{}", learnt.text);
    desk.event(Event::Scales(BTreeMap::from([(CAMERA, scale(20, 1))])));
    let learnt = desk.view().vigil.camera.unwrap().learnt.unwrap();
    assert!(learnt.mood == "lively" && learnt.text.contains("After one more good print"), "{}", learnt.text);
    desk.event(Event::Detector(Ok("house model 2".into())));
    let learnt = desk.view().vigil.camera.unwrap().learnt.unwrap();
    assert!(!learnt.used && learnt.text.contains("not used with this one"), "{}", learnt.text);
    desk.hub.put_camera(domain::Camera { name: "By the door".into(), ..camera() }, desk.now());
    assert!(desk.view().vigil.camera.unwrap().learnt.is_some(), "a name changes no picture");
    desk.hub.put_camera(domain::Camera { rotation: Rotation::Deg180, ..camera() }, desk.now());
    assert_eq!(desk.view().vigil.camera.unwrap().learnt, None);
}

#[test]
fn what_was_learnt_is_forgotten_in_the_running_print_too() {
    let mut desk = desk(Some(scale(-400, 3)));
    desk.start();
    desk.state(PrinterState::Printing);
    desk.mapped(0.02, 5, 5);
    let source = |desk: &Desk| desk.view().vigil.watch.reasons.map(|reasons| reasons.scale);
    assert_eq!(source(&desk), Some(ScaleSource::Camera));
    desk.hub.forget_scale(CAMERA, desk.now());
    desk.mapped(0.02, 5, 5);
    assert_eq!(source(&desk), Some(ScaleSource::None));
}
