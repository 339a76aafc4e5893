//! Words for the middle of a sentence that more than one part says.

use domain::{HaltCause, Initiator, PrinterReport, sentence};

/// "9 seconds", "12 minutes", "1 h 05 min".
pub(crate) fn span_word(secs: f64) -> String {
    let secs = secs.max(0.0).round() as u64;
    // As the page rounds, so that both say the same.
    let minutes = secs.saturating_add(30) / 60;
    match (secs, minutes) {
        (1, _) => "1 second".into(),
        (0..=119, _) => format!("{secs} seconds"),
        (_, 0..=59) => format!("{minutes} minutes"),
        (_, 60..) => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

/// Names who began something, for the middle of a sentence.
pub(crate) fn by_whom(by: Initiator) -> &'static str {
    match by {
        Initiator::Person => "by you",
        Initiator::Detection => "by the watch",
        Initiator::Printer => "at the printer",
        Initiator::App => "by the app",
    }
}

/// "Marlin 2.1.2 on /dev/ttyUSB0 at 115200 baud", or "Found on …" while the firmware has not told its name.
pub(crate) fn link_words(report: &PrinterReport) -> String {
    let mut words = report.firmware.as_ref().map_or_else(|| "Found".to_owned(), |f| f.name.clone());
    if let Some(port) = &report.port {
        words += &format!(" on {port}");
    }
    if let Some(baud) = report.baud {
        words += &format!(" at {baud} baud");
    }
    words
}

/// Says what happened, true for its cause.
pub(crate) fn halt_words(cause: HaltCause, text: &str) -> String {
    match cause {
        HaltCause::EmergencyStop | HaltCause::EmergencyUnanswered | HaltCause::ThreadDied => sentence(text),
        HaltCause::Firmware => sentence(&format!("The printer stopped: {text}")),
        HaltCause::PowerOff => sentence(&format!("The printer says that it is being switched off: {text}")),
    }
}

/// Begins with a small letter, as in the middle of a sentence.
pub(crate) fn lower_first(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| format!("{}{}", first.to_lowercase(), chars.as_str())).unwrap_or_default()
}
