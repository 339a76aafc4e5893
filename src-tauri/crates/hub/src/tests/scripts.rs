//! Scripts: each sent once at its moment, to a printer of ours, and never in the place of what the app does itself.

use super::desk::{Desk, ID, boot, printer};
use domain::{Effect, Initiator, JobEnd, LinkChange, Order, PrintId, PrinterPatch, Request, Scripts, Tool};

const PRINT: PrintId = PrintId(7);

fn scripts() -> Scripts {
    Scripts { start: "M300".into(), pause: "M150 R9".into(), resume: "M150 U9".into(), end: "M355 S0".into() }
}

fn desk() -> Desk {
    let mut printer = printer();
    printer.scripts = scripts();
    Desk::ready_with(boot(printer, Vec::new()))
}

fn sent(effects: &[Effect]) -> Vec<&str> {
    let lines = effects.iter().filter_map(|effect| {
        if let Effect::Order(_, Order::Tool(Tool::Lines(lines))) = effect { Some(lines) } else { None }
    });
    lines.flatten().map(String::as_str).collect()
}

#[test]
fn each_script_is_sent_once_at_its_moment() {
    let mut desk = desk();
    let begun = desk.start();
    assert_eq!(sent(&begun), ["M300"]);
    assert_eq!(sent(&desk.link(LinkChange::Started(PRINT))), Vec::<&str>::new(), "told twice");
    let paused = desk.link(LinkChange::Paused(PRINT, Initiator::Detection));
    assert_eq!(sent(&paused), ["M150 R9"], "after the pause is confirmed, whoever wanted it");
    assert_eq!(sent(&desk.link(LinkChange::Resumed(PRINT, Initiator::Person))), ["M150 U9"]);
    assert_eq!(sent(&desk.link(LinkChange::Ended(PRINT, JobEnd::Finished))), ["M355 S0"]);
    assert_eq!(sent(&desk.link(LinkChange::Ended(PRINT, JobEnd::Finished))), Vec::<&str>::new());
}

#[test]
fn a_pause_at_the_printer_and_a_print_cut_short_get_none() {
    let mut desk = desk();
    desk.start();
    let none = Vec::<&str>::new();
    assert_eq!(sent(&desk.link(LinkChange::Paused(PRINT, Initiator::Printer))), none);
    assert_eq!(sent(&desk.link(LinkChange::Resumed(PRINT, Initiator::Printer))), none);
    let why = "The cable was pulled.".to_owned();
    assert_eq!(sent(&desk.link(LinkChange::Ended(PRINT, JobEnd::Interrupted { why }))), none);
}

#[test]
fn a_script_that_moves_or_heats_is_not_saved() {
    let mut desk = Desk::ready();
    let scripts = Scripts { pause: "G1 Z50".into(), ..Scripts::default() };
    let patch = PrinterPatch { scripts: Some(scripts), ..PrinterPatch::default() };
    let (answer, effects) = desk.ask(Request::Patch(ID, Box::new(patch)));
    let refused = answer.expect("at once").unwrap_err();
    assert_eq!(refused.code, "bad_script");
    assert!(refused.message.contains("G1 Z50"), "{}", refused.message);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Record(..))));
}
