//! What waits to be printed: in order, started by a person's yes, counted down when the printer has begun.

use super::desk::*;
use super::told;
use domain::{
    Effect, Event, FileId, GCodeFile, LinkChange, MOST_QUEUED, Order, OrderKind, PastTimes, PrintId,
    PrinterState, QueueChange, QueueItemId, QueuedBy, RefusedReason, Request, Seen, UserId,
};

fn file(id: i64, name: &str) -> GCodeFile {
    let now = domain::Now::at(0).utc;
    GCodeFile {
        id: FileId(id),
        user: UserId(1),
        filename: name.into(),
        safe_filename: name.into(),
        parent_folder: None,
        url: String::new(),
        num_bytes: 50_000,
        agent_signature: None,
        metadata_json: None,
        filament_total: Some(4000.0),
        estimated_time: Some(3600.0),
        thumbnail1_url: None,
        created_at: now,
        updated_at: now,
        deleted: None,
    }
}

fn add(id: i64, name: &str, copies: u32, by: QueuedBy) -> Request {
    Request::Queue(ID, QueueChange::Add { file: Box::new(file(id, name)), copies, by })
}

fn start(item: i64, file: i64) -> Request {
    Request::StartQueued {
        printer: ID,
        item: QueueItemId(item),
        file: FileId(file),
        path: format!("/files/{file}").into(),
        past: PastTimes::default(),
    }
}

/// The queue as it is shown: number, copies, name.
fn shown(desk: &Desk) -> Vec<(i64, u32, String)> {
    let queue = desk.view().vigil.queue;
    queue.into_iter().map(|item| (item.id.get(), item.copies, item.name)).collect()
}

fn code(desk: &mut Desk, request: Request) -> &'static str {
    desk.ask(request).0.expect("answered at once").expect_err("refused").code
}

fn filled() -> Desk {
    let mut desk = Desk::ready();
    for (id, name, copies) in [(3, "boat.gcode", 2), (4, "clip.gcode", 1), (5, "vase.gcode", 1)] {
        desk.ask(add(id, name, copies, QueuedBy::Person)).0.unwrap().unwrap();
    }
    desk
}

#[test]
fn it_is_put_in_order_and_every_change_is_kept() {
    let mut desk = filled();
    let mut ask = |change| told(&desk.ask(Request::Queue(ID, change)).1);
    let said = ask(QueueChange::Move(QueueItemId(3), 0));
    assert_eq!(
        said.lines().next(),
        Some("queue of 1: 3: 1x vase.gcode; 1: 2x boat.gcode; 2: 1x clip.gcode;")
    );
    let said = ask(QueueChange::Copies(QueueItemId(2), 9));
    assert!(said.contains("2: 9x clip.gcode"), "{said}");
    ask(QueueChange::Move(QueueItemId(3), 99));
    ask(QueueChange::Remove(QueueItemId(1)));
    assert_eq!(shown(&desk), [(2, 9, "clip.gcode".into()), (3, 1, "vase.gcode".into())]);
    for (change, why) in [
        (QueueChange::Copies(QueueItemId(2), 0), "out_of_range"),
        (QueueChange::Copies(QueueItemId(2), 100), "out_of_range"),
        (QueueChange::Remove(QueueItemId(1)), "not_found"),
        (QueueChange::Move(QueueItemId(7), 0), "not_found"),
    ] {
        assert_eq!(code(&mut desk, Request::Queue(ID, change)), why);
    }
    // Numbers are not given again, and it is as it was after a restart.
    desk.ask(add(3, "boat.gcode", 1, QueuedBy::Person));
    let mut boot = boot(printer(), Vec::new());
    boot.queues = [(ID, desk.view().vigil.queue)].into();
    let mut again = Desk::ready_with(boot);
    assert_eq!(shown(&again), shown(&desk));
    again.ask(add(3, "boat.gcode", 1, QueuedBy::Person));
    assert_eq!(shown(&again).last().map(|(id, ..)| *id), Some(5));
}

#[test]
fn a_copy_is_taken_off_when_the_printer_has_begun_and_not_before() {
    let mut desk = filled();
    let (answer, effects) = desk.ask(start(1, 3));
    assert_eq!(answer, Some(Ok(Some(PrintId(7)))));
    let ordered =
        |effect: &Effect| matches!(effect, Effect::Order(_, Order::Start(job)) if job.name == "boat.gcode");
    assert!(effects.iter().any(ordered), "{effects:?}");
    assert_eq!(shown(&desk)[0].1, 2, "only ordered");
    desk.link(LinkChange::Started(PrintId(7)));
    assert_eq!(shown(&desk)[0], (1, 1, "boat.gcode".into()));
    desk.report.job = Some(job());
    desk.state(PrinterState::Printing);
    assert_eq!(code(&mut desk, start(2, 4)), "busy", "one at a time");
    desk.link(LinkChange::Ended(PrintId(7), domain::JobEnd::Finished));
    desk.report.job = None;
    desk.state(PrinterState::Operational);
    assert_eq!(code(&mut desk, start(1, 3)), "bed_not_clear", "the last print is not put away");
    desk.ask(Request::Seen(ID, Seen::LastPrint)).0.unwrap().unwrap();
    desk.ask(start(1, 3)).0.unwrap().unwrap();
    desk.link(LinkChange::Started(PrintId(8)));
    assert_eq!(shown(&desk)[0].2, "clip.gcode", "its last copy: it is not in the queue any more");
}

#[test]
fn what_could_not_start_stays_with_the_reason() {
    let mut desk = filled();
    desk.ask(start(1, 3)).0.unwrap().unwrap();
    let why = "the file is of another machine".to_owned();
    let reason = RefusedReason::BadFile;
    let effects = desk.link(LinkChange::Refused { order: OrderKind::Start, reason, why });
    assert!(
        told(&effects).contains("1: 2x boat.gcode (The file is of another machine.);"),
        "{}",
        told(&effects)
    );
    let item = desk.view().vigil.queue[0].clone();
    assert_eq!((item.copies, item.why.as_deref()), (2, Some("The file is of another machine.")));
    // The next try forgets it; one that is never heard of again has a reason, too.
    desk.ask(start(1, 3)).0.unwrap().unwrap();
    assert_eq!(desk.view().vigil.queue[0].why, None);
    desk.tick_secs(70);
    let why = desk.view().vigil.queue[0].why.clone().expect("it did not begin");
    assert!(why.contains("did not start"), "{why}");
    // Another print that begins is not the one that was ordered.
    desk.ask(start(1, 3)).0.unwrap().unwrap();
    desk.link(LinkChange::Started(PrintId(99)));
    let item = desk.view().vigil.queue[0].clone();
    assert!(item.copies == 2 && item.why.is_some(), "{item:?}");
}

#[test]
fn a_file_that_is_deleted_leaves_a_row_that_does_not_start() {
    let mut desk = filled();
    let gone = GCodeFile { deleted: Some(desk.now().utc), ..file(3, "boat.gcode") };
    let effects = desk.event(Event::FileKnown(Box::new(gone)));
    assert!(told(&effects).contains("1: 2x boat.gcode gone;"), "{}", told(&effects));
    assert_eq!(code(&mut desk, start(1, 3)), "gone");
    desk.event(Event::FileKnown(Box::new(file(3, "boat.gcode"))));
    desk.ask(start(1, 3)).0.unwrap().expect("brought back");
}

#[test]
fn a_slicers_file_is_announced_and_takes_the_place_of_the_one_before() {
    let mut desk = Desk::printing();
    let (_, effects) = desk.ask(add(4, "clip.gcode", 1, QueuedBy::Slicer));
    let said = told(&effects);
    assert!(said.contains("NOTICE Queued: Ender: clip.gcode waits in the queue"), "{said}");
    let gone = GCodeFile { deleted: Some(desk.now().utc), ..file(4, "clip.gcode") };
    desk.event(Event::FileKnown(Box::new(gone)));
    desk.ask(add(9, "clip.gcode", 1, QueuedBy::Slicer));
    let queue = desk.view().vigil.queue;
    assert_eq!((queue.len(), queue[0].file, queue[0].gone), (1, FileId(9), false), "sent anew");
    for _ in 1..MOST_QUEUED {
        desk.ask(add(5, "vase.gcode", 1, QueuedBy::Person)).0.unwrap().unwrap();
    }
    assert_eq!(code(&mut desk, add(5, "vase.gcode", 1, QueuedBy::Person)), "queue_full");
}
