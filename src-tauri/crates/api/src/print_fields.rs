//! The queries about past prints, field by field, as [`crate::print_query`] reads them.

use crate::openapi::{InputField, Kind};

const PRINTERS: InputField = InputField::new(
    "filter_by_printer_ids",
    Kind::Wholes,
    "Prints of these printers; also as `filter_by_printer_ids[]`.",
);
const FROM: InputField = InputField::new("from_date", Kind::Date, "Prints that began on this day or later.");
const TO: InputField = InputField::new("to_date", Kind::Date, "Prints that began on this day or earlier.");
const TIMEZONE: InputField =
    InputField::new("timezone", Kind::Text, "Whose days count, such as `Europe/Berlin`; else UTC.");

/// Lists, counts and exports.
pub(crate) const PRINTS: &[InputField] = &[
    InputField::new("start", Kind::Whole, "So many are left out."),
    InputField::new("limit", Kind::Whole, "So many at most: 12 unless said, 500 at most."),
    InputField::new("sorting", Kind::Words(&["date_desc", "date_asc"]), "Newest or oldest first."),
    InputField::new(
        "filter",
        Kind::Words(&["cancelled", "finished", "need_alert_overwrite", "need_print_shot_feedback"]),
        "Obico's filters.",
    ),
    InputField::new(
        "feedback_needed",
        Kind::Words(&["need_alert_overwrite", "need_print_shot_feedback"]),
        "Prints of which a person has not said enough.",
    ),
    InputField::new(
        "result",
        Kind::Words(&["finished", "failed", "cancelled", "interrupted", "open"]),
        "How they ended.",
    ),
    InputField::new("verdict", Kind::Words(&["failed", "not_failed", "none"]), "What a person said of them."),
    InputField::new("alerts", Kind::Flag, "Only prints with alerts."),
    InputField::new("kept", Kind::Flag, "Only prints that are marked to be kept."),
    InputField::new("file", Kind::Whole, "Prints of this file."),
    InputField::new("tag", Kind::Text, "Prints with this tag."),
    InputField::new("q", Kind::Text, "A text in the file's name, the notes or the tags."),
    InputField::new("with_deleted", Kind::Flag, "Also those that can still be brought back."),
    PRINTERS,
    FROM,
    TO,
    TIMEZONE,
];

/// Statistics.
pub(crate) const STATS: &[InputField] = &[
    InputField::new(
        "group_by",
        Kind::Words(&["day", "week", "month", "year"]),
        "How long a group is: a day unless said.",
    ),
    PRINTERS,
    FROM,
    TO,
    TIMEZONE,
];

/// Deleting one print.
pub(crate) const REMOVE: &[InputField] = &[
    InputField::new("keep_record", Kind::Flag, "Only pictures and films go."),
    InputField::new("for_good", Kind::Flag, "At once, so that it cannot be brought back."),
];
