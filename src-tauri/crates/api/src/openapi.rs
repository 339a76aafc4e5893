//! The API in OpenAPI 3.1, made from the types that the handlers take and answer.
//!
//! Schemas are derived (`schemars`) from the same types that serde reads and writes, so there is no second description to
//! be kept true; roles come from [`LEAST_ROLES`].

mod describe;
mod fields;
mod schemas;

#[cfg(test)]
mod tests;

pub(crate) use describe::{Accepted, Created, Described, Draft, Input};
pub(crate) use fields::{InputField, Kind};

use crate::App;
use crate::error::ErrorBody;
use crate::roles::{LEAST_ROLES, OPEN_ROUTES};
use crate::routing::{Operation, Routes, get};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use domain::Role;
use schemas::Schemas;
use serde_json::{Map, Value, json};

pub(crate) fn routes() -> Routes {
    Routes::new().route("/openapi.json", get(openapi).sends("application/json"))
}

/// Sends this description.
async fn openapi(State(app): State<App>) -> Response {
    ([(CONTENT_TYPE, "application/json")], (app.description)()).into_response()
}

const ABOUT: &str = "Printers, prints, cameras, files and failure detection. Records have the shape of Obico's API; what \
    Printvigil adds lies under `vigil`.\n\nTimes are ISO 8601 in UTC with microseconds, temperatures degrees Celsius, \
    lengths millimetres, durations seconds unless a name says otherwise. Every error has the form of `ApiError`: `code` is \
    for programs.\n\nWhat changes is told on a WebSocket at `/api/v1/live`: the first message is `{\"token\": …}`, the \
    answers are `LiveMessage`s. Films and posters lie below `/media/`.\n\nObico's live socket is at `/ws/web/{id}/`, with the \
    token in a header or a ticket: a `PrinterView` at once, with each change, and when `{}` is sent; \
    `{\"passthru\": {\"target\", \"func\", \"args\", \"kwargs\", \"ref\"}}` is answered with the `ref` and `ret` or `error`. \
    `/ws/token/web/{auth_token}/` shows the same by the printer's own token, to look only. A shared link opens \
    `/printers/share_token/{share_token}/` (a page, or JSON with `?format=json`), the same below `/api/v1/`, and \
    `/ws/share_token/web/{share_token}/`.\n\nErrors have, beside `code`, `message` and `hint`, a `detail`, and under the name \
    of each field that is wrong a list of sentences.";

/// Returns the document.
pub(crate) fn document(operations: &[Operation]) -> Value {
    let mut schemas = Schemas::new();
    let error = schemas.answered::<ErrorBody>();
    schemas.answered::<crate::live::LiveMessage>();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let methods = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        methods[operation.method.as_str().to_lowercase()] = described(operation, &mut schemas);
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Printvigil",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }, { "key": [] }],
        "paths": paths,
        "components": {
            "responses": {
                "Error": {
                    "description": "Nothing was done. 401: no token; 403: the role is too low; 404: not there.",
                    "content": { "application/json": { "schema": error } },
                },
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of this launch at the window's listener; that of a paired device, a link \
                        or an API key at the network's.",
                },
                "key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Api-Key",
                    "description": "An API key of the network's settings.",
                },
                "ticket": {
                    "type": "apiKey",
                    "in": "query",
                    "name": "ticket",
                    "description": "Reads one path of pictures, films or exports for five minutes: see \
                        `/api/v1/vigil/tickets/`.",
                },
            },
        },
    });
    schemas.complete(document)
}

fn described(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut draft = Draft::new(&operation.path, schemas);
    operation.describe(&mut draft);
    let sends_bytes = draft.sends_bytes();
    let mut answer = draft.finish();
    let (tag, name) = handler_name(operation.handler);
    answer["tags"] = json!([tag]);
    answer["operationId"] = json!(format!("{tag}.{name}.{}", operation.method.as_str().to_lowercase()));
    answer["summary"] = json!(summary(&tag, &name));
    let least = LEAST_ROLES.iter().find(|(m, r, _)| *m == operation.method.as_str() && *r == operation.path);
    if OPEN_ROUTES.contains(&(operation.method.as_str(), &operation.path)) {
        answer["security"] = json!([]);
        answer["description"] = json!("For everybody.");
    } else {
        let role = least.map_or(Role::Owner, |(_, _, role)| *role);
        answer["x-role"] = json!(role);
        answer["description"] = json!(format!("Least role: {}.", word(role)));
        if sends_bytes && operation.method == "GET" {
            answer["security"] = json!([{ "token": [] }, { "key": [] }, { "ticket": [] }]);
        }
    }
    answer
}

fn word(role: Role) -> &'static str {
    match role {
        Role::View => "view",
        Role::Operate => "operate",
        Role::Owner => "owner",
    }
}

/// Returns module and function of `api::printers::pause`.
fn handler_name(path: &str) -> (String, String) {
    let mut parts = path.rsplit("::");
    let name = parts.next().unwrap_or_default();
    (parts.next().unwrap_or_default().to_owned(), name.to_owned())
}

fn summary(tag: &str, name: &str) -> String {
    format!("{}: {}", tag.replace('_', " "), name.replace('_', " "))
}
