//! Work by hand: what is ordered, and how the rest is refused.

use super::desk::{Desk, ID};
use domain::{
    Able, Answer, Area, Effect, ObjectState, Order, PauseAt, PrintObject, PrinterState, Prompt, Request,
    Sure, Temperature, Tool,
};

fn ask(desk: &mut Desk, tool: Tool) -> (Answer, Vec<Order>) {
    let (answer, effects) = desk.ask(Request::Tool(ID, tool));
    let orders =
        effects.into_iter().filter_map(|e| if let Effect::Order(_, order) = e { Some(order) } else { None });
    (answer.expect("it is answered at once"), orders.collect())
}

#[track_caller]
fn code(desk: &mut Desk, tool: Tool) -> &'static str {
    let (answer, orders) = ask(desk, tool.clone());
    match answer {
        Ok(_) => {
            assert_eq!(orders.len(), 1, "{tool:?}");
            "yes"
        }
        Err(refused) => {
            assert!(!refused.message.is_empty(), "{tool:?}");
            assert!(orders.is_empty(), "a refusal orders nothing: {tool:?}");
            refused.code
        }
    }
}

fn jog(x: f64, sure: Sure) -> Tool {
    Tool::Jog { x, y: 0.0, z: 0.0, sure }
}

fn send(line: &str) -> Tool {
    Tool::Send { line: line.into(), sure: Sure::Ask }
}

fn hot(desk: &mut Desk, actual: f64) {
    let t = Temperature { actual, target: Some(actual), offset: 0.0 };
    desk.report.temperatures.insert("tool0".into(), t);
    desk.state(desk.report.state);
}

#[test]
fn each_tool_in_each_state() {
    let tools: [fn() -> Tool; 9] = [
        || jog(1.0, Sure::Yes),
        || Tool::MotorsOff,
        || Tool::Extrude { mm: 5.0, mm_per_s: 5.0 },
        || Tool::Fan { percent: 50 },
        || Tool::Speed { percent: 90 },
        || Tool::BabyStep { mm: 0.02 },
        || Tool::PauseAt { at: Some(PauseAt::Height(99.0)) },
        || send("M105"),
        || send("G28"),
    ];
    let b = "busy";
    let table: [(PrinterState, bool, [&str; 9]); 6] = [
        (
            PrinterState::Operational,
            false,
            ["yes", "yes", "yes", "yes", "yes", "yes", "not_printing", "yes", "yes"],
        ),
        (PrinterState::Heating, true, [b, b, b, "yes", "yes", "yes", "yes", "yes", "not_sent"]),
        (PrinterState::Printing, true, [b, b, b, "yes", "yes", "yes", "yes", "yes", "not_sent"]),
        (PrinterState::Pausing, true, [b, b, b, "yes", "yes", b, "yes", "yes", "not_sent"]),
        (PrinterState::Paused, true, [b, b, "yes", "yes", "yes", b, "yes", "yes", "not_sent"]),
        (PrinterState::Cancelling, true, [b, b, b, b, b, b, "yes", "yes", "not_sent"]),
    ];
    for (state, prints, expected) in table {
        for (i, (tool, expected)) in tools.iter().zip(expected).enumerate() {
            let mut desk = Desk::ready();
            if prints {
                desk.start();
                desk.state(state);
            }
            hot(&mut desk, 200.0);
            assert_eq!(code(&mut desk, tool()), expected, "{state:?}, {i}");
        }
    }
}

#[test]
fn a_head_that_was_not_homed_moves_only_when_a_person_is_sure() {
    let mut desk = Desk::ready();
    assert_eq!(code(&mut desk, jog(10.0, Sure::Ask)), "confirm");
    assert_eq!(code(&mut desk, jog(10.0, Sure::Yes)), "yes");
    desk.report.tools.homed = [true, false, false];
    desk.state(PrinterState::Operational);
    assert_eq!(code(&mut desk, jog(10.0, Sure::Ask)), "yes");
    let with_z = Tool::Jog { x: 1.0, y: 0.0, z: 1.0, sure: Sure::Ask };
    assert_eq!(code(&mut desk, with_z), "confirm");
    for bad in [0.0, 1000.0, f64::NAN, f64::INFINITY] {
        assert_eq!(code(&mut desk, jog(bad, Sure::Yes)), "out_of_range", "{bad}");
    }
}

#[test]
fn a_bed_is_levelled_at_rest_homed_and_within_the_machine() {
    let point = |x: f64| Tool::LevelPoint { x, y: 30.0 };
    let mut desk = Desk::ready();
    assert_eq!(code(&mut desk, point(30.0)), "not_homed");
    desk.report.tools.homed = [true; 3];
    desk.state(PrinterState::Operational);
    for (x, expected) in [(30.0, "yes"), (-20.0, "yes"), (5000.0, "out_of_range"), (f64::NAN, "out_of_range")]
    {
        assert_eq!(code(&mut desk, point(x)), expected, "{x}, where the firmware tells no size");
    }
    desk.report.tools.area = Some(Area { min: [0.0; 3], max: [220.0, 220.0, 250.0] });
    desk.state(PrinterState::Operational);
    for (x, expected) in [(220.0, "yes"), (221.0, "out_of_range"), (-1.0, "out_of_range")] {
        assert_eq!(code(&mut desk, point(x)), expected, "{x}");
    }
    let mut desk = Desk::printing();
    desk.report.tools.homed = [true; 3];
    desk.state(PrinterState::Paused);
    assert_eq!(code(&mut desk, point(30.0)), "busy");
}

#[test]
fn nothing_is_pushed_cold() {
    let mut desk = Desk::ready();
    hot(&mut desk, 169.0);
    assert_eq!(code(&mut desk, Tool::Extrude { mm: 5.0, mm_per_s: 5.0 }), "cold");
    hot(&mut desk, 171.0);
    assert_eq!(code(&mut desk, Tool::Extrude { mm: 5.0, mm_per_s: 5.0 }), "yes");
    assert_eq!(code(&mut desk, Tool::Extrude { mm: 5000.0, mm_per_s: 5.0 }), "out_of_range");
    assert_eq!(code(&mut desk, Tool::Extrude { mm: 5.0, mm_per_s: f64::NAN }), "out_of_range");
}

#[test]
fn what_the_printer_cannot_do_and_what_is_past_is_refused() {
    let mut desk = Desk::printing();
    desk.report.tools.baby = Able::No;
    desk.state(PrinterState::Printing);
    assert_eq!(code(&mut desk, Tool::BabyStep { mm: 0.02 }), "not_supported");
    assert_eq!(code(&mut desk, Tool::Speed { percent: 5000 }), "out_of_range");
    if let Some(job) = &mut desk.report.job {
        (job.layer_idx, job.layers, job.z_mm) = (Some(7), Some(20), Some(1.6));
    }
    desk.state(PrinterState::Printing);
    for (at, expected) in [
        (PauseAt::Layer(7), "out_of_range"),
        (PauseAt::Layer(8), "yes"),
        (PauseAt::Layer(20), "out_of_range"),
        (PauseAt::Height(1.6), "out_of_range"),
        (PauseAt::Height(1.8), "yes"),
        (PauseAt::Height(9999.0), "out_of_range"),
    ] {
        assert_eq!(code(&mut desk, Tool::PauseAt { at: Some(at) }), expected, "{at:?}");
    }
    assert_eq!(code(&mut desk, Tool::Answer { button: 0 }), "no_question");
    desk.report.tools.prompt = Some(Prompt { text: "?".into(), buttons: vec!["Yes".into()], answered: None });
    desk.state(PrinterState::Printing);
    assert_eq!(code(&mut desk, Tool::Answer { button: 1 }), "no_question");
    assert_eq!(code(&mut desk, Tool::Answer { button: 0 }), "yes");
}

#[test]
fn a_height_is_saved_at_rest_and_after_a_question() {
    let save = |sure| Tool::SaveZ { sure };
    let mut desk = Desk::ready();
    assert_eq!(code(&mut desk, save(Sure::Yes)), "out_of_range", "nothing was shifted");
    desk.report.tools.baby_mm = -0.04;
    desk.state(PrinterState::Operational);
    assert_eq!(code(&mut desk, save(Sure::Ask)), "confirm");
    assert_eq!(code(&mut desk, save(Sure::Yes)), "yes");
    desk.report.tools.z_offset.cannot_save = "it stores nothing".into();
    desk.state(PrinterState::Operational);
    assert_eq!(code(&mut desk, save(Sure::Yes)), "not_supported");
    let mut printing = Desk::printing();
    printing.report.tools.baby_mm = -0.04;
    printing.state(PrinterState::Printing);
    assert_eq!(code(&mut printing, save(Sure::Yes)), "busy");
}

#[test]
fn an_object_is_left_out_after_a_question_and_only_where_the_file_allows_it() {
    let cancel = |object, sure| Tool::CancelObject { object, sure };
    let object = |state| PrintObject { name: "Hook".into(), min_mm: None, max_mm: None, state };
    let mut desk = Desk::printing();
    assert_eq!(code(&mut desk, cancel(0, Sure::Yes)), "unknown_object");
    desk.report.tools.objects = vec![object(ObjectState::Kept), object(ObjectState::LeftOut)];
    desk.state(PrinterState::Printing);
    assert_eq!(code(&mut desk, cancel(0, Sure::Ask)), "confirm");
    assert_eq!(code(&mut desk, cancel(0, Sure::Yes)), "yes");
    assert_eq!(code(&mut desk, cancel(1, Sure::Yes)), "out_of_range");
    assert_eq!(code(&mut desk, cancel(2, Sure::Yes)), "unknown_object");
    assert_eq!(code(&mut desk, Tool::KeepObject { object: 0 }), "yes");
    desk.report.tools.objects_unfit = "line 3 changes tools".into();
    desk.state(PrinterState::Printing);
    assert_eq!(code(&mut desk, cancel(0, Sure::Yes)), "not_supported");
    desk.report.tools.objects_unfit.clear();
    desk.state(PrinterState::Cancelling);
    assert_eq!(code(&mut desk, cancel(0, Sure::Yes)), "busy");
    assert_eq!(code(&mut Desk::ready(), cancel(0, Sure::Yes)), "not_printing");
}

#[test]
fn typed_lines_are_checked_before_they_leave() {
    let mut desk = Desk::ready();
    let (_, orders) = ask(&mut desk, send(" g28 x ; home"));
    assert_eq!(orders, [Order::Tool(Tool::Lines(vec!["G28 x".into()]))]);
    assert_eq!(code(&mut desk, send("G28\nM112")), "bad_line");
    assert_eq!(code(&mut desk, send("M112")), "not_sent");
    assert_eq!(code(&mut desk, send("M502")), "confirm");
    assert_eq!(code(&mut desk, Tool::Send { line: "M502".into(), sure: Sure::Yes }), "yes");
    assert_eq!(code(&mut desk, Tool::Lines(vec!["M112".into()])), "bad_line");
}

#[test]
fn a_macro_is_filled_in_and_checked_as_a_whole() {
    let mut desk = Desk::ready();
    let run = |body: &str, sure| Tool::Macro { name: "Warm".into(), body: body.into(), sure };
    let (_, orders) = ask(&mut desk, run("M140 S{bed_temp}\nG1 Z{z_max}", Sure::Ask));
    assert_eq!(orders, [Order::Tool(Tool::Lines(vec!["M140 S0".into(), "G1 Z250".into()]))]);
    assert_eq!(code(&mut desk, run("G1 X{x_max}", Sure::Ask)), "bad_macro");
    assert_eq!(code(&mut desk, run("G28\nM112", Sure::Yes)), "bad_macro");
    assert_eq!(code(&mut desk, run("M500", Sure::Ask)), "confirm");
    desk.start();
    assert_eq!(code(&mut desk, run("G28", Sure::Yes)), "busy");
}

#[test]
fn a_noisy_link_is_said_to_be_so() {
    let mut desk = Desk::ready();
    (desk.report.resends, desk.report.lines_sent) = (0, 2000);
    desk.state(PrinterState::Operational);
    assert!(desk.view().vigil.dots[0].reason.contains("clean"));
    desk.report.lost_answers = 2;
    desk.state(PrinterState::Operational);
    let dot = desk.view().vigil.dots[0].clone();
    assert!(
        dot.reason.contains("2 answers were lost") && dot.state == domain::DotState::Ok,
        "{}",
        dot.reason
    );
    desk.report.resends = 60;
    desk.state(PrinterState::Operational);
    let dot = desk.view().vigil.dots[0].clone();
    assert!(dot.reason.contains("noisy") && dot.state == domain::DotState::Attention && !dot.fix.is_empty());
}
