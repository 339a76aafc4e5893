//! The queue of a printer: replaced whole, and in its order after a restart.

use crate::rows::*;
use domain::*;
use store::file;

fn item(id: i64, file: FileId, name: &str) -> QueueItem {
    QueueItem {
        id: QueueItemId(id),
        file,
        name: name.to_owned(),
        copies: 3,
        added_at: at(id),
        by: QueuedBy::Slicer,
        why: Some("The printer did not begin it.".to_owned()),
        gone: false,
        estimated_secs: None,
        filament_mm: None,
        thumbnail_url: None,
    }
}

#[test]
fn a_queue_is_kept_in_its_order_and_a_deleted_file_leaves_its_row() {
    let dir = tempfile::tempdir().unwrap();
    let (store, boot, outcomes) = open(dir.path());
    assert!(boot.queues.is_empty());
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    let add =
        |name: &'static str| store.write_now(move |tx| file::insert(tx, &full_file(name, None))).unwrap();
    let (boat, clip) = (add("boat.gcode"), add("clip.gcode"));
    let boat_item = item(1, boat, "boat.gcode");
    let items = vec![item(7, clip, "clip.gcode"), boat_item.clone(), item(3, clip, "clip.gcode")];
    for queue in [vec![boat_item], items.clone()] {
        record(&store, &outcomes, Write::Queue(PrinterId(1), queue)).unwrap();
    }
    store.write_now(move |tx| file::delete(tx, &[boat], at(50))).unwrap();
    drop(store);
    let (store, boot, outcomes) = open(dir.path());
    let queue = &boot.queues[&PrinterId(1)];
    let ids: Vec<i64> = queue.iter().map(|item| item.id.get()).collect();
    assert_eq!(ids, [7, 1, 3]);
    assert_eq!((queue[1].name.as_str(), queue[1].gone, queue[0].gone), ("boat.gcode", true, false));
    assert_eq!(
        queue[0].estimated_secs,
        full_file("x", None).estimated_time,
        "what is shown comes from the file"
    );
    let plain =
        QueueItem { estimated_secs: None, filament_mm: None, thumbnail_url: None, ..queue[0].clone() };
    assert_eq!(plain, items[0]);

    let none = item(9, FileId(999), "x");
    record(&store, &outcomes, Write::Queue(PrinterId(1), vec![none, item(4, clip, "clip.gcode")])).unwrap();
    drop(store);
    let (store, boot, outcomes) = open(dir.path());
    let queue = &boot.queues[&PrinterId(1)];
    assert_eq!((queue.len(), queue[0].id), (1, QueueItemId(4)), "one of no file costs no other");
    record(&store, &outcomes, Write::Queue(PrinterId(1), Vec::new())).unwrap();
    drop(store);
    assert!(open(dir.path()).1.queues.is_empty());
}
