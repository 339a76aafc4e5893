//! The card of the print that ended last, over restarts of the app.

use super::desk::*;
use domain::{
    ActionOnFailure, AlertOverwrite, Effect, KeptCard, LinkChange, Print, PrintId, PrinterState, Request,
    Seen, Write,
};

/// What is kept of the card by these effects, the last word of them.
fn kept(effects: &[Effect]) -> Option<Option<KeptCard>> {
    let card = |effect: &Effect| {
        if let Effect::Record(Write::LastPrint(printer, card), _) = effect {
            assert_eq!(*printer, ID);
            Some(card.as_deref().cloned())
        } else {
            None
        }
    };
    effects.iter().rev().find_map(card)
}

#[test]
fn the_card_of_the_last_print_is_kept_until_it_is_put_away() {
    let mut settings = printer();
    settings.action_on_failure = ActionOnFailure::None;
    let mut desk = Desk::printing_with(boot(settings.clone(), Vec::new()));
    for _ in 0..60 {
        desk.look(2.5);
    }
    let effects = desk.link(LinkChange::Ended(PrintId(7), domain::JobEnd::Finished));
    let card = kept(&effects).expect("it is kept").expect("there is a card");
    assert!(card.print == PrintId(7) && card.alert.is_some() && card.text.starts_with("It took"), "{card:?}");
    let row = |effect: &Effect| {
        if let Effect::Record(Write::Print(print), _) = effect { Some(print.as_ref().clone()) } else { None }
    };
    let row = effects.iter().rev().find_map(row);

    // The app ends and begins again.
    let mut boot = boot(settings, Vec::new());
    boot.last_prints = vec![(card.clone(), row.expect("the row of the print is written, too"))];
    let mut desk = Desk::ready_with(boot);
    let last = desk.view().vigil.last_print.expect("the card is there again");
    assert_eq!((last.print.id, &last.text, &last.alert), (PrintId(7), &card.text, &card.alert));
    let (_, effects) = desk.ask(Request::Acknowledge(ID, Some(AlertOverwrite::NotFailed)));
    let answered = kept(&effects).expect("the answer changes it").expect("and it stays");
    assert_eq!(answered.alert, None);
    let (_, effects) = desk.ask(Request::Seen(ID, Seen::LastPrint));
    assert_eq!(kept(&effects), Some(None), "put away");
    let (_, effects) = desk.ask(Request::Seen(ID, Seen::LastPrint));
    assert_eq!(kept(&effects), None, "nothing is left to put away");
}

#[test]
fn the_next_print_puts_the_card_away_and_a_crash_leaves_one() {
    let mut desk = Desk::printing();
    desk.link(LinkChange::Ended(PrintId(7), domain::JobEnd::Finished));
    desk.report.job = None;
    desk.state(PrinterState::Operational);
    desk.ask(start_request()).0.unwrap().unwrap();
    assert!(desk.view().vigil.last_print.is_some(), "nothing has begun yet");
    let effects = desk.link(LinkChange::Started(PrintId(8)));
    assert_eq!(kept(&effects), Some(None));

    let mut open = Print::begin(PrintId(3), ID, None, "vase.gcode".into(), desk.now().utc);
    open.printer = Some(ID);
    let desk = Desk::ready_with(boot(printer(), vec![open]));
    let card = kept(&desk.boot_effects).expect("kept").expect("a card");
    assert_eq!(card.print, PrintId(3));
    let last = desk.view().vigil.last_print.expect("what lies on the bed is shown");
    assert_eq!(last.print.vigil.ended_by, Some(domain::EndedBy::Interrupted));
}
