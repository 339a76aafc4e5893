//! What a print uses of spools: counted once, whatever ends it, and of the spool that was in.

use super::desk::*;
use crate::KeptOfPrinter;
use domain::{
    Effect, Initiator, JobEnd, LinkChange, LoadedSpool, Print, PrintId, Printer, PrinterId, PrinterKind,
    PrinterState, Request, SpoolId, SpoolUse, ToolUse, Write,
};

fn load(tool: u8, spool: i64) -> Request {
    Request::LoadSpool(ID, tool, Some((SpoolId(spool), format!("Spool {spool}"))))
}

/// Has so many mm be pushed by each tool in all, some seconds later.
fn push(desk: &mut Desk, used: &[(u8, f64)]) -> Vec<Effect> {
    desk.pass_secs(6.0);
    let job = desk.report.job.as_mut().expect("a print is under way");
    job.used = used.iter().map(|(tool, mm)| ToolUse { tool: *tool, mm: *mm }).collect();
    desk.state(desk.report.state)
}

/// What was written last of the print: spool, mm, whether it is an estimate.
fn used(effects: &[Effect]) -> Vec<(Option<i64>, f64, bool)> {
    let last = effects.iter().rev().find_map(|effect| {
        let Effect::Record(Write::SpoolUse(PrintId(7), parts), _) = effect else { return None };
        Some(parts.clone())
    });
    let words = |part: SpoolUse| (part.spool.map(SpoolId::get), part.used_mm, part.about);
    last.unwrap_or_default().into_iter().map(words).collect()
}

fn printing_from(spool: i64) -> Desk {
    let mut desk = Desk::ready();
    desk.ask(load(0, spool)).0.expect("answered").expect("loaded");
    desk.start();
    desk
}

#[test]
fn a_print_is_counted_on_the_spool_that_is_loaded_however_it_ends() {
    for end in [
        JobEnd::Finished,
        JobEnd::Cancelled(Initiator::Person),
        JobEnd::Interrupted { why: "the cable was pulled".into() },
    ] {
        let mut desk = printing_from(4);
        assert_eq!(used(&push(&mut desk, &[(0, 100.0)])), [(Some(4), 100.0, false)]);
        push(&mut desk, &[(0, 250.5)]);
        let effects = desk.link(LinkChange::Ended(PrintId(7), end));
        assert_eq!(used(&effects), [(Some(4), 250.5, false)]);
        // What comes late changes nothing any more.
        desk.report.state = PrinterState::Operational;
        assert_eq!(used(&push(&mut desk, &[(0, 900.0)])), [], "not of a print that is over");
    }
}

#[test]
fn a_pause_and_a_broken_link_count_nothing_twice() {
    let mut desk = printing_from(4);
    push(&mut desk, &[(0, 100.0)]);
    desk.link(LinkChange::Paused(PrintId(7), Initiator::Person));
    desk.state(PrinterState::Paused);
    assert_eq!(used(&push(&mut desk, &[(0, 100.0)])), [], "nothing new, nothing written");
    desk.link(LinkChange::Resumed(PrintId(7), Initiator::Person));
    desk.state(PrinterState::Printing);
    assert_eq!(used(&push(&mut desk, &[(0, 130.0)])), [(Some(4), 130.0, false)]);
    let effects = desk.link(LinkChange::Lost { why: "unplugged".into() });
    assert_eq!(used(&effects), [(Some(4), 130.0, false)]);
}

#[test]
fn it_is_written_now_and_then_and_not_with_each_report() {
    let mut desk = printing_from(4);
    push(&mut desk, &[(0, 100.0)]);
    for mm in 101..110 {
        desk.report.job.as_mut().expect("a print").used = vec![ToolUse { tool: 0, mm: f64::from(mm) }];
        let effects = desk.state(PrinterState::Printing);
        assert_eq!(used(&effects), [], "within five seconds");
    }
    assert_eq!(used(&push(&mut desk, &[(0, 110.0)])), [(Some(4), 110.0, false)]);
}

#[test]
fn lengths_that_cannot_be_are_not_counted() {
    let mut desk = printing_from(4);
    push(&mut desk, &[(0, 100.0)]);
    for wrong in [f64::NAN, f64::INFINITY, -5.0, 1e300, 40.0] {
        push(&mut desk, &[(0, wrong)]);
    }
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    assert_eq!(used(&effects), [(Some(4), 100.0, false)]);
}

#[test]
fn of_a_print_from_the_card_its_share_is_told_when_it_ends() {
    let mut desk = printing_from(4);
    let job = desk.report.job.as_mut().expect("a print");
    (job.on_card, job.filepos, job.file_bytes) = (true, 500, 2000);
    desk.state(PrinterState::Printing);
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Cancelled(Initiator::Person)));
    let told = super::told(&effects);
    assert!(told.contains("print 7 was 25 % of benchy.gcode on the card"), "{told}");
    assert!(!told.contains("filament"), "how much that was is not known here: {told}");
}

#[test]
fn the_flow_that_is_set_counts() {
    let mut desk = printing_from(4);
    push(&mut desk, &[(0, 100.0)]);
    desk.report.tools.flow.percent = Some(90);
    assert_eq!(used(&push(&mut desk, &[(0, 200.0)])), [(Some(4), 190.0, false)]);
}

#[test]
fn each_tool_has_its_spool() {
    let mut desk = Desk::ready();
    desk.ask(load(0, 4));
    desk.ask(load(1, 5));
    desk.start();
    let effects = push(&mut desk, &[(0, 100.0), (1, 30.0), (2, 8.0)]);
    assert_eq!(used(&effects), [(Some(4), 100.0, false), (Some(5), 30.0, false), (None, 8.0, false)]);
}

#[test]
fn a_spool_that_is_changed_by_hand_counts_from_there() {
    let mut desk = printing_from(4);
    push(&mut desk, &[(0, 100.0)]);
    let (_, effects) = desk.ask(load(0, 5));
    assert!(super::told(&effects).contains("loaded on 1: 5 on 0"), "{}", super::told(&effects));
    assert!(super::told(&effects).contains("Spool loaded: Spool 5"));
    let effects = push(&mut desk, &[(0, 140.0)]);
    assert_eq!(used(&effects), [(Some(4), 100.0, false), (Some(5), 40.0, false)]);
    desk.ask(Request::LoadSpool(ID, 0, None));
    let effects = push(&mut desk, &[(0, 141.5)]);
    assert_eq!(used(&effects)[2], (None, 1.5, false), "taken off: nobody knows");
}

#[test]
fn after_a_change_of_filament_it_is_asked_which_spool_is_in() {
    let change = || LinkChange::FilamentChange { text: "The printer asks for new filament.".into() };
    let mut desk = printing_from(4);
    push(&mut desk, &[(0, 100.0)]);
    desk.link(change());
    assert_eq!(desk.view().vigil.spool_asked, Some(0));
    push(&mut desk, &[(0, 160.0)]);
    let (_, effects) = desk.ask(load(0, 5));
    assert_eq!(
        used(&effects),
        [(Some(4), 100.0, false), (Some(5), 60.0, false)],
        "all since the change, however late the answer comes"
    );
    assert_eq!(desk.view().vigil.spool_asked, None);
    // The same spool again; and the answer comes when the print is over.
    desk.link(change());
    push(&mut desk, &[(0, 200.0)]);
    desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    let (_, effects) = desk.ask(load(0, 6));
    assert_eq!(used(&effects)[2], (Some(6), 40.0, false));
    let (_, effects) = desk.ask(load(0, 4));
    assert_eq!(used(&effects), [], "what is loaded now is no word on a past print");
}

#[test]
fn a_spool_is_loaded_in_one_place() {
    let mut desk = Desk::ready();
    let other = PrinterId(2);
    let second = Printer::new(other, "Second", PrinterKind::Serial, desk.now().utc, format!("{:020x}", 2));
    let spools = vec![LoadedSpool { tool: 0, spool: SpoolId(9) }];
    desk.hub.add_printer(second, KeptOfPrinter { spools, ..KeptOfPrinter::default() }, desk.now());
    desk.ask(load(0, 4));
    let (_, effects) = desk.ask(load(1, 4));
    assert!(super::told(&effects).contains("loaded on 1: 4 on 1"), "from one tool to the other");
    desk.ask(load(0, 9));
    assert_eq!(desk.hub.view(other).expect("shown").vigil.spools, [], "taken off the other printer");
    assert_eq!(desk.view().vigil.spools.len(), 2);
    let refused = desk.ask(load(16, 9)).0.expect("answered").expect_err("no such tool");
    assert_eq!(refused.code, "out_of_range");
}

#[test]
fn after_a_crash_what_was_written_stays_counted_as_an_estimate() {
    let print = Print {
        id: PrintId(7),
        ..Print::begin(PrintId(7), ID, None, "a.gcode".into(), domain::Now::at(0).utc)
    };
    let mut boot = boot(printer(), vec![print]);
    let part = SpoolUse { part: 0, tool: 0, spool: Some(SpoolId(4)), used_mm: 321.0, about: false };
    boot.spools.uses = [(PrintId(7), vec![part])].into();
    let desk = Desk::booted(boot);
    assert_eq!(used(&desk.boot_effects), [(Some(4), 321.0, true)]);
    let row = desk.boot_effects.iter().find_map(|effect| {
        let Effect::Record(Write::Print(row), _) = effect else { return None };
        Some(row.filament_used)
    });
    assert_eq!(row, Some(Some(321.0)), "and the print says so");
}

#[test]
fn a_print_that_another_host_feeds_is_counted_on_after_a_restart() {
    let mut own = printer();
    own.kind = PrinterKind::Agent;
    let mut boot =
        boot(own, vec![Print::begin(PrintId(7), ID, None, "a.gcode".into(), domain::Now::at(0).utc)]);
    let part =
        |part, spool, used_mm| SpoolUse { part, tool: 0, spool: Some(SpoolId(spool)), used_mm, about: false };
    boot.spools.uses = [(PrintId(7), vec![part(0, 4, 300.0), part(1, 5, 20.0)])].into();
    boot.spools.loaded = [(ID, vec![LoadedSpool { tool: 0, spool: SpoolId(5) }])].into();
    let mut desk = Desk::booted(boot);
    desk.report.job = Some(job());
    desk.report.state = PrinterState::Printing;
    let effects = push(&mut desk, &[(0, 350.0)]);
    assert_eq!(used(&effects), [(Some(4), 300.0, false), (Some(5), 50.0, false)]);
}

#[test]
fn a_session_that_is_set_up_anew_goes_on_counting() {
    let mut desk = printing_from(4);
    push(&mut desk, &[(0, 100.0)]);
    desk.event(domain::Event::Fail(ID));
    let effects = push(&mut desk, &[(0, 150.0)]);
    assert_eq!(used(&effects), [(Some(4), 150.0, false)]);
}
