//! Resume: the exact bytes, and when it is refused.

use super::bench::Bench;
use domain::{Initiator, LinkChange, Order, PrintId, PrinterState};
use expect_test::expect;

fn paused() -> Bench {
    let mut bench = Bench::printing(&[], "G1 X11 E1.3|G1 X12 E1.4");
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    bench.fw.hotend.0 = 30.0;
    bench.forget();
    bench
}

fn refusal(bench: &Bench) -> &str {
    match bench.changes.last() {
        Some(LinkChange::Refused { why, .. }) => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_resume_heats_then_goes_back_then_gives_back() {
    let mut bench = paused();
    bench.order(Order::Resume(Initiator::Person));
    bench.run_until(|b| b.changes.contains(&LinkChange::Resumed(PrintId(7), Initiator::Person)));
    bench.run(1_000);
    let want = expect![[r#"
        [
            "M190 S60",
            "M109 S205",
            "G90",
            "G1 X10 Y20 F6000",
            "G1 Z0.4 F600",
            "M83",
            "G1 E6.5 F1800",
            "M400",
            "G92 E1.23456",
            "M82",
            "G1 F1800",
            "M106 S128",
            "G1 X11 E1.3",
            "G1 X12 E1.4",
            "M400",
            "M104 S0",
            "M140 S0",
        ]
    "#]];
    want.assert_debug_eq(&bench.moves());
    assert_eq!(bench.changes.last(), Some(&LinkChange::Ended(PrintId(7), domain::JobEnd::Finished)));
}

#[test]
fn a_resume_gives_back_the_fan_that_a_person_set_last() {
    let fan = |percent| Order::Tool(domain::Tool::Fan { percent });
    let resumed = |bench: &mut Bench| {
        bench.forget();
        bench.order(Order::Resume(Initiator::Person));
        bench.run_until(|b| b.changes.contains(&LinkChange::Resumed(PrintId(7), Initiator::Person)));
        bench.moves().into_iter().filter(|l| l.starts_with("M10")).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut while_paused = paused();
    while_paused.order(fan(40));
    while_paused.run(100);
    assert_eq!(resumed(&mut while_paused), ["M109 S205", "M106 S102"]);

    let mut before = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    before.order(fan(0));
    before.run(200);
    before.pause();
    before.run_until(|b| b.state() == PrinterState::Paused);
    assert_eq!(resumed(&mut before), ["M109 S205", "M107"]);

    let mut cooled = paused();
    cooled.order(Order::CoolDown);
    cooled.run(200);
    assert_eq!(resumed(&mut cooled), ["M109 S205", "M106 S128"], "what was off to cool down is on again");
}

#[test]
fn a_file_sets_the_fan_anew_after_a_person_did() {
    let mut bench =
        Bench::printing(&[], &format!("G1 X11 E1.3|G1 X12 E1.4|M106 S77|{}", "G1 X13 E1.5|".repeat(500)));
    bench.order(Order::Tool(domain::Tool::Fan { percent: 40 }));
    bench.run_until(|b| b.fw.done.iter().any(|l| l == "M106 S77"));
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    bench.forget();
    bench.order(Order::Resume(Initiator::Person));
    bench.run_until(|b| b.moves().contains(&"G1 X13 E1.5"));
    assert!(bench.moves().contains(&"M106 S77"), "{:?}", bench.moves());
}

#[test]
fn a_head_that_was_moved_is_not_sent_back_into_the_part() {
    let mut bench = paused();
    bench.fw.at = [0.0, 0.0, 0.0, bench.fw.at[3]];
    bench.order(Order::Resume(Initiator::Person));
    bench.run(1_000);
    assert!(refusal(&bench).contains("head was moved"));
    assert_eq!(bench.state(), PrinterState::Paused);
    assert!(bench.moves().iter().all(|l| l.starts_with("M104")), "{:?}", bench.moves());
}

#[test]
fn nothing_is_extruded_when_the_hotend_stays_cold() {
    let mut bench = paused();
    bench.fw.stays_cold = true;
    bench.order(Order::Resume(Initiator::Person));
    bench.run(1_000);
    assert!(refusal(&bench).contains("hot enough"));
    assert_eq!(bench.moves(), ["M190 S60", "M109 S205", "M104 S0"]);
    bench.fw.stays_cold = false;
    bench.forget();
    bench.order(Order::Resume(Initiator::Person));
    bench.run_until(|b| b.state() == PrinterState::Printing || !b.link.has_job());
    assert!(bench.moves().contains(&"G1 E6.5 F1800"), "and it goes on once it is hot");
}

#[test]
fn a_pause_of_a_resume_undoes_only_what_the_resume_did() {
    let mut bench = paused();
    bench.fw.slow = Some("M109");
    bench.order(Order::Resume(Initiator::Person));
    bench.run(1_000);
    bench.pause();
    bench.release();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    let moves = bench.moves();
    assert!(
        !moves.iter().any(|l| l.starts_with("G1")),
        "head and filament are where the first pause left them"
    );
    bench.forget();
    bench.order(Order::Resume(Initiator::Person));
    bench.run_until(|b| !b.link.has_job());
    assert!(bench.moves().contains(&"G1 E6.5 F1800") && bench.moves().contains(&"G1 Z0.4 F600"));
}

#[test]
fn an_interrupted_print_cannot_be_resumed() {
    let mut bench = paused();
    let boot = bench.fw.boot();
    bench.hear(boot);
    bench.run(5_000);
    bench.order(Order::Resume(Initiator::Person));
    assert!(refusal(&bench).contains("cannot go on"));
    assert_eq!(bench.moves(), Vec::<&str>::new());
}

#[test]
fn homing_is_refused_while_a_print_is_paused() {
    let mut bench = paused();
    bench.order(Order::Home(vec![]));
    assert!(refusal(&bench).contains("homing"));
}

#[test]
fn a_pause_within_inches_works_in_millimetres_and_gives_inches_back() {
    let mut bench = Bench::printing(&[], "G20|G1 X11 E1.3|G1 X12 E1.4|G1 X13 E1.5");
    bench.run_until(|b| b.fw.done.iter().any(|line| line == "G20"));
    bench.forget();
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    let pause = bench.texts().join("|");
    let mm = pause.find("G21").expect("millimetres");
    assert!(
        mm < pause.find("G1 E-").expect("pulled back") && mm < pause.find("G1 Z").expect("lifted"),
        "{pause}"
    );
    bench.forget();
    bench.order(Order::Resume(Initiator::Person));
    bench.run_until(|b| b.changes.contains(&LinkChange::Resumed(PrintId(7), Initiator::Person)));
    let resume = bench.texts().join("|");
    let (mm, inches) = (resume.find("G21").expect("millimetres"), resume.find("G20").expect("inches"));
    let of_ours = ["G1 X", "G1 Z", "G1 E", "G92 E", "G1 F"].map(|text| resume.find(text).expect(text));
    assert!(of_ours.iter().all(|at| mm < *at && *at < inches), "{resume}");
}
