//! Printers that another host feeds: their prints get a number, outlive outages and restarts of the app, and are neither
//! started nor connected from here.

use super::desk::{Desk, ID, boot, job, printer};
use crate::HubBoot;
use domain::{
    Agent, AlarmKind, Effect, EndedBy, JobEnd, LinkChange, LinkState, Order, Print, PrintId, Printer,
    PrinterKind, PrinterPatch, PrinterState, Request, Seen,
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
    assert!(can.pause && can.cancel && !can.start && !can.connect && !can.disconnect, "it prints");
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

fn start(name: &str, done_lines: u64) -> Request {
    Request::Start {
        printer: ID,
        file: None,
        path: "a.gcode".into(),
        name: name.into(),
        past: Default::default(),
        done_lines,
        left_out: Vec::new(),
    }
}

#[test]
fn a_file_of_ours_is_begun_by_its_host_and_known_again_by_its_name() {
    let mut desk = Desk::ready_with(boot(agent_printer(), Vec::new()));
    let (answer, effects) = desk.ask(start("W\u{fc}rfel 2.gcode", 0));
    assert!(answer.is_some_and(|answer| answer.is_ok()));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Order(_, Order::Start(_)))));
    // The host fetches the file first: it takes as long as it takes.
    desk.tick_secs(600);
    assert_eq!(desk.view().vigil.state_detail, "starting W\u{fc}rfel 2.gcode");
    let print = told_of(&mut desk, "W_rfel_2.gcode", EXT_ID).expect("the one that was asked for");
    desk.link(LinkChange::Started(print));
    assert_eq!((desk.print().filename.as_str(), desk.print().ext_id), ("W\u{fc}rfel 2.gcode", EXT_ID));
    // What a host cannot do with a file is not asked of it.
    let mut desk = Desk::ready_with(boot(agent_printer(), Vec::new()));
    for request in [start("a.bgcode", 0), start("a.gcode", 7)] {
        let (answer, effects) = desk.ask(request);
        assert_eq!(answer.and_then(Result::err).expect("refused").code, "agent_printer");
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Order(..))));
    }
    // Another print begins there meanwhile: ours is given up.
    desk.ask(start("a.gcode", 0));
    let other = told_of(&mut desk, "other.gcode", EXT_ID).expect("a number");
    desk.link(LinkChange::Started(other));
    assert_eq!(desk.print().filename, "other.gcode");
}

#[test]
fn its_link_is_the_agents_and_a_new_token_holds_once_stored() {
    let mut desk = Desk::ready_with(boot(agent_printer(), Vec::new()));
    for request in [Request::Connect(ID), Request::Disconnect(ID)] {
        let (answer, _) = desk.ask(request);
        assert_eq!(answer.and_then(Result::err).expect("refused").code, "agent_printer");
    }
    let token = "abcdef0123456789abcd";
    let patch = PrinterPatch { auth_token: Some(token.into()), ..PrinterPatch::default() };
    let (answer, effects) = desk.ask(Request::Patch(ID, Box::new(patch)));
    assert_eq!(answer, None, "not before it is on the disk");
    assert!(format!("{effects:?}").contains(token));
}

#[test]
fn a_stop_that_does_not_arrive_is_an_alarm_until_it_is_seen() {
    let mut desk = printing(boot(agent_printer(), Vec::new()));
    let effects = desk.link(LinkChange::StopFailed { why: "the agent does not answer".into() });
    assert!(format!("{effects:?}").contains("PrinterHalted"), "it leaves the computer, too");
    let alarm = desk.view().vigil.alarms[0].clone();
    assert_eq!((alarm.kind, alarm.can_be_seen), (AlarmKind::Stop, true));
    assert!(alarm.text.contains("Switch it off by hand"), "{}", alarm.text);
    assert_eq!(desk.print().ended_by, None, "the print may go on, and is watched");
    desk.ask(Request::Seen(ID, Seen::Alarms));
    assert!(desk.view().vigil.alarms.is_empty());
}

#[test]
fn a_print_whose_agent_never_comes_back_is_closed_as_not_known() {
    let mut open = Print::begin(PrintId(6), ID, None, "benchy.gcode".into(), domain::Now::at(0).utc);
    open.ext_id = EXT_ID;
    let mut desk = Desk::ready_with(boot(agent_printer(), vec![open]));
    desk.report.link = LinkState::Closed;
    desk.state(PrinterState::Offline);
    desk.tick_secs(1);
    desk.pass_secs(80_000.0);
    desk.tick_secs(1);
    assert_eq!(desk.print().ended_by, None, "it may be back any time");
    desk.pass_secs(10_000.0);
    desk.tick_secs(1);
    let last = desk.view().vigil.last_print.clone().expect("over");
    let why = last.print.vigil.ended_why.clone().expect("why");
    assert!(why.contains("not known how this print ended"), "{why}");
    // Told by the link.
    let mut desk = printing(boot(agent_printer(), Vec::new()));
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Unknown { why: "nobody told".into() }));
    assert!(format!("{effects:?}").contains("It is not known how the print ended"));
}
