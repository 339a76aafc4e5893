//! Which print is under way at the host, by its own numbers (the second in which it began), and which number it has here.
//!
//! A host tells of a print before and after the fact: starts come with the number of the print before, ends come once,
//! twice or not at all, and numbers are corrected as a print begins.

use crate::frame::PrintEvent;
use domain::{Initiator, JobEnd, LinkChange, PrintId, may_be_same_print};
use std::collections::VecDeque;

/// What a message says of the print under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    /// The host's number; `Some(None)`: nothing is printed; `None`: it does not say.
    pub(crate) number: Option<Option<i64>>,
    pub(crate) name: Option<&'a str>,
    pub(crate) event: Option<PrintEvent>,
    /// A print is under way by the state.
    pub(crate) prints: bool,
    /// The print is all but done.
    pub(crate) near_end: bool,
    /// It tells of now. What is past counts for what happened, not for what is.
    pub(crate) recent: bool,
    /// Who ordered the print to be cancelled, if it was ordered here.
    pub(crate) cancelled_by: Option<Initiator>,
    /// What the agent runs beside, for people.
    pub(crate) host: &'a str,
}

#[derive(Debug, Clone, PartialEq)]
struct Open {
    number: i64,
    name: String,
    /// Here; `None` until it was given.
    print: Option<PrintId>,
}

/// The prints of one host.
#[derive(Debug, Default)]
pub(crate) struct Prints {
    open: Option<Open>,
    /// The print that ended last.
    ended: Option<(i64, String)>,
    /// A start was told, and nothing of the print since.
    begins: bool,
    /// Ended before they had a number here.
    unnumbered: VecDeque<(i64, JobEnd)>,
    changes: Vec<LinkChange>,
}

impl Prints {
    /// Returns the print under way: its number here, once it has one, and its name.
    pub(crate) fn open(&self) -> Option<(Option<PrintId>, &str)> {
        self.open.as_ref().map(|open| (open.print, open.name.as_str()))
    }

    /// Returns the number here of the print under way.
    pub(crate) fn number(&self) -> Option<PrintId> {
        self.open.as_ref()?.print
    }

    pub(crate) fn take_changes(&mut self) -> Vec<LinkChange> {
        std::mem::take(&mut self.changes)
    }

    /// The hub has given a number. Returns whether it is that of the print under way.
    pub(crate) fn on_follow(&mut self, print: PrintId, number: i64) -> bool {
        if let Some(at) = self.unnumbered.iter().position(|(ended, _)| *ended == number) {
            let end = self.unnumbered.remove(at).map(|(_, end)| end);
            self.changes.push(LinkChange::Started(print));
            self.changes.extend(end.map(|end| LinkChange::Ended(print, end)));
            return false;
        }
        let Some(open) = self.open.as_mut().filter(|open| open.number == number) else { return false };
        open.print = Some(print);
        self.changes.push(LinkChange::Started(print));
        true
    }

    /// Takes in what a message says.
    pub(crate) fn on_told(&mut self, told: Told<'_>) {
        if told.event == Some(PrintEvent::Started) {
            self.begins = true;
        }
        match told.number {
            Some(Some(number)) => self.on_number(number, told),
            Some(None) if told.recent && !told.prints => self.on_nothing(told),
            Some(None) | None => (),
        }
        self.on_end(told);
    }

    /// A print of that number is under way, or was.
    fn on_number(&mut self, number: i64, told: Told<'_>) {
        if let Some(open) = &mut self.open {
            let name = told.name.unwrap_or(&open.name);
            let corrected = may_be_same_print(open.number, number) && name == open.name;
            let renamed = open.number == number && self.begins && name != open.name;
            if (open.number == number && !renamed) || corrected {
                // The number by which the hub was asked stays until it has answered.
                if open.print.is_some() {
                    open.number = number;
                }
                self.begins &= told.event == Some(PrintEvent::Started);
                return;
            }
            let end = self.unseen_end(told, "Another print began without a word of how this one ended");
            self.close(end);
        }
        if is_end(told.event) || !(told.recent || told.event == Some(PrintEvent::Started)) {
            return;
        }
        let (Some(name), true) = (told.name, told.prints || self.begins) else { return };
        let again = self
            .ended
            .as_ref()
            .is_some_and(|(ended, before)| *ended == number && before == name && !self.begins);
        if again {
            return;
        }
        self.begins = false;
        self.open = Some(Open { number, name: name.to_owned(), print: None });
        self.changes.push(LinkChange::AgentPrint { name: name.to_owned(), ext_id: number });
    }

    /// Nothing is printed any more, and no end was told.
    fn on_nothing(&mut self, told: Told<'_>) {
        if self.open.is_some() && !is_end(told.event) {
            let end = self.unseen_end(told, "It ended, and it was not told how");
            self.close(end);
        }
    }

    fn on_end(&mut self, told: Told<'_>) {
        let Some(event) = told.event.filter(|event| is_end(Some(*event))) else { return };
        let Some(open) = &self.open else { return };
        let ours = |number: i64| may_be_same_print(number, open.number);
        if told.number.flatten().is_some_and(|number| !ours(number)) {
            return;
        }
        let end = match (event, told.cancelled_by) {
            (PrintEvent::Done, _) => JobEnd::Finished,
            (PrintEvent::Cancelled, by) => JobEnd::Cancelled(by.unwrap_or(Initiator::Printer)),
            (_, Some(by)) => JobEnd::Cancelled(by),
            (_, None) => JobEnd::Interrupted { why: format!("{} says that the print failed.", told.host) },
        };
        self.close(end);
    }

    /// Nobody was there to tell how the print ended. Should it still be printed, it begins here anew.
    pub(crate) fn give_up(&mut self, why: String) {
        self.close(JobEnd::Unknown { why });
        self.ended = None;
    }

    fn unseen_end(&self, told: Told<'_>, why: &str) -> JobEnd {
        match told.cancelled_by {
            Some(by) => JobEnd::Cancelled(by),
            None if told.near_end => JobEnd::Finished,
            None => JobEnd::Interrupted { why: format!("{why}. Have a look at it.") },
        }
    }

    fn close(&mut self, end: JobEnd) {
        let Some(Open { number, name, print }) = self.open.take() else { return };
        match print {
            Some(print) => self.changes.push(LinkChange::Ended(print, end)),
            None => self.unnumbered.push_back((number, end)),
        }
        self.ended = Some((number, name));
        self.begins = false;
    }
}

fn is_end(event: Option<PrintEvent>) -> bool {
    match event {
        Some(PrintEvent::Done | PrintEvent::Cancelled | PrintEvent::Failed) => true,
        Some(PrintEvent::Started | PrintEvent::Other) | None => false,
    }
}
