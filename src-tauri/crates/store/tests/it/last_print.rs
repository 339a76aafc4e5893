//! The card of the print that ended last: there until it is put away, whatever is restarted meanwhile.

use crate::rows::*;
use domain::*;

fn alert() -> AlertView {
    AlertView {
        at: at(5),
        paused: true,
        frame: FrameId(12),
        img_url: "/api/v1/vigil/frames/12.jpg".into(),
        boxes: Vec::new(),
        frame_size: (640, 480),
        layer: Some(3),
        text: "Seen 6 times in 60 seconds.".into(),
        curve: vec![(1.5, 0.25)],
        before: vec![FrameId(11)],
        reasons: None,
        why: vec!["It looks like a tangle.".into()],
        place: None,
    }
}

#[test]
fn a_card_is_there_after_a_restart_until_it_is_put_away() {
    let dir = tempfile::tempdir().unwrap();
    let (store, boot, outcomes) = open(dir.path());
    assert_eq!(boot.last_prints, []);
    record(&store, &outcomes, Write::Printer(Box::new(plain_printer(1)))).unwrap();
    let ended =
        |id| Print { cancelled_at: Some(at(900)), ended_by: Some(EndedBy::Cancelled), ..plain_print(id, 1) };
    for id in [7, 8] {
        record(&store, &outcomes, Write::Print(Box::new(ended(id)))).unwrap();
        let card = KeptCard { print: PrintId(id), text: "Cancelled by you.".into(), alert: Some(alert()) };
        record(&store, &outcomes, Write::LastPrint(PrinterId(1), Some(Box::new(card)))).unwrap();
    }
    drop(store);
    let (store, boot, outcomes) = open(dir.path());
    let [(card, print)] = &boot.last_prints[..] else { panic!("one a printer: {:?}", boot.last_prints) };
    assert_eq!((card.print, card.text.as_str()), (PrintId(8), "Cancelled by you."));
    assert_eq!((&card.alert, print), (&Some(alert()), &ended(8)));

    let unknown = KeptCard { print: PrintId(99), text: String::new(), alert: None };
    let refused = record(&store, &outcomes, Write::LastPrint(PrinterId(1), Some(Box::new(unknown))));
    assert!(refused.is_err(), "of no print");
    record(&store, &outcomes, Write::LastPrint(PrinterId(1), None)).unwrap();
    drop(store);
    assert_eq!(open(dir.path()).1.last_prints, []);
}
