//! Notices of the desktop: shown by the core, so that they come when no window is open, too.
//!
//! A possible failure comes with its picture and with answers; what a person presses goes the way of the page's own
//! buttons, and only while that print still runs. Nobody waits for any of this: where there is no desktop, nothing is shown.

use domain::{AlertOverwrite, Notice, NoticeKind, PrintId, PrinterId, Request};
use station::{Snapshot, Station};
use tokio::task::JoinSet;

#[cfg(all(unix, not(target_os = "macos")))]
mod xdg;
#[cfg(all(unix, not(target_os = "macos")))]
use xdg::show;

/// So many notices wait for an answer at most; those beyond are shown without.
const MOST_OPEN: usize = 8;

/// The notices on the screen that still can be answered.
#[derive(Default)]
pub(crate) struct Desktop {
    open: JoinSet<()>,
}

/// What can be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Pause,
    NotFailed,
    Open,
}

impl Answer {
    /// Its name on the bus, and what stands on the button.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Pause => ("pause", "Pause the print"),
            Self::NotFailed => ("not-failed", "Not a failure"),
            // The name of a press on the notice itself.
            Self::Open => ("default", "Open Printvigil"),
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        [Self::Pause, Self::NotFailed, Self::Open].into_iter().find(|answer| answer.names().0 == name)
    }
}

/// What is put on the screen.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    title: String,
    text: String,
    urgent: bool,
    answers: Vec<Answer>,
    printer: PrinterId,
    /// The print that the answers are about.
    print: Option<PrintId>,
    /// JPEG.
    picture: Option<bytes::Bytes>,
}

impl Desktop {
    /// Shows a notice. Returns at once. Needs a Tokio runtime.
    pub(crate) fn show(&mut self, station: &Station, notice: &Notice, snapshot: &Snapshot) {
        while self.open.try_join_next().is_some() {}
        let mut shown = Shown::of(notice, snapshot);
        shown.picture = notice.frame.and_then(|frame| Some(station.recent_frame(frame)?.jpeg.clone()));
        if self.open.len() >= MOST_OPEN {
            shown.answers.clear();
        }
        self.open.spawn(show(station.clone(), shown));
    }
}

impl Shown {
    fn of(notice: &Notice, snapshot: &Snapshot) -> Self {
        let view = snapshot.printers.get(&notice.printer);
        let name = view.map(|view| view.name.as_str()).filter(|_| snapshot.shown().count() > 1);
        // Some titles begin with it already.
        let title = match name.filter(|name| !notice.title.starts_with(name)) {
            Some(name) => format!("{name}: {}", notice.title),
            None => notice.title.clone(),
        };
        let answers = match notice.kind {
            NoticeKind::FailureAlert => vec![Answer::Pause, Answer::NotFailed, Answer::Open],
            NoticeKind::FailurePaused => vec![Answer::NotFailed, Answer::Open],
            NoticeKind::FirstLayer => vec![Answer::Pause, Answer::Open],
            NoticeKind::Drill
            | NoticeKind::NotWatching
            | NoticeKind::WatchingAgain
            | NoticeKind::PrintDone
            | NoticeKind::PrintCancelled
            | NoticeKind::PrintInterrupted
            | NoticeKind::PauseUnconfirmed
            | NoticeKind::PrinterHalted
            | NoticeKind::HeaterFault
            | NoticeKind::PrinterSilent
            | NoticeKind::FilamentChange
            | NoticeKind::HistoryLost
            | NoticeKind::BedOff
            | NoticeKind::Queued => vec![Answer::Open],
        };
        Self {
            title,
            text: notice.text.clone(),
            urgent: notice.kind.is_urgent(),
            answers,
            printer: notice.printer,
            print: view.and_then(|view| view.current_print.as_ref()).map(|print| print.id),
            picture: None,
        }
    }

    /// Returns what a pressed answer asks of the printer, or why it does not any more.
    fn request(&self, answer: Answer, snapshot: &Snapshot) -> Result<Option<Request>, &'static str> {
        let request = match answer {
            Answer::Open => return Ok(None),
            Answer::Pause => Request::Pause(self.printer),
            Answer::NotFailed => Request::Acknowledge(self.printer, Some(AlertOverwrite::NotFailed)),
        };
        let view = snapshot.printers.get(&self.printer);
        let print = view.and_then(|view| view.current_print.as_ref()).map(|print| print.id);
        if print.is_none() || print != self.print {
            return Err("The print of this notice is over.");
        }
        Ok(Some(request))
    }

    /// Returns whether the alert that this notice tells of is still open.
    fn is_open(&self, snapshot: &Snapshot) -> bool {
        self.request(Answer::Pause, snapshot).is_ok()
            && snapshot.printers.get(&self.printer).is_some_and(|view| view.vigil.alert.is_some())
    }
}

/// Without a bus for notices there are no answers.
#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn show(_: Station, shown: Shown) {
    let shown = tokio::task::spawn_blocking(move || {
        notify_rust::Notification::new().summary(&shown.title).body(&shown.text).show().map(|_| ())
    });
    match shown.await {
        Ok(Ok(())) => (),
        Ok(Err(error)) => tracing::info!(%error, "the desktop shows no notices"),
        Err(error) => tracing::error!(%error, "a notice of the desktop failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_known_by_its_name() {
        for answer in [Answer::Pause, Answer::NotFailed, Answer::Open] {
            assert_eq!(Answer::of_name(answer.names().0), Some(answer));
        }
        assert_eq!(Answer::of_name("resume"), None, "nothing goes on from here");
    }
}
