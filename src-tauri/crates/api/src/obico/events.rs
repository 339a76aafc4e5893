//! The event log of all printers.

use crate::error::blocking;
use crate::openapi::{InputField, Kind};
use crate::print_query::Params;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use domain::{EventId, EventType, PrintId, PrinterEvent, PrinterId};
use serde::de::{DeserializeOwned, IntoDeserializer, value};
use store::event::EventQuery;

/// Entries of one answer, unless said otherwise.
const USUAL: u32 = 12;
/// Entries of one answer at most.
const MOST: u32 = 500;
/// What Obico's clients call several types at once.
const GROUPS: &[(&str, &[EventType])] = &[
    ("ALERT", &[EventType::FailureAlerted, EventType::AlertMuted, EventType::AlertUnmuted]),
    ("PAUSE_RESUME", &[EventType::Paused, EventType::Resumed]),
];

const EVENTS: &[InputField] = &[
    InputField::new("start", Kind::Whole, "So many of the newest are left out."),
    InputField::new("limit", Kind::Whole, "So many at most: 12 unless said, 500 at most."),
    InputField::new(
        "filter_by_classes[]",
        Kind::Text,
        "ERROR, WARNING, SUCCESS or INFO; may come several times. Without it any class.",
    ),
    InputField::new(
        "filter_by_types[]",
        Kind::Text,
        "A type, or ALERT (alerted, muted, unmuted) or PAUSE_RESUME; may come several times. Without it any type.",
    ),
    InputField::new("filter_by_printer_ids[]", Kind::Wholes, "Of these printers."),
    InputField::new("printer_id", Kind::Whole, "Of this printer."),
    InputField::new("print_id", Kind::Whole, "Of this print only, however old it is."),
];

pub(super) fn routes() -> Routes {
    Routes::new()
        .route("/printer_events/", get(list).query(EVENTS))
        .route("/printer_events/{id}/", get(detail))
}

fn wanted(query: Option<String>) -> Result<EventQuery, ApiError> {
    let params = Params::read(query);
    let mut printers = params.printers()?;
    printers.extend(params.parsed("printer_id")?.map(PrinterId));
    Ok(EventQuery {
        start: params.parsed("start")?.unwrap_or(0),
        limit: params.parsed("limit")?.unwrap_or(USUAL).min(MOST),
        printers,
        print: params.parsed("print_id")?.map(PrintId),
        classes: words(&params, "filter_by_classes", &[])?,
        types: words(&params, "filter_by_types", GROUPS)?,
    })
}

/// Returns what the values of a name mean; a name of a group means all that are in it.
fn words<T: DeserializeOwned + Copy>(
    params: &Params,
    name: &str,
    groups: &[(&str, &[T])],
) -> Result<Vec<T>, ApiError> {
    let mut found = Vec::new();
    for word in params.all(name) {
        if let Some((_, group)) = groups.iter().find(|(group, _)| *group == word) {
            found.extend_from_slice(group);
            continue;
        }
        let read: Result<T, value::Error> = T::deserialize(word.into_deserializer());
        let unknown = |_| ApiError::bad_request(format!("{name} {word:?} is unknown")).of_field(name);
        found.push(read.map_err(unknown)?);
    }
    Ok(found)
}

/// Lists entries, newest first.
async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<PrinterEvent>>, ApiError> {
    let (wanted, store) = (wanted(query)?, app.station.store().clone());
    let events = blocking(move || store.read(move |conn| store::event::list(conn, &wanted))).await?;
    Ok(Json(events))
}

async fn detail(State(app): State<App>, Path(id): Path<EventId>) -> Result<Json<PrinterEvent>, ApiError> {
    let store = app.station.store().clone();
    let found = blocking(move || store.read(move |conn| store::event::get(conn, id))).await?;
    found.map(Json).ok_or_else(|| ApiError::not_found("this entry"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::EventClass;

    #[test]
    fn groups_and_words_are_read_and_others_are_refused() {
        let query = |text: &str| wanted(Some(text.to_owned()));
        let all = query("filter_by_classes[]=ERROR&filter_by_classes[]=INFO&filter_by_types[]=PAUSE_RESUME")
            .unwrap();
        assert_eq!(all.classes, [EventClass::Error, EventClass::Info]);
        assert_eq!(all.types, [EventType::Paused, EventType::Resumed]);
        assert_eq!((all.start, all.limit), (0, USUAL));
        let own =
            query("filter_by_types%5B%5D=ENDED&printer_id=3&filter_by_printer_ids[]=4&limit=9999").unwrap();
        assert_eq!((own.types.as_slice(), own.limit), ([EventType::Ended].as_slice(), MOST));
        assert_eq!(own.printers, [PrinterId(4), PrinterId(3)]);
        for wrong in ["filter_by_types[]=NOTHING", "filter_by_classes[]=error", "start=-1", "print_id=x"] {
            assert!(query(wrong).is_err(), "{wrong}");
        }
    }
}
