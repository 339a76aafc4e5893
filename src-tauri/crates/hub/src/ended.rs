//! The end of a print's row here, and what is still shown of it: the card of the last print stays, with its open alert, until
//! it is put away or the next print begins, restarts of the app included.
//!
//! While a print runs, its row is the hub's. Once it has ended, the row is the store's, and films are written to it by those
//! who make them: from here only a person's word on the last print goes to it, nothing else of it is written again.

use crate::answer;
use crate::out::{Entry, Out};
use crate::words::span_word;
use domain::{
    AlertOverwrite, AlertView, Effect, EndedBy, EventClass, EventType, Film, FilmState, FilmWish, Initiator,
    KeptCard, Print, PrintId, Printer, PrinterId, Timestamp, Write,
};

/// The card of the print that ended last, if it is shown.
#[derive(Debug, Default)]
pub(crate) struct LastPrint {
    card: Option<Box<Card>>,
}

#[derive(Debug)]
struct Card {
    /// As it ended, with what was told of it since.
    print: Print,
    /// How it ended, for people.
    text: String,
    /// Open when it ended.
    alert: Option<AlertView>,
}

impl LastPrint {
    /// Shows the print that ended. `alert`: open when it ended.
    pub(crate) fn show(&mut self, print: Print, text: String, alert: Option<AlertView>) {
        self.card = Some(Box::new(Card { print, text, alert }));
    }

    /// The card was put away, or the next print begins.
    pub(crate) fn put_away(&mut self, printer: PrinterId, out: &mut Out) {
        if self.card.take().is_some() {
            self.record(printer, out);
        }
    }

    /// Keeps the card as it is now, so that it is shown again after a restart. The row of its print is recorded first.
    pub(crate) fn record(&self, printer: PrinterId, out: &mut Out) {
        let kept = |card: &Card| {
            let (print, text, alert) = (card.print.id, card.text.clone(), card.alert.clone());
            Box::new(KeptCard { print, text, alert })
        };
        out.record(Write::LastPrint(printer, self.card.as_deref().map(kept)));
    }

    pub(crate) fn view(&self) -> Option<Box<domain::LastPrint>> {
        let card = self.card.as_ref()?;
        let print = domain::PrintView::from(&card.print);
        Some(Box::new(domain::LastPrint { print, text: card.text.clone(), alert: card.alert.clone() }))
    }

    /// Returns the name of the print that is shown: it may still lie on the bed.
    pub(crate) fn name(&self) -> Option<&str> {
        self.card.as_ref().map(|card| card.print.filename.as_str())
    }

    pub(crate) fn holds(&self, id: PrintId) -> bool {
        self.card.as_ref().is_some_and(|card| card.print.id == id)
    }

    fn card(&mut self, id: PrintId) -> Option<&mut Card> {
        self.card.as_deref_mut().filter(|card| card.print.id == id)
    }

    /// Takes a person's word on this print. Returns the one before, and what is to be written.
    pub(crate) fn overwrite(
        &mut self,
        id: PrintId,
        word: Option<AlertOverwrite>,
    ) -> Option<(Option<AlertOverwrite>, Write)> {
        let print = &mut self.card(id)?.print;
        let before = std::mem::replace(&mut print.alert_overwrite, word);
        Some((before, Write::Overwrite { print: id, answer: word, acknowledged_at: None }))
    }

    /// The word could not be recorded: the one before holds again. It is written in any case, since the disk may take a write
    /// that failed all the same.
    pub(crate) fn take_back(&mut self, id: PrintId, before: Option<AlertOverwrite>, out: &mut Out) {
        self.overwrite(id, before);
        out.record(Write::Overwrite { print: id, answer: before, acknowledged_at: None });
    }

    /// Takes in the answer to the alert of the last print. Returns that print, if there was one.
    pub(crate) fn answer(
        &mut self,
        answer: Option<AlertOverwrite>,
        by: Initiator,
        now: Timestamp,
        out: &mut Out,
    ) -> Option<PrintId> {
        let card = self.card.as_mut().filter(|card| card.print.alerted_at.is_some())?;
        let print = card.print.id;
        card.print.alert_acknowledged_at = Some(now);
        card.print.alert_overwrite = answer;
        if let Some(alert) = card.alert.take() {
            out.record(answer::feedback(print, alert.frame, answer, now));
        }
        out.record(Write::Overwrite { print, answer, acknowledged_at: Some(now) });
        let entry = Entry::new(EventType::Answered, EventClass::Info, answer::title(answer));
        out.log_for(print, entry.by(by));
        Some(print)
    }

    /// The film of a print is there: the card of the last one shows it.
    pub(crate) fn on_filmed(&mut self, id: PrintId, film: &Film) {
        if let Some(card) = self.card(id) {
            card.print.video_url.clone_from(&film.video);
            card.print.tagged_video_url.clone_from(&film.tagged);
            card.print.poster_url.clone_from(&film.poster);
        }
    }
}

/// Records an ended print, for the last time from here. With pictures, it has a film made when it was long enough, else its
/// poster alone. `lasted_secs` is what passed, whatever its stamps say: the wall clock may have been set meanwhile.
pub(crate) fn record_end(
    print: Print,
    lasted_secs: f64,
    has_frames: bool,
    settings: &Printer,
    out: &mut Out,
) {
    let (id, ended_by) = (print.id, print.ended_by);
    out.record(Write::Print(Box::new(print)));
    if !has_frames {
        return;
    }
    let shortest_secs = match ended_by {
        Some(EndedBy::Finished) => settings.min_timelapse_secs_on_finish,
        Some(EndedBy::Cancelled | EndedBy::Interrupted) | None => settings.min_timelapse_secs_on_cancel,
    };
    let short = if shortest_secs < 0 {
        Some("By the printer's settings such prints get no film.".to_owned())
    } else if lasted_secs < shortest_secs as f64 {
        let least = span_word(shortest_secs as f64);
        Some(format!("It was shorter than {least}, from which on the printer's settings want a film."))
    } else {
        None
    };
    match short {
        Some(why) => {
            out.record(Write::Film(id, FilmState::TooShort, Some(why)));
            out.effect(Effect::Film(id, FilmWish::Poster));
        }
        None => {
            out.record(Write::Film(id, FilmState::Waiting, None));
            out.effect(Effect::Film(id, FilmWish::Film));
        }
    }
}
