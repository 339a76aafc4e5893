//! The whole picture and a part of it in turn: what is ordered, what counts, what is kept, what is shown.

use super::desk::{Desk, boot, look_at, printer};
use domain::{Detection, Effect, Event, JobEnd, LinkChange, Look, PixelBox, PrintId, Rule, View, Write};

const SIDE: u16 = 8;

fn desk(rule: Rule) -> Desk {
    let mut settings = printer();
    settings.watch.rule = rule;
    let mut desk = Desk::ready_with(boot(settings, Vec::new()));
    desk.start();
    desk
}

impl Desk {
    /// A second later, a look at this part with heat in one of its cells.
    fn look_in(&mut self, view: View, p: f64, hot: Option<usize>) -> Vec<Effect> {
        self.pass_secs(1.0);
        let frame = self.frame();
        let mut cells = vec![2; usize::from(SIDE * SIDE)];
        hot.into_iter().for_each(|cell| cells[cell] = 240);
        self.event(Event::Looked(Look { view, cells, cell_columns: SIDE, ..look_at(frame, p) }))
    }
}

/// The view that was ordered, if another one was.
fn ordered(effects: &[Effect]) -> Option<View> {
    effects
        .iter()
        .rev()
        .find_map(|effect| if let Effect::LookAt(_, view) = effect { Some(*view) } else { None })
}

#[test]
fn the_whole_picture_and_a_part_of_it_are_looked_at_in_turn() {
    let mut desk = desk(Rule::Printvigil);
    let mut view = View::Whole;
    for n in 0..40 {
        let next = ordered(&desk.look_in(view, 0.02, None)).expect("another view each time");
        assert_eq!(next == View::Whole, n % 2 == 1, "look {n}: {next:?}");
        view = next;
    }
}

#[test]
fn a_suspicious_place_is_looked_at_closer() {
    let mut desk = desk(Rule::Printvigil);
    // Cell 54 is row 6, column 6 of 8.
    let effects = desk.look_in(View::Whole, 0.6, Some(54));
    let Some(View::Closer(place)) = ordered(&effects) else { panic!("no closer look: {effects:?}") };
    assert!(place.x > 0.4 && place.y > 0.4, "{place:?}");
}

#[test]
fn obicos_rule_is_shown_whole_pictures_only_and_a_part_never_counts_for_it() {
    let mut desk = desk(Rule::Obico);
    for _ in 0..30 {
        assert_eq!(ordered(&desk.look_in(View::Whole, 0.3, Some(9))), None);
    }
    let before = desk.view().vigil.watch.frame_num;
    let part = View::Closer(View::Whole.place());
    let rows = (0..30).flat_map(|_| desk.look_in(part, 2.0, Some(9)));
    let row = |effect: &Effect| matches!(effect, Effect::Record(Write::Look(_) | Write::Prediction(_), _));
    assert_eq!(rows.filter(row).count(), 0);
    assert_eq!(desk.view().vigil.watch.frame_num, before);
}

#[test]
fn each_look_is_kept_with_its_part_and_obicos_records_know_whole_pictures() {
    let mut desk = desk(Rule::Printvigil);
    let mut view = View::Whole;
    let (mut kept, mut rows) = (Vec::new(), 0);
    for _ in 0..60 {
        let looked = view;
        let effects = desk.look_in(looked, 0.02, None);
        view = ordered(&effects).unwrap_or(view);
        for effect in &effects {
            if let Effect::KeepLook(look) = effect {
                assert_eq!(look.view, looked);
                kept.push(look.view);
            } else if let Effect::Record(Write::Look(_), _) = effect {
                assert_eq!(looked, View::Whole);
                rows += 1;
            }
        }
    }
    assert_eq!(kept.len(), 60);
    assert!((5..=6).contains(&rows), "one in ten seconds: {rows}");
}

#[test]
fn a_print_that_ends_leaves_the_whole_picture_for_the_next() {
    let mut desk = desk(Rule::Printvigil);
    assert!(ordered(&desk.look_in(View::Whole, 0.02, None)).is_some());
    let effects = desk.link(LinkChange::Ended(PrintId(7), JobEnd::Finished));
    assert_eq!(ordered(&effects), Some(View::Whole));
}

#[test]
fn what_is_shown_is_what_both_views_say() {
    let mut desk = desk(Rule::Printvigil);
    let found = |x: f32| {
        let area = PixelBox { x, y: 10.0, w: 20.0, h: 20.0 };
        vec![Detection { class: "failure".into(), confidence: 0.8, area }]
    };
    let look = |desk: &mut Desk, view: View, p: f64, x: f32| {
        desk.pass_secs(1.0);
        let frame = desk.frame();
        desk.event(Event::Looked(Look { view, boxes: found(x), ..look_at(frame, p) }));
        desk.view().vigil.watch
    };
    let part = View::Closer(View::Whole.place());
    let first = look(&mut desk, View::Whole, 0.25, 10.0);
    assert_eq!((first.p, first.boxes.len()), (Some(0.25), 1));
    let both = look(&mut desk, part, 0.75, 300.0);
    assert_eq!((both.p, both.boxes.len()), (Some(0.5), 2), "the mean, and the boxes of both");
    let same = look(&mut desk, View::Whole, 0.25, 305.0);
    assert_eq!(same.boxes.len(), 1, "the same thing is drawn once: {:?}", same.boxes);
}
