//! Whole files with objects, through the link and a firmware that follows what it is sent: what is left out is not
//! extruded, and all else is laid down as the file has it.

#[path = "tests_objects/sample.rs"]
mod sample;

use crate::program::Program;
use domain::{
    Initiator, JobPhase, LinkChange, Millis, Now, Order, PastTimes, PauseRecipe, PrintId, StartJob, Sure,
    Tool,
};
use marlin::Link;
use parser::{Command, FirmwareG90, MotionState};
use sample::{Dice, file};
use std::io::Write;
use std::path::Path;

/// The firmware's name, and so what G90 does to M83.
const NAME: &str = "FIRMWARE_NAME:Marlin 2.1.2 (x) MACHINE_TYPE:Test EXTRUDER_COUNT:1";

/// Material laid down on a way: where, how much, how fast, and how much filament was pulled back when it began.
#[derive(Debug, Clone, PartialEq)]
struct Laid {
    object: Option<u32>,
    from: [f64; 3],
    to: [f64; 3],
    pushed_mm: f64,
    feed: f64,
    pulled_mm: f64,
    by_firmware: bool,
    fan: Option<u8>,
}

fn same(a: &Laid, b: &Laid) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 2e-3;
    let places = a.from.iter().chain(&a.to).zip(b.from.iter().chain(&b.to));
    places.into_iter().all(|(a, b)| near(*a, *b))
        && near(a.pushed_mm, b.pushed_mm)
        && near(a.feed, b.feed)
        && near(a.pulled_mm, b.pulled_mm)
        && a.by_firmware == b.by_firmware
        && a.fan == b.fan
}

/// Follows commands and notes what they lay down.
struct Tracer {
    state: MotionState,
    laid: Vec<Laid>,
    /// Filament that was pushed without a way, more than was pulled back, mm.
    primed_mm: f64,
}

impl Tracer {
    fn new() -> Self {
        Self { state: MotionState::new(FirmwareG90::EndsM83), laid: Vec::new(), primed_mm: 0.0 }
    }

    fn take(&mut self, text: &str, object: Option<u32>) {
        let Some(command) = Command::of(text) else { return };
        let before = self.state;
        let Some(moved) = self.state.follow(&command) else { return };
        if moved.is_extruding() {
            self.laid.push(Laid {
                object,
                from: before.at,
                to: self.state.at,
                pushed_mm: moved.pushed_mm,
                feed: self.state.feed,
                pulled_mm: before.filament_mm - before.pushed_mm,
                by_firmware: before.firmware_retracted,
                fan: before.fan,
            });
        } else {
            self.primed_mm += self.state.filament_mm - before.filament_mm;
        }
    }
}

/// A link and a firmware that takes all.
struct Table {
    link: Link,
    program: Option<Program>,
    now: Millis,
    firmware: Tracer,
    /// Lines that were carried out.
    done: Vec<String>,
    changes: Vec<LinkChange>,
}

impl Table {
    fn new(path: &Path, done_lines: u64, left_out: Vec<u32>) -> Self {
        let mut link = Link::new(Now::at(0));
        link.opened(false, Now::at(0));
        let (firmware, done, changes) = (Tracer::new(), Vec::new(), Vec::new());
        let mut table = Self { link, program: None, now: 0, firmware, done, changes };
        table.hear("start");
        table.run_until(|table| table.link.is_up());
        let start = StartJob {
            print: PrintId(7),
            file: None,
            path: path.into(),
            name: "x".into(),
            initiator: Initiator::Person,
            past: PastTimes::default(),
            done_lines,
            left_out,
        };
        table.order(Order::Start(start));
        table
    }

    fn order(&mut self, order: Order) {
        self.link.handle_order(order, Now::at(self.now));
    }

    fn hear(&mut self, line: &str) {
        self.link.handle_line(line, Now::at(self.now));
    }

    fn phase(&self) -> Option<JobPhase> {
        self.link.report(Now::at(self.now)).job.map(|job| job.phase)
    }

    fn round(&mut self) {
        self.now += 10;
        let now = Now::at(self.now);
        self.link.handle_timeout(now);
        if let Some(start) = self.link.poll_fetch() {
            self.program = Some(Program::open(start, &self.link).expect("the file is there"));
        }
        if let Some(program) = self.program.take() {
            self.program = program.advance(&mut self.link, now);
        }
        while let Some(line) = self.link.poll_transmit(now) {
            self.answer(&line);
        }
        while let Some(change) = self.link.poll_change() {
            self.changes.push(change);
        }
    }

    fn answer(&mut self, line: &str) {
        let text = line.trim().split('*').next().unwrap_or_default();
        let text = match text.split_once(' ') {
            Some((n, rest)) if n.starts_with('N') => rest,
            Some(_) | None => text,
        };
        let text = text.to_owned();
        self.firmware.take(&text, None);
        match text.split(' ').next().unwrap_or_default() {
            "M105" => return self.hear("ok T:205.0 /205.0 B:60.0 /60.0 @:0 B@:0"),
            "M115" => self.hear(NAME),
            "M114" => {
                let [x, y, z] = self.firmware.state.at;
                let told =
                    format!("X:{x:.2} Y:{y:.2} Z:{z:.2} E:{:.2} Count X:0 Y:0 Z:0", self.firmware.state.e);
                self.hear(&told);
            }
            _ => self.done.push(text),
        }
        self.hear("ok");
    }

    #[track_caller]
    fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        for _ in 0..20_000 {
            if done(self) {
                return;
            }
            self.round();
        }
        panic!("never happened: {:?}; {:?}", self.changes, self.done.last());
    }
}

/// Returns what a file lays down, and to which object each piece belongs; and what it pushes without a way, mm.
fn of_file(text: &str) -> (Vec<Laid>, f64) {
    let mut tracer = Tracer::new();
    for command in gcode::Commands::for_firmware(text.as_bytes(), FirmwareG90::EndsM83) {
        let command = command.expect("it can be read");
        tracer.take(&command.text, command.object);
    }
    (tracer.laid, tracer.primed_mm)
}

/// Holds what was laid down against the file: all of what is kept, in order, and of what was left out at most a first part.
#[track_caller]
fn check(file: &[Laid], done: &[Laid], left_out: &[u32], what: &str) -> usize {
    let mut rest = done.iter();
    let mut next = rest.next();
    let mut begun_to_leave = [false; 16];
    let mut skipped = 0;
    for laid in file {
        let object = laid.object.filter(|n| left_out.contains(n));
        let gone = object.is_some_and(|n| begun_to_leave[n as usize]);
        if !gone && next.is_some_and(|done| same(laid, done)) {
            next = rest.next();
            continue;
        }
        let Some(object) = object else { panic!("{what}: wanted {laid:?}, laid {next:?}") };
        begun_to_leave[object as usize] = true;
        skipped += 1;
    }
    assert_eq!(next, None, "{what}: more was laid down than the file has");
    skipped
}

fn cancel(table: &mut Table, object: u32) {
    table.order(Order::Tool(Tool::CancelObject { object, sure: Sure::Yes }));
}

#[test]
fn what_is_kept_is_laid_down_as_the_file_has_it_and_nothing_of_the_rest() {
    let mut skipped = 0;
    for seed in 0..250 {
        let mut dice = Dice(seed);
        let objects = 2 + dice.below(4);
        let text = file(&mut dice, objects);
        let (wanted, primed_mm) = of_file(&text);
        let mut disk = tempfile::NamedTempFile::new().expect("a file");
        disk.write_all(text.as_bytes()).expect("it is written");
        let mut table = Table::new(disk.path(), 0, Vec::new());
        let (victim, at) = (dice.below(objects) as u32, dice.below(60) as usize);
        let second = dice.once_in(3).then(|| (victim + 1) % objects as u32).filter(|_| objects > 2);
        let pause_at = dice.once_in(2).then(|| at + dice.below(40) as usize);
        table.run_until(|table| table.done.len() >= 8);
        table.run_until(|table| table.done.len() >= at || table.phase().is_none());
        let was_there = table.phase().is_some();
        if was_there {
            cancel(&mut table, victim);
            second.iter().for_each(|second| cancel(&mut table, *second));
        }
        if let Some(pause_at) = pause_at {
            table
                .run_until(|table| table.done.len() >= pause_at || table.phase() != Some(JobPhase::Printing));
            let recipe = PauseRecipe {
                retract_mm: 3.0,
                lift_z_mm: 2.0,
                max_z_mm: 250.0,
                hotend_off: false,
                bed_off: false,
            };
            if table.phase() == Some(JobPhase::Printing) {
                table.order(Order::Pause(recipe, Initiator::Person));
                table.run_until(|table| matches!(table.phase(), Some(JobPhase::Paused) | None));
            }
            if table.phase() == Some(JobPhase::Paused) {
                table.order(Order::Resume(Initiator::Person));
            }
        }
        table.run_until(|table| table.phase().is_none());
        let ended = table.changes.iter().rev().find_map(|change| {
            let LinkChange::Ended(_, end) = change else { return None };
            Some(end.clone())
        });
        assert_eq!(ended, Some(domain::JobEnd::Finished), "seed {seed}\n{text}\n{:#?}", table.done);
        let left_out: Vec<u32> =
            if was_there { [Some(victim), second].into_iter().flatten().collect() } else { vec![] };
        let what = format!("seed {seed}\n{text}\n{:#?}", table.done);
        skipped += check(&wanted, &table.firmware.laid, &left_out, &what);
        assert!(
            table.firmware.primed_mm < primed_mm + 0.01,
            "{what}: {} mm without a way",
            table.firmware.primed_mm
        );
        ways_are_above_the_print(&table.done, &what);
    }
    assert!(skipped > 500, "{skipped} pieces were left out in all");
}

/// The way to where the print goes on leads above all that was laid down.
#[track_caller]
fn ways_are_above_the_print(done: &[String], what: &str) {
    let mut tracer = Tracer::new();
    let mut top: f64 = 0.0;
    for (at, line) in done.iter().enumerate() {
        let before = tracer.laid.len();
        tracer.take(line, None);
        if tracer.laid.len() > before {
            top = top.max(tracer.state.at[2]);
        }
        let catches_up = line.ends_with(" F6000")
            && line.starts_with("G1 X")
            && done[..at].iter().rev().take(5).any(|l| l == "M83")
            && done[at..].iter().take(6).any(|l| l.starts_with("G92 E"));
        if catches_up && at > 20 {
            assert!(
                tracer.state.at[2] > top + 0.9,
                "{what}: line {at}, {line}, at {} over {top}",
                tracer.state.at[2]
            );
        }
    }
}

#[test]
fn an_object_stays_left_out_when_a_print_that_was_cut_short_is_taken_up() {
    let mut skipped = 0;
    for seed in 0..60 {
        let mut dice = Dice(1_000 + seed);
        let text = file(&mut dice, 3);
        let (wanted, _) = of_file(&text);
        let mut disk = tempfile::NamedTempFile::new().expect("a file");
        disk.write_all(text.as_bytes()).expect("it is written");
        let mut first = Table::new(disk.path(), 0, Vec::new());
        let victim = dice.below(3) as u32;
        first.run_until(|table| table.done.len() >= 12);
        cancel(&mut first, victim);
        let stop_at = 20 + dice.below(40) as usize;
        first.run_until(|table| table.done.len() >= stop_at || table.phase().is_none());
        let Some(job) = first.link.report(Now::at(first.now)).job else { continue };
        assert_eq!(job.left_out, [victim]);
        let mut second = Table::new(disk.path(), job.line, job.left_out);
        second.run_until(|table| table.phase().is_none());
        let what = format!("seed {seed}, line {}\n{text}\n{:#?}", job.line, second.done);
        let kept = |laid: &&Laid| laid.object != Some(victim);
        let so_far = first.firmware.laid.len();
        let left: Vec<Laid> = wanted.iter().filter(kept).cloned().collect();
        // What the first had laid down of the object, before it was cancelled.
        let before =
            first.firmware.laid.iter().filter(|done| !left.iter().any(|laid| same(laid, done))).count();
        let rest = &left[so_far - before..];
        skipped += wanted.len() - left.len();
        assert_eq!(second.firmware.laid.len(), rest.len(), "{what}");
        for (laid, done) in rest.iter().zip(&second.firmware.laid) {
            let places = laid.from.iter().chain(&laid.to).zip(done.from.iter().chain(&done.to));
            assert!(places.into_iter().all(|(a, b)| (a - b).abs() < 2e-3), "{what}: {laid:?} {done:?}");
            assert!((laid.pushed_mm - done.pushed_mm).abs() < 2e-3, "{what}: {laid:?} {done:?}");
        }
    }
    assert!(skipped > 100, "{skipped} pieces were left out in all");
}

#[test]
fn it_can_be_taken_back_while_nothing_was_left_out_and_not_later() {
    let mut dice = Dice(5);
    let text = file(&mut dice, 3);
    let mut disk = tempfile::NamedTempFile::new().expect("a file");
    disk.write_all(text.as_bytes()).expect("it is written");
    let mut table = Table::new(disk.path(), 0, Vec::new());
    table.run_until(|table| table.phase() == Some(JobPhase::Printing));
    cancel(&mut table, 2);
    table.order(Order::Tool(Tool::KeepObject { object: 2 }));
    cancel(&mut table, 1);
    table.run_until(|table| {
        let tools = table.link.report(Now::at(table.now)).tools;
        tools.objects[1].state == domain::ObjectState::LeftOut
    });
    table.changes.clear();
    for (tool, word) in [
        (Tool::KeepObject { object: 1 }, "left out already"),
        (Tool::KeepObject { object: 0 }, "printed anyway"),
        (Tool::CancelObject { object: 9, sure: Sure::Yes }, "no such object"),
        (Tool::CancelObject { object: 1, sure: Sure::Yes }, "left out already"),
    ] {
        table.order(Order::Tool(tool.clone()));
        table.round();
        let refused = table.changes.iter().rev().find_map(|change| {
            let LinkChange::Refused { why, .. } = change else { return None };
            Some(why.clone())
        });
        assert!(refused.as_ref().is_some_and(|why| why.contains(word)), "{tool:?}: {refused:?}");
    }
    cancel(&mut table, 0);
    table.order(Order::Tool(Tool::CancelObject { object: 2, sure: Sure::Yes }));
    table.round();
    assert!(table.changes.iter().any(
        |change| matches!(change, LinkChange::Refused { why, .. } if why.contains("nothing would be left"))
    ));
    table.run_until(|table| table.phase().is_none());
    check(&of_file(&text).0, &table.firmware.laid, &[0, 1], &text);
}
