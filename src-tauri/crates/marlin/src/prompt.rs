//! The printer's questions: `//action:prompt_...` makes them, `M876` answers them.

use crate::facts::Facts;
use crate::out::Out;
use crate::shown::plain;
use crate::tag::Tag;
use domain::{OrderKind, Prompt, RefusedReason as Reason};

const LONGEST_TEXT: usize = 200;
const LONGEST_BUTTON: usize = 40;
const MOST_BUTTONS: usize = 8;

/// The question that the printer has open, if any.
#[derive(Debug, Default)]
pub(crate) struct Prompts {
    /// A question that is not complete yet.
    asking: Option<Prompt>,
    open: Option<Prompt>,
}

impl Prompts {
    /// Returns the question that is open.
    pub(crate) fn open(&self) -> Option<&Prompt> {
        self.open.as_ref()
    }

    /// Takes the words of an action, if it is about a question.
    pub(crate) fn on_action(&mut self, word: &str, rest: &str) {
        match word {
            "prompt_begin" => {
                self.asking = Some(Prompt { text: plain(rest, LONGEST_TEXT), ..Prompt::default() });
            }
            "prompt_choice" | "prompt_button" => {
                // Some firmwares put their own command behind a bar: that is not for us to send.
                let label = rest.split('|').next().unwrap_or_default();
                if let Some(prompt) = self.asking.as_mut().filter(|p| p.buttons.len() < MOST_BUTTONS) {
                    prompt.buttons.push(plain(label, LONGEST_BUTTON));
                }
            }
            "prompt_show" => self.open = self.asking.take().or(self.open.take()),
            "prompt_end" => (self.asking, self.open) = (None, None),
            _ => (),
        }
    }

    /// The firmware has paused, so only it can go on: its open question is answered, or its knob is pressed for it.
    pub(crate) fn go_on(&mut self, facts: &Facts<'_>, out: &mut Out) {
        let buttons = self.open.as_ref().map_or(0, |prompt| prompt.buttons.len());
        match self.answer_that_goes_on() {
            Some(Ok(button)) if facts.machine.can("EMERGENCY_PARSER") || buttons > 1 => {
                self.answer(button, facts, out);
            }
            Some(Err(why)) => out.refuse(OrderKind::Resume, Reason::OnlyAtPrinter, &why),
            // Firmwares without emergency parser look for this line, too, while they wait for a press of the knob.
            Some(Ok(_)) | None => out.raw("M108"),
        }
    }

    /// Returns the button that lets the printer go on, when it has a question open; `Err`: a person has to choose.
    fn answer_that_goes_on(&self) -> Option<Result<u8, String>> {
        let prompt = self.open.as_ref().filter(|prompt| !prompt.buttons.is_empty())?;
        let goes_on = ["continue", "resume", "done", "finish", "reheat", "ok", "yes"];
        let of = |word: &&str| {
            prompt.buttons.iter().position(|button| button.to_ascii_lowercase().contains(*word))
        };
        let only = (prompt.buttons.len() == 1).then_some(0);
        let found = goes_on.iter().find_map(of).or(only).and_then(|idx| u8::try_from(idx).ok());
        Some(found.ok_or_else(|| format!("the printer asks \"{}\": choose one of its answers", prompt.text)))
    }

    /// Sends the answer: at once where the firmware listens while it waits, else as a line.
    pub(crate) fn answer(&mut self, button: u8, facts: &Facts<'_>, out: &mut Out) {
        let Some(prompt) = self.open.as_mut().filter(|p| usize::from(button) < p.buttons.len()) else {
            return out.refuse(OrderKind::Tool, Reason::NoPrint, "the printer's question is gone");
        };
        prompt.answered = Some(button);
        let line = format!("M876 S{button}");
        if facts.machine.can("EMERGENCY_PARSER") {
            return out.raw(line);
        }
        if facts.waits_for_person() {
            prompt.answered = None;
            let why =
                "this printer listens to nothing but its own knob or display while it waits: press it there";
            return out.refuse(OrderKind::Tool, Reason::OnlyAtPrinter, why);
        }
        out.line(line, Tag::Side);
    }
}
