//! What is ordered of the detector: how often it looks, and at what part of the picture.

use crate::detection::Detection;
use crate::facts::Facts;
use crate::out::Out;
use domain::{Effect, Millis, View};

/// What was ordered last.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// How often frames are to be analysed.
    every_ms: Option<Millis>,
    /// What part of them.
    view: View,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { every_ms: None, view: View::Whole }
    }
}

impl Schedule {
    /// Orders what is wanted now, where that is something else.
    pub(crate) fn settle(&mut self, detection: &Detection, facts: &Facts<'_>, out: &mut Out) {
        let watched = facts.not_watching().is_none() && facts.camera().is_some();
        let every_ms = watched.then(|| detection.pace_ms(facts));
        if every_ms != self.every_ms {
            self.every_ms = every_ms;
            out.effect(Effect::Watch(facts.settings.id, every_ms));
        }
        let view = detection.next_view(facts);
        if view != self.view {
            self.view = view;
            out.effect(Effect::LookAt(facts.settings.id, view));
        }
    }

    /// Returns how often frames are analysed, as last ordered.
    pub(crate) fn every_ms(&self) -> Option<Millis> {
        self.every_ms
    }
}
