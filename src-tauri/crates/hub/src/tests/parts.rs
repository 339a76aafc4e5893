//! Parts alone: facts and input in, what is emitted out, no session around them.

use super::desk::{ID, job, printer};
use crate::alarms::Alarms;
use crate::detection_hours::DetectionHours;
use crate::facts::{Facts, PrintFacts, Reported, Want};
use crate::faults::Faults;
use crate::heaters::Heaters;
use crate::message::{Message, PauseBy};
use crate::order::PendingOrder;
use crate::out::{Emitted, Out};
use crate::session::PrinterSession;
use crate::settings::Settings;
use crate::shown::{ByTheClock, Shown};
use crate::step::StepContext;
use crate::world::World;
use domain::{
    AlarmKind, Effect, HeatView, Initiator, LinkState, Now, Order, OrderKind, PrintId, Printer, PrinterPatch,
    PrinterReport, PrinterState, RefusedReason, ReplyTo, StoreFault, Temperature, Write,
};
use std::collections::BTreeMap;

fn world() -> World {
    World {
        version: "0.1.0".into(),
        hours: DetectionHours::new(1e8),
        files: BTreeMap::new(),
        slicer_secs: BTreeMap::new(),
        detector: None,
        cameras: BTreeMap::new(),
        history_lost: None,
        demo_scale: 10.0,
        idle_heat_mins: 15,
        remind_after_mins: None,
    }
}

fn report(state: PrinterState, bed_c: f64) -> Box<PrinterReport> {
    let bed = Temperature { actual: bed_c, target: Some(bed_c), offset: 0.0 };
    let mut report = super::desk::report();
    report.link = LinkState::Up;
    report.state = state;
    report.temperatures = [("bed".to_owned(), bed)].into();
    Box::new(report)
}

/// What the parts of a printer at this moment may know.
struct Bench {
    world: World,
    printer: Printer,
    reported: Reported,
    now: Now,
    want: Option<Want>,
    print: Option<PrintFacts>,
    pause_confirmed: bool,
}

impl Bench {
    fn new(state: PrinterState) -> Self {
        let mut reported = Reported::default();
        reported.take_in(report(state, 60.0), Now::at(0));
        let print = PrintFacts {
            id: PrintId(7),
            started_ms: 0,
            goes_on_alone: false,
            line: Some(job().line),
            layer_idx: Some(0),
            muted: false,
            alerted: false,
        };
        Self {
            world: world(),
            printer: printer(),
            reported,
            now: Now::at(0),
            want: None,
            print: Some(print),
            pause_confirmed: false,
        }
    }

    fn at_secs(&mut self, secs: u64) {
        self.now = Now::at(secs * 1000);
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            world: &self.world,
            now: self.now,
            settings: &self.printer,
            reported: &self.reported,
            print: self.print,
            starting: false,
            want: self.want,
            pause_confirmed: self.pause_confirmed,
            alert_open: false,
        }
    }
}

fn emitted(mut out: Out) -> Vec<Emitted> {
    out.begin();
    std::iter::from_fn(|| out.next(0)).collect()
}

fn orders(emitted: &[Emitted]) -> Vec<OrderKind> {
    let order = |one: &Emitted| if let Emitted::Order(order) = one { Some(order.kind()) } else { None };
    emitted.iter().filter_map(order).collect()
}

fn messages(emitted: &[Emitted]) -> Vec<Message> {
    let message = |one: &Emitted| if let Emitted::Ask(message) = one { Some(message.clone()) } else { None };
    emitted.iter().filter_map(message).collect()
}

#[test]
fn a_pause_that_is_not_taken_up_is_said_to_be_unconfirmed_until_it_is() {
    let mut bench = Bench::new(PrinterState::Printing);
    let (mut order, mut out) = (PendingOrder::default(), Out::default());
    order.pause(PauseBy::Detection, &bench.facts(), &mut out);
    let said = emitted(out);
    assert_eq!(orders(&said), [OrderKind::Pause], "it is ordered once");
    assert_eq!(messages(&said), [Message::Clear(&[AlarmKind::Refused])]);
    assert!(order.is_paused_by_detection() && !order.is_pause_confirmed());

    let late = |order: &mut PendingOrder, bench: &Bench| {
        let mut out = Out::default();
        order.on_tick(&bench.facts(), &mut out);
        messages(&emitted(out))
    };
    bench.at_secs(14);
    assert_eq!(late(&mut order, &bench), []);
    bench.at_secs(15);
    assert!(matches!(late(&mut order, &bench)[..], [Message::PauseUnconfirmed(_)]));
    assert_eq!(order.want(), Some(Want::Pause), "it is still waited for");
    order.on_paused(Initiator::Detection, &mut Out::default());
    assert!(order.is_pause_confirmed() && order.want().is_none());
    bench.at_secs(600);
    assert_eq!(late(&mut order, &bench), [], "nothing is pending any more");
}

#[test]
fn a_pause_refused_because_it_stands_still_is_no_alarm_and_any_other_refusal_is() {
    for (reason, alarm) in [(RefusedReason::AlreadyPaused, false), (RefusedReason::Busy, true)] {
        let bench = Bench::new(PrinterState::Printing);
        let mut order = PendingOrder::default();
        order.pause(PauseBy::Person, &bench.facts(), &mut Out::default());
        let mut out = Out::default();
        order.on_refused(OrderKind::Pause, reason, "no", &mut out);
        assert_eq!(!messages(&emitted(out)).is_empty(), alarm, "{reason:?}");
        assert_eq!(order.want(), None);
    }
}

#[test]
fn an_alarm_that_leaves_something_is_over_only_when_that_was_seen() {
    let (mut alarms, at) = (Alarms::default(), Now::at(5).utc);
    alarms.raise(AlarmKind::Printer, "The link is lost.".into(), Some("It was lost.".into()), at);
    assert!(alarms.seen().is_err(), "it holds");
    alarms.clear(&[AlarmKind::Printer], at);
    let kinds: Vec<AlarmKind> = alarms.views().iter().map(|alarm| alarm.kind).collect();
    assert_eq!((kinds, alarms.gravest()), (vec![AlarmKind::Past], Some("It was lost.".into())));
    alarms.say_refused("No.".into(), at);
    assert_eq!(alarms.views().len(), 1, "the graver one is not talked over");
    assert!(alarms.seen().is_ok() && alarms.views().is_empty());
}

#[test]
fn a_held_bed_goes_off_at_its_end_and_is_told_of_once() {
    let mut bench = Bench::new(PrinterState::Paused);
    bench.pause_confirmed = true;
    let mut heaters = Heaters::new(15);
    heaters.begin_hold(&bench.facts(), &mut Out::default());
    assert!(heaters.bed_off_at().is_some());
    let hold_secs = u64::from(bench.printer.bed_hold_mins) * 60;
    let tick = |heaters: &mut Heaters, bench: &Bench| {
        let mut out = Out::default();
        heaters.on_tick(&bench.facts(), &mut out);
        let said = emitted(out);
        (orders(&said), said.iter().filter(|one| matches!(one, Emitted::Notify(_))).count())
    };
    bench.at_secs(hold_secs - 1);
    assert_eq!(tick(&mut heaters, &bench), (vec![], 0));
    bench.at_secs(hold_secs);
    assert_eq!(tick(&mut heaters, &bench), (vec![OrderKind::BedOff], 1));
    assert_eq!(heaters.bed_off_at(), None);
    bench.at_secs(hold_secs + 29);
    assert_eq!(tick(&mut heaters, &bench), (vec![], 0));
    bench.at_secs(hold_secs + 30);
    assert_eq!(tick(&mut heaters, &bench), (vec![OrderKind::BedOff], 0), "again, since it is still on");
}

#[test]
fn a_lost_link_says_that_heaters_may_be_on_and_leaves_that_to_be_seen() {
    let bench = Bench::new(PrinterState::Printing);
    let (mut faults, mut out) = (Faults::default(), Out::default());
    faults.on_lost("the cable was pulled", false, &bench.facts(), &mut out);
    let messages = messages(&emitted(out));
    let raised = messages.iter().find_map(|message| {
        if let Message::Raise { kind, text, leaves } = message { Some((*kind, text, leaves)) } else { None }
    });
    let (kind, text, leaves) = raised.expect("an alarm");
    assert_eq!(kind, AlarmKind::Printer);
    assert!(text.contains("heaters may still be on"), "{text}");
    assert!(leaves.as_ref().is_some_and(|text| text.contains("look at the printer")), "{leaves:?}");
}

#[test]
fn settings_that_the_disk_refused_do_not_come_into_force() {
    let mut settings = Settings::new(printer());
    let patch = PrinterPatch { name: Some("Prusa".into()), ..PrinterPatch::default() };
    settings.patch(&patch, ReplyTo(1), Now::at(1).utc, &mut Out::default());
    assert_eq!(settings.printer().name, "Ender", "not before they are on disk");
    let mut out = Out::default();
    settings.on_stored(ReplyTo(1), &Err(StoreFault::DiskFull), None, &mut out);
    let said = emitted(out);
    let written = said.iter().any(
        |one| matches!(one, Emitted::Effect(Effect::Record(Write::Printer(row), None)) if row.name == "Ender"),
    );
    assert!(written, "what holds is written over what was refused: {said:?}");
    settings.patch(&patch, ReplyTo(2), Now::at(2).utc, &mut Out::default());
    settings.on_stored(ReplyTo(2), &Ok(()), None, &mut Out::default());
    assert_eq!(settings.printer().name, "Prusa");
}

#[test]
fn a_view_is_composed_when_something_changed_or_goes_by_the_clock_and_else_not() {
    let mut shown = Shown::default();
    let clock = |warning: Option<&str>| ByTheClock {
        warning: warning.map(str::to_owned),
        heat: HeatView::default(),
        watched_percent: None,
        watched_secs: 0.0,
        gap_to: None,
        hours_left: None,
    };
    assert!(shown.is_stale(false, clock(None)), "nothing was shown yet");
    assert!(!shown.is_stale(false, clock(None)));
    assert!(shown.is_stale(true, clock(None)));
    assert!(shown.is_stale(false, clock(Some("The printer has not answered for 7 s."))));
    assert!(!shown.is_stale(false, clock(Some("The printer has not answered for 7 s."))));
}

#[test]
fn a_tick_of_a_printer_at_rest_emits_nothing() {
    let (world, mut next) = (world(), PrintId(7));
    let mut session = PrinterSession::new(printer(), None, &world, Now::at(0));
    let mut cx = StepContext::new(&world, Now::at(1000), &mut next);
    session.on_status(report(PrinterState::Operational, 0.0), &mut cx);
    session.settle(&mut cx);
    session.publish(&mut cx);
    let effects = cx.into_effects(session.printer(), None);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Publish(view) if view.id == ID)));
    let mut cx = StepContext::new(&world, Now::at(2000), &mut next);
    session.pass_time(&cx);
    session.on_tick(&mut cx);
    session.settle(&mut cx);
    assert!(cx.only_time && !cx.out.has_changed(), "so nothing is composed");
    session.publish(&mut cx);
    assert_eq!(cx.into_effects(session.printer(), None), []);
}

#[test]
fn what_a_message_brings_comes_before_what_was_emitted_behind_it() {
    let mut out = Out::default();
    out.order(Order::Connect);
    out.ask(Message::AcceptScene);
    out.order(Order::Disconnect);
    let behind = out.begin();
    assert!(matches!(out.next(behind), Some(Emitted::Order(Order::Connect))));
    assert!(matches!(out.next(behind), Some(Emitted::Ask(Message::AcceptScene))));
    out.order(Order::BedOff);
    let inner = out.begin();
    assert!(matches!(out.next(inner), Some(Emitted::Order(Order::BedOff))));
    assert!(out.next(inner).is_none(), "what waits behind the message is not seen to yet");
    assert!(matches!(out.next(behind), Some(Emitted::Order(Order::Disconnect))));
    assert!(out.next(behind).is_none());
}
