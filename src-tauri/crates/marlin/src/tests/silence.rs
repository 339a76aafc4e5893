//! Silence: of a printer that is gone, of one that works on something long, of one that is deaf for a while.

use super::bench::Bench;
use super::firmware::Make;
use domain::{JobEnd, LinkChange, PrinterState};

fn silences(bench: &Bench) -> Vec<u32> {
    let secs = |c: &LinkChange| if let LinkChange::Silent { secs } = c { Some(*secs) } else { None };
    bench.changes.iter().filter_map(secs).collect()
}

#[test]
fn a_printer_that_stops_answering_is_told_of_after_seconds_and_kept_for_a_minute() {
    for caps in [&[][..], &["AUTOREPORT_TEMP"]] {
        let mut bench = Bench::printing(caps, &"G1 X11 E1.3|".repeat(500));
        bench.mute = true;
        bench.run(5_500);
        assert_eq!(silences(&bench), Vec::<u32>::new());
        bench.run(1_500);
        assert_eq!(silences(&bench), [6]);
        bench.pause();
        bench.run(9_000);
        assert_eq!(silences(&bench), [6], "once, also when a pause is ordered into it");
        bench.run(40_000);
        assert!(bench.link.poll_broken().is_none() && bench.link.has_job(), "the link is kept");
        bench.mute = false;
        bench.run(10_000);
        assert!(bench.changes.contains(&LinkChange::Speaks));
    }
}

#[test]
fn an_idle_printer_that_is_gone_is_told_of() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.mute = true;
    bench.run(14_000);
    assert_eq!(silences(&bench), [6]);
}

#[test]
fn a_command_that_nobody_knows_may_take_minutes_without_a_word() {
    for slow in ["PRINT_START BED=60", "G80", "G26", "M860 P1", "G29", "BED_MESH_CALIBRATE"] {
        let mut bench = Bench::up(Make::Two, &[]);
        bench.fw.slow = Some(slow);
        bench.start(&format!("{slow}|G1 X1|G1 X2"));
        bench.run(400_000);
        assert_eq!(silences(&bench), Vec::<u32>::new(), "{slow}");
        assert!(bench.link.poll_broken().is_none() && bench.link.has_job(), "{slow}: {:?}", bench.changes);
        bench.release();
        bench.run_until(|b| !b.link.has_job());
        assert_eq!(
            bench.changes.last(),
            Some(&LinkChange::Ended(domain::PrintId(7), JobEnd::Finished)),
            "{slow}"
        );
        assert_eq!(bench.moves(), [slow, "G1 X1", "G1 X2", "M400"]);
    }
}

#[test]
fn a_dwell_that_is_acknowledged_at_once_is_waited_for_all_the_same() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.start("G4 S200|G1 X1");
    bench.run_until(|b| b.fw.done.iter().any(|line| line.starts_with("G4")));
    // Deaf: what is sent is lost.
    let wire = std::mem::replace(&mut bench.wire, Box::new(|line| line.clear()));
    bench.run(195_000);
    assert_eq!(silences(&bench), Vec::<u32>::new());
    assert!(bench.link.poll_broken().is_none() && bench.link.has_job());
    bench.wire = wire;
    bench.run_until(|b| !b.link.has_job());
    assert_eq!(bench.moves(), ["G4 S200", "G1 X1", "M400"]);
    assert!(bench.now < 215_000, "{}", bench.now);
}

#[test]
fn an_ok_at_the_end_of_something_else_does_not_cost_a_minute() {
    for glued in ["Bed Heating...ok", "bedtemp: 28.53 : 0.014ok", " T:60.0 /0.0 B:60.0 /60.0ok"] {
        let mut bench = Bench::up(Make::Two, &[]);
        bench.fw.slow = Some("M190");
        bench.start("M190 S60|G1 X1");
        bench.run_until(|b| b.fw.done.iter().any(|line| line.starts_with("M190")));
        let since = bench.now;
        bench.lose_oks = 1;
        bench.release();
        bench.say(glued);
        bench.run_until(|b| !b.link.has_job());
        assert!(bench.now - since < 1_500, "{glued}: {} ms", bench.now - since);
        assert_eq!(bench.state(), PrinterState::Operational);
    }
}

#[test]
fn temperatures_that_are_no_numbers_grow_old_and_are_not_told_anew() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(5_000));
    bench.say("T:205.00 /205.00 B:60.00 /60.00");
    let at =
        |bench: &Bench| bench.link.report(domain::Now::at(bench.now)).temperatures_at.expect("told").mono_ms;
    let told = at(&bench);
    bench.fw.garbled_heater = true;
    bench.run(20_000);
    assert!(at(&bench) < told + 4_000 && bench.now > told + 15_000, "{} {told} {}", at(&bench), bench.now);
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
}
