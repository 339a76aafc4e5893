//! A print that a slicer wants started: the same look at the file and the same refusals as in the window.
//!
//! In the window a person reads what was found in the file, and confirms that the bed is clear. A slicer asks nobody. So
//! what the window would ask about first is not started from here: the file stays, and the refusal says where to start it.

use crate::error::blocking;
use crate::preflight::asked_about;
use crate::{ApiError, App, printers};
use axum::http::StatusCode;
use domain::{FileId, PrinterView};

/// Where what the window would ask a person about can be started all the same.
const ELSEWHERE: &str = "start it in Printvigil";

/// What became of a wish to start.
pub(crate) enum Started {
    /// The printer took it.
    Yes,
    /// The printer does something else; why, as a sentence.
    Busy(String),
}

/// Starts a file of the library, if nothing stands against it.
///
/// # Errors
/// When the file or the printer is not fit for it now; nothing has moved or heated then.
pub(crate) async fn start(app: &App, printer: &PrinterView, file: FileId) -> Result<Started, ApiError> {
    if printer.vigil.state.has_print() || printer.current_print.is_some() {
        return Ok(Started::Busy(format!("The printer is busy: it says {}.", printer.vigil.state_word)));
    }
    if let Some(last) = &printer.vigil.last_print {
        return Err(bed_may_not_be_clear(&last.print.filename));
    }
    let (station, id) = (app.station.clone(), printer.id);
    let findings = blocking(move || station.preflight(file, id)).await?;
    if let Some(error) = asked_about(&findings, ELSEWHERE) {
        return Err(error);
    }
    match printers::start_file(app, id, file).await {
        Ok(_) => {
            app.selected.set(id, file);
            Ok(Started::Yes)
        }
        // Something began between the look and the order.
        Err(error) if error.code == "busy" => Ok(Started::Busy(error.sentence())),
        Err(error) => Err(error),
    }
}

/// As [`start`], where a printer that does something else is a refusal.
///
/// # Errors
/// As [`start`], and when the printer is busy.
pub(crate) async fn start_free(app: &App, printer: &PrinterView, file: FileId) -> Result<(), ApiError> {
    match start(app, printer, file).await? {
        Started::Yes => Ok(()),
        Started::Busy(why) => Err(ApiError::new(
            StatusCode::CONFLICT,
            "busy",
            why.trim_end_matches('.'),
            "Wait until it says Ready.",
        )),
    }
}

/// Says of a file that was stored why it was not started.
pub(crate) fn kept(name: &str, error: ApiError) -> ApiError {
    let message = format!("the file {name} is kept in Printvigil, but was not started: {}", error.message);
    ApiError { message, ..error }
}

/// The window shows the last print until a person puts it away, and then asks whether the bed is clear.
fn bed_may_not_be_clear(last: &str) -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        "bed_not_clear",
        format!("the last print, {last}, may still lie on the bed"),
        "Clear the bed and put the last print away in Printvigil; or start this one there.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use station::{Finding, Severity};

    fn finding(code: &'static str, severity: Severity) -> Finding {
        Finding { code, severity, what: format!("{code} is wrong"), cure: "Mend it.".into() }
    }

    #[test]
    fn what_the_window_asks_about_is_refused_the_gravest_first() {
        let note = finding("a", Severity::Note);
        assert!(
            asked_about(&[], ELSEWHERE).is_none()
                && asked_about(std::slice::from_ref(&note), ELSEWHERE).is_none()
        );
        let both = [note, finding("b", Severity::Warn), finding("c", Severity::Stop)];
        let refused = kept("x.gcode", asked_about(&both, ELSEWHERE).unwrap());
        assert_eq!(
            refused.sentence(),
            "The file x.gcode is kept in Printvigil, but was not started: c is wrong. Mend it. To print it all the \
             same, start it in Printvigil."
        );
        assert_eq!(asked_about(&both[..2], ELSEWHERE).unwrap().message, "b is wrong");
    }
}
