//! What was set is held against what is reported, and no honest print is called cold.

use super::bench::Bench;
use super::firmware::Make;
use crate::heater_guard::{HeaterGuard, Judging};
use crate::temperature::Reading;
use domain::{Heater, HeaterFaultKind, LinkChange, Now, Order, Temperatures, Tool};

fn faults(bench: &Bench) -> Vec<(Option<Heater>, HeaterFaultKind)> {
    let fault = |change: &LinkChange| {
        if let LinkChange::HeaterFault(fault) = change { Some((fault.heater, fault.kind)) } else { None }
    };
    bench.changes.iter().filter_map(fault).collect()
}

/// In mid-print for another minute.
fn printing() -> Bench {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(6_000));
    bench.run(12_000);
    bench
}

const NOZZLE: Option<Heater> = Some(Heater::Hotend(0));

#[test]
fn targets_that_fall_without_a_word_are_told_once() {
    let mut bench = printing();
    (bench.fw.hotend.1, bench.fw.bed.1) = (0.0, 0.0);
    bench.run(30_000);
    let lost = HeaterFaultKind::TargetLost;
    let mut told = faults(&bench);
    told.sort_by_key(|(heater, _)| *heater);
    assert_eq!(told, [(NOZZLE, lost), (Some(Heater::Bed), lost)]);
}

#[test]
fn a_short_print_does_not_end_before_a_fallen_target_is_made_sure_of() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(900));
    bench.run(3_500);
    bench.fw.hotend.1 = 0.0;
    bench.run_until(|b| !b.link.has_job());
    // Between two reports: the target was never seen to be set.
    assert_eq!(faults(&bench), [(NOZZLE, HeaterFaultKind::TargetMissing)]);
}

#[test]
fn heat_that_was_acknowledged_and_never_came_is_told() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.fw.deaf_heater = true;
    bench.start(&format!("G28|M109 S205|{}", "G1 X11 E1.3|".repeat(3_000)));
    bench.run(20_000);
    assert_eq!(faults(&bench), [(NOZZLE, HeaterFaultKind::TargetMissing)]);
}

#[test]
fn a_hotend_that_loses_its_heat_or_does_not_get_warm_is_told() {
    let mut bench = printing();
    bench.fw.hotend.0 = 120.0;
    bench.run(30_000);
    assert_eq!(faults(&bench), [(NOZZLE, HeaterFaultKind::Cooling)]);

    let mut bench = Bench::up(Make::Two, &[]);
    bench.fw.stays_cold = true;
    bench.start(&format!("G28|M109 S205|{}", "G1 X11 E1.3|".repeat(3_000)));
    bench.run(25_000);
    assert_eq!(faults(&bench), [(NOZZLE, HeaterFaultKind::NotHeating)]);
}

#[test]
fn what_a_person_or_the_display_sets_is_followed() {
    let mut bench = printing();
    bench.fw.hotend.1 = 190.0;
    bench.run(12_000);
    bench.order(Order::SetTarget(Heater::Bed, 50.0));
    bench.order(Order::Tool(Tool::Lines(vec!["M104 S215".into()])));
    bench.run(5_000);
    bench.fw.hotend.0 = 215.0;
    bench.run(20_000);
    assert_eq!(faults(&bench), []);
}

#[test]
fn a_file_that_lowers_and_ends_its_heat_is_honest() {
    let moves = "G1 X11 E1.3|".repeat(1_500);
    let mut bench = Bench::printing(&[], &format!("M140 S50|M104 S190|{moves}M104 S0|M140 S0|{moves}"));
    bench.run_until(|b| !b.link.has_job());
    assert_eq!(faults(&bench), []);
}

#[test]
fn heaters_that_are_off_while_probing_or_changing_filament_are_no_fault() {
    for word in ["G29", "M600", "CLEAN_NOZZLE"] {
        let mut bench = Bench::printing(&[], &format!("{word}|{}", "G1 X11 E1.3|".repeat(3_000)));
        bench.fw.slow = Some(word);
        bench.run(300);
        let warm = (bench.fw.hotend, bench.fw.bed);
        (bench.fw.hotend, bench.fw.bed) = ((150.0, 0.0), (55.0, 0.0));
        for _ in 0..20 {
            let heaters = bench.fw.heaters();
            bench.say(&heaters);
            bench.run(2_000);
        }
        (bench.fw.hotend, bench.fw.bed) = warm;
        bench.release();
        bench.run(20_000);
        assert_eq!(faults(&bench), [], "{word}");
    }
}

#[test]
fn one_damaged_report_is_no_fault() {
    let mut bench = printing();
    for line in
        [" T:20.00 /205.00 B:60.00 /60.00", " T:205.00 /0.00 B:60.00 /60.00", " T:205.00 /00.00 B:6.00 /60"]
    {
        bench.say(line);
        bench.run(10_000);
    }
    assert_eq!(faults(&bench), []);
}

#[test]
fn a_nozzle_that_waits_for_the_bed_is_no_fault_and_one_that_stays_cold_behind_it_is() {
    let at = |secs: u64| Now::at(secs * 1000);
    let reading = |heater, actual_c, target_c| Reading {
        heater,
        actual_c: Some(actual_c),
        target_c: Some(target_c),
        unnumbered: false,
    };
    let mut guard = HeaterGuard::default();
    guard.begin(&Temperatures::new(), at(0));
    guard.acknowledged("M140 S60", 0, false, at(0));
    guard.acknowledged("M104 S200", 0, false, at(0));
    let mut found = Vec::new();
    for secs in (5..600).step_by(5) {
        let bed_c = (22.0 + secs as f64 * 0.15).min(60.0);
        let readings = [reading(Heater::Hotend(0), 22.0, 200.0), reading(Heater::Bed, bed_c, 60.0)];
        let faults = guard.reported(&readings, 0, Judging::TargetsToo, at(secs));
        found.extend(faults.into_iter().map(|fault| (secs, fault.heater, fault.kind)));
    }
    // The bed is near its target at 215 s.
    let [(secs, heater, kind)] = found.as_slice() else { panic!("one fault: {found:?}") };
    assert_eq!((*heater, *kind), (NOZZLE, HeaterFaultKind::NotHeating));
    assert!((300..=320).contains(secs), "at {secs} s");
}
