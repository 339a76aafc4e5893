//! What a printer tells of itself is kept, and heaters may stay warm for longer.

use super::desk::{Desk, ID};
use super::told;
use domain::{
    Effect, LinkChange, MachineProfile, PortChoice, Printer, PrinterPatch, PrinterState, Request,
    UsbIdentity, Write,
};

fn recorded(effects: &[Effect]) -> Vec<&Printer> {
    effects
        .iter()
        .filter_map(
            |effect| if let Effect::Record(Write::Printer(row), _) = effect { Some(&**row) } else { None },
        )
        .collect()
}

fn marlin() -> Box<MachineProfile> {
    Box::new(MachineProfile { firmware: "Marlin 2.1.2".into(), extruders: 1, ..MachineProfile::default() })
}

fn board() -> UsbIdentity {
    UsbIdentity { vid: 0x1a86, pid: 0x7523, serial: None, interface: None, by_path: Some("left".into()) }
}

#[test]
fn the_rate_that_worked_the_port_and_the_machine_are_kept_once() {
    let mut desk = Desk::ready();
    desk.report.baud = Some(250_000);
    desk.report.machine = Some(marlin());
    desk.report.usb = Some(board());
    desk.link(LinkChange::Up { hot: false });
    let effects = desk.state(PrinterState::Operational);
    let rows = recorded(&effects);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].port, Some(PortChoice { path: "/dev/ttyUSB0".into(), baud: 250_000 }));
    assert_eq!(rows[0].usb, Some(board()));
    assert_eq!(rows[0].machine, Some(marlin()));
    assert!(!desk.view().vigil.safety.is_empty(), "the report card is shown");
    desk.report.machine.as_mut().unwrap().busy_protocol = true;
    assert_eq!(recorded(&desk.state(PrinterState::Operational)).len(), 1);
    desk.report.machine = Some(marlin());
    assert_eq!(recorded(&desk.state(PrinterState::Operational)).len(), 0, "what was seen once stays");
}

#[test]
fn another_port_is_another_machine() {
    let mut desk = Desk::ready();
    desk.report.machine = Some(marlin());
    desk.report.usb = Some(board());
    desk.state(PrinterState::Operational);
    let patch = |path: &str, baud| PrinterPatch {
        port: Some(PortChoice { path: path.into(), baud }),
        ..PrinterPatch::default()
    };
    (desk.report.machine, desk.report.usb) = (None, None);
    desk.ask_stored(Request::Patch(ID, Box::new(patch("/dev/ttyUSB0", 0))), Ok(())).0.unwrap();
    assert!(desk.view().vigil.machine.is_some(), "only the rate is looked for anew");
    desk.ask_stored(Request::Patch(ID, Box::new(patch("/dev/ttyUSB1", 0))), Ok(())).0.unwrap();
    assert_eq!(desk.view().vigil.machine, None);
    let refused = desk.ask_stored(Request::Patch(ID, Box::new(patch("/dev/ttyUSB1", 5))), Ok(())).0;
    assert_eq!(refused.unwrap_err().code, "out_of_range");
}

#[test]
fn idle_heaters_stay_warm_for_as_long_as_a_person_says() {
    let mut desk = Desk::ready();
    assert_eq!(desk.ask(Request::KeepWarm(ID, 30)).0.unwrap().unwrap_err().code, "not_hot");
    desk.target("bed", 60.0);
    desk.tick_secs(600);
    desk.ask(Request::KeepWarm(ID, 30)).0.unwrap().unwrap();
    let off_at = desk.view().vigil.heaters_off_at.expect("still counted down");
    assert_eq!(off_at.secs_since(desk.now().utc), 35.0 * 60.0);
    assert_eq!(told(&desk.tick_secs(35 * 60 - 1)), "");
    let off = told(&desk.tick_secs(1));
    assert!(off.contains("ORDER 1 cool down") && off.contains("hot for 45 minutes"), "{off}");
    assert_eq!(desk.ask(Request::KeepWarm(ID, 0)).0.unwrap().unwrap_err().code, "out_of_range");
}

#[test]
fn the_time_until_idle_heaters_go_off_can_be_set() {
    let mut desk = Desk::ready();
    desk.target("bed", 60.0);
    let now = desk.now();
    desk.hub.set_idle_heat_mins(2, now);
    assert_eq!(desk.view().vigil.heaters_off_at.unwrap().secs_since(now.utc), 120.0);
    assert_eq!(desk.view().vigil.idle_heat_mins, 2);
    assert!(told(&desk.tick_secs(120)).contains("hot for 2 minutes"));
}
