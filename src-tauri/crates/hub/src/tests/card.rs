//! Prints that the printer reads from its own card.

use super::desk::{Desk, ID, job};
use super::told;
use domain::{
    Effect, EndedBy, Initiator, JobEnd, JobReport, LinkChange, LinkState, Order, PrintId, PrinterState,
    Request, SdCard, SdFile, SdOrder, Write,
};

fn card() -> SdCard {
    let file = |path: &str, name: &str, printable| SdFile {
        path: path.into(),
        name: name.into(),
        bytes: Some(50_000),
        written: None,
        printable,
    };
    let files =
        vec![file("ALONGF~1.GCO", "A long name.gcode", true), file("README.TXT", "README.TXT", false)];
    SdCard { present: true, listing: false, files: Some(files) }
}

fn with_card() -> Desk {
    let mut desk = Desk::ready();
    desk.report.sd = Some(card());
    desk.state(PrinterState::Operational);
    desk
}

fn card_job() -> JobReport {
    let job = job();
    JobReport { file: None, layers: None, layer_idx: None, on_card: true, estimated_secs: None, ..job }
}

fn found() -> Desk {
    let mut desk = with_card();
    desk.link(LinkChange::CardPrint { name: "A long name.gcode".into(), path: "ALONGF~1.GCO".into() });
    desk.link(LinkChange::Started(PrintId(7)));
    desk.report.job = Some(card_job());
    desk.state(PrinterState::Printing);
    desk
}

fn order(effects: &[Effect]) -> Option<&Order> {
    effects.iter().find_map(|effect| if let Effect::Order(_, order) = effect { Some(order) } else { None })
}

#[test]
fn a_file_of_the_card_is_printed_under_its_long_name() {
    let mut desk = with_card();
    assert_eq!(desk.view().vigil.sd, Some(card()));
    let (answer, effects) = desk.ask(Request::SdPrint(ID, "ALONGF~1.GCO".into()));
    assert_eq!(answer, Some(Ok(Some(PrintId(7)))));
    let Some(Order::Sd(SdOrder::Print(start))) = order(&effects) else { panic!("{effects:?}") };
    assert_eq!((start.path.to_str(), start.print), (Some("ALONGF~1.GCO"), PrintId(7)));
    desk.link(LinkChange::Started(PrintId(7)));
    desk.report.job = Some(card_job());
    desk.state(PrinterState::Printing);
    assert_eq!(desk.print().filename, "A long name.gcode");
    assert_eq!(desk.print().g_code_file, None);
    assert_eq!(desk.view().status.progress.completion, Some(1.0), "by bytes");
    let (answer, _) = desk.ask(Request::SdList(ID));
    assert_eq!(answer.and_then(Result::err).map(|r| r.code), Some("busy"), "not beside a print");
}

#[test]
fn what_cannot_be_printed_from_a_card_is_refused() {
    let refused = |desk: &mut Desk, path: &str| {
        let (answer, effects) = desk.ask(Request::SdPrint(ID, path.into()));
        assert!(order(&effects).is_none(), "{path}");
        answer.and_then(Result::err).map(|refusal| refusal.code)
    };
    assert_eq!(refused(&mut Desk::ready(), "A.GCO"), Some("no_card_reader"));
    assert_eq!(refused(&mut with_card(), "README.TXT"), Some("bad_file"));
    assert_eq!(refused(&mut with_card(), "A.GCO\nM104 S300"), Some("bad_name"));
    assert_eq!(refused(&mut found(), "ALONGF~1.GCO"), Some("busy"));
}

#[test]
fn a_print_begun_at_the_display_is_recorded_and_watched_and_paused() {
    let mut desk = with_card();
    let change = LinkChange::CardPrint { name: "A long name.gcode".into(), path: "ALONGF~1.GCO".into() };
    let effects = desk.link(change.clone());
    let Some(Order::Sd(SdOrder::Follow(start))) = order(&effects) else { panic!("{effects:?}") };
    assert_eq!((start.print, start.initiator), (PrintId(7), Initiator::Printer));
    assert!(order(&desk.link(change)).is_none(), "one number");
    let effects = desk.link(LinkChange::Started(PrintId(7)));
    let is_row =
        |e: &Effect| matches!(e, Effect::Record(Write::Print(row), _) if row.filename == "A long name.gcode");
    assert!(effects.iter().any(is_row));
    assert!(told(&effects).contains("STARTED INFO Printer"), "{}", told(&effects));
    desk.report.job = Some(card_job());
    desk.state(PrinterState::Printing);
    for _ in 0..300 {
        desk.look(0.02);
    }
    let (_, effects) = desk.fail_until_pause(2.5);
    assert!(matches!(order(&effects), Some(Order::Pause(_, Initiator::Detection))), "{effects:?}");
}

#[test]
fn a_lost_link_ends_no_print_from_the_card() {
    let mut desk = found();
    desk.report.link = LinkState::Lost { why: "gone".into() };
    let effects = desk.link(LinkChange::Lost { why: "the printer may still be printing".into() });
    desk.state(PrinterState::LinkLost);
    desk.tick_secs(120);
    assert_eq!(desk.print().id, PrintId(7), "nobody knows that it ended");
    assert!(!told(&effects).contains("ENDED"), "{}", told(&effects));
    assert!(!desk.view().vigil.watch.watching);
    // Connecting may restart the printer: a person is told first.
    let (answer, effects) = desk.ask(Request::Connect(ID));
    assert_eq!(answer.and_then(Result::err).map(|r| r.code), Some("card_print"));
    assert!(order(&effects).is_none());
    let (answer, effects) = desk.ask(Request::Connect(ID));
    assert_eq!((answer, order(&effects)), (Some(Ok(None)), Some(&Order::Connect)));
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Interrupted { why: "restarted".into() }));
    let closed = |e: &Effect| matches!(e, Effect::Record(Write::Print(row), _) if row.ended_by == Some(EndedBy::Interrupted));
    assert!(effects.iter().any(closed));
}
