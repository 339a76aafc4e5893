//! Changes of filament: the firmware pauses and goes on by itself, and Resume answers what it asks.

use super::bench::Bench;
use domain::{Initiator, LinkChange, Order, PrinterState};

fn changing(caps: &[&'static str]) -> Bench {
    let mut bench = Bench::printing(caps, "M600|G1 X11 E1.3|G1 X12 E1.4");
    bench.fw.slow = Some("M600");
    bench.run(300);
    bench
}

fn off(bench: &Bench) -> bool {
    bench.texts().iter().take_while(|l| *l != "G1 X12 E1.4").any(|l| l == "M104 S0")
}

#[test]
fn a_change_that_pauses_and_resumes_in_old_words_goes_on_printing() {
    for (paused, resumed) in
        [("//action:pause", "//action:resume"), ("//action:paused filament_runout 0", "//action:resumed")]
    {
        let mut bench = changing(&[]);
        bench.say(paused);
        bench.run(100);
        assert_eq!(bench.state(), PrinterState::Paused, "{paused}");
        for _ in 0..3 {
            bench.say("echo:busy: paused for user");
            bench.run(2_000);
        }
        bench.say(resumed);
        bench.release();
        bench.run_until(|b| b.moves().contains(&"G1 X12 E1.4"));
        assert!(!off(&bench), "{:?}", bench.texts());
        bench.run_until(|b| !b.link.has_job());
    }
}

#[test]
fn a_printer_that_goes_on_before_the_pause_is_done_is_resumed() {
    let mut bench = Bench::printing(&[], &"G1 X11 E1.3|".repeat(500));
    bench.fw.slow = Some("M400");
    bench.say("//action:pause");
    bench.run(300);
    bench.say("//action:resume");
    bench.release();
    bench.run_until(|b| b.changes.iter().any(|c| matches!(c, LinkChange::Resumed(..))));
    assert_eq!(bench.state(), PrinterState::Printing);
}

#[test]
fn resume_answers_the_question_that_is_open() {
    let mut bench = changing(&["EMERGENCY_PARSER"]);
    bench.say("//action:paused filament_runout 0");
    bench.order(Order::Resume(Initiator::Person));
    bench.run(100);
    assert_eq!(bench.sent.last().map(String::as_str), Some("M108"), "nothing is asked yet");
    for line in ["prompt_begin Purge", "prompt_choice PurgeMore", "prompt_choice Continue", "prompt_show"] {
        bench.say(&format!("//action:{line}"));
    }
    bench.order(Order::Resume(Initiator::Person));
    bench.run(100);
    assert_eq!(bench.sent.last().map(String::as_str), Some("M876 S1"));
}

#[test]
fn resume_presses_the_knob_without_emergency_parser_too() {
    let mut bench = changing(&[]);
    bench.say("//action:paused filament_runout 0");
    bench.order(Order::Resume(Initiator::Person));
    bench.run(100);
    assert_eq!(bench.sent.last().map(String::as_str), Some("M108"));
}
