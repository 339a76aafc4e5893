//! Printers that another host feeds: their prints get a number, outlive outages and restarts of the app, and are neither
//! started nor connected from here.

use super::desk::{Desk, ID, boot, job, printer};
use crate::HubBoot;
use domain::{
    Agent, Effect, EndedBy, JobEnd, LinkChange, LinkState, Order, Print, PrintId, Printer, PrinterKind,
    PrinterPatch, PrinterState, Request,
};

const EXT_ID: i64 = 1_767_225_600;

fn agent_printer() -> Printer {
    let agent = Some(Agent { name: "octoprint_obico".into(), version: "2.6.1".into() });
    Printer { kind: PrinterKind::Agent, agent, port: None, ..printer() }
}

fn told_of(desk: &mut Desk, name: &str, ext_id: i64) -> Option<PrintId> {
    let effects = desk.link(LinkChange::AgentPrint { name: name.into(), ext_id });
    effects.iter().find_map(|effect| {
        let Effect::Order(_, Order::Follow { print, ext_id: told }) = effect else { return None };
        (*told == ext_id).then_some(*print)
    })
}

fn printing(boot: HubBoot) -> Desk {
    let mut desk = Desk::ready_with(boot);
    let print = told_of(&mut desk, "benchy.gcode", EXT_ID).expect("a number");
    desk.link(LinkChange::Started(print));
    desk.report.job = Some(domain::JobReport { print, file: None, ..job() });
    desk.state(PrinterState::Printing);
    desk
}

#[test]
fn a_print_of_another_host_has_its_number_and_is_watched() {
    let desk = printing(boot(agent_printer(), Vec::new()));
    let print = desk.print();
    assert_eq!((print.filename.as_str(), print.ext_id), ("benchy.gcode", EXT_ID));
    assert_eq!(desk.view().not_watching_reason, None);
    assert_eq!(desk.view().agent_name.as_deref(), Some("octoprint_obico"));
    assert_eq!(desk.view().vigil.dots[0].label, "OctoPrint");
    let can = &desk.view().vigil.can;
    assert!(can.pause && can.cancel && !can.start && !can.connect && !can.disconnect);
}

#[test]
fn it_outlives_an_outage_and_the_end_is_told_by_its_host() {
    let mut desk = printing(boot(agent_printer(), Vec::new()));
    desk.report.link = LinkState::Lost { why: "gone".into() };
    desk.state(PrinterState::LinkLost);
    desk.link(LinkChange::Lost { why: "gone".into() });
    desk.tick_secs(3_000);
    assert_eq!(desk.print().ended_by, None);
    desk.report.link = LinkState::Up;
    desk.state(PrinterState::Printing);
    desk.link(LinkChange::Up { hot: true });
    assert_eq!(told_of(&mut desk, "benchy.gcode", EXT_ID + 3), Some(PrintId(7)), "the same print");
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Cancelled(domain::Initiator::Printer)));
    let said = format!("{effects:?}");
    assert!(said.contains("OctoPrint sees to heaters and fan."), "it is not claimed that they are off");
}

#[test]
fn a_print_that_went_on_while_the_app_was_away_is_gone_on_with() {
    let mut open = Print::begin(PrintId(6), ID, None, "benchy.gcode".into(), domain::Now::at(0).utc);
    open.ext_id = EXT_ID;
    let mut desk = Desk::ready_with(boot(agent_printer(), vec![open.clone()]));
    assert_eq!(desk.print().ended_by, None);
    assert_eq!(told_of(&mut desk, "benchy.gcode", EXT_ID), Some(PrintId(6)));
    // Another one began meanwhile.
    let mut desk = Desk::ready_with(boot(agent_printer(), vec![open.clone()]));
    assert_eq!(told_of(&mut desk, "other.gcode", EXT_ID + 900), Some(PrintId(7)));
    // Nothing is printed any more.
    let mut desk = Desk::ready_with(boot(agent_printer(), vec![open.clone()]));
    desk.tick_secs(60);
    let last = desk.view().vigil.last_print.clone().expect("over");
    assert_eq!(last.print.id, PrintId(6));
    // What we fed ourselves has ended with us.
    let desk = Desk::ready_with(boot(printer(), vec![open]));
    let last = desk.view().vigil.last_print.clone().expect("over");
    assert_eq!(last.print.vigil.ended_by, Some(EndedBy::Interrupted));
}

#[test]
fn it_is_neither_started_nor_connected_from_here_and_a_new_token_holds_once_stored() {
    let mut desk = Desk::ready_with(boot(agent_printer(), Vec::new()));
    let start = Request::Start {
        printer: ID,
        file: None,
        path: "a.gcode".into(),
        name: "a.gcode".into(),
        past: Default::default(),
        done_lines: 0,
        left_out: Vec::new(),
    };
    for request in [start, Request::Connect(ID), Request::Disconnect(ID)] {
        let (answer, effects) = desk.ask(request);
        let refused = answer.and_then(Result::err).expect("refused");
        assert_eq!(refused.code, "agent_printer");
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Order(..))));
    }
    let token = "abcdef0123456789abcd";
    let patch = PrinterPatch { auth_token: Some(token.into()), ..PrinterPatch::default() };
    let (answer, effects) = desk.ask(Request::Patch(ID, Box::new(patch)));
    assert_eq!(answer, None, "not before it is on the disk");
    assert!(format!("{effects:?}").contains(token));
}
