//! All live state, and the only place that decides: `step(event, now) -> effects`.
//!
//! Pure: no I/O, no clock, no threads. [`Hub`] is a dispatcher; everything known of one printer sits in one
//! `PrintWatch`, which holds no reference to another's, so that one that fails can be set up anew
//! ([`Hub::rebuild`]) while the others go on.
//!
//! | module | its story |
//! |---|---|
//! | `hub` | which watch an event belongs to |
//! | `world` | what all printers share: cameras, detector, balance |
//! | `outlet` | how effects, log entries and notices leave |
//! | `watch` | the state of one printer, and what is settled after each event |
//! | `link` | what the printer's thread tells |
//! | `learn` | what it tells of itself is kept |
//! | `prints` | a print from its first line to its end |
//! | `looks` | frames and looks: what counts, what is kept |
//! | `film_pace` | which frames are kept for the film |
//! | `alert` | from verdict to pause or alert, and the answers |
//! | `vigilance` | whether the watch really watches; it is never silence |
//! | `coverage` | how much of a print was watched, and when it was not |
//! | `drill` | the rehearsal of an alert |
//! | `why` | reasons and troubles in sentences |
//! | `timers` | orders that are overdue, a bed held warm, heaters nobody watches |
//! | `requests`, `patch` | what people ask, and why not |
//! | `tools` | work by hand, and why not |
//! | `view`, `view_status`, `view_watch` | what is shown |

mod alert;
mod coverage;
mod drill;
mod film_pace;
mod hub;
mod learn;
mod link;
mod looks;
mod outlet;
mod patch;
mod prints;
mod requests;
mod sd;
mod time_left;
mod timers;
mod tools;
mod view;
mod view_status;
mod view_watch;
mod vigilance;
mod watch;
mod why;
mod world;

#[cfg(test)]
mod tests;

pub use hub::{Hub, HubBoot};
pub use view::{frame_url, live_url};
