//! Several lines in flight, in time: nothing overflows, nothing is executed twice or out of order, nothing stands still.

use super::bench::Bench;
use super::cable::{Board, Harm};
use super::firmware::Make;
use crate::{JobFacts, Link, Place, ProgramLine};
use domain::{Initiator, LinkChange, Millis, Now, Order, PrintId, StartJob};
use proptest::prelude::*;

/// How a print went.
struct Went {
    board: Board,
    changes: Vec<LinkChange>,
    ms: Millis,
}

impl Went {
    fn finished(&self) -> bool {
        matches!(self.changes.last(), Some(LinkChange::Ended(_, domain::JobEnd::Finished)))
    }
}

fn moves(count: usize) -> Vec<String> {
    (1..=count)
        .map(|n| format!("G1 X{:.3} Y{:.3} E{:.5}", n as f64 / 7.0, n as f64 / 3.0, n as f64 / 90.0))
        .collect()
}

fn print(lines: &[String], mut board: Board, most_ms: Millis) -> Went {
    let mut link = Link::new(Now::at(0));
    link.opened(false, Now::at(0));
    let (mut ms, mut next, mut began, mut changes) = (0, 0, None, Vec::new());
    while ms < most_ms && (began.is_none() || link.has_job()) {
        ms += 1;
        let now = Now::at(ms);
        link.handle_timeout(now);
        assert_eq!(link.poll_broken(), None);
        if link.is_up() && began.is_none() {
            began = Some(ms);
            let path = "x.gcode".into();
            let initiator = Initiator::Person;
            let past = domain::PastTimes::default();
            let start = StartJob {
                print: PrintId(1),
                file: None,
                path,
                name: "x".into(),
                initiator,
                past,
                done_lines: 0,
                left_out: Vec::new(),
            };
            link.handle_order(Order::Start(start), now);
            link.poll_fetch().expect("a print was ordered");
            link.begin(JobFacts::default());
        }
        while link.wants_lines() {
            let Some(text) = lines.get(next) else {
                link.feed_end();
                break;
            };
            next += 1;
            let (text, index, after) = (text.clone(), next as u64, Place::default());
            let kind = crate::LineKind::Send;
            link.feed(ProgramLine {
                text,
                index,
                end: index,
                analysed_secs: None,
                layer_idx: None,
                object: None,
                after,
                kind,
            });
        }
        while let Some(line) = link.poll_transmit(now) {
            board.send(&line);
        }
        for line in board.pass() {
            link.handle_line(&line, now);
        }
        changes.extend(std::iter::from_fn(|| link.poll_change()));
    }
    Went { board, changes, ms: ms - began.unwrap_or(ms) }
}

#[test]
fn short_arcs_do_not_starve_an_8_bit_board() {
    let lines = moves(3_000);
    let went = print(&lines, Board::new(Make::One, 4.17, Harm::default(), 1), 60_000);
    assert!(went.finished(), "{:?}", went.changes);
    assert_eq!((went.board.overflown, went.board.executed.len(), went.board.resends), (0, 3_000, 0));
    assert!(went.board.starved_ms < 20.0, "{} ms", went.board.starved_ms);
    assert!(went.ms < 13_200, "{} ms for 12,510 ms of moves", went.ms);
}

#[test]
fn one_line_in_five_hundred_refused_costs_next_to_nothing() {
    for make in [Make::One, Make::Two] {
        let lines = moves(3_000);
        let clean = print(&lines, Board::new(make, 4.17, Harm::default(), 1), 60_000).ms;
        let went = print(&lines, Board::new(make, 4.17, Harm { sent: 500, ..Harm::default() }, 9), 60_000);
        assert!(went.finished() && went.board.resends > 1, "{:?}", went.changes);
        assert_eq!(went.board.executed, lines);
        assert!(went.ms * 10 < clean * 11, "{make:?}: {} ms, clean {clean}", went.ms);
    }
}

#[test]
fn a_board_that_asks_once_is_not_waited_for_longer_than_needed() {
    let lines = moves(3_000);
    let went = print(&lines, Board::new(Make::One, 4.17, Harm { sent: 20, ..Harm::default() }, 9), 120_000);
    assert!(went.finished() && went.board.resends > 100, "{:?}", went.changes);
    assert_eq!(went.board.executed, lines);
    let each = (went.ms - 12_510) as f64 / f64::from(went.board.resends);
    assert!(each < 70.0, "{} ms, {each:.0} ms for each of {} requests", went.ms, went.board.resends);
}

#[test]
fn a_lost_ok_costs_about_a_second_and_mostly_nothing() {
    let lines = moves(2_000);
    let went =
        print(&lines, Board::new(Make::Two, 4.17, Harm { lost_ok: 300, ..Harm::default() }, 5), 60_000);
    assert!(went.finished(), "{:?}", went.changes);
    assert_eq!(went.board.executed, lines);
    assert!(went.ms < 8_400 + 5_000, "{} ms", went.ms);
}

fn harms() -> impl Strategy<Value = Harm> {
    let often = || prop_oneof![Just(0u32), Just(20), Just(50), Just(200)];
    (often(), often(), often(), any::<bool>(), any::<bool>()).prop_map(
        |(sent, heard, lost_ok, bare_resend, advanced)| Harm { sent, heard, lost_ok, bare_resend, advanced },
    )
}

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn each_line_is_executed_once_and_in_order_whatever_the_cable_does(
        two in any::<bool>(),
        slow in any::<bool>(),
        harm in harms(),
        seed in any::<u64>(),
    ) {
        let lines = moves(200);
        let make = if two { Make::Two } else { Make::One };
        let board = Board::new(make, if slow { 60.0 } else { 4.0 }, harm, seed);
        let went = print(&lines, board, 400_000);
        let same = went.board.executed.iter().zip(&lines).take_while(|(did, should)| did == should).count();
        prop_assert_eq!(&went.board.executed[same..], &lines[same..], "from line {}: {:?}", same, went.changes);
        prop_assert_eq!(went.board.overflown, 0);
        prop_assert!(went.finished(), "after {} ms: {:?}", went.ms, went.changes);
    }
}

#[test]
fn behind_a_command_of_minutes_no_more_is_asked_than_the_printers_buffer_holds() {
    let mut bench =
        Bench::printing(&[], &format!("BED_MESH_CALIBRATE|G92 E0|{}M84", "G1 X11 E1.3|".repeat(40)));
    bench.fw.slow = Some("BED_MESH_CALIBRATE");
    bench.run(500);
    let before = bench.fw.done.len();
    for n in 0..60 {
        bench.say(&format!("// probe at {n}.000,20.000 is z=0.002500"));
        bench.run(2_000);
    }
    bench.release();
    bench.run_until(|b| !b.link.has_job());
    // Speed and flow are asked for behind it, and wait for nothing that was fed.
    let follows = |line: &&str| *line != "M220" && *line != "M221";
    let behind: Vec<&str> = bench.fw.done[before..].iter().map(String::as_str).filter(follows).collect();
    let asked = behind.iter().take_while(|line| **line == "M105").count();
    assert!((1..=8).contains(&asked), "{asked} queries of 13 bytes or more: {behind:?}");
    assert_eq!(behind[asked], "G92 E0", "{behind:?}");
}
