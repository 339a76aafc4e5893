//! What the printer says, and what follows from it.

use crate::link::{Link, Stage, Tag};
use crate::patience::{Class, class};
use crate::reply::{Busy, Reply};
use crate::temperature::{Reading, take_in};
use crate::wire::{Taken, WireError};
use domain::{Firmware, Initiator, JobEnd, JobPhase, LinkChange, LinkState, Millis, Now};

/// A banner has dozens of lines; hello waits until it was quiet for so long.
const BANNER_QUIET_MS: Millis = 300;
/// Warmer than this is hot to the touch, degrees Celsius.
const WARM_C: f64 = 50.0;

impl Link {
    /// Takes in one line from the printer.
    pub fn handle_line(&mut self, raw: &str, now: Now) {
        if self.stage == Stage::Closed {
            return;
        }
        self.wire.heard(now);
        self.learner.take(raw);
        let reply = Reply::parse(raw);
        self.note_work(raw, &reply);
        if self.stage == Stage::Halted {
            let stopped = matches!(&reply, Reply::Halted(_) | Reply::Boot)
                || matches!(&reply, Reply::Action(words) if words == "poweroff");
            self.stop_seen |= stopped;
            return;
        }
        if let Stage::Waiting { hello_at } = &mut self.stage
            && now.since(self.opened_at) < 10_000
        {
            *hello_at = (*hello_at).min(now.mono_ms + 2_000).max(now.mono_ms + BANNER_QUIET_MS);
            if reply == Reply::Boot {
                *hello_at = now.mono_ms + BANNER_QUIET_MS;
            }
        }
        if self.card_heard(raw, now) {
            return;
        }
        self.hand_heard(raw, now);
        match reply {
            Reply::Ok { n, free, heaters, place } => {
                if let Some(place) = place {
                    self.hear_place(place);
                }
                if let Some(free) = free {
                    self.wire.free_slots(free as usize);
                }
                // Klipper puts its answer to M115 behind the `ok`.
                if let Some(at) = raw.find("FIRMWARE_NAME:") {
                    self.hear_firmware(&raw[at..]);
                }
                self.hear_ok(n, &heaters, now);
            }
            Reply::Damaged => self.wire.suspect(300, now),
            Reply::Resend(n) => self.hear_resend(n, now),
            Reply::BadLine(last) => {
                self.wire.bad_line(last, now);
                self.hello_spoilt |= matches!(self.stage, Stage::Greeting { .. });
                // Some firmwares ask for the line only when the next one comes.
                self.wire.suspect(700, now);
            }
            Reply::Busy(busy) => self.hear_busy(busy, now),
            Reply::Wait => self.wire.suspect(200, now),
            Reply::Heaters(heaters) => self.hear_heaters(&heaters, now),
            Reply::Position(place) => self.hear_place(place),
            Reply::Locked => self.hear_locked(),
            Reply::Boot => self.hear_boot(now),
            Reply::Halted(text) => self.hear_halted(text),
            Reply::Harmless(text) => self.say(text),
            Reply::Firmware(line) => self.hear_firmware(&line),
            Reply::Cap(name, on) => {
                self.firmware.get_or_insert_default().capabilities.insert(name, on);
            }
            Reply::MaxZ(z) => self.max_z = Some(z),
            Reply::Action(words) => self.hear_action(&words, now),
            Reply::Card(_) | Reply::Other => (),
        }
    }

    fn hear_firmware(&mut self, line: &str) {
        let capabilities = self.firmware.take().map(|f| f.capabilities).unwrap_or_default();
        self.firmware = Some(Firmware { capabilities, ..firmware(line) });
    }

    fn hear_place(&mut self, place: [f64; 4]) {
        self.position = Some(place);
        if let Some(sequence) = &mut self.sequence {
            sequence.position_told();
        }
    }

    /// What is sent to a locked printer is lost, though it says `ok`.
    fn hear_locked(&mut self) {
        let why = "the printer is locked: unlock it at its display, or with M511 and its code in the terminal, then \
                   start again";
        match self.job {
            Some(_) => self.end_job(JobEnd::Interrupted { why: why.into() }),
            None => self.say("The printer is locked and does nothing: unlock it at its display.".into()),
        }
    }

    fn hear_ok(&mut self, n: Option<u32>, heaters: &[Reading], now: Now) {
        if !heaters.is_empty() {
            self.hear_heaters(heaters, now);
        }
        if self.hello_spoilt {
            self.hello_spoilt = false;
            self.stage = Stage::Waiting { hello_at: now.mono_ms + BANNER_QUIET_MS };
            return;
        }
        let taken = self.wire.ok(n, !heaters.is_empty(), now);
        self.hear_taken(taken, now);
    }

    fn hear_taken(&mut self, taken: Vec<Taken<Tag>>, now: Now) {
        for Taken { text, tag, waited_ms } in taken {
            self.hand_taken(&text);
            match tag {
                Tag::Hello => {
                    self.stage = Stage::Asking;
                    self.side.clear();
                    // How hot it is comes first: after a broken link nobody knows.
                    self.side.push_back(("M105".into(), Tag::Heaters));
                    self.side.push_back(("M115".into(), Tag::Firmware));
                }
                Tag::Firmware => self.hear_up(),
                Tag::Program(line) => {
                    if let Some(job) = &mut self.job {
                        job.took(&line, now);
                    }
                    // From here on the file rules again.
                    if matches!(domain::cut(&text).0, "M106" | "M107") {
                        self.tools.fan = None;
                    }
                    if class(&text) == Class::Person {
                        self.change_taken(&text, waited_ms, now);
                        self.firmware_resumed(now);
                    }
                }
                Tag::Step(number, moves) => self.step_taken(number, moves, now),
                Tag::Learnt => self.learner.complete = true,
                Tag::Side => self.fan_taken(&text),
                Tag::CardList => self.card_listed(),
                Tag::CardOpen => self.card_open_answered(),
                Tag::CardBegin => self.card_begun(now),
                Tag::Heaters | Tag::Off => (),
            }
        }
    }

    fn hear_up(&mut self) {
        self.stage = Stage::Up;
        self.link = LinkState::Up;
        self.was_up = true;
        self.hello_tries = 0;
        self.autoreport = self.can("AUTOREPORT_TEMP");
        self.wire.chatty = self.autoreport;
        if self.autoreport {
            self.side.push_back(("M155 S2".into(), Tag::Side));
        }
        // A print from the card goes on whoever connects.
        self.side.push_back(("M27".into(), Tag::Side));
        self.ask_profile();
        let hot = self.known.values().any(|t| t.actual > WARM_C || t.target.is_some_and(|c| c > 0.0));
        self.changes.push_back(LinkChange::Up { hot });
    }

    fn hear_resend(&mut self, n: Option<u32>, now: Now) {
        if matches!(self.stage, Stage::Greeting { .. } | Stage::Waiting { .. }) {
            self.hello_spoilt |= matches!(self.stage, Stage::Greeting { .. });
            return;
        }
        match self.wire.resend(n, now) {
            Ok(taken) => self.hear_taken(taken, now),
            Err(e) => self.wire_failed(e, now),
        }
    }

    pub(crate) fn wire_failed(&mut self, error: WireError, now: Now) {
        let text = match error {
            WireError::Rebooted => return self.rebooted(now),
            WireError::Stuck => {
                "the printer asked for the same line again and again: check the USB cable, and keep it away from \
                 motors and mains"
            }
            WireError::Silent => {
                "the printer no longer answers: check that it is on and that the USB cable sits well"
            }
        };
        self.broken.get_or_insert(text.to_owned());
    }

    fn hear_busy(&mut self, busy: Busy, now: Now) {
        let for_person = busy == Busy::ForPerson;
        self.heard_busy();
        self.wire.busy(for_person, now);
        if for_person {
            self.tell_filament_change("The printer waits for you: change the filament or press its knob.");
        }
    }

    fn tell_filament_change(&mut self, text: &str) {
        if !std::mem::replace(&mut self.filament_change, true) {
            self.changes.push_back(LinkChange::FilamentChange { text: text.to_owned() });
        }
    }

    fn hear_heaters(&mut self, heaters: &[Reading], now: Now) {
        take_in(&mut self.known, heaters);
        self.heaters_at = Some(now);
        if let Some(sequence) = &mut self.sequence {
            sequence.heaters_told();
        }
    }

    fn hear_boot(&mut self, now: Now) {
        match self.stage {
            Stage::Asking | Stage::Up => self.rebooted(now),
            Stage::Greeting { .. } => self.stage = Stage::Waiting { hello_at: now.mono_ms + BANNER_QUIET_MS },
            Stage::Waiting { .. } if self.on_card() => {
                let why = "connecting again has restarted the printer, so its print from the card has ended: remove \
                           the part, then start again";
                self.end_job(JobEnd::Interrupted { why: why.into() });
            }
            Stage::Waiting { .. } | Stage::Closed | Stage::Halted => (),
        }
    }

    /// The printer has forgotten everything: homing, heat, line numbers.
    fn rebooted(&mut self, now: Now) {
        let why = "the printer restarted in the middle of the print, so its place and its heat are lost: remove the \
                   part, check power supply and USB cable, then start again";
        self.end_job(JobEnd::Interrupted { why: why.into() });
        self.changes.push_back(LinkChange::Rebooted);
        self.start_over(now, BANNER_QUIET_MS);
    }

    fn hear_halted(&mut self, text: String) {
        let why = format!(
            "the printer stopped itself and said \"{text}\": let it cool down and find the cause, then {}",
            cure(&text)
        );
        self.end_job(JobEnd::Interrupted { why });
        self.halt(text, false);
    }

    /// Stopped until a person connects again.
    pub(crate) fn halt(&mut self, text: String, switch_off_now: bool) {
        self.stage = Stage::Halted;
        self.side.clear();
        self.raw.clear();
        self.link = LinkState::Halted { text: text.clone() };
        self.changes.push_back(LinkChange::Halted { text, switch_off_now });
    }

    fn say(&mut self, text: String) {
        // A firmware that repeats itself fills no log.
        if self.last_said != text {
            self.last_said.clone_from(&text);
            self.changes.push_back(LinkChange::Says(text));
        }
    }

    fn hear_action(&mut self, words: &str, now: Now) {
        let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
        self.hear_prompt(word, rest);
        match word {
            "pause" => {
                let recipe = self.recipe_of_job();
                self.pause_if_printing(recipe, Initiator::Printer, now);
            }
            "paused" => self.firmware_paused(rest, now),
            // The printer only says what it does: how far its card is read tells the rest.
            "resume" if self.on_card() => self.card.print.ask_soon(),
            // Pressed at its display while nothing is paused: nobody here is waiting for an answer.
            "resume" if self.job.as_ref().is_none_or(|job| job.phase != JobPhase::Paused) => (),
            "resume" => self.resume(Initiator::Printer, now),
            "resumed" => self.firmware_resumed(now),
            "cancel" => self.cancel(Initiator::Printer, now),
            "out_of_filament" | "filament_runout" => {
                self.tell_filament_change("The printer ran out of filament: load new one, then resume.");
                let recipe = self.recipe_of_job();
                self.pause_if_printing(recipe, Initiator::Printer, now);
            }
            "poweroff" | "shutdown" => self.hear_halted(words.to_owned()),
            "notification" | "prompt_begin" => self.say(rest.to_owned()),
            "disconnect" => {
                self.say("The printer asks to be disconnected: press Disconnect once nothing prints.".into());
            }
            "sd_inserted" | "sd_updated" => self.card_changed(true),
            "sd_ejected" => self.card_changed(false),
            _ => (),
        }
    }

    /// The firmware has paused by itself and parks the head itself: nothing is sent.
    fn firmware_paused(&mut self, why: &str, now: Now) {
        let parks = |job: &crate::job::Job| job.on_card && job.phase == JobPhase::Pausing;
        let Some(job) = self.job.as_mut().filter(|job| job.feeds() || parks(job)) else { return };
        if job.on_card {
            self.sequence = None;
        }
        job.paused_by_firmware = true;
        job.enter(JobPhase::Paused, now);
        let print = job.start.print;
        self.changes.push_back(LinkChange::Paused(print, Initiator::Printer));
        let runout = why.contains("runout") || why.contains("filament");
        let in_flight = self.wire.in_flight(now).is_some_and(|(text, _)| text.starts_with("M600"));
        if runout || in_flight {
            self.tell_filament_change("The printer asks for new filament: follow its display.");
        }
    }

    fn firmware_resumed(&mut self, now: Now) {
        self.filament_change = false;
        let Some(job) = self.job.as_mut().filter(|job| job.paused_by_firmware) else { return };
        job.paused_by_firmware = false;
        job.enter(JobPhase::Printing, now);
        let print = job.start.print;
        self.changes.push_back(LinkChange::Resumed(print, Initiator::Printer));
    }
}

/// Returns how a printer that said this is got going again.
fn cure(said: &str) -> &'static str {
    let lower = said.to_ascii_lowercase();
    let klipper = ["klipper", "mcu", "shutdown due to", "printer shutdown", "not ready"];
    if !lower.starts_with("echo:") && klipper.iter().any(|word| lower.contains(word)) {
        "connect again and send FIRMWARE_RESTART in the terminal"
    } else if lower.contains("m999") || lower == "!!" {
        "connect again and send M999 in the terminal; if it still refuses, switch it off and on again"
    } else {
        "switch it off and on again"
    }
}

/// Reads M115's line: keys in capitals, values with blanks in them.
fn firmware(line: &str) -> Firmware {
    let is_key = |word: &&str| {
        word.split_once(':').is_some_and(|(key, _)| {
            key.len() > 2 && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
    };
    let value = |key: &str| {
        let mut words = line.split(' ').skip_while(|word| !word.starts_with(key));
        let first = words.next().and_then(|word| word.get(key.len()..)).unwrap_or_default();
        let rest = words.take_while(|word| !is_key(word));
        std::iter::once(first).chain(rest).collect::<Vec<_>>().join(" ")
    };
    let name = value("FIRMWARE_NAME:");
    let name = name.split(" (").next().unwrap_or_default().trim().to_owned();
    Firmware { name, machine: value("MACHINE_TYPE:").trim().to_owned(), capabilities: Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m115_is_read_though_values_have_blanks_and_colons() {
        let told = firmware(
            "FIRMWARE_NAME:Marlin bugfix-2.1.x (Nov 22 2026 12:26:21) SOURCE_CODE_URL:github.com/x \
             PROTOCOL_VERSION:1.0 MACHINE_TYPE:Old Ender 3 EXTRUDER_COUNT:1 UUID:cede",
        );
        assert_eq!((told.name.as_str(), told.machine.as_str()), ("Marlin bugfix-2.1.x", "Old Ender 3"));
    }
}
