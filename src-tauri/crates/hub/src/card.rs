//! Prints that the printer reads from its own card, begun here or at its display.

use crate::checks::{need_link, need_ready};
use crate::facts::Facts;
use crate::out::{Entry, Out};
use crate::refusal::refusal;
use domain::{
    EventClass, EventType, Initiator, Millis, Order, Refusal, SdFile, SdOrder, StartJob, check_sd_path,
};

/// A second press within this after the warning means it.
const MEANT_MS: Millis = 60_000;

/// What is known for prints from the card beyond the printer's reports.
#[derive(Debug, Default)]
pub(crate) struct CardPrints {
    /// When a person was last told what connecting now may do.
    connect_warned: Option<Millis>,
}

impl CardPrints {
    /// Warns once before the link is opened to a printer that may be printing from its card.
    pub(crate) fn check_connect(&mut self, facts: &Facts<'_>) -> Result<(), Refusal> {
        let now_ms = facts.now.mono_ms;
        let warned = self.connect_warned.is_some_and(|at| now_ms.saturating_sub(at) < MEANT_MS);
        if !facts.print.is_some_and(|print| print.goes_on_alone) || warned {
            self.connect_warned = None;
            return Ok(());
        }
        self.connect_warned = Some(now_ms);
        Err(refusal(
            "card_print",
            "the printer may still be printing from its card, and connecting may restart it: the print would be lost",
            "Wait until it has finished. To connect all the same, press Connect once more within a minute.",
        ))
    }
}

/// Refuses where the card can neither be listed nor printed from.
pub(crate) fn need_card(facts: &Facts<'_>) -> Result<(), Refusal> {
    need_link(facts)?;
    need_ready(facts, "do that")?;
    if facts.report().is_none_or(|report| report.sd.is_none()) {
        return Err(refusal(
            "no_card_reader",
            "the printer has told of no card reader",
            "Print a file of the library instead.",
        ));
    }
    Ok(())
}

/// Returns the display name of a file on the card that can be printed, by its path there.
pub(crate) fn check_print(path: &str, facts: &Facts<'_>) -> Result<String, Refusal> {
    need_card(facts)?;
    check_sd_path(path).map_err(|why| refusal("bad_name", why, "Choose another file of the card."))?;
    let files = facts.report().and_then(|report| report.sd.as_ref()).and_then(|card| card.files.as_ref());
    let known = files.and_then(|files| files.iter().find(|file| file.path == path));
    if known.is_some_and(|file| !file.printable) {
        return Err(refusal("bad_file", "this file holds no G-code", "Choose another file of the card."));
    }
    Ok(known.map_or(path, |file: &SdFile| file.name.as_str()).to_owned())
}

/// A print that was begun at the printer itself is followed from now on, so that it is watched and recorded.
pub(crate) fn follow(job: &StartJob, out: &mut Out) {
    out.order(Order::Sd(SdOrder::Follow(job.clone())));
    let text = format!("{} was started at the printer itself. From now on it is followed here.", job.name);
    let entry = Entry::new(EventType::Connected, EventClass::Info, "Print from the card found");
    out.log(entry.text(text).by(Initiator::Printer));
}
