use super::*;

#[test]
fn lines_are_framed_as_firmwares_expect() {
    assert_eq!(framed(0, "M110 N0"), "N0 M110 N0*125");
    assert_eq!(framed(1, "G92 E0"), "N1 G92 E0*70");
    assert_eq!(framed(3, "G1 X3"), "N3 G1 X3*96");
}

/// A wire whose first `count` lines were taken, and one more is out.
fn busy_wire(count: usize) -> Wire<()> {
    let now = Now::at(0);
    let mut wire = Wire::new(now);
    for _ in 0..count {
        wire.send("G1 X1", (), now);
        wire.ok(None, false, now);
    }
    wire.send("G1 X2", (), now);
    wire
}

#[test]
fn a_garbled_resend_request_is_not_taken_for_a_reboot() {
    let now = Now::at(0);
    let mut wire = busy_wire(20);
    assert_eq!(wire.resend(Some(1), now), Ok(vec![]), "21 may have become 1");
    wire.ok(None, false, now);
    assert_eq!(wire.check(now), Ok(true), "so it is asked again");
    wire.probe((), now);
    assert_eq!(wire.resend(Some(1), now), Err(WireError::Rebooted), "twice the same is the truth");
}

#[test]
fn the_error_before_a_resend_request_is_its_second_witness() {
    let now = Now::at(0);
    let mut wire = busy_wire(20);
    wire.bad_line(Some(20), now);
    assert_eq!(wire.resend(None, now), Ok(vec![]));
    wire.ok(None, false, now);
    assert_eq!(
        wire.poll_resend(now).as_deref(),
        Some("N21 G1 X2*81"),
        "the request's own number was damaged"
    );
    let mut wire = busy_wire(20);
    wire.bad_line(Some(20), now);
    assert_eq!(wire.resend(Some(25), now), Ok(vec![]));
    wire.ok(None, false, now);
    assert_eq!(wire.poll_resend(now).as_deref(), Some("N21 G1 X2*81"), "25 was never sent");
    let mut wire = busy_wire(20);
    wire.bad_line(Some(20), now);
    assert_eq!(wire.resend(Some(20), now), Ok(vec![]));
    wire.ok(None, false, now);
    assert_eq!(wire.poll_resend(now), None, "they contradict each other");
    assert_eq!(wire.check(now), Ok(true), "so it is asked");
}

#[test]
fn a_line_that_was_taken_for_executed_by_mistake_is_sent_again() {
    let now = Now::at(0);
    // A lost request's ok was counted for the next lines: the printer stands at 15.
    let mut wire = busy_wire(20);
    wire.bad_line(Some(15), now);
    assert_eq!(wire.resend(Some(16), now), Ok(vec![]));
    wire.ok(None, false, now);
    assert!(wire.poll_resend(Now::at(100)).is_some_and(|line| line.starts_with("N16 ")));
}

/// Fills the window with lines of this text and returns how many went out.
fn fill(wire: &mut Wire<()>, text: &str) -> usize {
    let mut count = 0;
    while wire.room() >= text.len() {
        wire.send(text, (), Now::at(0));
        count += 1;
    }
    count
}

#[test]
fn what_is_unanswered_fits_into_the_smallest_board() {
    let now = Now::at(0);
    let arc = "G1 X123.456 Y123.456 E12.34567";
    assert_eq!(fill(&mut Wire::new(now), "M105"), 4, "four command slots");
    assert_eq!(fill(&mut Wire::new(now), arc), 3, "3 x 37 bytes of a ring of 128");
    assert_eq!(fill(&mut Wire::new(now), &"G1 X1".repeat(17)), 1, "a long one goes alone");
    let mut told = Wire::new(now);
    told.free_slots(5);
    assert_eq!(fill(&mut told, "G1 X1"), 6, "as many slots as it says, as far as the ring goes");
    let mut usb = Wire::new(now);
    usb.opened(true, now);
    assert_eq!(fill(&mut usb, arc), 4);
}

#[test]
fn a_resend_request_is_obeyed_once_however_often_it_is_repeated() {
    let now = Now::at(0);
    let mut wire = Wire::new(now);
    assert_eq!(fill(&mut wire, "G1 X1"), 4);
    // 2.1 refuses each line behind the bad one.
    for _ in 0..3 {
        assert_eq!(wire.resend(Some(2), now), Ok(vec![]));
        assert_eq!(wire.ok(None, false, now), vec![]);
    }
    assert_eq!(wire.poll_resend(now).as_deref(), Some("N2 G1 X1*99"));
    assert_eq!(wire.poll_resend(now), None, "alone");
    assert_eq!(wire.ok(None, false, now).len(), 1, "line 1 was taken before");
    assert_eq!(wire.poll_resend(now), None);
    assert_eq!(wire.ok(None, false, now).len(), 1);
    assert!(wire.poll_resend(now).is_some() && wire.poll_resend(now).is_some(), "3 and 4 together");
    assert_eq!(wire.poll_resend(now), None);
}

#[test]
fn a_firmware_that_asks_once_is_answered_after_a_moment() {
    let now = Now::at(0);
    let mut wire = Wire::new(now);
    fill(&mut wire, "G1 X1");
    wire.resend(Some(1), now).unwrap();
    wire.ok(None, false, now);
    assert_eq!(wire.poll_resend(Now::at(50)), None, "the others may still be refused");
    assert!(wire.poll_resend(Now::at(100)).is_some());
    // Its ok never comes, but the request does: a query brings it.
    assert_eq!(wire.check(Now::at(1_200)), Ok(true));
    wire.probe((), Now::at(1_200));
    wire.resend(Some(1), Now::at(1_210)).unwrap();
    wire.ok(None, false, Now::at(1_210));
    assert!(wire.poll_resend(Now::at(1_300)).is_some());
}

#[test]
fn no_checksum_lets_a_line_pass_that_swallowed_the_next() {
    for n in 0..20_000 {
        let (one, two) = (framed(n, &format!("G1 X{}", n * 7)), framed(n + 1, "G1 X5"));
        let ends = (0..8).map(|bit| format!("{}", char::from(b'\n' ^ (1 << bit)))).chain([String::new()]);
        for end in ends.filter(|end| end.len() < 2) {
            let glued = format!("{one}{end}{two}");
            let (body, stated) = glued.rsplit_once('*').unwrap();
            let sum = body.bytes().fold(0, |sum, b| sum ^ b);
            assert_ne!(Ok(sum), stated.parse::<u8>(), "{glued:?}");
        }
    }
}
