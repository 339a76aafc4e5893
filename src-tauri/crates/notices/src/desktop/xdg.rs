//! Notices on the bus of a Linux desktop, which can be answered.

use super::{Answer, Shown};
use domain::one_line;
use notify_rust::{Hint, Notification, NotificationHandle, NotificationResponse, Timeout, Urgency};
use station::Station;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::time::{sleep, timeout};

/// A desktop that has not taken a notice after so long takes none.
const LONGEST: Duration = Duration::from_secs(10);
/// So long a notice can be answered at most.
const ANSWERED_WITHIN: Duration = Duration::from_secs(12 * 3600);
/// What is told to the desktop, characters: others than us may draw it badly when it is long.
const LONGEST_TEXT: usize = 500;

/// Shows a notice, and does what is pressed.
pub(super) async fn show(station: Station, shown: Shown) {
    let picture = shown.picture.as_ref().and_then(|jpeg| kept(jpeg));
    let notice = notification(&shown, picture.as_ref());
    let handle = match timeout(LONGEST, notice.show_async()).await {
        Ok(Ok(handle)) => handle,
        Ok(Err(error)) => return tracing::info!(%error, "the desktop shows no notices"),
        Err(_) => return tracing::info!("the desktop does not take notices"),
    };
    if shown.answers.is_empty() {
        return;
    }
    let mut pressed = None;
    tokio::select! {
        () = handle.wait_for_action_async(|response: &NotificationResponse| pressed = answer(response)) => (),
        () = answered_elsewhere(&station, &shown) => (),
        () = sleep(ANSWERED_WITHIN) => (),
    }
    // Not every desktop takes away what was pressed.
    handle.close_async().await;
    if let Some(answer) = pressed {
        act(&station, &shown, answer).await;
    }
}

fn notification(shown: &Shown, picture: Option<&NamedTempFile>) -> Notification {
    let mut notice = Notification::new();
    notice.appname("Printvigil").icon("printvigil").summary(&one_line(&shown.title, LONGEST_TEXT));
    let text = one_line(&shown.text, LONGEST_TEXT);
    // The text may hold names of files, and desktops read it as markup.
    notice.body(&text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
    notice.hint(Hint::DesktopEntry("Printvigil".into()));
    if let Some(path) = picture.and_then(|picture| picture.path().to_str()) {
        notice.image_path(path);
    }
    if shown.urgent {
        // It stays until somebody has seen it.
        notice.urgency(Urgency::Critical).timeout(Timeout::Never);
    }
    for answer in &shown.answers {
        let (name, label) = answer.names();
        notice.action(name, label);
    }
    notice
}

/// A picture as a file that goes when this is dropped: desktops take it by its path.
fn kept(jpeg: &[u8]) -> Option<NamedTempFile> {
    let kept = tempfile::Builder::new().prefix("printvigil-").suffix(".jpg").tempfile();
    let written = kept.and_then(|mut file| file.write_all(jpeg).map(|()| file));
    written.inspect_err(|error| tracing::info!(%error, "a notice comes without its picture")).ok()
}

fn answer(response: &NotificationResponse) -> Option<Answer> {
    match response {
        NotificationResponse::Default => Some(Answer::Open),
        NotificationResponse::Action(name) => Answer::of_name(name),
        NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => None,
    }
}

/// Waits until the alert that a notice tells of was answered in another way, or its print is over.
async fn answered_elsewhere(station: &Station, shown: &Shown) {
    let mut live = station.subscribe();
    let is_alert = shown.answers.contains(&Answer::NotFailed);
    while !is_alert || shown.is_open(&live.borrow_and_update().clone()) {
        if live.changed().await.is_err() {
            return;
        }
    }
}

async fn act(station: &Station, shown: &Shown, answer: Answer) {
    let request = shown.request(answer, &station.snapshot());
    let refused = match request {
        Ok(None) => return open(),
        Ok(Some(request)) => match station.ask(request).await {
            Ok(_) => {
                return tracing::info!(printer = %shown.printer, ?answer, "asked by a notice of the desktop");
            }
            Err(error) => error.to_string(),
        },
        Err(why) => why.to_owned(),
    };
    tracing::warn!(printer = %shown.printer, ?answer, why = refused, "refused what was asked by a notice of the desktop");
    let mut told = Notification::new();
    told.appname("Printvigil")
        .icon("printvigil")
        .summary("That was not done")
        .body(&one_line(&refused, LONGEST_TEXT));
    let told: Result<Result<NotificationHandle, _>, _> = timeout(LONGEST, told.show_async()).await;
    if !matches!(told, Ok(Ok(_))) {
        tracing::info!("the desktop does not take notices");
    }
}

/// Opens the window; one that is open already comes to the front by itself.
fn open() {
    let opened = std::env::current_exe().and_then(|core| {
        let window = core.with_file_name("printvigil");
        Command::new(window).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    });
    match opened {
        // Waited for, so that the system can forget it.
        Ok(mut window) => drop(tokio::task::spawn_blocking(move || window.wait())),
        Err(error) => tracing::warn!(%error, "the window cannot be opened"),
    }
}
