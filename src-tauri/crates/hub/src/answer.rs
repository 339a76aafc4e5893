//! A person's answer to an alert: how it is recorded and logged.

use domain::{AlertOverwrite, FrameAnswer, FrameFeedback, FrameId, PrintId, Timestamp, Write};

/// Names an answer, for the log.
pub(crate) fn title(answer: Option<AlertOverwrite>) -> &'static str {
    match answer {
        Some(AlertOverwrite::NotFailed) => "Answered: not a failure",
        Some(AlertOverwrite::Failed) => "Answered: it failed",
        None => "Alert seen, not decided",
    }
}

/// Returns the record of what the answer says of the frame that was alerted about.
pub(crate) fn feedback(
    print: PrintId,
    frame: FrameId,
    answer: Option<AlertOverwrite>,
    answered_at: Timestamp,
) -> Write {
    let answer = match answer {
        Some(AlertOverwrite::Failed) => FrameAnswer::Failure,
        Some(AlertOverwrite::NotFailed) => FrameAnswer::Fine,
        None => FrameAnswer::Unsure,
    };
    Write::Feedback(Box::new(FrameFeedback { print, frame, answer, answered_at }))
}
