//! What is shown.

use super::desk::{Desk, ID, job};
use super::whole;
use domain::{
    CameraHealth, DotState, Effect, Event, Initiator, LinkState, PauseStep, PrintTimeLeftOrigin,
    PrinterState, Request, StreamRatio,
};

#[test]
fn the_nine_flags_and_the_text_come_from_the_table() {
    for state in PrinterState::ALL {
        let mut desk = Desk::ready();
        desk.report.sd_ready = true;
        desk.state(state);
        let view = desk.view();
        assert_eq!(view.status.state.text, state.text());
        assert_eq!(view.status.state.flags, state.flags(true));
        assert_eq!(view.vigil.state_word, state.word());
    }
}

#[test]
fn progress_is_by_bytes_and_the_time_left_says_where_it_comes_from() {
    use PrintTimeLeftOrigin::{Analysis, Linear};
    // Share of the file, seconds moving, estimate for the file; seconds left, origin. Replays: `time_left`.
    for (share, secs, estimate, left, origin) in [
        (0.0, 0.0, Some(3600.0), Some(3600.0), Some(Analysis)),
        (0.1, 600.0, Some(3600.0), Some(3000.0), Some(Analysis)),
        (0.1, 4000.0, Some(3600.0), Some(36_000.0), Some(Linear)),
        (0.8, 4000.0, Some(3600.0), Some(1000.0), Some(Linear)),
        (0.5, 1000.0, None, Some(1000.0), Some(Linear)),
        (0.001, 10.0, None, None, None),
        (1.0, 4000.0, Some(3600.0), Some(0.0), Some(Analysis)),
    ] {
        let mut desk = Desk::ready();
        desk.start();
        let mut report = job();
        report.filepos = (share * 50_000.0) as u64;
        report.heating_secs = 120.0;
        report.print_secs = secs + 120.0;
        report.estimated_secs = estimate;
        desk.report.job = Some(report);
        desk.state(PrinterState::Printing);
        let progress = desk.view().status.progress;
        assert_eq!(progress.completion, Some(share * 100.0));
        assert_eq!(progress.printTime, Some(secs + 120.0));
        assert_eq!(progress.printTimeLeft.map(f64::round), left, "{share} after {secs} s of {estimate:?}");
        assert_eq!(progress.printTimeLeftOrigin, origin, "{share} after {secs} s of {estimate:?}");
        let people = desk.view().vigil.progress.unwrap();
        let done_in = people.done_at.map(|at| at.secs_since(desk.now().utc).round());
        assert_eq!(done_in, left);
        assert_eq!(people.estimate_word == "not known yet", left.is_none());
    }
}

#[test]
fn what_this_file_took_before_is_known_from_the_start() {
    let mut desk = Desk::ready();
    desk.started_before(domain::PastTimes { average_secs: Some(5000.0), last_secs: Some(4000.0) });
    let mut report = job();
    (report.print_secs, report.slicer_left_secs) = (10.0, Some(4200.0));
    desk.report.job = Some(report);
    desk.state(PrinterState::Printing);
    let view = desk.view();
    assert_eq!(view.status.job.lastPrintTime, Some(4000.0));
    assert_eq!(view.status.progress.printTimeLeft, Some(4990.0));
    assert_eq!(view.status.progress.printTimeLeftOrigin, Some(PrintTimeLeftOrigin::Average));
    assert_eq!(view.vigil.progress.unwrap().slicer_left_secs, Some(4200.0));
}

#[test]
fn the_volume_of_the_filament_comes_from_length_and_diameter() {
    let mut desk = Desk::ready();
    desk.start();
    let filament = desk.view().status.job.filament.unwrap();
    assert_eq!(filament.length, 4000.0);
    // 4 m of 1.75 mm: pi * 0.875² * 4000 mm³.
    assert!((filament.volume - 9.621).abs() < 0.001, "{} cm³", filament.volume);
}

#[test]
fn layers_count_from_one_for_people() {
    let mut desk = Desk::ready();
    desk.start();
    let progress = desk.view().vigil.progress.unwrap();
    assert_eq!(
        (progress.layer, progress.layers, progress.line, progress.lines),
        (Some(1), Some(190), 10, 1000)
    );
}

#[test]
fn the_settings_are_those_of_the_watched_camera() {
    let mut desk = Desk::ready();
    let settings = desk.view().settings;
    assert_eq!((settings.webcam_rotation, settings.webcam_flipH, settings.webcam_flipV), (90, true, false));
    assert_eq!(settings.webcam_streamRatio, StreamRatio::SixteenNine);
    assert_eq!((settings.agent_name.as_str(), settings.agent_version.as_str()), ("printvigil", "0.1.0"));
    desk.event(Event::Camera(super::desk::CAMERA, CameraHealth::Live { width: 640, height: 480 }));
    assert_eq!(desk.view().settings.webcam_streamRatio, StreamRatio::FourThree);
    assert_eq!(desk.view().pic.unwrap().img_url, crate::live_url(super::desk::CAMERA));
}

#[test]
fn dots_say_how_it_is_why_and_what_to_do() {
    let mut desk = Desk::booted(super::desk::boot(super::desk::printer(), Vec::new()));
    let usb = |desk: &Desk| desk.view().vigil.dots[0].clone();
    desk.state(PrinterState::Offline);
    assert_eq!((usb(&desk).state, usb(&desk).label.as_str()), (DotState::Unknown, "USB"));
    assert!(!usb(&desk).fix.is_empty());
    for (link, state) in [
        (LinkState::Opening, DotState::Attention),
        (LinkState::Up, DotState::Ok),
        (LinkState::Lost { why: "unplugged".into() }, DotState::Danger),
        (LinkState::Halted { cause: domain::HaltCause::Firmware, text: "kill".into() }, DotState::Danger),
    ] {
        desk.report.link = link;
        desk.state(PrinterState::Operational);
        assert_eq!(usb(&desk).state, state);
        assert_eq!(usb(&desk).fix.is_empty(), state == DotState::Ok, "what is wrong can be mended");
    }
    desk.report.link = LinkState::Up;
    desk.state(PrinterState::Operational);
    assert_eq!(usb(&desk).reason, "Marlin 2.1.2 on /dev/ttyUSB0 at 115200 baud");
    let names: Vec<String> = desk.view().vigil.dots.iter().map(|dot| dot.name.clone()).collect();
    assert_eq!(names, ["usb", "camera", "watch"]);
}

#[test]
fn a_view_is_shown_only_when_it_changed_and_its_number_rises() {
    let mut desk = Desk::printing();
    let published = |effects: &[Effect]| effects.iter().filter(|e| matches!(e, Effect::Publish(_))).count();
    let seq = desk.view().vigil.seq;
    assert_eq!(published(&desk.event(Event::Tick(ID))), 0, "nothing changed");
    let effects = desk.target("bed", 61.0);
    assert_eq!(published(&effects), 1, "{}", whole(&effects));
    assert_eq!(desk.view().vigil.seq, seq + 1);
    desk.ask(Request::Pause(ID));
    assert_eq!(desk.view().vigil.seq, seq + 2);
}

#[test]
fn steps_of_a_pause_are_ticked_as_the_printer_confirms() {
    let mut desk = Desk::printing();
    desk.ask(Request::Pause(ID));
    let step = |label: &str, done| PauseStep { label: label.into(), detail: "2.5 mm up".into(), done };
    let mut report = job();
    report.steps = vec![step("Head lifted", true), step("Nozzle off", false)];
    desk.report.job = Some(report);
    desk.state(PrinterState::Pausing);
    let done: Vec<bool> = desk.view().vigil.steps.iter().map(|step| step.done).collect();
    assert_eq!(done, [true, false]);
    assert_eq!(desk.view().vigil.progress.unwrap().done_at, None, "a print that stands still is never done");
    desk.confirm_pause(Initiator::Person);
    assert!(desk.view().vigil.pause_confirmed);
}

#[test]
fn why_shows_the_numbers_that_decide() {
    let mut desk = Desk::printing();
    for _ in 0..5 {
        desk.look(0.5);
    }
    let watch = desk.view().vigil.watch;
    assert!((watch.level - (watch.ewm_mean - watch.rolling_mean_long)).abs() < 1e-12);
    assert_eq!((watch.warn_above, watch.pause_above), (0.38, 0.38 * 1.75));
    assert_eq!((watch.frame_num, watch.safe_frames, watch.p), (305, 30, Some(0.5)));
    assert_eq!(watch.gauge, Some(desk.view().normalized_p));
    assert_eq!(watch.model, "house model 1");
}

#[test]
fn resends_are_shown_per_hundred_lines() {
    let mut desk = Desk::printing();
    (desk.report.resends, desk.report.lines_sent) = (3, 1200);
    desk.state(PrinterState::Printing);
    assert_eq!(desk.view().vigil.resend_percent, 0.25);
}
