//! Dialogues recorded from running firmwares: Marlin 1.1 on a simulated ATmega, Marlin 2.1 (in `-ep` with a working
//! emergency parser), Klipper. What they say is understood, and the link goes through them unharmed.

use super::replay::{As, Dialogue, Replay, all};
use crate::{Lines, Link, Reply};
use domain::{JobEnd, LinkChange, Now, PrinterState};
use std::collections::{BTreeMap, BTreeSet};

fn dialogue(name: &str) -> Dialogue {
    all().into_iter().find(|d| d.name == name).unwrap_or_else(|| panic!("no dialogue {name}"))
}

/// Only those in `-ep` listen while they work.
fn caps(name: &str) -> &'static [&'static str] {
    if name.contains("-ep/") { &["EMERGENCY_PARSER"] } else { &[] }
}

fn by_hand(name: &str) -> Replay {
    Replay::play(&dialogue(name), As::ByHand, caps(name), "")
}

fn class(reply: &Reply) -> &'static str {
    match reply {
        Reply::Ok { .. } => "ok",
        Reply::Damaged => "damaged",
        Reply::Resend(_) => "resend",
        Reply::Busy(_) => "busy",
        Reply::Wait => "wait",
        Reply::Heaters(_) => "heaters",
        Reply::Position(_) => "position",
        Reply::Boot => "boot",
        Reply::Halted(_) => "halted",
        Reply::Locked => "locked",
        Reply::Fault(_) => "fault",
        Reply::Refused(_) => "refused",
        Reply::NotReady(_) => "not ready",
        Reply::Harmless(_) => "harmless",
        Reply::BadLine(_) => "bad line",
        Reply::Firmware(_) => "firmware",
        Reply::Cap(..) => "cap",
        Reply::MaxZ(_) => "height",
        Reply::Action(_) => "action",
        Reply::Card(_) => "card",
        Reply::Other => "other",
    }
}

#[test]
fn every_line_that_firmwares_said_is_understood_as_what_it_is() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shapes: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for dialogue in all() {
        for line in dialogue.heard() {
            let class = class(&Reply::parse(line));
            *counts.entry(class).or_default() += 1;
            // Lines that differ only in their numbers are of one shape.
            let shape: String = line.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            let mut shape = shape.trim().to_owned();
            while shape.contains("00") {
                shape = shape.replace("00", "0");
            }
            shapes.entry(class).or_default().insert(shape.chars().take(70).collect());
        }
    }
    let told: String = shapes
        .iter()
        .map(|(class, shapes)| {
            let lines: String = shapes.iter().map(|s| format!("    {s}\n")).collect();
            format!("{class}: {}\n{lines}", counts[class])
        })
        .collect();
    expect_test::expect_file!["../../testdata/dialogues.understood.txt"].assert_eq(&told);
}

/// What became of a dialogue, for the eye.
fn told(name: &str, replay: &Replay) -> String {
    let state = replay.bench.state();
    let changes: Vec<String> = replay.bench.changes.iter().map(|c| format!("    {c:?}\n")).collect();
    let report = replay.bench.link.report(domain::Now::at(replay.bench.now));
    format!(
        "{name}: {state:?}, {} resends, {} strays, each line at most {} times\n    took {}\n{}",
        report.resends,
        replay.strays,
        replay.most_sent(),
        replay.taken.join("|"),
        changes.concat()
    )
}

fn outcomes(ending: &'static str) -> String {
    let mut all_told = String::new();
    for dialogue in all() {
        // Their numbers and lengths are wrong on purpose: no link sends such lines.
        if ["04-", "05-", "06-"].iter().any(|start| dialogue.name.contains(start)) {
            continue;
        }
        let replay = Replay::play(&dialogue, As::ByHand, caps(&dialogue.name), ending);
        all_told.push_str(&told(&dialogue.name, &replay));
    }
    all_told
}

#[test]
fn the_link_goes_through_every_dialogue() {
    let all_told = outcomes("");
    expect_test::expect_file!["../../testdata/dialogues.outcome.txt"].assert_eq(&all_told);
    assert_eq!(outcomes("\r"), all_told, "carriage returns change nothing");
}

#[test]
fn what_follows_a_bad_line_is_sent_once_and_nothing_is_lost() {
    for make in ["marlin-1.1-avr", "marlin-2.1"] {
        let name = format!("{make}/03-bad-checksum-window4");
        let mut replay = Replay::play(&dialogue(&name), As::Program, &[], "");
        replay.end_well();
        let took: Vec<&str> = replay.taken.iter().map(String::as_str).filter(|l| *l != "M105").collect();
        assert_eq!(took, ["G1 X1 F3000", "G1 X2", "G1 X3", "G1 X4", "G1 X5"], "{make}");
        assert_eq!(replay.most_sent(), 2, "{make}: {:?}", replay.bench.sent);
        let last = replay.bench.changes.last();
        assert!(matches!(last, Some(LinkChange::Ended(_, JobEnd::Finished))), "{make}: {last:?}");
    }
}

#[test]
fn lines_behind_homing_wait_for_it() {
    for make in ["marlin-1.1-avr", "marlin-2.1"] {
        let replay = by_hand(&format!("{make}/17-g28-interleave"));
        assert_eq!(replay.taken, ["M155 S1", "G28 X", "G1 X5 F3000", "M114"]);
        assert_eq!(replay.bench.link.report(Now::at(0)).position_mm, Some([5.0, 0.0, 5.0]), "{make}");
    }
}

#[test]
fn a_filament_change_is_a_pause_and_goes_on_when_the_firmware_says_so() {
    let replay = Replay::play(&dialogue("marlin-2.1-ep/12-m600"), As::Program, &["EMERGENCY_PARSER"], "");
    let told: Vec<String> = replay.bench.changes.iter().map(|c| format!("{c:?}")).collect();
    let at = |what: &str| told.iter().position(|c| c.starts_with(what)).unwrap_or_else(|| panic!("{told:?}"));
    assert!(at("Paused") < at("Resumed"), "{told:?}");
    assert_eq!(told.iter().filter(|c| c.starts_with("FilamentChange")).count(), 1, "{told:?}");
    assert_eq!((replay.most_sent(), replay.strays), (1, 0), "{:?}", replay.bench.sent);
}

#[test]
fn a_filament_change_that_was_none_pauses_the_print() {
    let mut replay = Replay::play(&dialogue("marlin-1.1-avr/12-m600"), As::Program, &[], "");
    replay.end_well();
    assert_eq!(replay.bench.state(), PrinterState::Paused, "{:?}", replay.bench.changes);
}

#[test]
fn a_halt_is_told_with_its_own_cure() {
    for (name, cure) in [
        ("marlin-1.1-avr/09-m109-m112", "switch it off and on again"),
        ("marlin-2.1-ep/09-m109-m112", "switch it off and on again"),
        ("marlin-1.1-avr/19-maxtemp", "switch it off and on again"),
        ("klipper-dry", "FIRMWARE_RESTART"),
        ("klipper", "FIRMWARE_RESTART"),
    ] {
        let replay = Replay::play(&dialogue(name), As::Program, caps(name), "");
        let end = replay.bench.changes.iter().find_map(|c| {
            if let LinkChange::Ended(_, JobEnd::Interrupted { why }) = c { Some(why.clone()) } else { None }
        });
        assert!(end.as_ref().is_some_and(|why| why.contains(cure)), "{name}: {end:?}");
        let halted = replay.bench.changes.iter().any(|c| matches!(c, LinkChange::Halted { .. }));
        // Klipper was told to restart then.
        let now = if name.starts_with("klipper") { PrinterState::Connecting } else { PrinterState::Halted };
        assert!(halted && replay.bench.state() == now, "{name}: {:?}", replay.bench.state());
    }
}

#[test]
fn hello_waits_until_every_banner_is_quiet() {
    for dialogue in all() {
        let mut link = Link::new(Now::at(0));
        link.opened(false, Now::at(0));
        let (mut banner, mut last, mut ms) = (dialogue.banner().peekable(), 0, 0);
        let hello = loop {
            ms += 10;
            while let Some((at, line)) = banner.next_if(|(at, _)| *at <= ms) {
                link.handle_line(line, Now::at(ms));
                last = at;
            }
            link.handle_timeout(Now::at(ms));
            if let Some(line) = link.poll_transmit(Now::at(ms)) {
                break line;
            }
            assert!(ms < 5_000, "{}: no hello", dialogue.name);
        };
        assert_eq!(hello, "N0 M110 N0*125", "{}", dialogue.name);
        assert!(ms - last >= 300, "{}: said at {ms} ms, heard at {last}", dialogue.name);
        assert!(!link.is_halted() && link.poll_broken().is_none(), "{}", dialogue.name);
    }
}

#[test]
fn bytes_become_the_same_lines_however_they_arrive() {
    for dialogue in all() {
        let want: Vec<&str> = dialogue.heard().collect();
        let bytes = want.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes();
        for size in 1..64 {
            let mut lines = Lines::default();
            let got: Vec<String> = bytes.chunks(size).flat_map(|chunk| lines.take(chunk)).collect();
            assert_eq!(got, want, "{} in pieces of {size}", dialogue.name);
        }
    }
}

#[test]
fn noise_around_a_line_makes_nothing_else_of_it() {
    let lines: BTreeSet<String> =
        all().iter().flat_map(|d| d.heard().map(str::to_owned).collect::<Vec<_>>()).collect();
    for line in &lines {
        let clean = Reply::parse(line);
        assert_eq!(Reply::parse(&format!("{line}\r")), clean, "{line:?} with a carriage return");
        for noisy in [format!("\0{line}"), format!("\0\u{fffd}{line}\0"), format!("{line}\u{fffd}")] {
            let got = Reply::parse(&noisy);
            // An `ok` behind noise may be the end of something else, and the end of a line may be an `ok`.
            let unsure =
                class(&clean) == "ok" && ["damaged", "other", "heaters", "firmware"].contains(&class(&got));
            let ends_so = line.ends_with("ok") && got == Reply::Damaged;
            assert!(got == clean || unsure || ends_so, "{noisy:?}: {got:?}");
        }
    }
    for (one, two) in lines.iter().flat_map(|one| lines.iter().map(move |two| (one, two))) {
        let glued = Reply::parse(&format!("{one}{two}"));
        if let Reply::Resend(Some(n)) = glued {
            assert!(
                [Reply::parse(one), Reply::parse(two)].contains(&Reply::Resend(Some(n))),
                "{one:?}{two:?}"
            );
        }
        let boots = [one, two].iter().any(|line| Reply::parse(line) == Reply::Boot);
        assert!(glued != Reply::Boot || boots, "{one:?}{two:?}");
    }
}
