//! What is to stand on the broker, and what stands there as far as we know: the difference is sent.
//!
//! All of it is retained. What stands there and is not wanted any longer is taken away by an empty message, whoever of us
//! left it there.

use crate::entities::{configs, heaters, state};
use crate::settings::Settings;
use crate::told;
use crate::topics::Topics;
use bytes::Bytes;
use domain::{PrinterId, PrinterView};
use station::Station;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Pictures of a printer go at most so often while a print is under way, and otherwise.
const PICTURE_EVERY: Duration = Duration::from_secs(5);
const IDLE_PICTURE_EVERY: Duration = Duration::from_secs(60);
/// Largest picture that is sent, bytes.
pub(crate) const LARGEST_PICTURE: usize = 4 * 1024 * 1024;

pub(crate) const ONLINE: &[u8] = b"online";
pub(crate) const OFFLINE: &[u8] = b"offline";

/// What is to stand on the broker, by topic.
pub(crate) type Wanted = BTreeMap<String, Bytes>;

/// What stands on the broker.
#[derive(Default)]
pub(crate) struct Board {
    /// By topic; none: something may stand there.
    there: BTreeMap<String, Option<Bytes>>,
}

impl Board {
    /// Returns what has to be sent so that only `wanted` stands there; an empty message takes away.
    pub(crate) fn missing(&self, wanted: &Wanted) -> Vec<(String, Bytes)> {
        let gone = self.there.keys().filter(|topic| !wanted.contains_key(*topic));
        let gone = gone.map(|topic| (topic.clone(), Bytes::new()));
        let stale = |topic: &String, payload: &Bytes| {
            self.there.get(topic).is_none_or(|there| there.as_ref() != Some(payload))
        };
        let new = wanted.iter().filter(|(topic, payload)| stale(topic, payload));
        gone.chain(new.map(|(topic, payload)| (topic.clone(), payload.clone()))).collect()
    }

    /// Notes that a message was handed over.
    pub(crate) fn sent(&mut self, topic: String, payload: Bytes) {
        if payload.is_empty() {
            self.there.remove(&topic);
        } else {
            self.there.insert(topic, Some(payload));
        }
    }

    /// Notes that something of ours stands there.
    pub(crate) fn found(&mut self, topic: String) {
        self.there.entry(topic).or_insert(None);
    }

    /// All has to be told again: another broker, or somebody who was not there before.
    pub(crate) fn tell_again(&mut self) {
        self.there.values_mut().for_each(|there| *there = None);
    }
}

/// Composes what is to stand there.
#[derive(Default)]
pub(crate) struct Composer {
    /// Heaters do not vanish while a printer is away.
    heaters: BTreeMap<PrinterId, BTreeSet<String>>,
    pictures: BTreeMap<PrinterId, (Instant, Bytes)>,
}

impl Composer {
    /// Returns what is to stand there now.
    pub(crate) fn wanted(&mut self, station: &Station, topics: &Topics, settings: &Settings) -> Wanted {
        let snapshot = station.snapshot();
        let shown: Vec<&Arc<PrinterView>> = snapshot.shown().collect();
        self.heaters.retain(|id, _| shown.iter().any(|view| view.id == *id));
        self.pictures.retain(|id, _| shown.iter().any(|view| view.id == *id));
        let mut wanted = Wanted::from([(topics.status(), Bytes::from_static(ONLINE))]);
        if settings.others {
            wanted.insert(topics.machine(), told::machine(settings));
        }
        for view in shown {
            let known = self.heaters.entry(view.id).or_default();
            known.extend(heaters(view));
            wanted.extend(configs(view, topics, settings, known));
            wanted.insert(topics.state(view.id), state(view, settings, known));
            if settings.pictures
                && let Some(picture) = self.picture(station, view)
            {
                wanted.insert(topics.picture(view.id), picture);
            }
        }
        wanted
    }

    /// Returns the picture that is to stand there: a new one only every few seconds.
    fn picture(&mut self, station: &Station, view: &PrinterView) -> Option<Bytes> {
        let every = if view.vigil.state.has_print() { PICTURE_EVERY } else { IDLE_PICTURE_EVERY };
        let before = self.pictures.get(&view.id);
        if let Some((at, picture)) = before
            && at.elapsed() < every
        {
            return Some(picture.clone());
        }
        let camera = view.vigil.camera.as_ref().filter(|camera| camera.live).map(|camera| camera.camera.id);
        let newest = camera.and_then(|camera| station.frames(camera)?.borrow().clone());
        let newest = newest.map(|frame| frame.jpeg.clone()).filter(|jpeg| jpeg.len() <= LARGEST_PICTURE);
        let Some(newest) = newest else { return before.map(|(_, picture)| picture.clone()) };
        self.pictures.insert(view.id, (Instant::now(), newest.clone()));
        Some(newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_sent_and_what_is_not_wanted_is_taken_away() {
        let text = |text: &'static str| Bytes::from_static(text.as_bytes());
        let wanted = Wanted::from([("a".to_owned(), text("1")), ("b".to_owned(), text("2"))]);
        let mut board = Board::default();
        board.found("old".into());
        let first = board.missing(&wanted);
        assert_eq!(first[0], ("old".into(), Bytes::new()));
        assert_eq!(first.len(), 3);
        first.into_iter().for_each(|(topic, payload)| board.sent(topic, payload));
        assert!(board.missing(&wanted).is_empty());
        board.found("a".into());
        assert!(board.missing(&wanted).is_empty(), "our own message came back");
        board.tell_again();
        assert_eq!(board.missing(&wanted).len(), 2);
        assert_eq!(board.missing(&Wanted::new()), [("a".into(), Bytes::new()), ("b".into(), Bytes::new())]);
    }
}
