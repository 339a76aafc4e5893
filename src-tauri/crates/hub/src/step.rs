//! One step of one printer's session: what it sees, and what it gives out.

use crate::out::{About, Emitted, Entry, Out, Words};
use crate::urls::frame_url;
use crate::world::World;
use domain::{Effect, EventId, Notice, Now, PrintId, Printer, PrinterEvent, PrinterId, PrinterKind, Write};

/// What one step sees and gives out.
pub(crate) struct StepContext<'a> {
    pub(crate) world: &'a World,
    /// The moment, on the printer's clock.
    pub(crate) now: Now,
    /// The number that the next print gets.
    pub(crate) next_print: &'a mut PrintId,
    /// What parts emit in this step.
    pub(crate) out: Out,
    /// Only time has passed: what is shown has changed only where something was emitted, or goes by the clock.
    pub(crate) only_time: bool,
    effects: Vec<Effect>,
}

impl<'a> StepContext<'a> {
    pub(crate) fn new(world: &'a World, now: Now, next_print: &'a mut PrintId) -> Self {
        Self { world, now, next_print, out: Out::default(), only_time: false, effects: Vec::new() }
    }

    /// Takes a number for a print.
    pub(crate) fn number_print(&mut self) -> PrintId {
        let print = *self.next_print;
        *self.next_print = print.next();
        print
    }

    fn log(&mut self, printer: PrinterId, current: Option<PrintId>, about: About, entry: Entry) {
        let print = match about {
            About::Current => current,
            About::Print(print) => Some(print),
        };
        let event = PrinterEvent {
            id: EventId(0),
            print,
            printer,
            event_type: entry.kind,
            event_class: entry.class,
            event_title: entry.title,
            event_text: entry.text,
            image_url: entry.picture.map(frame_url),
            info_url: None,
            initiator: entry.by,
            created_at: self.now.utc,
        };
        self.effects.push(Effect::Record(Write::Event(Box::new(event)), None));
    }

    fn notify(&mut self, printer: &Printer, words: Words) {
        self.effects.push(Effect::Notify(Notice {
            printer: printer.id,
            kind: words.kind,
            title: format!("{}: {}", printer.name, words.title),
            text: words.text,
            frame: words.frame,
            demo: printer.kind == PrinterKind::Demo,
        }));
    }

    /// Gives out one thing that is no message. `current`: the print under way.
    pub(crate) fn give_out(&mut self, emitted: Emitted, printer: &Printer, current: Option<PrintId>) {
        match emitted {
            Emitted::Effect(effect) => self.effects.push(effect),
            Emitted::Order(order) => self.effects.push(Effect::Order(printer.id, order)),
            Emitted::Log(about, entry) => self.log(printer.id, current, about, entry),
            Emitted::Notify(words) => self.notify(printer, words),
            Emitted::Ask(_) => (),
        }
    }

    /// Returns all that was given out. What was emitted before a panic is among it, orders above all.
    pub(crate) fn into_effects(mut self, printer: &Printer, current: Option<PrintId>) -> Vec<Effect> {
        self.out.begin();
        while let Some(emitted) = self.out.next(0) {
            self.give_out(emitted, printer, current);
        }
        self.effects
    }
}

/// Returns orders first, everything else in its order behind them.
pub(crate) fn orders_first(effects: Vec<Effect>) -> Vec<Effect> {
    let (mut orders, others): (Vec<_>, Vec<_>) =
        effects.into_iter().partition(|effect| matches!(effect, Effect::Order(..)));
    orders.extend(others);
    orders
}
