//! The printer's questions: `//action:prompt_...` makes them, `M876` answers them.

use crate::link::{Link, Tag};
use crate::patience::{Class, class};
use domain::{Now, Prompt};

const LONGEST_TEXT: usize = 200;
const LONGEST_BUTTON: usize = 40;
const MOST_BUTTONS: usize = 8;

impl Link {
    /// Takes the words of an action, if it is about a question.
    pub(crate) fn hear_prompt(&mut self, word: &str, rest: &str) {
        let tools = &mut self.tools;
        match word {
            "prompt_begin" => {
                tools.asking = Some(Prompt { text: plain(rest, LONGEST_TEXT), ..Prompt::default() });
            }
            "prompt_choice" | "prompt_button" => {
                // Some firmwares put their own command behind a bar: that is not for us to send.
                let label = rest.split('|').next().unwrap_or_default();
                if let Some(prompt) = tools.asking.as_mut().filter(|p| p.buttons.len() < MOST_BUTTONS) {
                    prompt.buttons.push(plain(label, LONGEST_BUTTON));
                }
            }
            "prompt_show" => {
                if let Some(prompt) = tools.asking.take() {
                    tools.told.prompt = Some(prompt);
                }
            }
            "prompt_end" => (tools.asking, tools.told.prompt) = (None, None),
            _ => (),
        }
    }

    /// Sends the answer: at once where the firmware listens while it waits, else as a line.
    pub(crate) fn answer_prompt(&mut self, button: u8, now: Now) {
        let Some(prompt) = self.tools.told.prompt.as_mut().filter(|p| usize::from(button) < p.buttons.len())
        else {
            return self.refuse("answer", "the printer's question is gone");
        };
        prompt.answered = Some(button);
        let line = format!("M876 S{button}");
        if self.can("EMERGENCY_PARSER") {
            return self.raw.push_back(line);
        }
        let waits = self.wire.in_flight(now).is_some_and(|(text, _)| class(text) == Class::Person);
        if waits {
            if let Some(prompt) = &mut self.tools.told.prompt {
                prompt.answered = None;
            }
            return self.refuse(
                "answer",
                "this printer listens to nothing but its own knob or display while it waits: press it there",
            );
        }
        self.side.push_back((line, Tag::Side));
    }
}

/// Returns what may be shown of a text.
pub(crate) fn plain(text: &str, longest: usize) -> String {
    text.trim().chars().filter(|c| (' '..='~').contains(c)).take(longest).collect()
}
