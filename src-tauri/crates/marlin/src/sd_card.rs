//! The printer's own card: whether it is in, what is on it, and the print from it.

use crate::facts::Facts;
use crate::message::{CardNews, Message};
use crate::out::Out;
use crate::sd::{SdReply, parse};
use crate::sd_list::CardList;
use crate::sd_print::CardPrint;
use crate::sd_recipe::names_agree;
use crate::tag::Tag;
use domain::{LinkChange, Millis, OrderKind, RefusedReason as Reason, SdCard, StartJob, check_sd_path};

/// What is known of the card.
#[derive(Debug, Default)]
pub(crate) struct Card {
    /// The firmware has told of a card, or that there is none.
    known: bool,
    /// It is in.
    ready: bool,
    list: CardList,
    print: CardPrint,
}

impl Card {
    /// The firmware starts anew. What is known of a print from the card, which may go on, holds.
    pub(crate) fn start_over(&mut self, prints: bool) {
        let print = if prints { std::mem::take(&mut self.print) } else { CardPrint::default() };
        *self = Self { print, ..Self::default() };
    }

    /// A print has ended.
    pub(crate) fn print_over(&mut self) {
        self.print = CardPrint::default();
    }

    /// Returns whether the printer prints from its card, and nobody here has started that.
    pub(crate) fn is_print_found(&self) -> bool {
        self.print.is_found()
    }

    /// Returns whether the card was read on between the last two answers.
    pub(crate) fn moves(&self) -> bool {
        self.print.has_moved()
    }

    /// Returns what is known of the card; `None` when the printer has told of none.
    pub(crate) fn report(&self, facts: &Facts<'_>) -> Option<SdCard> {
        let known = self.known || facts.machine.can("SDCARD");
        let files = self.list.files().cloned();
        known.then(|| SdCard { present: self.ready, listing: self.list.is_asked(), files })
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready
    }

    /// Asks for the list of its files.
    pub(crate) fn ask_list(&mut self, facts: &Facts<'_>, out: &mut Out) {
        if !facts.is_up() {
            let why = "the printer is not connected: connect it first";
            return out.refuse(OrderKind::SdList, Reason::NotConnected, why);
        }
        if facts.print.is_some() || self.list.is_asked() {
            let why = "the printer is busy: its card can be read when the print has ended";
            return out.refuse(OrderKind::SdList, Reason::Busy, why);
        }
        self.list.ask();
        self.need_ready(out);
        let long = facts.machine.can("EXTENDED_M20") || facts.machine.can("LONG_FILENAME");
        out.line(if long { "M20 L T" } else { "M20" }, Tag::CardList);
    }

    /// A card that is in use must not be opened anew.
    fn need_ready(&self, out: &mut Out) {
        if !self.ready {
            out.line("M21", Tag::Side);
        }
    }

    /// The question for the list was answered: without its end, what was told is the list.
    pub(crate) fn on_listed(&mut self) {
        self.ready |= self.list.on_end();
    }

    /// Opens a file to print. Returns whether there is to be a print.
    pub(crate) fn open(&mut self, start: &StartJob, facts: &Facts<'_>, out: &mut Out) -> bool {
        let path = start.path.to_string_lossy();
        let (reason, why) = if !facts.is_up() {
            (Reason::NotConnected, "the printer is not connected: connect it first".to_owned())
        } else if facts.print.is_some() || self.print.is_found() {
            (Reason::PrintUnderWay, "a print is under way: wait for its end or cancel it".to_owned())
        } else if let Err(why) = check_sd_path(&path) {
            (Reason::BadFile, why.to_string())
        } else {
            self.need_ready(out);
            out.line(format!("M23 {path}"), Tag::CardOpen);
            self.print = CardPrint::default();
            return true;
        };
        out.refuse(OrderKind::SdPrint, reason, &why);
        false
    }

    /// `M23` was answered: the print begins, or it is said why not.
    pub(crate) fn on_open_answered(&self, start: &StartJob, out: &mut Out) {
        let path = start.path.to_string_lossy();
        let why = match self.print.opened() {
            _ if self.print.has_failed() => {
                "the printer cannot open this file: read its card again, and look whether the card is in"
            }
            Some(opened) if !names_agree(&opened.name, &path, &start.name) => {
                "the printer opened another file than the one asked for: start it at the printer's display"
            }
            Some(opened) => {
                out.ask(Message::Card(CardNews::Bytes(opened.bytes.unwrap_or(0))));
                return out.line("M24", Tag::CardBegin);
            }
            None => {
                "the printer did not say that it opened the file: read its card again, then start it once more"
            }
        };
        out.ask(Message::RefuseStart(Reason::BadFile, why.to_owned()));
    }

    /// The print has begun, or is followed from this byte on.
    pub(crate) fn print_begins(&mut self, byte: Option<(u64, u64)>, facts: &Facts<'_>, out: &mut Out) {
        self.print.begins(byte, facts.now);
        if facts.machine.can("AUTOREPORT_SD_STATUS") {
            out.line("M27 S3", Tag::Side);
        }
    }

    /// Returns how far the print is that was found; refuses when there is none any more.
    pub(crate) fn follow(&self, facts: &Facts<'_>, out: &mut Out) -> Option<(u64, u64)> {
        let byte = self.print.byte().filter(|_| self.print.is_found() && facts.print.is_none());
        if byte.is_none() {
            let why = "the print from the card has ended meanwhile";
            out.refuse(OrderKind::SdFollow, Reason::NoPrint, why);
        }
        byte
    }

    /// The card was put in or taken out.
    pub(crate) fn on_changed(&mut self, ready: bool) {
        (self.ready, self.known) = (ready, true);
        self.list.on_changed();
    }

    /// Takes a line that belongs to the card. Returns whether it is nothing else.
    pub(crate) fn on_line(&mut self, raw: &str, facts: &Facts<'_>, out: &mut Out) -> bool {
        // Nearly every line is an `ok`, and nothing that is told of a card begins so.
        let Some(reply) = (if raw.starts_with("ok") { None } else { parse(raw) }) else {
            return self.list.on_line(raw);
        };
        self.known = true;
        match reply {
            SdReply::ListBegins => self.list.on_begin(),
            SdReply::ListEnds => self.on_listed(),
            // "SD card ok" in answer to our own question is no change.
            SdReply::Ready if self.ready && self.list.is_asked() => (),
            SdReply::Ready => self.on_changed(true),
            SdReply::Gone => self.on_changed(false),
            SdReply::Byte(at, of) => {
                self.ready = true;
                if facts.stage.is_greeted() {
                    out.ask(Message::NotAtWork);
                    if self.print.on_byte(at, of, facts, out) {
                        self.tell_found(out);
                    }
                }
            }
            SdReply::NotPrinting => self.print.on_stands(facts, out),
            SdReply::Opened(name, bytes) => {
                self.ready = true;
                self.print.on_opened(name, bytes, facts.now);
            }
            SdReply::OpenFailed => self.print.on_open_failed(),
            SdReply::Done => self.print.on_done(facts, out),
        }
        true
    }

    fn tell_found(&self, out: &mut Out) {
        let opened = self.print.opened();
        let path = opened.map(|opened| opened.name.clone()).unwrap_or_default();
        let name = self.list.name_of(&path).unwrap_or_else(|| path.clone());
        let name = if name.is_empty() { "A print from the printer's card".into() } else { name };
        out.change(LinkChange::CardPrint { name, path });
    }

    /// How far it is is asked for at once.
    pub(crate) fn ask_soon(&mut self) {
        self.print.ask_soon();
    }

    /// What was told of how far the card is read holds no more.
    pub(crate) fn forget_byte(&mut self) {
        self.print.forget_byte();
    }

    /// The pause of the print from the card is confirmed, or was given up.
    pub(crate) fn on_paused(&mut self) {
        self.print.paused();
    }

    /// The link is gone, but the printer may go on. Returns what is said of it.
    pub(crate) fn lost_sight(&mut self, why: &str) -> String {
        self.print.lost_sight();
        format!(
            "{why}. The printer may still be printing from its card; it is neither watched nor controlled from here. \
             Connecting again may restart it and so end the print"
        )
    }

    /// Returns the question how far it is, when it is due.
    pub(crate) fn poll_transmit(&mut self, facts: &Facts<'_>) -> Option<(String, Tag)> {
        let due = self.print.is_due(self.known, facts);
        due.then(|| ("M27".into(), Tag::Side))
    }

    /// Returns when it has something to send, as long as lines may go out.
    pub(crate) fn poll_transmit_timeout(&self, facts: &Facts<'_>) -> Option<Millis> {
        self.print.ask_at(self.known, facts)
    }
}
