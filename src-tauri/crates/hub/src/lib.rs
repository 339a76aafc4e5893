//! All live state, and the only place that decides: `step(event, now) -> effects`.
//!
//! In go events (what printers, cameras, the detector, the store and people say), out come effects, orders first. Pure: no
//! I/O, no clock, no threads; it never waits. [`Hub`] is a dispatcher; everything known of one printer sits in one
//! `PrinterSession`, which holds no reference to another's, so that one that fails can be set up anew ([`Hub::rebuild`])
//! while the others go on.
//!
//! A session is composed of parts. A part is a struct in a file of its own with private fields: it is handed the facts
//! (what every part may know), the input, and an `Out` to which it emits effects, log entries, notices, and messages to
//! other parts. Nothing that it emits happens before the session has seen to it, in order.
//!
//! | module | its story |
//! |---|---|
//! | `hub`, `cameras`, `comings` | which session an event belongs to; cameras and printers that come and go |
//! | `world`, `detection_hours` | what all printers share: cameras, detector, detection hours |
//! | `session` | the parts of one printer, and what is handed to which; below it, by what comes in: `link`, `looks`, `requests`, `app`; and what is shown, `publish` and `watch_view` |
//! | `facts` | what parts may know, and the states that follow from it |
//! | `message` | all that parts can ask of each other |
//! | `out`, `step` | how effects, log entries and notices leave |
//!
//! The parts:
//!
//! | part | what it alone writes |
//! |---|---|
//! | `settings`, `patch` | what a person chose, the writes that wait, what the printer told of itself |
//! | `order` | orders that are not confirmed, whether the pause is |
//! | `kept` | what outlasts a run of the app or a removal |
//! | `print_run`, `kept_frames`, `film_pace`, `time_left` | the print under way: its row, progress, frames |
//! | `ended` | the card of the print that ended last |
//! | `queue` | what waits to be printed, and which of it was ordered to start |
//! | `alert`, `answer` | the open alert, the times between alerts |
//! | `detection`, `recent_looks`, `scale` | what the rules remember |
//! | `scene` | what the camera's pictures are like |
//! | `first_layers` | what was seen of the first layers |
//! | `watchdog` | whether detection really watches, and for how long |
//! | `coverage` | when a print was not watched |
//! | `schedule` | how often, and at what, the detector is to look |
//! | `drill` | the rehearsal of an alert |
//! | `heaters`, `countdown` | countdowns to a cold machine, heaters left on |
//! | `faults` | silence, a print just cut short |
//! | `alarms` | what needs a person, and until when |
//! | `card` | the warning before connecting to a printer that prints from its card |
//! | `shown` | what was last shown |
//!
//! Without a state: `manual` and `checks` (why something is not done now), `can` (what may be pressed), `dots`,
//! `status_view`, `camera_view` (what is shown), `why`, `words`, `urls`, `refusal`.

mod alarms;
mod alert;
mod answer;
mod camera_view;
mod cameras;
mod can;
mod card;
mod checks;
mod comings;
mod countdown;
mod coverage;
mod detection;
mod detection_hours;
mod dots;
mod drill;
mod ended;
mod facts;
mod faults;
mod film_pace;
mod first_layers;
mod heaters;
mod hub;
mod kept;
mod kept_frames;
mod manual;
mod message;
mod order;
mod out;
mod patch;
mod print_run;
mod queue;
mod recent_looks;
mod refusal;
mod reminders;
mod scale;
mod scene;
mod schedule;
mod session;
mod settings;
mod shown;
mod spools;
mod status_view;
mod step;
mod time_left;
mod urls;
mod watchdog;
mod why;
mod words;
mod world;

#[cfg(test)]
mod tests;

pub use hub::{Hub, HubBoot};
pub use kept::{KeptOfPrinter, KeptSpools};
pub use urls::{frame_url, live_url};
