//! Work by hand: exact bytes, and what is not done.

use super::bench::Bench;
use super::firmware::Make;
use domain::{Able, Dial, DialSource, Order, PauseAt, PrinterState, Sure, Tool};

fn jog(x: f64, y: f64, z: f64) -> Order {
    Order::Tool(Tool::Jog { x, y, z, sure: Sure::Yes })
}

/// Without the queries that go on by themselves.
fn texts(bench: &Bench) -> Vec<String> {
    bench.texts().into_iter().filter(|t| t != "M105").collect()
}

#[test]
fn a_jog_is_one_sequence_with_numbers_and_checksums() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.order(jog(10.0, 0.0, 0.0));
    bench.run(100);
    assert_eq!(texts(&bench), ["G91", "G1 X10 F3000", "G90", "M114"]);
    let written = bench.sent.iter().find(|l| l.contains("G1 X10")).expect("it was sent");
    let sum = written.split('*').next().unwrap_or_default().bytes().fold(0, |sum, b| sum ^ b);
    assert!(written.starts_with('N') && written.ends_with(&format!("*{sum}")), "{written}");
    assert_eq!(bench.fw.at[0], 10.0);
    assert_eq!(bench.tools().position_mm, Some([10.0, 0.0, 0.0]));
}

#[test]
fn a_jog_ends_where_the_machine_ends() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.say("area:{full:{min:{x:0.00,y:0.00,z:0.00},max:{x:200.00,y:200.00,z:180.00}}}");
    bench.order(Order::Home(Vec::new()));
    bench.run(200);
    assert_eq!(bench.tools().homed, [true; 3]);
    bench.forget();
    bench.order(jog(0.0, 0.0, 50.0));
    bench.run(100);
    bench.order(jog(190.0, 0.0, -60.0));
    bench.run(100);
    assert!(texts(&bench).contains(&"G1 X190 Z-50 F600".to_owned()), "{:?}", bench.texts());
    bench.order(jog(0.0, -5.0, 0.0));
    assert!(bench.refused().contains("end of its way"));
    bench.order(Order::Tool(Tool::MotorsOff));
    bench.run(100);
    assert_eq!(bench.tools().homed, [false; 3]);
}

#[test]
fn a_point_of_the_bed_is_come_to_from_above_and_only_when_homed() {
    let mut bench = Bench::up(Make::Two, &[]);
    let point = Order::Tool(Tool::LevelPoint { x: 30.0, y: 190.0 });
    bench.order(point.clone());
    assert!(bench.refused().contains("not homed"));
    bench.order(Order::Home(Vec::new()));
    bench.run(200);
    bench.forget();
    bench.order(point);
    bench.run(2_000);
    assert_eq!(texts(&bench), ["G90", "G1 Z10 F300", "G1 X30 Y190 F3000", "G1 Z0 F300", "M114"]);
    bench.order(jog(0.0, 0.0, 40.0));
    bench.run(2_000);
    bench.forget();
    bench.order(Order::Tool(Tool::LevelPoint { x: 190.0, y: 30.0 }));
    bench.run(2_000);
    assert_eq!(texts(&bench)[1], "G1 Z40 F300", "a nozzle that is higher already is not lowered on the way");
}

#[test]
fn nothing_moves_by_hand_while_a_print_is_under_way_or_paused() {
    let mut bench = Bench::printing(&[], "G1 X11 E2|G1 X12 E3");
    for tool in [
        Tool::Jog { x: 1.0, y: 0.0, z: 0.0, sure: Sure::Yes },
        Tool::LevelPoint { x: 30.0, y: 30.0 },
        Tool::MotorsOff,
        Tool::SelectTool { tool: 1 },
        Tool::ProbeMesh,
        Tool::Extrude { mm: 5.0, mm_per_s: 5.0 },
    ] {
        bench.order(Order::Tool(tool.clone()));
        assert!(bench.refused().contains("print is under way"), "{tool:?}");
    }
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    bench.forget();
    bench.order(jog(0.0, 0.0, 1.0));
    assert!(bench.refused().contains("print is under way"));
    bench.run(100);
    assert_eq!(bench.moves(), Vec::<&str>::new());
}

#[test]
fn filament_is_pushed_hot_and_never_cold() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.order(Order::Tool(Tool::Extrude { mm: 10.0, mm_per_s: 5.0 }));
    assert!(bench.refused().contains("cold"));
    bench.run(100);
    assert_eq!(bench.moves(), Vec::<&str>::new());
    bench.fw.hotend = (200.0, 200.0);
    bench.run(6_000);
    bench.forget();
    bench.order(Order::Tool(Tool::Extrude { mm: -2.5, mm_per_s: 25.0 }));
    bench.run(100);
    assert_eq!(bench.moves(), ["M83", "G1 E-2.5 F1500", "M82"]);
}

#[test]
fn filament_may_be_pushed_while_paused_and_resume_puts_it_right() {
    let mut bench = Bench::printing(&[], "G1 X11 E2|G1 X12 E3");
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    bench.fw.hotend = (205.0, 205.0);
    bench.run(6_000);
    bench.order(Order::Tool(Tool::Extrude { mm: 20.0, mm_per_s: 5.0 }));
    bench.run(200);
    bench.forget();
    bench.order(Order::Resume(domain::Initiator::Person));
    bench.run_until(|b| b.fw.done.iter().any(|l| l.starts_with("G1 X12")));
    let moves = bench.moves();
    let reset = moves.iter().position(|l| l.starts_with("G92 E"));
    let first = moves.iter().position(|l| l.starts_with("G1 X11") || l.starts_with("G1 X12"));
    assert!(reset.is_some() && reset < first, "{moves:?}");
}

#[test]
fn tuning_goes_between_the_lines_of_the_file_and_is_read_back() {
    let mut bench = Bench::printing(&[], "G1 X11 E2|G1 X12 E3|G1 X13 E4");
    bench.order(Order::Tool(Tool::Fan { percent: 40 }));
    bench.order(Order::Tool(Tool::Speed { percent: 90 }));
    bench.order(Order::Tool(Tool::Flow { percent: 95 }));
    bench.order(Order::Tool(Tool::BabyStep { mm: -0.02 }));
    bench.order(Order::Tool(Tool::BabyStep { mm: -0.02 }));
    bench.run(200);
    let moves = bench.moves();
    for line in ["M106 S102", "M220 S90", "M220", "M221 S95", "M221", "M290 Z-0.02", "G1 X13 E4"] {
        assert!(moves.contains(&line), "{line} in {moves:?}");
    }
    let known = bench.tools();
    assert_eq!((known.fan.percent, known.baby, known.baby_mm), (Some(40), Able::Yes, -0.04));
    assert_eq!((known.speed.percent, known.speed.source), (Some(90), DialSource::Here));
    bench.say("FR:90%");
    bench.say("echo:E0 Flow: 94%");
    let known = bench.tools();
    assert_eq!((known.speed.percent, known.speed.source), (Some(90), DialSource::Printer));
    assert_eq!((known.flow.percent, known.flow.source), (Some(94), DialSource::Printer));
}

#[test]
fn what_is_ordered_is_no_value_before_the_printer_takes_it() {
    let mut bench = Bench::printing(&[], "G1 X11 E2|M109 S210|G1 X12 E3|G1 X13 E4");
    bench.fw.slow = Some("M109");
    bench.run_until(|b| b.fw.done.iter().any(|l| l.starts_with("M109")));
    bench.order(Order::Tool(Tool::Speed { percent: 80 }));
    bench.order(Order::Tool(Tool::Fan { percent: 30 }));
    bench.run(500);
    let known = bench.tools();
    assert_eq!(known.speed, Dial { ordered: Some(80), ..Dial::default() });
    assert_eq!((known.fan.percent, known.fan.ordered), (Some(50), Some(30)), "what the file set holds");
    assert_eq!(known.fan.source, DialSource::File);
    bench.release();
    bench.fw.slow = None;
    bench.run_until(|b| b.tools().fan.percent == Some(30));
    let known = bench.tools();
    assert_eq!(known.speed, Dial { percent: Some(80), source: DialSource::Here, ordered: None });
    assert_eq!(known.fan, Dial { percent: Some(30), source: DialSource::Here, ordered: None });
}

#[test]
fn a_change_at_the_display_is_noticed_between_the_lines_of_a_print() {
    let behind = (0..20_000).map(|i| format!("|G1 X{} E{}", 11 + i % 90, 2 + i)).collect::<String>();
    let mut bench = Bench::printing(&[], &format!("M221 S97{behind}"));
    bench.fw.dials = Some((100, 97));
    bench.run(1_000);
    assert_eq!((bench.tools().flow.percent, bench.tools().flow.source), (Some(97), DialSource::File));
    bench.fw.dials = Some((65, 97));
    bench.run(60_000);
    let known = bench.tools();
    assert_eq!((known.speed.percent, known.speed.source), (Some(65), DialSource::Printer));
    assert_eq!((known.flow.percent, known.flow.source), (Some(97), DialSource::Printer));
    let asked = bench.texts().iter().filter(|t| *t == "M220" || *t == "M221").count();
    assert_eq!(asked, 4, "twice in a minute, both");
    bench.pause();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    bench.forget();
    bench.run(60_000);
    assert!(!bench.texts().iter().any(|t| t.starts_with("M22")), "not while it stands: {:?}", bench.texts());
}

#[test]
fn a_firmware_that_does_not_answer_is_not_asked_again() {
    let behind = (0..20_000).map(|i| format!("|G1 X{} E{}", 11 + i % 90, 2 + i)).collect::<String>();
    let mut silent = Bench::printing(&[], &behind);
    silent.run(180_000);
    let asked = |bench: &Bench| bench.texts().iter().filter(|t| *t == "M220" || *t == "M221").count();
    assert_eq!(asked(&silent), 4, "two tries for each");
    let mut klipper = Bench::printing(&[], &behind);
    klipper.say("FIRMWARE_NAME:Klipper FIRMWARE_VERSION:v0.12");
    klipper.run(60_000);
    klipper.order(Order::Tool(Tool::Speed { percent: 80 }));
    klipper.run(1_000);
    assert_eq!(asked(&klipper), 0, "it takes the question for an order of 100 %");
    assert_eq!(klipper.tools().speed.percent, Some(80));
    let mut other = Bench::printing(&[], &behind);
    other.run(26_000);
    other.say("echo:Unknown command: \"M220\"");
    other.run(60_000);
    assert!(!other.moves().is_empty(), "it prints on");
}

#[test]
fn a_firmware_without_baby_steps_says_so_once() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.order(Order::Tool(Tool::BabyStep { mm: 0.02 }));
    bench.say("echo:Unknown command: \"M290 Z0.02\"");
    bench.run(100);
    assert_eq!((bench.tools().baby, bench.tools().baby_mm), (Able::No, 0.0));
    bench.order(Order::Tool(Tool::BabyStep { mm: 0.02 }));
    assert!(bench.refused().contains("M290"));
}

#[test]
fn a_pause_at_a_height_comes_before_its_first_line() {
    let mut bench = Bench::printing(&[], "G4 P0|G4 P0|G4 P0|G1 X11 Z0.6|G1 X12 E3|G1 X13 E4");
    bench.order(Order::Tool(Tool::PauseAt { at: Some(PauseAt::Height(0.6)) }));
    assert_eq!(bench.tools().pause_at, Some(PauseAt::Height(0.6)));
    bench.run_until(|b| b.state() == PrinterState::Paused);
    let moves = bench.moves();
    assert!(moves.contains(&"G1 X11 Z0.6") && !moves.contains(&"G1 X12 E3"), "{moves:?}");
    assert_eq!(bench.tools().pause_at, None);
    assert!(bench.tools().pause_text.contains("0.6 mm"));
    bench.order(Order::Resume(domain::Initiator::Person));
    bench.run_until(|b| b.fw.done.iter().any(|l| l.starts_with("G1 X13")));
    assert_eq!(bench.tools().pause_text, "");
}

#[test]
fn what_was_set_for_a_print_ends_with_it() {
    let mut bench = Bench::printing(&[], "G1 X11 E2|G1 X12 E3");
    bench.order(Order::Tool(Tool::PauseAt { at: Some(PauseAt::Height(9.0)) }));
    bench.run_until(|b| b.state() == PrinterState::Operational);
    assert_eq!(bench.tools().pause_at, None);
    bench.order(Order::Tool(Tool::PauseAt { at: Some(PauseAt::Height(9.0)) }));
    assert!(bench.refused().contains("nothing is being printed"));
}

#[test]
fn a_pause_in_the_file_shows_its_words() {
    let mut bench = Bench::printing(&[], "G1 X11 E2|M0|G1 X12 E3");
    bench.run_until(|b| b.state() == PrinterState::Paused);
    assert_eq!(bench.tools().pause_text, "The file asks for a pause.");
    bench.link.file_pauses("M0 S30 Put the nut in");
    assert_eq!(bench.tools().pause_text, "The file says: Put the nut in");
}

#[test]
fn a_question_is_shown_whole_and_harmless_and_answered_at_once() {
    let mut bench = Bench::up(Make::Two, &["EMERGENCY_PARSER"]);
    bench.say("//action:prompt_end");
    bench.say("//action:prompt_begin Nozzle \u{1b}[31mParked");
    bench.say("//action:prompt_button Continue");
    bench.say("//action:prompt_choice Purge more|M701");
    assert_eq!(bench.tools().prompt, None, "it is not complete");
    bench.say("//action:prompt_show");
    let prompt = bench.tools().prompt.expect("a question");
    assert_eq!(
        (prompt.text.as_str(), prompt.buttons),
        ("Nozzle [31mParked", vec!["Continue".into(), "Purge more".into()])
    );
    bench.order(Order::Tool(Tool::Answer { button: 1 }));
    bench.run(50);
    assert!(bench.sent.contains(&"M876 S1".to_owned()), "raw, without a number: {:?}", bench.sent);
    assert_eq!(bench.tools().prompt.and_then(|p| p.answered), Some(1));
    bench.say("//action:prompt_end");
    assert_eq!(bench.tools().prompt, None);
    bench.order(Order::Tool(Tool::Answer { button: 0 }));
    assert!(bench.refused().contains("gone"));
    bench.say("//action:prompt_begin Long");
    (0..50).for_each(|_| bench.say(&format!("//action:prompt_button {}", "x".repeat(500))));
    bench.say("//action:prompt_show");
    let prompt = bench.tools().prompt.expect("a question");
    assert_eq!((prompt.buttons.len(), prompt.buttons[0].len()), (8, 40));
}

#[test]
fn a_printer_that_is_deaf_while_it_waits_is_not_written_to() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.say("//action:prompt_begin Ready?");
    bench.say("//action:prompt_button Yes");
    bench.say("//action:prompt_show");
    bench.order(Order::Tool(Tool::Answer { button: 0 }));
    bench.run(50);
    assert!(texts(&bench).contains(&"M876 S0".to_owned()), "as a line: {:?}", bench.texts());
    bench.fw.slow = Some("M600");
    bench.order(Order::Tool(Tool::Lines(vec!["M600".into()])));
    bench.run(50);
    bench.order(Order::Tool(Tool::Answer { button: 0 }));
    assert!(bench.refused().contains("knob"));
    assert_eq!(bench.tools().prompt.and_then(|p| p.answered), None);
}

#[test]
fn a_filament_change_that_the_firmware_does_not_know_pauses_the_print() {
    let mut bench = Bench::printing(&[], "G1 X11 E2|M600|G1 X12 E3|G1 X13 E4");
    bench.fw.slow = Some("M600");
    bench.run_until(|b| b.fw.done.iter().any(|l| l == "M600"));
    bench.say("echo:Unknown command: \"M600\"");
    bench.release();
    bench.run_until(|b| b.state() == PrinterState::Paused);
    assert!(!bench.moves().contains(&"G1 X12 E3"), "{:?}", bench.moves());
    assert!(bench.tools().pause_text.contains("filament change"));
}

#[test]
fn a_mesh_is_heard_between_other_lines() {
    let mut bench = Bench::up(Make::Two, &[]);
    bench.order(Order::Tool(Tool::ReadMesh));
    bench.say("Bilinear Leveling Grid:");
    bench.say("      0      1");
    bench.say(" 0 +0.100 -0.200");
    bench.say(" 1 +0.400 +0.500");
    bench.run(100);
    assert!(texts(&bench).contains(&"M420 V".to_owned()));
    assert_eq!(bench.tools().mesh.map(|m| m.rows.len()), Some(2));
}
