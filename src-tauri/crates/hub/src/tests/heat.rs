//! Heaters nobody watches.

use super::desk::{Desk, ID, boot, printer};
use super::told;
use domain::{Effect, Heater, Initiator, LinkChange, Order, PrinterState, Request};
use expect_test::expect;

fn orders(effects: &[Effect]) -> Vec<&Order> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::Order(_, order) = effect { Some(order) } else { None })
        .collect()
}

fn paused() -> Desk {
    let mut desk = Desk::printing();
    desk.ask(Request::Pause(ID));
    desk.confirm_pause(Initiator::Person);
    desk
}

#[test]
fn the_bed_is_held_for_an_hour_and_then_switched_off() {
    let mut desk = paused();
    let off_at = desk.view().vigil.bed_off_at.expect("the countdown is shown");
    assert_eq!(off_at.secs_since(desk.now().utc), 3600.0);
    assert_eq!(orders(&desk.tick_secs(3599)), [] as [&Order; 0]);
    let effects = desk.tick_secs(1);
    expect![[r#"
        ORDER 1 bed off
        log PAUSED WARNING App print Some(7): Bed switched off while paused | It was held warm for 60 minutes. The part may come loose as the bed cools.
        NOTICE BedOff: Ender: bed switched off | It was held warm for 60 minutes. The part may come loose as the bed cools.
    "#]].assert_eq(&told(&effects));
    assert_eq!(desk.view().vigil.bed_off_at, None);
    // It is still on: said again to the printer, not to the person.
    assert_eq!(told(&desk.tick_secs(30)), "ORDER 1 bed off\n");
    desk.target("bed", 0.0);
    assert_eq!(told(&desk.tick_secs(3700)), "", "off is off");
}

#[test]
fn a_cold_bed_and_a_bed_switched_off_by_the_pause_have_no_countdown() {
    let mut desk = paused();
    desk.target("bed", 0.0);
    assert_eq!(desk.view().vigil.bed_off_at, None);
    assert_eq!(orders(&desk.tick_secs(4000)), [] as [&Order; 0]);
    // Somebody heats it again: a new hour.
    desk.target("bed", 50.0);
    let off_at = desk.view().vigil.bed_off_at.expect("a new countdown");
    assert_eq!(off_at.secs_since(desk.now().utc), 3600.0);
}

#[test]
fn the_hold_ends_with_the_pause_and_follows_its_limit() {
    let mut desk = paused();
    desk.tick_secs(60);
    let patch = domain::PrinterPatch { bed_hold_mins: Some(2), ..Default::default() };
    desk.ask_stored(Request::Patch(ID, Box::new(patch)), Ok(())).0.unwrap();
    assert_eq!(
        desk.view().vigil.bed_off_at.unwrap().secs_since(desk.now().utc),
        60.0,
        "two minutes from the pause"
    );
    desk.resume();
    assert_eq!(desk.view().vigil.bed_off_at, None);
    assert!(!told(&desk.tick_secs(300)).contains("bed off"));
}

#[test]
fn hot_and_idle_heaters_go_off_after_a_quarter_of_an_hour() {
    let mut desk = Desk::ready();
    desk.ask(Request::SetTarget(ID, Heater::Hotend(0), 200.0));
    desk.target("tool0", 200.0);
    let off_at = desk.view().vigil.heaters_off_at.expect("the countdown is shown");
    assert_eq!(off_at.secs_since(desk.now().utc), 900.0);
    desk.tick_secs(600);
    // Somebody is there: the countdown begins anew.
    desk.ask(Request::SetTarget(ID, Heater::Hotend(0), 210.0));
    assert_eq!(orders(&desk.tick_secs(899)), [] as [&Order; 0]);
    expect![[r#"
        ORDER 1 cool down
        log PRINTER_ERROR WARNING App print None: Idle heaters switched off | They were hot for 15 minutes and nothing was printed.
        NOTICE BedOff: Ender: heaters switched off | They were hot for 15 minutes and nothing was printed.
    "#]].assert_eq(&told(&desk.tick_secs(1)));
    assert_eq!(told(&desk.tick_secs(30)), "ORDER 1 cool down\n", "still on: again");
    desk.target("tool0", 0.0);
    assert_eq!(told(&desk.tick_secs(1000)), "");
}

#[test]
fn a_printer_found_hot_counts_down_and_one_that_cools_does_not() {
    let mut desk = Desk::ready();
    desk.report.temperatures.clear();
    desk.state(PrinterState::Operational);
    desk.link(LinkChange::Up { hot: true });
    assert!(desk.view().vigil.heaters_off_at.is_some(), "hot when we connect");
    assert_eq!(told(&desk.tick_secs(900)).matches("ORDER 1 cool down").count(), 1);

    let mut desk = Desk::ready();
    desk.link(LinkChange::Up { hot: true });
    desk.target("tool0", 0.0);
    assert_eq!(desk.view().vigil.heaters_off_at, None, "it is off and only warm");
}

#[test]
fn a_print_and_a_cool_down_end_the_countdown() {
    let mut desk = Desk::ready();
    desk.target("bed", 60.0);
    assert!(desk.view().vigil.heaters_off_at.is_some());
    desk.start();
    assert_eq!(desk.view().vigil.heaters_off_at, None);
    assert!(!told(&desk.tick_secs(1000)).contains("cool down"), "a print keeps its heat");

    let mut desk = Desk::ready();
    desk.target("bed", 60.0);
    desk.ask(Request::CoolDown(ID));
    assert_eq!(desk.view().vigil.heaters_off_at, None);
}

#[test]
fn a_pause_with_the_bed_off_option_says_so_to_the_printer() {
    let mut settings = printer();
    settings.bed_off_on_pause = true;
    let mut desk = Desk::ready_with(boot(settings, Vec::new()));
    desk.start();
    let (_, effects) = desk.ask(Request::Pause(ID));
    assert!(told(&effects).contains("bed_off true"), "{}", told(&effects));
}
